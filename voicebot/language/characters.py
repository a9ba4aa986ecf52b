"""Characters made comparable without moving any: every index of the result is an index of the input."""

from typing import Final

from voicebot.language.traditional_table import SIMPLIFIED, TRADITIONAL

FULL_WIDTH_SHIFT: Final = 0xFEE0


def _table() -> dict[int, str]:
    table = dict(zip(map(ord, TRADITIONAL), SIMPLIFIED, strict=True))
    table |= {code: chr(code - FULL_WIDTH_SHIFT) for code in range(0xFF01, 0xFF5F)}
    table |= dict.fromkeys((*range(32), *range(127, 160), 12288, 8203, 8232, 8233, 65279), " ")
    table |= {code: chr(code + 32) for code in range(ord("A"), ord("Z") + 1)}
    table |= {code: chr(code - FULL_WIDTH_SHIFT + 32) for code in range(0xFF21, 0xFF3B)}
    return table


_TABLE: Final = _table()


def plain(text: str) -> str:
    """Simplified, half width, lower case, control characters as spaces; same length as `text`.

    Because no character moves, a span found in the result is the span of the caller's words.

    >>> plain("雲江ＡＢ１２\\n路燈")
    '云江ab12 路灯'
    """
    return text.translate(_TABLE)


def is_hanzi(char: str) -> bool:
    """True for a CJK unified ideograph (base block and extension A, and 〇)."""
    return "\u4e00" <= char <= "\u9fff" or "\u3400" <= char <= "\u4dbf" or char == "〇"


def is_word(char: str) -> bool:
    """True for what carries sound: hanzi, Latin letters and digits of ASCII."""
    return is_hanzi(char) or (char.isascii() and char.isalnum())
