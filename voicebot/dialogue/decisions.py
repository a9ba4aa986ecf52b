"""What the policy may decide to do with an utterance."""

from dataclasses import dataclass

from voicebot.core.answer import Answer
from voicebot.core.handover import HandoverReason
from voicebot.core.ids import FlowName, LanguageTag
from voicebot.core.meaning import Command, Intent
from voicebot.dialogue.replies import Reply


@dataclass(frozen=True, slots=True)
class ToEmergency:
    number: str
    danger: str
    certain: bool


@dataclass(frozen=True, slots=True)
class ToPerson:
    reason: HandoverReason


@dataclass(frozen=True, slots=True)
class Speak:
    """The caller wants another language, or Mandarin again."""

    language: LanguageTag


@dataclass(frozen=True, slots=True)
class Steer:
    command: Command


@dataclass(frozen=True, slots=True)
class Fits:
    """The utterance answers the open question."""

    reply: Reply


@dataclass(frozen=True, slots=True)
class Inform:
    """A question: in the middle of something (`digression`) the flow goes on afterwards."""

    answer: Answer | None
    digression: bool


@dataclass(frozen=True, slots=True)
class Doubt:
    """An answer that may not be what was asked: ask back first."""

    answer: Answer


@dataclass(frozen=True, slots=True)
class More:
    """More about the article in focus; `aspect` "" for the longer answer."""

    aspect: str = ""


@dataclass(frozen=True, slots=True)
class Shorter:
    """短一点, 说重点: the gist alone, now and from now on."""


@dataclass(frozen=True, slots=True)
class NextPart:
    """The next matter of a life event."""


@dataclass(frozen=True, slots=True)
class SendText:
    """The answer as a text message."""


@dataclass(frozen=True, slots=True)
class Offer:
    """The answer did not help: a ticket or a person."""


@dataclass(frozen=True, slots=True)
class Serve:
    """A flow that an intent asks for."""

    flow: FlowName
    intent: Intent


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Not our business: name the right channel."""


@dataclass(frozen=True, slots=True)
class GoOn:
    """嗯, 好: the caller is about to speak."""


@dataclass(frozen=True, slots=True)
class SmallTalk:
    """Who are you, nice weather: say what we do, ask again."""


@dataclass(frozen=True, slots=True)
class Busy:
    """Something is under way; ask for patience."""


@dataclass(frozen=True, slots=True)
class Miss:
    """Not understood."""


Decision = (
    ToEmergency
    | ToPerson
    | Speak
    | Steer
    | Fits
    | Inform
    | Doubt
    | More
    | Shorter
    | NextPart
    | SendText
    | Offer
    | Serve
    | Elsewhere
    | GoOn
    | SmallTalk
    | Busy
    | Miss
)
