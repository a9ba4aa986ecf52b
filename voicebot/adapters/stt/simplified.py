"""Traditional → simplified characters, one by one."""

from functools import cache
from typing import Final

_BOTH: Final = "著乾彷祇徵藉榜爿睪"
"""Characters of simplified text as well (著名, 乾坤, 象征…), or wrong in the table: left alone."""


@cache
def _table() -> dict[int, str]:
    from zh_normalization.char_convert import simplified_charcters, traditional_characters

    pairs = zip(simplified_charcters, traditional_characters, strict=True)
    return {ord(t): s for s, t in pairs if s != t and t not in _BOTH}


def simplified(text: str) -> str:
    """`text` in simplified characters; what has no simplified form stays."""
    return text.translate(_table())
