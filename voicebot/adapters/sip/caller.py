"""Who calls and whom they dialled, from the headers of an INVITE (RFC 3261 §20, RFC 3325). Pure."""

import re
from typing import Final

_URI: Final = re.compile(r"(?i)\b(sips?|tel):([^@>;?\s]*)(?:@([^>;?\s]*))?")
_ANONYMOUS: Final = frozenset({"anonymous", "unknown", "restricted", "unavailable", "private", "withheld"})
_MOBILE: Final = re.compile(r"1[3-9]\d{9}")
_NUMBER: Final = re.compile(r"\+?[\d\-.()]+")
LONGEST: Final = 20
"""Digits kept at most; E.164 has 15, private prefixes come on top."""


def number(value: str) -> str:
    """Digits of the address in a header or URI, national format for China (+86 off, trunk 0 on);
    "" when there are none or the caller is anonymous.

    >>> number('"Zhang" <sip:+8613800138000@sbc.example;user=phone>;tag=1')
    '13800138000'
    >>> number("<tel:+86-10-8888-0000>")
    '01088880000'
    >>> number("<sip:anonymous@anonymous.invalid>")
    ''
    """
    # An address behind a display name is the one in angle brackets: the name may hold anything.
    start = value.rfind("<")
    match = _URI.search(value, start if start >= 0 else 0)
    if match is None:
        return ""
    user, host = match[2].partition(":")[0], (match[3] or "").lower()
    if user.lower() in _ANONYMOUS or host.startswith("anonymous."):
        return ""
    if not _NUMBER.fullmatch(user):
        return ""
    return _national(re.sub(r"[^\d+]", "", user))


def _national(digits: str) -> str:
    if digits.startswith("+86"):
        rest = digits[3:]
    elif digits.startswith("0086"):
        rest = digits[4:]
    elif digits.startswith("+"):
        return ("00" + digits[1:])[:LONGEST]
    else:
        return digits[:LONGEST]
    if not rest:
        return ""
    return (rest if _MOBILE.fullmatch(rest) or rest.startswith("0") else "0" + rest)[:LONGEST]


def caller(from_: str, asserted: str, privacy: str, *, trusted: bool) -> str:
    """Digits of the caller, "" when withheld.

    P-Asserted-Identity counts only from a trusted trunk (RFC 3325 §5); a caller who asked for
    privacy there stays unknown, although the trunk told us the number.
    """
    if trusted and "id" in (part.strip().lower() for part in privacy.split(";")):
        return ""
    return (number(asserted) if trusted and asserted else "") or number(from_)


def dialled(request_uri: str, to: str) -> str:
    """Digits dialled: of the request URI when it has any (a registrar may have put its own contact
    there), else of To."""
    return number(request_uri) or number(to)
