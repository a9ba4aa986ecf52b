"""What a caller said, as recognised, and what is known about how complete it is."""

from dataclasses import dataclass
from enum import StrEnum

from voicebot.core.ids import MANDARIN, LanguageTag


@dataclass(frozen=True, slots=True)
class Utterance:
    """One turn of the caller.

    Args:
        text: as recognised, punctuation not to be relied on; empty when nothing was recognised.
        confidence: the recogniser's own, 0-1; 1.0 for typed text.
        started: call time of the first speech in seconds.
        ended: call time of the last speech in seconds.
        engine: which recogniser, e.g. ``whisper-base``, ``vosk``, ``typed``.
    """

    text: str
    confidence: float = 1.0
    started: float = 0.0
    ended: float = 0.0
    engine: str = "typed"


class ExpectKind(StrEnum):
    """What the dialogue waits for; decides patience and how text is read."""

    OPEN = "open"
    YES_NO = "yes_no"
    CHOICE = "choice"
    ADDRESS = "address"
    PHONE = "phone"
    DIGITS = "digits"
    TIME = "time"
    DATE = "date"
    SCORE = "score"
    NAME = "name"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Expect:
    """What the dialogue waits for next: handed to `turns`, the recogniser and understanding.

    Args:
        kind: see `ExpectKind`.
        patience: extra seconds of silence to allow before the turn ends (elder mode, dictation).
        choices: spoken labels of a closed question, in the order of their keys.
        digits: largest number of keys that one answer may have; 0 when keys mean nothing here
            (single-key commands such as 0 for a person work all the same).
        no_input: seconds of silence after our speech until `NoInput` is raised.
        language: in which the answer is awaited.
        detail: a detail of what is already spoken of is awaited, no new matter.
    """

    kind: ExpectKind = ExpectKind.OPEN
    patience: float = 0.0
    choices: tuple[str, ...] = ()
    digits: int = 0
    no_input: float = 5.0
    language: LanguageTag = MANDARIN
    detail: bool = False

    @property
    def open(self) -> bool:
        """Whether a caller brings up a matter, rather than answers a question about one."""
        return self.kind is ExpectKind.OPEN and not self.detail


@dataclass(frozen=True, slots=True)
class TextVerdict:
    """What the text so far says about the turn; computed by understanding, read by `turns`.

    Args:
        completeness: 0 (breaks off: 那个…, a number half dictated) to 1 (a whole request).
        kind: what the text looks like (digits and addresses are dictated with pauses).
        echo_likeness: 0-1, how much it resembles what we are saying ourselves.
        backchannel: 0-1, how surely these words, said over our voice, only mean: go on (嗯, 好的).
    """

    completeness: float
    kind: ExpectKind = ExpectKind.OPEN
    echo_likeness: float = 0.0
    backchannel: float = 0.0
