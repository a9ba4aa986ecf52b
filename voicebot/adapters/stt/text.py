"""Spacing of recognised text."""

import re
from typing import Final

_HANZI: Final = "\u3400-\u9fff"
_GAP: Final = re.compile(rf"(?<=[{_HANZI}])\s+(?=[{_HANZI}0-9])|(?<=[0-9])\s+(?=[{_HANZI}])")


def join_hanzi(text: str) -> str:
    """Without the spaces that engines put between Chinese words; other scripts keep theirs."""
    return _GAP.sub("", re.sub(r"\s+", " ", text).strip())
