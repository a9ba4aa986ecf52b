"""Addresses that a caller could not tell apart by ear."""

import re
from typing import Final

from voicebot.language.characters import is_word, plain
from voicebot.language.numbers import to_int
from voicebot.language.pinyin import syllables

_NUMBER: Final = re.compile(r"\d+|[零〇洞一幺两二三四五六七八九十百千]+")


def sound(text: str) -> tuple[str, ...]:
    """Toneless syllables, numbers in digits however they are written, nothing else.

    >>> sound("翠湖路十八号501") == sound("崔湖路18号五零一")
    True
    """
    return syllables(letters(text))


def letters(text: str) -> str:
    """Hanzi, Latin letters and digits, numbers in digits: what two writings of one text share."""
    return "".join(filter(is_word, _NUMBER.sub(lambda m: _digits(m[0]), plain(text))))


def _digits(number: str) -> str:
    """五零一 and 501 are 501; 十八 and 18 are 18; a leading zero stays."""
    if number.isdigit() and number.isascii():
        return number
    if re.search("[十百千]", number):
        value = to_int(number)
        return number if value is None else str(value)
    return "".join(str(to_int(digit)) for digit in number)
