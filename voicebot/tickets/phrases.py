"""Words of an administrator's list, found in what a caller said: by characters, longer ones by sound too."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from voicebot.language.characters import is_hanzi, is_word, plain
from voicebot.language.patterns import GAP, Pattern
from voicebot.language.pinyin import syllables

BY_SOUND: Final = 3
"""Characters from which an unbroken phrase counts by sound alone; shorter ones have too many namesakes."""
PIECE_BY_SOUND: Final = 2
"""The same for each piece of a phrase with gaps: 去 somewhere behind 国道 would sound like much else."""


class Spoken:
    """A text prepared for any number of lists: what sounds of it, as characters and as syllables."""

    def __init__(self, text: str) -> None:
        self.chars: Final = "".join(filter(is_word, plain(text)))

    @cached_property
    def sounds(self) -> str:
        return _sounding(self.chars)


@dataclass(frozen=True)
class Phrases:
    """A list of words as `language.patterns` reads them."""

    patterns: tuple[Pattern, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.patterns)

    def found(self, spoken: Spoken) -> tuple[str, ...]:
        """The words, as they were written, that the text holds; exact ones first."""
        exact = [word for word, chars, _ in self._compiled if chars.search(spoken.chars)]
        if exact:
            return tuple(exact)
        return tuple(word for word, _, sound in self._compiled if sound and sound.search(spoken.sounds))

    @cached_property
    def _compiled(self) -> tuple[tuple[str, re.Pattern[str], re.Pattern[str] | None], ...]:
        return tuple((p.source, _by_characters(p), _by_sound(p)) for p in self.patterns)


NO_WORDS: Final = Phrases()


def size(word: str) -> int:
    """How much of the text a word of a list stands for: the characters of its longest reading."""
    bare = re.sub(r"\(([^()]*)\)", lambda group: max(group[1].split("|"), key=len), word)
    return len(bare.replace("~", ""))


def _by_characters(pattern: Pattern) -> re.Pattern[str]:
    return _joined([[plain(phrase) for phrase in piece] for piece in pattern.pieces], rf".{{0,{GAP}}}?")


def _by_sound(pattern: Pattern) -> re.Pattern[str] | None:
    """Of the phrases that are long enough and Chinese; None when a piece has none."""
    least = BY_SOUND if len(pattern.pieces) == 1 else PIECE_BY_SOUND
    pieces = [
        [_sounding(phrase) for phrase in piece if len(phrase) >= least and all(map(is_hanzi, phrase))]
        for piece in pattern.pieces
    ]
    return _joined(pieces, rf"(?: \S+){{0,{GAP}}}?", "(?= |$)") if all(pieces) else None


def _joined(pieces: Sequence[Sequence[str]], gap: str, end: str = "") -> re.Pattern[str]:
    return re.compile(gap.join(f"(?:{'|'.join(map(re.escape, piece))}){end}" for piece in pieces))


def _sounding(chars: str) -> str:
    """`` lu deng``: a blank before each syllable, so that none is found inside another."""
    return "".join(f" {syllable}" for syllable in syllables(chars))
