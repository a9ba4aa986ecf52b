"""The small language of lexicons: words with alternatives and gaps.

A lexicon lists words separated by white space. Inside a word ``(a|b|)`` offers alternatives and
``~`` allows up to `GAP` other units in between: ``(孩子|老人)~(走丢|不见)了``.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

GAP: Final = 6
MOST_VARIANTS: Final = 600

_GROUP: Final = re.compile(r"\(([^()]*)\)")


class PatternError(ValueError):
    """A word that the little language cannot read; the message is Chinese, for its author."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """One word of a lexicon.

    Args:
        source: as written.
        pieces: for each stretch between gaps, all phrases it may be.
    """

    source: str
    pieces: tuple[tuple[str, ...], ...]


def parse(word: str) -> Pattern:
    """Reads one word.

    Raises:
        PatternError: unbalanced brackets, an empty stretch, far too many variants.
    """
    pieces = tuple(_variants(piece) for piece in word.split("~"))
    if any(not piece for piece in pieces):
        raise PatternError(f"「{word}」有空的部分")
    return Pattern(word, pieces)


def parse_all(words: str) -> Iterable[Pattern | PatternError]:
    """Reads a list of words; a wrong one comes back as its error, so all are reported at once."""
    for word in words.split():
        try:
            yield parse(word)
        except PatternError as error:
            yield error


def _variants(piece: str) -> tuple[str, ...]:
    parts = _GROUP.split(piece)
    variants = [""]
    for index, part in enumerate(parts):
        if index % 2 == 0 and any(mark in part for mark in "()|"):
            raise PatternError(f"「{piece}」的括号不成对")
        options = part.split("|") if index % 2 else [part]
        variants = [head + option for head in variants for option in options]
        if len(variants) > MOST_VARIANTS:
            raise PatternError(f"「{piece}」展开后超过 {MOST_VARIANTS} 个说法")
    return tuple(dict.fromkeys(variant for variant in variants if variant))
