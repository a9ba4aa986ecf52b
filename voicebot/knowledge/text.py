"""Text as it is compared: cleaned, synonyms unified, read as characters and as sounds."""

import re
import unicodedata
from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from typing import Final

from voicebot.language.pinyin import syllables

LONGEST: Final = 160
"""Characters of a caller's words that are compared: bounds the time of a ranking. Of longer texts
the beginning and the end are kept, where people put their question."""

_NOT_WORDS: Final = re.compile(r"[^0-9a-z㐀-鿿]+")
_NUMBER: Final = re.compile(r"\d+")
_TENS: Final = "零一二三四五六七八九"


@dataclass(frozen=True)
class Vocabulary:
    """Words that are dropped and words that mean the same; data, from `synonyms.yaml`.

    Args:
        fillers: words without content (请问, 那个).
        synonyms: variant → the word it is replaced by.
        frames: words that ask without saying what about (找哪个部门, 多久); they count little.
        elsewhere: questions that no article answers (weather, tickets, chat).
    """

    fillers: frozenset[str] = frozenset()
    synonyms: Mapping[str, str] = field(default_factory=dict)
    frames: frozenset[str] = frozenset()
    elsewhere: tuple[str, ...] = ()
    _pattern: re.Pattern[str] | None = field(init=False, repr=False, compare=False)
    _frames: re.Pattern[str] | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        heads = {*self.synonyms.values()}
        object.__setattr__(self, "_pattern", _any_of({*self.fillers, *self.synonyms, *heads}))
        object.__setattr__(self, "_frames", _any_of(self.frames))

    def normal(self, text: str) -> str:
        """Lower case, no punctuation, digits as hanzi, synonyms unified, fillers dropped.

        A text of nothing but fillers stays as it is. The longest known word wins at each place,
        so 社保卡 is not broken by a rule for 社保.
        """
        if len(text) > 4 * LONGEST:
            text = text[: 2 * LONGEST] + text[-2 * LONGEST :]
        text = unicodedata.normalize("NFKC", text).lower()
        text = _NUMBER.sub(lambda number: _read(number.group()), _NOT_WORDS.sub("", text))
        if len(text) > LONGEST:
            text = text[: LONGEST // 2] + text[-LONGEST // 2 :]
        if self._pattern is None:
            return text
        unified = self._pattern.sub(lambda match: self._replace(match.group()), text)
        return "".join(unified.split()) or text

    def light(self, normal: str) -> list[bool]:
        """For each character of a normal text, whether it belongs to a frame."""
        flags = [False] * len(normal)
        for match in self._frames.finditer(normal) if self._frames else ():
            flags[match.start() : match.end()] = [True] * len(match.group())
        return flags

    def _replace(self, word: str) -> str:
        return "" if word in self.fillers else self.synonyms.get(word, word)


def _any_of(words: Set[str]) -> re.Pattern[str] | None:
    """Matches the longest of `words` at a place."""
    ordered = sorted(words, key=lambda word: (-len(word), word))
    return re.compile("|".join(map(re.escape, ordered))) if ordered else None


def _read(number: str) -> str:
    """Digits as they are said in a question: 15 is 十五, 12345 is read digit by digit.

    >>> _read("15"), _read("60"), _read("110")
    ('十五', '六十', '一一零')
    """
    digits = [int(character) for character in number]
    if len(digits) != 2 or digits[0] == 0:
        return "".join(_TENS[digit] for digit in digits)
    tens, ones = digits
    return ("" if tens == 1 else _TENS[tens]) + "十" + (_TENS[ones] if ones else "")


def near(syllable: str) -> str:
    """The class of sounds that speakers and recognisers mix up: z/zh, c/ch, s/sh, n/l, an/ang, in/ing.

    >>> near("zhang"), near("ning"), near("shi")
    ('zan', 'lin', 'si')
    """
    if syllable[:2] in ("zh", "ch", "sh"):
        syllable = syllable[0] + syllable[2:]
    elif syllable[0] == "n" and len(syllable) > 1:
        syllable = "l" + syllable[1:]
    return syllable[:-1] if syllable.endswith(("ang", "eng", "ing")) else syllable


def sounds(normal: str) -> list[str]:
    """Toneless syllables by class, one for each character of a normal text."""
    return [near(syllable) for syllable in syllables(normal)]
