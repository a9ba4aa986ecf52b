"""Keeps personal data out of the log."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

PHONES: Final = frozenset({"phone", "caller", "callback", "from_number"})
SECRETS: Final = frozenset(
    {"name", "caller_name", "address", "district", "object", "id_no", "password", "token", "secret"}
)
TEXTS: Final = frozenset(
    {
        "text",
        "said",
        "reply",
        "heard",
        "keys",
        "transcript",
        "summary",
        "content",
        "title",
        "slots",
        "evidence",
    }
)
"""Words of the caller and to the caller."""

HIDDEN: Final = "***"

_MOBILE: Final = re.compile(r"(?<!\d)(1[3-9]\d)\d{4}(\d{4})(?!\d)")
_ID_NO: Final = re.compile(r"(?<!\d)(\d{6})\d{8}(\d{3}[\dXx])(?!\d)")

Processor = Callable[[Any, str, Any], Any]


def redactor(*, texts: bool) -> Processor:
    """A structlog processor.

    Values under known keys are masked or hidden. As a net below that, mobile and identity numbers
    are masked in every other string too (a SIP URI, the text of an exception).

    Args:
        texts: log what was said, too (for test lines, never for real callers).
    """

    def process(_logger: Any, _method: str, event: Any) -> Any:
        return {key: _clean(key, value, texts) for key, value in event.items()}

    return process


def mask_phone(number: str) -> str:
    """``138****8000``; too short a number is hidden whole."""
    return f"{number[:3]}****{number[-4:]}" if len(number) >= 8 else HIDDEN if number else ""


def _clean(key: str, value: Any, texts: bool) -> Any:
    if value is None or value == "":
        return value
    if key in PHONES:
        return mask_phone(str(value))
    if key in SECRETS or (key in TEXTS and not texts):
        return HIDDEN
    return _deep(value, texts)


def _deep(value: Any, texts: bool) -> Any:
    match value:
        case str():
            return _ID_NO.sub(r"\1********\2", _MOBILE.sub(r"\1****\2", value))
        case Mapping():
            return {key: _clean(str(key), member, texts) for key, member in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_deep(member, texts) for member in value]
        case _:
            return value
