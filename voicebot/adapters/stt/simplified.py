"""Simplified characters out of an engine that knows both scripts."""

from typing import Final

from voicebot.language.traditional_table import SIMPLIFIED, TRADITIONAL

_TABLE: Final = dict(zip(map(ord, TRADITIONAL), SIMPLIFIED, strict=True))


def simplified(text: str) -> str:
    """`text` in simplified characters; everything else stays as it is."""
    return text.translate(_TABLE)
