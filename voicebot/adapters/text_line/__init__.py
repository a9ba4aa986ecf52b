"""A call in writing: the same Call without sound, for `voicebot chat` and flow tests."""

from voicebot.adapters.text_line.line import NoSound, TextLine

__all__ = ["NoSound", "TextLine"]
