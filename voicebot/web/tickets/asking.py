"""What is looked for, between the page, its address and a filter."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Final
from urllib.parse import urlencode

from voicebot.core.errors import VoicebotError
from voicebot.core.ids import DepartmentName
from voicebot.core.meaning import AppealType, Urgency
from voicebot.tickets.listing import WORK_LISTS, Filter, WorkList
from voicebot.tickets.numbers import LEAST_TAIL, LENGTH, digits_of
from voicebot.tickets.state import State

ALL: Final = "all"
NAMES: Final = (
    *("list", "q", "by", "state", "unit", "district", "category", "appeal", "urgency"),
    *("since", "until"),
)
"""Everything an address may say, beside the page."""
_PHONE: Final = re.compile(r"1\d{10}|0\d{9,11}")
_NUMERIC: Final = re.compile(r"[\d\s\-()（）+]+")

Wish = Mapping[str, str]


def wish(values: Mapping[str, object]) -> dict[str, str]:
    """The known part of what an address or a page says, each value bounded."""
    found = {name: str(values[name]).strip()[:100] for name in NAMES if values.get(name)}
    if found.get("list") not in {*WorkList, ALL}:
        found.pop("list", None)
    return found


def address(wanted: Wish, after: str = "") -> str:
    """The page's own address for it."""
    query = {name: wanted[name] for name in NAMES if wanted.get(name)}
    return f"/tickets/?{urlencode(query | ({'after': after} if after else {}))}"


def filters(wanted: Wish) -> tuple[Filter, ...]:
    """Filters to try in turn; the first that finds something counts. () when nothing can pass.

    Raises:
        VoicebotError: ``ticket.bad_filter``: a day or a choice is none; ``ticket.short_tail``.
    """
    rest = _conditions(wanted)
    if rest is None:
        return ()
    query = wanted.get("q", "")
    if not query:
        return (rest,)
    return tuple(_with(rest, name, value) for name, value in _sought(query, wanted.get("by", "auto")))


def _with(rest: Filter, name: str, value: str) -> Filter:
    match name:
        case "number":
            return replace(rest, number=value)
        case "phone":
            return replace(rest, phone=value)
        case _:
            return replace(rest, text=value)


def _conditions(wanted: Wish) -> Filter | None:
    work = WORK_LISTS[WorkList(wanted["list"])] if wanted.get("list", ALL) != ALL else Filter()
    try:
        states = work.states
        if wanted.get("state"):
            chosen = frozenset({State(wanted["state"])})
            states = chosen & states if states else chosen
            if not states:
                return None
        return replace(
            work,
            states=states,
            departments=frozenset({DepartmentName(wanted["unit"])} if wanted.get("unit") else ()),
            district=wanted.get("district", ""),
            category=wanted.get("category", ""),
            appeal=AppealType(wanted["appeal"]) if wanted.get("appeal") else None,
            urgency=Urgency(wanted["urgency"]) if wanted.get("urgency") else None,
            since=date.fromisoformat(wanted["since"]) if wanted.get("since") else None,
            until=date.fromisoformat(wanted["until"]) if wanted.get("until") else None,
        )
    except ValueError as error:
        raise VoicebotError("ticket.bad_filter", "筛选里有不认识的日期或者选项") from error


def _sought(query: str, by: str) -> list[tuple[str, str]]:
    """(field of the filter, value), in the order to try."""
    digits = digits_of(query)
    numeric = bool(_NUMERIC.fullmatch(query))
    if by == "text" or (by != "number" and by != "phone" and not numeric):
        return [("text", query)]
    if len(digits) < LEAST_TAIL or (by in ("number", "phone") and not numeric):
        if by in ("number", "phone"):
            raise VoicebotError("ticket.short_tail", f"请输入至少{LEAST_TAIL}位数字")
        return [("text", query)]
    if by in ("number", "phone"):
        return [(by, digits)]
    if len(digits) == LENGTH:
        return [("number", digits)]
    if _PHONE.fullmatch(digits):
        return [("phone", digits), ("number", digits)]
    return [("number", digits), *([("phone", digits)] if len(digits) == LEAST_TAIL else []), ("text", query)]
