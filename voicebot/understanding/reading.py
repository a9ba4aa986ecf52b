"""One utterance prepared for matching: a row of sounding units, each with its place in the text."""

import re
from dataclasses import dataclass
from typing import Final

from voicebot.language.characters import is_hanzi, is_word, plain
from voicebot.language.pinyin import folded, syllables, typed

HEAD: Final = 500
TAIL: Final = 300
"""Units read of a very long text: its beginning and its end; no caller says more in one breath."""

TYPED: Final = "\x00"
"""Stands for the unknown character of a syllable that was typed as pinyin."""

_SAME_WORDS: Final = str.maketrans("啦咯喽嘞您俺咱她它", "了了了了你我我他他")
"""Words that mean the same to a lexicon, one character each."""

_DIGIT_SOUNDS: Final = ("ling", "yi", "er", "san", "si", "wu", "liu", "qi", "ba", "jiu")
_LATIN: Final = re.compile(r"[a-z]{2,60}")


@dataclass(frozen=True, slots=True)
class Reading:
    """Units are hanzi, digits, letters, or syllables of typed pinyin; nothing else sounds.

    Args:
        original: the caller's words; all spans are slices of it.
        plain: the same, simplified, half width, lower case; same length.
        chars: one character a unit (`TYPED` where only the sound is known).
        sounds: toneless syllable of each unit.
        folded: near-sound class of each unit.
        starts, ends: slice of `original` of each unit.
        breaks: indexes of units before which the text has a clause mark (，。？…).
        trust: how far the characters are to be believed, 0-1 (see `trust`); the sounds are heard better.
    """

    original: str
    plain: str
    chars: str
    sounds: tuple[str, ...]
    folded: tuple[str, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    breaks: frozenset[int]
    trust: float = 1.0

    def __len__(self) -> int:
        return len(self.chars)

    def span(self, start: int, end: int) -> str:
        """The caller's words from unit `start` up to unit `end`."""
        return self.original[self.starts[start] : self.ends[end - 1]] if start < end else ""

    def unit_at(self, position: int) -> int:
        """The first unit that ends behind `position` of the text."""
        return next((i for i, end in enumerate(self.ends) if end > position), len(self))


def part(reading: Reading, start: int, end: int) -> Reading:
    """Units `start` up to `end` as if they had been said alone."""
    left, right = reading.starts[start], reading.ends[end - 1]
    return Reading(
        reading.original[left:right],
        reading.plain[left:right],
        reading.chars[start:end],
        reading.sounds[start:end],
        reading.folded[start:end],
        tuple(at - left for at in reading.starts[start:end]),
        tuple(at - left for at in reading.ends[start:end]),
        frozenset(at - start for at in reading.breaks if start < at < end),
        reading.trust,
    )


_CLAUSE_MARKS: Final = frozenset("，。！？；、,.!?;\n…:：")


def read(text: str, trust: float = 1.0) -> Reading:
    """Prepares `text`; never fails, whatever the characters.

    Args:
        trust: see `Reading`; 1 for typed words.
    """
    flat = plain(text)
    pieces, breaks = _pieces(flat)
    chars = "".join(piece[2] for piece in pieces).translate(_SAME_WORDS)
    hanzi = syllables(chars.replace(TYPED, "\x01"))
    if len(hanzi) != len(chars):  # a character that pypinyin expands: fall back to one by one
        hanzi = tuple((syllables(char) or (char,))[0] for char in chars)
    sounds = tuple(
        piece[3] or (_DIGIT_SOUNDS[int(char)] if char.isascii() and char.isdigit() else sound)
        for piece, char, sound in zip(pieces, chars, hanzi, strict=True)
    )
    return Reading(
        text,
        flat,
        chars,
        sounds,
        tuple(map(folded, sounds)),
        tuple(piece[0] for piece in pieces),
        tuple(piece[1] for piece in pieces),
        frozenset(breaks),
        trust,
    )


def _pieces(flat: str) -> tuple[list[tuple[int, int, str, str]], list[int]]:
    """(start, end, character, typed syllable or "") of each unit, and the clause breaks."""
    pieces: list[tuple[int, int, str, str]] = []
    breaks: list[int] = []
    typed_words = _typed_words(flat)
    position = 0
    while position < len(flat):
        if len(pieces) == HEAD and len(flat) - position > TAIL:
            position = len(flat) - TAIL
            breaks.append(len(pieces))
        cut = typed_words.get(position)
        if cut:
            for syllable in cut:
                end = position + len(syllable)
                pieces.append((position, end, TYPED, syllable))
                position = end
            continue
        char = flat[position]
        if is_word(char):
            pieces.append((position, position + 1, char, ""))
        elif char in _CLAUSE_MARKS and pieces:
            breaks.append(len(pieces))
        position += 1
    return pieces, breaks


def _typed_words(flat: str) -> dict[int, tuple[str, ...]]:
    """Latin words that read as pinyin, where most of the text is Latin."""
    words = list(_LATIN.finditer(flat[:HEAD]))
    latin = sum(len(word[0]) for word in words)
    if latin < 6 or latin < 2 * sum(map(is_hanzi, flat[:HEAD])):
        return {}
    cuts = {word.start(): typed(word[0]) for word in words}
    return {start: cut for start, cut in cuts.items() if cut}
