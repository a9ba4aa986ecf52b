"""Takes a person out of a text: every part of their numbers and names, and the way to their door.

Unlike `privacy.conceal`, which masks what looks like a number, this knows whose they are, and leaves no
part by which somebody who has met them would know them again (domain.md §11).
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Final

from voicebot.tickets.privacy import DOUBLE

DIGITS: Final = 4
"""As many digits of a number in a row tell whose it is."""
LETTERS: Final = 2
"""As many characters of a name in a row do."""
BLANK: Final = "＊"
_GAP: Final = 3
"""Digits or letters of one number or name may stand this far apart."""
_SPOKEN: Final = dict(zip("零〇幺一二两三四五六七八九", "0011223456789", strict=True))
_MASKED: Final = re.compile(r"[0-9]*\*{2,}[0-9xX]*")
"""What `privacy` leaves of a number."""
_NAMED: Final = re.compile(rf"(?:{'|'.join(sorted(DOUBLE))}|[\u4e00-\u9fff])\*{{2}}(?!\*)")
"""What `privacy` leaves of a name."""
_COUNT: Final = r"[0-9零〇一二两三四五六七八九十百]"
_DOOR: Final = re.compile(
    rf"(?:[A-Za-z甲乙丙丁东西南北]?(?:第|附)?{_COUNT}+[A-Za-z]?|[A-Za-z甲乙丙丁])"
    r"(?:号楼|号院|号门|号房|号|栋|幢|座|单元|门洞|室|房|层|楼|弄|户)"
    rf"|{_COUNT}+(?:[-－—–#]{_COUNT}+)+"
    rf"|(?<=(?:元|楼|栋|幢|座|层|号|-|－)){_COUNT}{{2,5}}"
)
"""House, building, staircase, floor, flat: 12号, 3号楼, 2单元, 501室, B座, 3-2-501."""
_LOOSE: Final = re.compile(r"[0-9]{3,}")
"""A bare number behind a place that has lost its door is the rest of it."""

_HOME: Final = ("我家", "家住", "我住", "住在", "本人住", "自己家", "其家", "诉求人住", "来电人住", "业主")
_MARKS: Final = "，。；！？,;!?\n"


def scrub(text: str, names: Iterable[str], numbers: Iterable[str]) -> str:
    """The text without `DIGITS` digits of a number, or `LETTERS` characters of a name, in a row.

    Digits count however they are written (１, 1, 一, 幺) and whatever marks stand between them; capitals and
    small letters are the same.

    >>> scrub("我叫王小明，138-0000 8000", ["王小明"], ["13800008000"])
    '我叫＊＊＊，＊＊＊-＊＊＊＊ ＊＊＊＊'
    """
    bare = _MASKED.sub(BLANK * 4, _NAMED.sub(BLANK * 2, text))
    marked = {*_digits_at(bare, numbers), *_letters_at(bare, names)}
    return "".join(BLANK if at in marked else char for at, char in enumerate(bare))


def street(place: str) -> str:
    """The place as far as its street, village or estate: without house, building, floor and flat.

    >>> street("长江路12号阳光小区3号楼2单元501室"), street("阳光小区3-2-501"), street("")
    ('长江路阳光小区', '阳光小区', '')
    """
    return _LOOSE.sub("", _DOOR.sub("", place)).strip(" ，,、-")


def street_of_home(content: str) -> str:
    """The note without the door of a sentence that tells where the caller lives.

    >>> street_of_home("诉求人住在幸福路8号3单元501，楼下烧烤摊很吵。烧烤摊在幸福路10号")
    '诉求人住在幸福路，楼下烧烤摊很吵。烧烤摊在幸福路10号'
    """
    parts: list[str] = []
    for clause in _clauses(content):
        mark = clause[-1] if clause[-1] in _MARKS else ""
        body = clause.removesuffix(mark)
        parts.append((street(body) if any(word in body for word in _HOME) else body) + mark)
    return "".join(parts)


def _clauses(text: str) -> list[str]:
    clauses, start = [], 0
    for at, char in enumerate(text):
        if char in _MARKS:
            clauses.append(text[start : at + 1])
            start = at + 1
    return [*clauses, text[start:]] if start < len(text) else clauses


def _digits_at(text: str, numbers: Iterable[str]) -> Iterator[int]:
    parts = {part for number in numbers for part in _windows(_figures(number), DIGITS)}
    for run in _runs(text):
        figures = "".join(figure for _, figure in run)
        for start in range(len(run) - DIGITS + 1):
            if figures[start : start + DIGITS] in parts:
                yield from (at for at, _ in run[start : start + DIGITS])


def _letters_at(text: str, names: Iterable[str]) -> Iterator[int]:
    parts = {part for name in names for part in _windows(_letters(name), LETTERS)}
    letters = [(at, folded) for at, char in enumerate(text) if (folded := _letter(char))]
    for (first, a), (second, b) in pairwise(letters):
        if a + b in parts and second - first <= _GAP:
            yield from (first, second)


def _runs(text: str) -> Iterator[list[tuple[int, str]]]:
    """Digits that belong together: between them stand a few marks at most, no words."""
    run: list[tuple[int, str]] = []
    for at, char in enumerate(text):
        figure = _figure(char)
        if figure:
            if run and at - run[-1][0] > _GAP:
                yield run
                run = []
            run.append((at, figure))
        elif char.isalpha() and run:
            yield run
            run = []
    if run:
        yield run


def _windows(text: str, width: int) -> Iterator[str]:
    return (text[at : at + width] for at in range(len(text) - width + 1))


def _figure(char: str) -> str:
    """0-9, or "" for what is no digit."""
    if char in _SPOKEN:
        return _SPOKEN[char]
    value = unicodedata.digit(char, None)
    return "" if value is None else str(value)


def _figures(text: str) -> str:
    return "".join(map(_figure, text))


def _letter(char: str) -> str:
    return unicodedata.normalize("NFKC", char).casefold() if char.isalpha() else ""


def _letters(text: str) -> str:
    return "".join(map(_letter, text))
