"""Values of a ticket's fields in words, as history and stale edits show them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from voicebot.tickets.rejection import GROUNDS, RejectCode
from voicebot.tickets.state import State
from voicebot.tickets.ticket import Change, Json
from voicebot.web.tickets.words import FIELDS, moment

_LONGEST: Final = 60
_TIMES: Final = frozenset({"sign_due", "due_at", "close_due", "return_due", "paused_at"})
_QUIET: Final = frozenset({"evidence", "department_score"})
"""Told by other fields, or of no use to people."""
_NOTED: Final = frozenset({"by", "since", "asked_at"})
"""Parts of a value that the entry of the history says itself."""


def changes(found: Iterable[Change], now: datetime, *, cut: bool = True) -> list[tuple[str, str, str]]:
    """(field, before, after) in words; fields that mean nothing to people are left out.

    Args:
        cut: long texts are shortened.
    """
    shown = []
    for change in found:
        if change.field in FIELDS and change.field not in _QUIET:
            before, after = (value(change.field, each, now) for each in (change.before, change.after))
            if before != after:
                texts = [_cut(each) if cut else each for each in (before, after)]
                shown.append((FIELDS[change.field], texts[0], texts[1]))
    return shown


def value(field: str, one: Json, now: datetime) -> str:
    """One value in words; "无" for nothing."""
    if one is None or one == "" or one == []:
        return "无"
    if isinstance(one, bool):
        return "是" if one else "否"
    if field == "state" and isinstance(one, str):
        return State(one).label
    if field == "reject_code" and isinstance(one, str):
        return GROUNDS[RejectCode(one)].label
    if isinstance(one, str):
        return _time(one, now) if field in _TIMES else one
    if isinstance(one, list):
        return "、".join(value(field, each, now) for each in one)
    if isinstance(one, dict):
        told = (each for name, each in one.items() if name not in _NOTED and each not in (None, ""))
        return "，".join(_part(each, now) for each in told)
    return str(one)


def _part(one: Json, now: datetime) -> str:
    return _time(one, now) if isinstance(one, str) else value("", one, now)


def _time(text: str, now: datetime) -> str:
    """A moment as people say it; other texts as they are."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return text
    return moment(at, now) if at.tzinfo is not None else text


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
