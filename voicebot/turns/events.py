"""What `turns` is told. Times are `Clock.monotonic()` seconds."""

from dataclasses import dataclass

from voicebot.core.utterance import Expect, TextVerdict


@dataclass(frozen=True, slots=True)
class Vad:
    """Speech probability of one window.

    Args:
        probability: 0-1.
        level: RMS of the window in dBFS.
        at: time of its last sample.
    """

    probability: float
    level: float
    at: float


@dataclass(frozen=True, slots=True)
class Sent:
    """What we play: level in dBFS of a piece of our speech, at the time it goes out."""

    level: float
    at: float


@dataclass(frozen=True, slots=True)
class Speaking:
    """We begin (True) or have been heard to the end or were stopped (False)."""

    on: bool
    at: float
    interruptible: bool = True


@dataclass(frozen=True, slots=True)
class Expecting:
    """The dialogue waits for the caller from now on (or once our speech has ended)."""

    expect: Expect
    at: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """Judgement of the text drafted at `revision`; `text_is_empty` when nothing was recognised."""

    revision: int
    verdict: TextVerdict
    text_is_empty: bool
    at: float


@dataclass(frozen=True, slots=True)
class Melody:
    """How surely (0-1) the melody of the sentence at `revision` is that of a finished one."""

    revision: int
    finished: float
    at: float


@dataclass(frozen=True, slots=True)
class Key:
    """One key pressed."""

    key: str
    at: float


@dataclass(frozen=True, slots=True)
class Typed:
    """The caller typed; counts as input."""

    at: float


@dataclass(frozen=True, slots=True)
class Held:
    """The caller put us on hold or came back: nothing is timed meanwhile."""

    on: bool
    at: float


@dataclass(frozen=True, slots=True)
class Tick:
    """Time passed; see `deadline`."""

    at: float


TurnInput = Vad | Sent | Speaking | Expecting | Verdict | Melody | Key | Typed | Held | Tick
