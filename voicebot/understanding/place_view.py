"""An utterance with the homophones of place words put right: recognisers write 小去 and 十八好."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from voicebot.language.pinyin import syllables
from voicebot.understanding.reading import Reading

_COUNTED: Final = {"hao": "号", "dong": "栋", "zhuang": "幢", "chuang": "幢"}
_NUMERAL: Final = re.compile(r"[零一二三四五六七八九十百两幺\d]")
_NOT_MISHEARD: Final = frozenset("东冬窗床状装好")
"""Behind a number these are what they are (三床, 二好), unless a number or a place word follows."""


class Homophones:
    """Place words by their sound; immutable."""

    def __init__(self, words: Iterable[str]) -> None:
        self._by_sound: Mapping[tuple[str, ...], str] = {
            tuple(syllables(word)): word for word in sorted(words, reverse=True)
        }
        self._lengths = sorted({len(sound) for sound in self._by_sound}, reverse=True)

    def put_right(self, reading: Reading, length: int) -> str:
        """`reading.plain[:length]` of the same length; a word of two characters needs one that agrees."""
        view = list(reading.plain[:length])
        starts, chars = reading.starts, reading.chars
        units = next((i for i, end in enumerate(reading.ends) if end > length), len(reading))
        for size in self._lengths:
            for unit in range(units - size + 1):
                word = self._by_sound.get(reading.sounds[unit : unit + size])
                if word is None or reading.ends[unit + size - 1] - starts[unit] != size:
                    continue
                heard = chars[unit : unit + size]
                if heard != word and (size > 2 or any(map(str.__eq__, heard, word))):
                    view[starts[unit] : starts[unit] + size] = word
        for unit in range(1, units):
            char, right = chars[unit], _COUNTED.get(reading.sounds[unit])
            if right is None or char in _NOT_MISHEARD or reading.ends[unit] - starts[unit] != 1:
                continue
            if _NUMERAL.match(chars[unit - 1]) and not _NUMERAL.match(char):
                view[starts[unit]] = right
        return "".join(view)
