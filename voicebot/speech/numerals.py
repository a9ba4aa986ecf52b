"""Numbers as the hotline says them: as a quantity, or digit by digit."""

import re
from typing import Final

from voicebot.language.numbers import spelled, spoken

_LARGEST: Final = 12
"""Digits of the largest quantity that has a reading; longer ones are read digit by digit."""
_PAIR: Final = re.compile(r"(?:^|(?<=[万亿零]))二(?=千)|^二(?=[万亿])|(?<=亿)二(?=万)")
"""Where people say 两."""


def digits(text: str, one: str = "幺") -> str:
    """Each digit by itself; other characters are left out.

    Args:
        one: 幺 in phone numbers and ids (一 and 七 sound alike on a bad line), 一 in years.
    """
    return spelled("".join(c for c in text if c.isascii() and c.isdigit())).replace("幺", one)


def groups(text: str, *sizes: int) -> str:
    """Digits by themselves in groups of `sizes`, a short pause (、) between; the rest is one group."""
    parts, at = [], 0
    for size in (*sizes, len(text)):
        if piece := text[at : at + size]:
            parts.append(digits(piece))
        at += size
    return "、".join(parts)


def fours(text: str) -> str:
    """Digits by themselves in groups of four."""
    return groups(text, *[4] * (len(text) // 4))


def cardinal(text: str) -> str:
    """A whole number as a quantity: ``12000`` → 一万两千. Leading zeros are ignored."""
    text = text.lstrip("0") or "0"
    return digits(text) if len(text) > _LARGEST else _PAIR.sub("两", spoken(int(text)))


def number(text: str) -> str:
    """A number with an optional decimal part and thousands separators: ``1,200.50`` → 一千二百点五零."""
    whole, _, fraction = text.replace(",", "").partition(".")
    return cardinal(whole) + (f"点{digits(fraction, one='一')}" if fraction else "")


def year(text: str) -> str:
    """``2026`` → 二零二六."""
    return digits(text, one="一")
