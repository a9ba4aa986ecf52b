"""One round of a call: an input and all we said to it, up to the next input."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from voicebot.calls.records import TurnRecord
from voicebot.calls.scribe import Scribe
from voicebot.calls.speaker import Speaker
from voicebot.core.ids import ArticleId, QueueName, TicketNo
from voicebot.core.meaning import Meaning
from voicebot.dialogue import State
from voicebot.dialogue.effects import WEIGHT, Action, Say
from voicebot.dialogue.told import Told


@dataclass(frozen=True, slots=True)
class Reply:
    """What a round amounts to so far, for `voicebot chat` and for tests.

    Args:
        index: of the round; a later reply of the same index replaces an earlier one.
        step: where the dialogue stands, ``flow.step``.
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
    step: str = ""


@dataclass(slots=True)
class Round:
    """Grows while the call answers an input; times are seconds since the call began."""

    index: int = 0
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
    told: list[Told] = field(default_factory=list)
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


class Rounds:
    """The rounds of one call, written down as they end.

    Args:
        on_reply: told of the current round whenever nothing is pending.
    """

    def __init__(self, scribe: Scribe, speaker: Speaker, on_reply: Callable[[Reply], None] | None) -> None:
        self._scribe = scribe
        self._speaker = speaker
        self._on_reply = on_reply
        self.began = 0.0
        self.current = Round(0)

    def open(self, fresh: Round) -> None:
        """The next input: the round before it is complete."""
        self.close()
        fresh.index = self.current.index + 1
        self.current = fresh
        self._speaker.first_sound_at = None

    def close(self) -> None:
        done = self.current
        done.heard += self._speaker.take_heard()
        first = self._speaker.first_sound_at
        done.replied = first - self.began if first is not None else done.ended
        self._scribe.turn(done.record(), tuple(done.told))

    def report(self, dialogue: State, *, ended: bool) -> None:
        """Tells `on_reply` of the current round as it stands."""
        if self._on_reply is None:
            return
        current = self.current
        self._on_reply(
            Reply(
                current.index,
                current.text,
                current.action,
                current.article,
                current.ticket_no,
                dialogue.queue,
                dialogue.label,
                dialogue.slot_values(),
                ended,
                f"{dialogue.flow}.{dialogue.node}",
            )
        )
