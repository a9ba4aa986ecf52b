"""Tickets as JSON and back; events and rows are written with it."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, cast

from voicebot.core.meaning import AppealType, Urgency
from voicebot.tickets.state import State
from voicebot.tickets.ticket import Change, Json, Ticket

NAMES: Final = tuple(f.name for f in fields(Ticket))
INSTANTS: Final = ("accepted_at", "sign_due", "due_at", "paused_at")
"""Fields that are moments; in JSON they are ISO 8601 with an offset."""


def _moment(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value)


_READERS: Final[dict[str, Callable[[Any], object]]] = {
    "state": State,
    "appeal_type": AppealType,
    "urgency": Urgency,
    "articles": tuple,
    "evidence": lambda pairs: tuple((name, span) for name, span in pairs),
    **dict.fromkeys(INSTANTS, _moment),
}


def _to_json(value: object) -> Json:
    match value:
        case StrEnum():
            return value.value
        case datetime():
            return value.isoformat()
        case tuple():
            return [_to_json(item) for item in value]
        case _:
            return cast(Json, value)


def encode(ticket: Ticket) -> dict[str, Json]:
    """Every field under its name."""
    return {name: _to_json(getattr(ticket, name)) for name in NAMES}


def decode(values: Mapping[str, Json]) -> Ticket:
    """The ticket `encode` was given; needs every field, ignores what is no field."""
    read: dict[str, Any] = {
        name: _READERS[name](values[name]) if name in _READERS else values[name] for name in NAMES
    }
    return Ticket(**read)


def difference(before: Ticket | None, after: Ticket) -> tuple[Change, ...]:
    """What changed; every field when there was nothing before."""
    new = encode(after)
    old: Mapping[str, Json] = encode(before) if before is not None else dict.fromkeys(NAMES)
    return tuple(
        Change(name, old[name], new[name]) for name in NAMES if before is None or old[name] != new[name]
    )
