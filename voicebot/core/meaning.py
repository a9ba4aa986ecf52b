"""What a caller means: the result of understanding one utterance."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from voicebot.core.ids import ArticleId, DepartmentName, LanguageTag


class Intent(StrEnum):
    """The fixed list of intents (a contract of `voicebot understand`)."""

    FAQ = "faq"
    TICKET = "ticket"
    HUMAN = "human"
    EMERGENCY_110 = "emergency_110"
    EMERGENCY_119 = "emergency_119"
    EMERGENCY_120 = "emergency_120"
    EMERGENCY_122 = "emergency_122"
    TICKET_STATUS = "ticket_status"
    RATING = "rating"
    CHITCHAT = "chitchat"
    OUT_OF_SCOPE = "out_of_scope"
    UNCLEAR = "unclear"

    @property
    def emergency_number(self) -> str | None:
        """``"119"`` for `EMERGENCY_119`, None when this is no emergency."""
        return self.value.removeprefix("emergency_") if self.value.startswith("emergency_") else None


class AppealType(StrEnum):
    """诉求类型."""

    CONSULT = "咨询"
    HELP = "求助"
    COMPLAINT = "投诉"
    REPORT = "举报"
    SUGGESTION = "建议"
    PRAISE = "表扬"


class Urgency(StrEnum):
    NORMAL = "一般"
    URGENT = "紧急"
    CRITICAL = "特急"


class Command(StrEnum):
    """Words that steer the conversation itself; they work at any moment."""

    REPEAT = "repeat"
    SLOWER = "slower"
    FASTER = "faster"
    LOUDER = "louder"
    WAIT = "wait"
    BACK = "back"
    HELP = "help"
    MORE = "more"
    GOODBYE = "goodbye"
    THANKS = "thanks"
    GREETING = "greeting"
    CORRECT = "correct"
    SKIP = "skip"


class Mood(StrEnum):
    CALM = "calm"
    ANGRY = "angry"
    DISTRESSED = "distressed"


@dataclass(frozen=True, slots=True)
class Slot:
    """A detail found in the text.

    Args:
        value: normalised value (digits of a phone, ISO time, canonical place name).
        span: the verbatim words of the utterance, the evidence.
        start: index of `span` in the utterance; -1 when it is no literal span.
        confidence: 0-1.
    """

    value: str
    span: str
    start: int = -1
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class DepartmentGuess:
    name: DepartmentName
    score: float
    reason: str = ""


NO_SLOTS: Mapping[str, Slot] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Meaning:
    """What one utterance means, with the doubt that belongs to it.

    Args:
        intent: the caller's main purpose.
        confidence: probability that `intent` is right, 0-1.
        ranked: `intent` with its `confidence`, then what else it may be for with probabilities, best
            first; empty where nothing is known of that.
        article: best knowledge article when `intent` is `FAQ`.
        secondary_intent: a second purpose in the same breath, if any.
        emergency_is_certain: an emergency with strong cues; transfer without asking back.
        yes: True/False for an agreement/refusal, None when it is neither.
        choice: index into `Expect.choices` when a closed question was answered.
        command: conversation command, see `Command`.
        slots: name → `Slot`; names are those of the contract (address, time, object, district,
            phone, ticket_no, score, confidential, anonymous, request, name …).
        departments: up to three guesses, best first.
        language: in which the caller asks to be served, or speaks; None when nothing is said of it.
    """

    intent: Intent
    confidence: float
    article: ArticleId | None = None
    appeal_type: AppealType | None = None
    urgency: Urgency = Urgency.NORMAL
    departments: tuple[DepartmentGuess, ...] = ()
    slots: Mapping[str, Slot] = field(default_factory=lambda: NO_SLOTS)
    secondary_intent: Intent | None = None
    emergency_is_certain: bool = False
    yes: bool | None = None
    choice: int | None = None
    command: Command | None = None
    mood: Mood = Mood.CALM
    language: LanguageTag | None = None
    ranked: tuple[tuple[Intent, float], ...] = ()

    @property
    def department(self) -> DepartmentName | None:
        return self.departments[0].name if self.departments else None
