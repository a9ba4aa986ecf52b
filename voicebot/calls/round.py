"""One round of a call: an input and all we said to it, up to the next input."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from voicebot.calls.records import TurnRecord
from voicebot.core.ids import ArticleId, QueueName, TicketNo
from voicebot.core.meaning import Meaning
from voicebot.dialogue.effects import Action, Say

WEIGHT = (
    Action.TRANSFER_EMERGENCY,
    Action.CALLBACK,
    Action.TRANSFER_HUMAN,
    Action.TICKET_CREATED,
    Action.TICKET_UPDATED,
    Action.TICKET_STATUS,
    Action.ANSWER,
    Action.DECLINE,
    Action.RATE,
    Action.CONFIRM,
    Action.REPAIR,
    Action.GREET,
    Action.ASK,
    Action.CLOSE,
    Action.WAIT,
)
"""Which action names a round of several prompts: what was done outweighs what is asked next."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a round amounts to so far, for `voicebot chat` and for tests.

    Args:
        index: of the round; a later reply of the same index replaces an earlier one.
    """

    index: int
    text: str
    action: Action | None
    article: ArticleId | None
    ticket_no: TicketNo | None
    queue: QueueName | None
    state: str
    slots: Mapping[str, str]
    ended: bool


@dataclass(slots=True)
class Round:
    """Grows while the call answers an input; times are seconds since the call began."""

    index: int
    said: str = ""
    confidence: float = 1.0
    engine: str = ""
    keys: str = ""
    meaning: Meaning | None = None
    started: float = 0.0
    ended: float = 0.0
    replied: float = 0.0
    interrupted: bool = False
    heard: str = ""
    says: list[Say] = field(default_factory=list)
    stages: dict[str, float] = field(default_factory=dict)

    @property
    def text(self) -> str:
        return "".join(say.text for say in self.says)

    @property
    def action(self) -> Action | None:
        return min((say.action for say in self.says), key=WEIGHT.index, default=None)

    @property
    def article(self) -> ArticleId | None:
        return next((say.article for say in self.says if say.article), None)

    @property
    def ticket_no(self) -> TicketNo | None:
        return next((say.ticket_no for say in reversed(self.says) if say.ticket_no), None)

    def record(self) -> TurnRecord:
        return TurnRecord(
            index=self.index,
            said=self.said,
            confidence=self.confidence,
            engine=self.engine,
            keys=self.keys,
            meaning=self.meaning.intent.value if self.meaning else "",
            action=self.action.value if self.action else "",
            article=self.article,
            ticket_no=self.ticket_no,
            reply=self.text,
            heard=self.heard,
            started=self.started,
            ended=self.ended,
            replied=self.replied,
            interrupted=self.interrupted,
            stages=tuple(self.stages.items()),
        )
