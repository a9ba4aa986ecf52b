"""A reply cut into clauses: small enough that the first is heard early, whole enough to sound natural."""

import re
from dataclasses import dataclass
from typing import Final

from voicebot.core.ids import MANDARIN, LanguageTag
from voicebot.speech.verbalise import verbalise

FIRST: Final = 2
"""Least syllables of the first clause (您好 alone may start, it is heard while the next is made) and
of a whole sentence."""
LEAST: Final = 5
"""Least syllables of the others: shorter ones sound chopped."""
MOST: Final = 24
"""Syllables after which a clause is also cut at 、; it takes the local voice 0.2 s."""
PAUSES: Final = {"，": 0.15, "、": 0.10, "：": 0.20, "；": 0.25, "。": 0.35, "！": 0.35, "？": 0.35}
"""Seconds of silence after a clause that ends so; engines' own silence is trimmed."""

_END: Final = re.compile(r"(?<=[，。！？；])|(?<=：)(?!\d)")
_DIGITS: Final = "[零幺一二三四五六七八九]{2}"
_LIST: Final = re.compile(rf"(?<=、)(?!(?<={_DIGITS}、){_DIGITS})")
"""Behind 、, but not between the groups of one number."""
_FOREIGN_END: Final = re.compile(r"(?<=[.!?;])\s+")
_HANZI: Final = re.compile(r"[\u4e00-\u9fff]")


@dataclass(frozen=True, slots=True)
class Clause:
    """What is synthesised in one go.

    Args:
        text: verbalised, with its mark at the end.
        pause: seconds of silence after it; 0 after the last.
    """

    text: str
    pause: float


def syllable_count(text: str) -> int:
    """Syllables of `text` as it is spoken; one hanzi is one."""
    return _weight(verbalise(text))


def _weight(said: str) -> int:
    return len(_HANZI.findall(said))


def clauses(text: str) -> tuple[str, ...]:
    """`text` cut behind ，。！？；： where the parts are long enough; joined they are `text`.

    Never inside a number (8：30, 1,200). Too long clauses are also cut behind 、.
    """
    whole: list[str] = []
    for piece in (p for p in _END.split(text) if p):
        whole += _shorten(piece)
    merged: list[str] = []
    for piece in whole:
        least = FIRST if len(merged) <= 1 or merged[-1][-1] in "。！？" else LEAST
        if merged and (_weight(verbalise(merged[-1])) < least or not _weight(verbalise(piece))):
            merged[-1] += piece
        else:
            merged.append(piece)
    if len(merged) > 1 and _weight(verbalise(merged[-1])) < FIRST:
        merged[-2:] = [merged[-2] + merged[-1]]
    return tuple(merged)


def _shorten(piece: str) -> list[str]:
    """Cuts an overlong piece behind 、, as evenly as that allows."""
    if _weight(verbalise(piece)) <= MOST:
        return [piece]
    parts = [""]
    for item in _LIST.split(piece):
        if parts[-1] and _weight(verbalise(parts[-1])) + _weight(verbalise(item)) > MOST:
            parts.append("")
        parts[-1] += item
    return parts


def pause_at(pause: float, rate: float) -> float:
    """A pause in slow speech: longer by more than the words are, who hears badly needs the time."""
    return pause / rate**2 if rate < 1 else pause / rate


def plan(text: str, language: LanguageTag = MANDARIN) -> tuple[Clause, ...]:
    """A reply as verbalised clauses with the pause after each; empty when there is nothing to say.

    In other languages than Mandarin: whole sentences, as they are written.
    """
    if language != MANDARIN:
        whole = [sentence for sentence in _FOREIGN_END.split(text.strip()) if sentence]
        return tuple(Clause(s, PAUSES["。"] if i < len(whole) - 1 else 0.0) for i, s in enumerate(whole))
    said = [c for c in clauses(verbalise(text)) if _weight(c)]
    return tuple(
        Clause(clause, PAUSES.get(clause[-1], 0.0) if index < len(said) - 1 else 0.0)
        for index, clause in enumerate(said)
    )
