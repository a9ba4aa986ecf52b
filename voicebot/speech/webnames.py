"""Web and mail addresses as people dictate them: 点, 艾特, 杠, digits one by one."""

import re
from typing import Final

from voicebot.speech.letters import spell
from voicebot.speech.numerals import digits

_LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_HOST: Final = rf"(?:{_LABEL}\.)+[A-Za-z]{{2,}}"
WEB: Final = re.compile(rf"(?<![A-Za-z0-9@.])(?:https?://)?({_HOST}(?:/[A-Za-z0-9_./-]*)?)(?![A-Za-z0-9])")
MAIL: Final = re.compile(rf"(?<![A-Za-z0-9.])([A-Za-z0-9][\w.+-]*@{_HOST})(?![A-Za-z0-9])", re.ASCII)

_WORDS: Final = {".": "点", "@": "艾特", "-": "杠", "_": "下划线", "/": "斜杠", "+": "加"}
_PART: Final = re.compile(r"[A-Za-z]+|\d+|.", re.ASCII)


def address(match: re.Match[str]) -> str:
    """What `WEB` or `MAIL` found, in words; ``https://`` and a slash at the end are not spoken."""
    return "".join(_said(part) for part in _PART.findall(match[1].rstrip("/.")))


def _said(part: str) -> str:
    if part.lower() == "www":
        return "三达不溜"
    if part.isdigit():
        return digits(part)
    return _WORDS.get(part) or spell(part)
