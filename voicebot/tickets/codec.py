"""Tickets as JSON and back; events and rows are written with it. Both ways follow the types of `Ticket`."""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import datetime
from enum import StrEnum
from types import NoneType, UnionType
from typing import Any, Final, Union, cast, get_args, get_origin, get_type_hints

from voicebot.tickets.ticket import Change, Json, Ticket

NAMES: Final = tuple(f.name for f in fields(Ticket))
_HINTS: Final = get_type_hints(Ticket)
INSTANTS: Final = tuple(name for name in NAMES if _HINTS[name] in (datetime, datetime | None))
"""Fields that are moments; in JSON they are ISO 8601 with an offset."""

_Reader = Callable[[Any], object]


def _same(value: Any) -> object:
    return value


def _reader(hint: Any) -> _Reader:
    """Makes a value of a type from its JSON."""
    if get_origin(hint) in (UnionType, Union):
        (inner,) = (_reader(kind) for kind in get_args(hint) if kind is not NoneType)
        return lambda value: None if value is None else inner(value)
    if get_origin(hint) is tuple:
        return _tuple_reader(get_args(hint))
    if hint is datetime:
        return datetime.fromisoformat
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return hint
    if isinstance(hint, type) and is_dataclass(hint):
        hints = get_type_hints(hint)
        readers = {f.name: _reader(hints[f.name]) for f in fields(hint)}
        return lambda value: hint(**{name: readers[name](value[name]) for name in readers if name in value})
    return _same


def _tuple_reader(kinds: tuple[Any, ...]) -> _Reader:
    if kinds[-1] is Ellipsis:
        each = _reader(kinds[0])
        return lambda value: tuple(each(item) for item in value)
    return tuple


_READERS: Final = {name: _reader(_HINTS[name]) for name in NAMES}


def _to_json(value: object) -> Json:
    match value:
        case StrEnum():
            return value.value
        case None | str() | int() | float():  # most fields: before what is slower to recognise
            return value
        case datetime():
            return value.isoformat()
        case tuple():
            return [_to_json(item) for item in value]
        case _ if is_dataclass(value):
            return {f.name: _to_json(getattr(value, f.name)) for f in fields(value)}
        case _:
            return cast(Json, value)


_DEFAULTS: Final = {f.name: _to_json(f.default) for f in fields(Ticket) if f.default is not MISSING}


def encode(ticket: Ticket) -> dict[str, Json]:
    """Every field under its name."""
    return {name: _to_json(getattr(ticket, name)) for name in NAMES}


def decode(values: Mapping[str, Json]) -> Ticket:
    """The ticket `encode` was given; a field that is missing has its default, others are ignored.

    Raises:
        KeyError: a field without a default is missing.
    """
    read: dict[str, Any] = {
        name: _READERS[name](values[name]) for name in NAMES if name in values or name not in _DEFAULTS
    }
    return Ticket(**read)


def difference(before: Ticket | None, after: Ticket) -> tuple[Change, ...]:
    """What changed; when there was nothing before, every field that is not at its default."""
    new = encode(after)
    if before is None:
        told = (name for name in NAMES if name not in _DEFAULTS or new[name] != _DEFAULTS[name])
        return tuple(Change(name, None, new[name]) for name in told)
    old = encode(before)
    return tuple(Change(name, old[name], new[name]) for name in NAMES if old[name] != new[name])
