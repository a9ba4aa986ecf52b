"""Masks, and texts without telephone or identity numbers (domain.md §11)."""

import re
from typing import Final

_SPOKEN: Final = str.maketrans("零〇幺一二两三四五六七八九", "0011223456789")
_DIGIT: Final = "[0-9零〇幺一二两三四五六七八九]"
_RUN: Final = re.compile(rf"{_DIGIT}(?:[ \-，,、]?{_DIGIT}){{9,17}}[xX]?")
"""A dictated or typed number of 10 to 18 digits; callers pause, so small marks may stand between."""
_MOBILE: Final = re.compile(r"(?:0086|86)?(1[3-9]\d{9})")
_LANDLINE: Final = re.compile(r"0[1-9]\d{8,10}")
DOUBLE: Final = frozenset(
    (
        "欧阳",
        "上官",
        "司马",
        "诸葛",
        "东方",
        "皇甫",
        "尉迟",
        "公孙",
        "慕容",
        "令狐",
        "司徒",
        "夏侯",
        "南宫",
        "长孙",
    )
)
"""Family names of two characters."""
_IDENTITY: Final = re.compile(r"[1-9]\d{16}[\dxX]")


_UNSTORABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
"""Control characters and halves of characters: typed or pasted, no database takes all of them."""


def clean(text: str) -> str:
    """The text without what cannot be stored or shown."""
    return _UNSTORABLE.sub("", text)


def plain_phone(number: str) -> str:
    """Digits of a telephone number without the country code; "" when there are none.

    >>> plain_phone("+86 138-0000-8000")
    '13800008000'
    """
    digits = "".join(c for c in number.translate(_SPOKEN) if c in "0123456789")
    mobile = _MOBILE.fullmatch(digits)
    return mobile.group(1) if mobile else digits


def mask_phone(number: str) -> str:
    """138****8000; of shorter numbers only the last two digits stay.

    >>> mask_phone("13800008000"), mask_phone("80001234"), mask_phone("")
    ('138****8000', '******34', '')
    """
    if len(number) >= 11:
        return f"{number[:3]}{'*' * (len(number) - 7)}{number[-4:]}"
    return "*" * max(len(number) - 2, 0) + number[-2:] if len(number) > 4 else "*" * len(number)


def mask_name(name: str) -> str:
    """The family name stays.

    >>> mask_name("王小明"), mask_name("欧阳娜"), mask_name("")
    ('王**', '欧阳**', '')
    """
    return f"{name[: 2 if name[:2] in DOUBLE else 1]}**" if name else ""


def conceal(text: str, name: str = "") -> tuple[str, tuple[str, ...]]:
    """The text with numbers of people masked, and these numbers in order.

    Telephone numbers (11-digit mobile, 0-area landline) and 18-digit identity numbers are found in
    digits and in Chinese numerals; 14-digit ticket numbers stay. `name` is masked where it stands.

    >>> conceal("电话是幺三八零零零零八零零零")
    ('电话是138****8000', ('13800008000',))
    """
    found: list[str] = []

    def replace(match: re.Match[str]) -> str:
        digits = re.sub(r"[ \-，,、]", "", match.group().translate(_SPOKEN))
        mobile = _MOBILE.fullmatch(digits)
        if mobile or _LANDLINE.fullmatch(digits):
            number = mobile.group(1) if mobile else digits
            found.append(number)
            return mask_phone(number)
        if _IDENTITY.fullmatch(digits):
            found.append(digits)
            return f"{digits[0]}{'*' * 16}{digits[-1]}"
        return match.group()

    masked = _RUN.sub(replace, clean(text))
    return (masked.replace(name, mask_name(name)) if len(name) > 1 else masked), tuple(found)
