"""How we speak with this caller: as usual, or patiently (slower, shorter, with longer waits).

Patience is asked for (说慢一点, 长者模式), or noticed: the caller keeps asking 什么, two repairs come in
a row, or they speak slowly themselves. What the caller chose is never overruled by what we notice.
"""

from dataclasses import replace
from enum import StrEnum
from typing import Final

from voicebot.core.meaning import Command, Meaning
from voicebot.core.utterance import Expect, ExpectKind, Utterance
from voicebot.language.characters import is_hanzi


class Manner(StrEnum):
    NORMAL = "normal"
    PATIENT = "patient"


PATIENT_RATE: Final = 0.8
SLOWEST_RATE: Final = 0.75
"""Speaking rates; the slower one when a caller asks again."""

LONGER_PAUSE: Final = 0.8
"""Seconds of silence more before the turn of a patient call ends: elders pause 1-2 s inside a sentence."""

LONGER_WAIT: Final = 3.0
"""Seconds more until silence is asked about."""

STRAINS: Final = 2
STRAIN_TURNS: Final = 5
"""So many signs of bad hearing within so many turns."""

STUMBLES: Final = 2
"""Repairs in a row."""

SLOW_SPEECH: Final = 2.6
"""Syllables a second, pauses included. Mandarin callers speak 4-5.5; a sentence of eight syllables with
one pause of 1.2 s still has 2.8."""

SLOW_SYLLABLES: Final = 8
SLOW_TURNS: Final = 2
"""So many slow turns in a row, each of so many syllables: short answers say nothing about the tempo."""

STRAINED: Final = frozenset({Command.REPEAT, Command.LOUDER})
_DICTATED: Final = frozenset({ExpectKind.PHONE, ExpectKind.DIGITS})
"""Numbers are spoken slowly by everybody."""


def tempo(utterance: Utterance) -> float | None:
    """Syllables a second of a turn; None where it cannot be told (typed, too short, a foreign language)."""
    seconds = utterance.ended - utterance.started
    syllables = sum(1 for char in utterance.text if is_hanzi(char) or char.isdigit())
    letters = any(char.isascii() and char.isalpha() for char in utterance.text)
    if seconds <= 0 or syllables < SLOW_SYLLABLES or letters:
        return None
    return syllables / seconds


def slow_turns(before: int, utterance: Utterance, expect: Expect | None) -> int:
    """Slow turns in a row, this one included."""
    measured = tempo(utterance)
    if measured is None or (expect is not None and expect.kind in _DICTATED):
        return before
    return before + 1 if measured <= SLOW_SPEECH else 0


def strains(before: tuple[bool, ...], meaning: Meaning) -> tuple[bool, ...]:
    """Which of the last turns were 什么, 听不清 and the like, this one included."""
    return (*before, meaning.command in STRAINED)[-STRAIN_TURNS:]


def adapted(expect: Expect, manner: Manner) -> Expect:
    """What is awaited, with the time this caller needs."""
    if manner is Manner.NORMAL:
        return expect
    return replace(expect, patience=expect.patience + LONGER_PAUSE, no_input=expect.no_input + LONGER_WAIT)
