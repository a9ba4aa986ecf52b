"""What follows from a change of a ticket for suggestions about it, in the transaction of the change."""

from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, exists, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.adapters.db import dialect
from voicebot.adapters.db.schema import ticket, ticket_suggestion, ticket_uncompared
from voicebot.core.ids import TicketNo
from voicebot.tickets.state import OPEN
from voicebot.tickets.suggestions import SECRECY, TEXTS, Standing
from voicebot.tickets.ticket import Ticket, TicketEvent

JOINS: Final = frozenset({"group", "merge_parent"})
_S: Final = ticket_suggestion.c
_T: Final = ticket.c
_OPEN: Final = tuple(sorted(state.value for state in OPEN))


async def follow_suggestions(connection: AsyncConnection, now: Ticket, event: TicketEvent) -> None:
    """A follower of `SqlTicketStore`: what is new or tells another thing is to be compared; who joins a
    group, or is merged, has answered the suggestion of it; what is over is suggested no more."""
    before = {change.field: change.before for change in event.changes}
    reopened = event.before is not None and event.before not in OPEN and now.state in OPEN
    if event.seq == 1 or before.keys() & (TEXTS | SECRECY) or reopened:
        await _owe(connection, now, event)
    ended = event.before in OPEN and now.state not in OPEN
    if event.seq == 1 or not (before.keys() & JOINS or ended or reopened):
        return
    await hold_suggestions(connection)
    if before.keys() & JOINS:
        await _part(connection, now)
        await _join(connection, now, event)
    if ended:
        open_ones = and_(_of(now.ticket_no), _S.standing == Standing.OPEN)
        await connection.execute(update(ticket_suggestion).where(open_ones).values(standing=Standing.LAPSED))
    elif reopened:
        await revive(connection, now.ticket_no)


async def hold_suggestions(connection: AsyncConnection) -> None:
    """Keeps out all others who write suggestions, until the transaction ends: each touches rows that others
    may hold. Tickets are held before it, events come after it, so that nobody waits crosswise."""
    await dialect.lock_name(connection, "suggestion")


async def revive(connection: AsyncConnection, ticket_no: TicketNo) -> None:
    """Suggestions about a ticket that had lapsed are open again where both tickets are."""
    both = [exists().where(_T.ticket_no == each, _T.state.in_(_OPEN)) for each in (_S.later, _S.earlier)]
    again = and_(_S.standing == Standing.LAPSED, _of(ticket_no), *both)
    await connection.execute(update(ticket_suggestion).where(again).values(standing=Standing.OPEN))


async def _owe(connection: AsyncConnection, now: Ticket, event: TicketEvent) -> None:
    """Also of what is no more to be compared: suggestions that stand are then withdrawn."""
    if now.callback_only:
        return
    values = {"ticket_no": now.ticket_no, "version": now.version, "next_at": event.at}
    if event.seq == 1:
        await connection.execute(insert(ticket_uncompared), values)
        return
    fresh = dialect.insert(connection.dialect.name, ticket_uncompared)
    renewed = {name: fresh.excluded[name] for name in ("version", "next_at")}
    owed = fresh.on_conflict_do_update(index_elements=[ticket_uncompared.c.ticket_no], set_=renewed)
    await connection.execute(owed, values)


async def _part(connection: AsyncConnection, now: Ticket) -> None:
    """What was accepted of a ticket and one it is not together with any more is as it was before."""
    gone = and_(_beside(now.ticket_no, _family(now), within=False), _S.standing == Standing.ACCEPTED)
    undecided = {"standing": Standing.LAPSED, "by": "", "decided_at": None, "why": "", "joined": None}
    await connection.execute(update(ticket_suggestion).where(gone).values(undecided))
    await revive(connection, now.ticket_no)


async def _join(connection: AsyncConnection, now: Ticket, event: TicketEvent) -> None:
    """What was suggested of a ticket and one it is together with now is accepted."""
    fresh = and_(_beside(now.ticket_no, _family(now), within=True), _S.standing != Standing.ACCEPTED)
    decided = {"standing": Standing.ACCEPTED, "by": event.actor, "decided_at": event.at, "why": event.reason}
    decided |= {"joined": now.ticket_no}
    await connection.execute(update(ticket_suggestion).where(fresh).values(decided))


def _family(now: Ticket) -> Select[Any]:
    """Numbers of those that a ticket is together with, as a group or merged."""
    own = [_T.group == now.ticket_no, _T.merge_parent == now.ticket_no]
    if now.group is not None:
        own += [_T.group == now.group, _T.ticket_no == now.group]
    if now.merge_parent is not None:
        own.append(_T.ticket_no == now.merge_parent)
    return select(_T.ticket_no).where(or_(*own), _T.ticket_no != now.ticket_no)


def _beside(ticket_no: TicketNo, others: Select[Any], *, within: bool) -> ColumnElement[bool]:
    """Suggestions of a ticket and one `within` others, or none of them."""
    later, earlier = (each.in_(others) if within else each.not_in(others) for each in (_S.later, _S.earlier))
    return or_(and_(_S.later == ticket_no, earlier), and_(_S.earlier == ticket_no, later))


def _of(ticket_no: TicketNo) -> ColumnElement[bool]:
    return or_(_S.later == ticket_no, _S.earlier == ticket_no)
