"""Numbers as people say them, both ways: quantities (两百五十) and dictated digits (一三八, 幺)."""

import re
from dataclasses import dataclass
from typing import Final

_VALUE: Final = {
    "零": 0, "〇": 0, "洞": 0, "一": 1, "幺": 1, "么": 1, "壹": 1, "二": 2, "两": 2,
    "贰": 2, "俩": 2, "三": 3, "叁": 3, "仨": 3, "四": 4, "肆": 4, "五": 5, "伍": 5,
    "六": 6, "陆": 6, "七": 7, "拐": 7, "柒": 7, "八": 8, "捌": 8, "九": 9, "玖": 9,
    "勾": 9,
}  # fmt: skip
_UNIT: Final = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_BIG: Final = {"万": 10_000, "亿": 100_000_000}
_PLAIN: Final = "零〇一二两三四五六七八九"
_SPOKEN: Final = "零一二三四五六七八九"
_SPELLED: Final = "零幺二三四五六七八九"

NUMERAL: Final = r"(?:\d+(?:\.\d+)?[百千万亿]{0,2}|[零〇一二两三四五六七八九十百千万亿]+)"
"""A regular expression for one number, spoken or written in digits."""

_DICTATED: Final = re.compile(
    r"[0-9零〇洞一幺么二两三四五六七拐八九](?:[\s\-—－,，、.。杠]{0,3}(?:[一二两三四五六七八九2-9]个(?=[0-9零〇一幺二三四五六七八九])"
    r"|[0-9零〇洞一幺么二两三四五六七拐八九]))*"
)
_REPEATED: Final = re.compile(r"([一二两三四五六七八九2-9])个([0-9零〇一幺二三四五六七八九])")


def to_int(text: str) -> int | None:
    """Value of one number, or None when `text` is not exactly one; understands 一万二 as 12000.

    >>> [to_int(t) for t in ("两百五十", "一万二", "二〇二六", "3万", "十")]
    [250, 12000, 2026, 30000, 10]
    """
    if not text or len(text) > 24:
        return None
    if text.isascii() and text.isdigit():
        return int(text)
    mixed = re.fullmatch(r"(\d+)(?:\.(\d+))?([百千万亿]+)", text)
    if mixed:
        return _mixed(*mixed.groups())
    if all(char in _VALUE for char in text):
        return int("".join(str(_VALUE[char]) for char in text))
    return _quantity(text)


def _mixed(whole: str, fraction: str | None, units: str) -> int:
    scale = 1
    for unit in units:
        scale *= _UNIT.get(unit) or _BIG[unit]
    return round(float(f"{whole}.{fraction or 0}") * scale)


def _quantity(text: str) -> int | None:
    """Positional numerals; a digit that ends the text counts in the next lower unit (三千五)."""
    total = section = number = 0
    last_unit, zero_before = 0, False
    for char in text:
        if char in _VALUE:
            if number:
                return None
            number, zero_before = _VALUE[char], zero_before or char in "零〇"
        elif char in _UNIT:
            section += (number or 1) * _UNIT[char]
            number, last_unit, zero_before = 0, _UNIT[char], False
        elif char in _BIG:
            total = (
                (total + section + number) * _BIG[char]
                if char == "亿"
                else total + (section + number) * _BIG[char]
            )
            section = number = 0
            last_unit, zero_before = _BIG[char], False
        else:
            return None
    if number and last_unit >= 100 and not zero_before:
        number *= last_unit // 10
    return total + section + number


@dataclass(frozen=True, slots=True)
class DigitRun:
    """Digits dictated in one go; `start`/`end` slice the text that was read."""

    digits: str
    start: int
    end: int


def digit_runs(text: str) -> tuple[DigitRun, ...]:
    """All runs of dictated digits, however written (138零零, 幺三八 三个八, 010-8888).

    Pauses and dashes inside a run are allowed; 三个八 is three digits. A lone 一 in prose is a run
    of one digit too: callers choose by length.
    """
    runs = []
    for match in _DICTATED.finditer(text):
        spelled = _REPEATED.sub(lambda m: m[2] * (to_int(m[1]) or 1), match[0])
        digits = "".join(
            char if char.isdigit() and char.isascii() else str(_VALUE[char])
            for char in spelled
            if char in _VALUE or char in "0123456789"
        )
        end = match.end()
        runs.append(DigitRun(digits, match.start(), end))
    return tuple(runs)


def dictated(text: str) -> str:
    """All dictated digits of a text, joined: for an answer that is expected to be a number.

    >>> dictated("嗯一三八 零零幺二 3456")
    '13800123456'
    """
    return "".join(run.digits for run in digit_runs(text))


def spoken(number: int) -> str:
    """A quantity in words: 250 → 二百五十. Range: below 10^12 in size.

    Raises:
        ValueError: larger than that.
    """
    if number < 0:
        return "负" + spoken(-number)
    if number >= 10**12:
        raise ValueError(f"too large to say: {number}")
    if number < 10_000:
        return _below_ten_thousand(number)
    for unit, size in (("亿", 100_000_000), ("万", 10_000)):
        if number >= size:
            head, rest = divmod(number, size)
            tail = "" if not rest else ("零" if rest < size // 10 else "") + _sub(rest)
            return spoken(head) + unit + tail
    raise AssertionError(number)


def _sub(rest: int) -> str:
    words = spoken(rest)
    return "一" + words if words.startswith("十") else words


def _below_ten_thousand(number: int) -> str:
    if number == 0:
        return "零"
    words, pending_zero = "", False
    for size, unit in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, size)
        if digit:
            words += ("零" if pending_zero and words else "") + _SPOKEN[digit] + unit
            pending_zero = False
        else:
            pending_zero = bool(words)
    return words.removeprefix("一") if words.startswith("一十") else words


def spelled(digits: str) -> str:
    """Digits one by one, as a seat reads a phone number: 110 → 幺幺零; other characters pass."""
    return "".join(_SPELLED[int(char)] if char.isascii() and char.isdigit() else char for char in digits)
