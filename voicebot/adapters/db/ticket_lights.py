"""Tickets by the light of their clocks, as conditions of a query."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select

from voicebot.adapters.db.schema import ticket_clock
from voicebot.tickets.clocks import Light

CLOCK: Final = ticket_clock.alias("lit")


def first_lit(light: Light, now: datetime) -> list[ColumnElement[bool]]:
    """The clock of a ticket that makes its light red or yellow: an index has them in the order in which
    they are due, so that nobody sorts what is due on all tickets."""
    other = ticket_clock.alias().c
    earlier = or_(other.due < CLOCK.c.due, and_(other.due == CLOCK.c.due, other.kind < CLOCK.c.kind))
    before = and_(other.ticket_no == CLOCK.c.ticket_no, earlier)
    if light is Light.RED:
        return [CLOCK.c.due <= now, ~exists().where(before)]
    return [CLOCK.c.due > now, CLOCK.c.warn_at <= now, ~exists().where(before, other.warn_at <= now)]


def lit_by(light: Light, now: datetime) -> Select[Any]:
    """Tickets whose worst light is `light`, with the moment at which the first such clock is due."""
    clock = ticket_clock.c
    worst = func.min(clock.due).label("worst")
    query = select(clock.ticket_no, worst).group_by(clock.ticket_no)
    match light:
        case Light.RED:
            return query.where(clock.due <= now)
        case Light.YELLOW:
            return query.where(clock.warn_at <= now).having(func.min(clock.due) > now)
        case Light.GREEN:
            return query.having(func.min(clock.warn_at) > now)
