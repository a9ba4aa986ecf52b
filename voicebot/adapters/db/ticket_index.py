"""What tickets are found by, beside their rows: words, keys, clocks, units. All of it follows from the
tickets and their events, is written in the transaction of each change, and is made anew when `FORMAT`
changes."""

from collections.abc import Iterable
from typing import Final

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.adapters.db import ticket_text
from voicebot.adapters.db.schema import ticket, ticket_clock, ticket_index_format, ticket_key, ticket_unit
from voicebot.adapters.db.ticket_rows import FIELDS, PHONE, history, ticket_of
from voicebot.adapters.db.vault import Vault
from voicebot.tickets.clocks import TicketClock, running
from voicebot.tickets.fingerprints import fingerprint
from voicebot.tickets.state import OPEN
from voicebot.tickets.ticket import Ticket, TicketEvent
from voicebot.tickets.words import searchable, touches_text

FORMAT: Final = "2"
"""Another one with every change of what is written here, or of `words`."""
TAIL: Final = 4
"""Digits by which people name a number they have before them."""
_PAGE: Final = 500
_MATTER: Final = "fp:"
_LONGEST: Final = 80
"""Characters that a key may have."""
_CLOCK_FIELDS: Final = frozenset(
    {
        *("state", "sign_due", "due_at", "close_due", "return_due", "paused_at", "supervision", "rounds"),
        *("accepted_at", "dispatched_at", "replied_at"),
    }
)
_UNIT_FIELDS: Final = frozenset({"state", "department", "co_departments"})
_NEW_KEYS: Final = insert(ticket_key)
_NEW_CLOCK: Final = insert(ticket_clock)
_NEW_UNITS: Final = insert(ticket_unit)
_TABLES: Final = (ticket_key, ticket_unit)
"""Made anew; the rows of clocks say what was done because of them, and are only brought up to date."""


class TicketIndex:
    """The first follower of `SqlTicketStore`."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    async def follow(
        self, connection: AsyncConnection, now: Ticket, event: TicketEvent, numbers: Iterable[str] = ()
    ) -> None:
        """Brings the index to what a ticket is after an event that is already stored.

        Args:
            numbers: telephone numbers of a new ticket's person, when they are known; else its row is read.
        """
        born = event.seq == 1
        changed = {change.field for change in event.changes}
        if born:
            await self._keys(connection, now, numbers)
        else:
            await _fingerprint(connection, now)
        if touches_text(event):
            events = (event,) if born else await history(connection, now.ticket_no)
            before = searchable(events[:-1])
            await ticket_text.put(connection, now.ticket_no, before, searchable(events))
        if born or changed & _CLOCK_FIELDS:
            await _clocks(connection, now, fresh=born)
        if born or changed & _UNIT_FIELDS:
            await _units(connection, now, fresh=born)

    async def _keys(self, connection: AsyncConnection, now: Ticket, numbers: Iterable[str] = ()) -> None:
        """All keys of a ticket that has none."""
        if not numbers:
            columns = select(ticket.c.phone_enc, ticket.c.caller_enc)
            sealed = (await connection.execute(columns.where(ticket.c.ticket_no == now.ticket_no))).one()
            numbers = {self._vault.open(one) for one in sealed}
        keys = {number_tail(now.ticket_no), *self.phone_keys(numbers), *open_keys(now)}
        rows = [{"key": key, "ticket_no": now.ticket_no} for key in sorted(keys)]
        await connection.execute(_NEW_KEYS, rows)

    def phone_keys(self, numbers: Iterable[str]) -> set[str]:
        """Keys by which tickets of telephone numbers, or of their tails, are found."""
        return {phone_tail(self._vault, number) for number in numbers if len(number) >= TAIL}

    async def renew(self, connection: AsyncConnection) -> int:
        """Makes everything anew if it was made in another format; returns how many tickets were read."""
        known = (await connection.execute(select(ticket_index_format.c.format))).scalar()
        if known == FORMAT:
            return 0
        for table in _TABLES:
            await connection.execute(delete(table))
        await ticket_text.clear(connection)
        read, last = 0, ""
        while True:
            query = select(*FIELDS).where(ticket.c.ticket_no > last).order_by(ticket.c.ticket_no).limit(_PAGE)
            rows = (await connection.execute(query)).mappings().all()
            for row in rows:
                await self._renew_one(connection, ticket_of(row))
            if not rows:
                break
            read, last = read + len(rows), str(rows[-1]["ticket_no"])
        await connection.execute(delete(ticket_index_format))
        await connection.execute(insert(ticket_index_format).values(format=FORMAT))
        return read

    async def _renew_one(self, connection: AsyncConnection, now: Ticket) -> None:
        await self._keys(connection, now)
        events = await history(connection, now.ticket_no)
        await ticket_text.put(connection, now.ticket_no, "", searchable(events))
        await _clocks(connection, now)
        await _units(connection, now, fresh=True)


def number_tail(number: str) -> str:
    """Key of the last digits of a ticket's number."""
    return f"no:{number[-TAIL:]}"


def matter_keys(found: Iterable[str]) -> set[str]:
    """Keys by which open tickets of one matter are found, of what `fingerprint` found."""
    return {f"{_MATTER}{key}"[:_LONGEST] for key in found}


def phone_tail(vault: Vault, number: str) -> str:
    """Key of the last digits of a telephone number; keyed, and no way back."""
    return f"ph:{vault.digest(f'{PHONE}-tail', number[-TAIL:])}"


def open_keys(now: Ticket) -> set[str]:
    """The keys of an open ticket's matter; none of one that is no longer open."""
    return matter_keys(fingerprint(now)) if now.state in OPEN else set()


async def _fingerprint(connection: AsyncConnection, now: Ticket) -> None:
    wanted = open_keys(now)
    mine = (ticket_key.c.ticket_no == now.ticket_no) & ticket_key.c.key.startswith(_MATTER)
    known = set((await connection.execute(select(ticket_key.c.key).where(mine))).scalars())
    if gone := known - wanted:
        await connection.execute(delete(ticket_key).where(mine, ticket_key.c.key.in_(sorted(gone))))
    if fresh := sorted(wanted - known):
        rows = [{"key": key, "ticket_no": now.ticket_no} for key in fresh]
        await connection.execute(_NEW_KEYS, rows)


async def _clocks(connection: AsyncConnection, now: Ticket, *, fresh: bool = False) -> None:
    """The rows of running clocks; one that goes on unchanged keeps what was done because of it.

    Args:
        fresh: there are none yet, so none are looked for.
    """
    mine = ticket_clock.c.ticket_no == now.ticket_no
    columns = select(ticket_clock.c.kind, ticket_clock.c.round, ticket_clock.c.due).where(mine)
    rows = () if fresh else (await connection.execute(columns)).all()
    known = {(row.kind, row.round): row.due for row in rows}
    wanted = {(clock.kind.value, now.round): clock for clock in running(now)}
    for kind, number in known.keys() - wanted.keys():
        gone = delete(ticket_clock).where(mine, ticket_clock.c.kind == kind, ticket_clock.c.round == number)
        await connection.execute(gone)
    for key, clock in wanted.items():
        values = clock_values(clock)
        if key not in known:
            begun = {"ticket_no": now.ticket_no, "kind": key[0], "round": key[1], **values}
            await connection.execute(_NEW_CLOCK, begun)
        elif known[key] != clock.due:
            moved = update(ticket_clock).where(
                mine, ticket_clock.c.kind == key[0], ticket_clock.c.round == key[1]
            )
            await connection.execute(moved.values(values))


async def _units(connection: AsyncConnection, now: Ticket, *, fresh: bool = False) -> None:
    if not fresh:
        await connection.execute(delete(ticket_unit).where(ticket_unit.c.ticket_no == now.ticket_no))
    if rows := unit_rows(now):
        await connection.execute(_NEW_UNITS, rows)


def clock_values(clock: TicketClock) -> dict[str, object]:
    """A running clock because of which nothing was done yet, beside its key."""
    lights = {"since": clock.since, "warn_at": clock.warn_at, "due": clock.due}
    return {**lights, "acted": None, "next_at": clock.wakes_at}


def unit_rows(now: Ticket) -> list[dict[str, object]]:
    """Who leads a ticket and who helps."""
    units = dict.fromkeys(now.co_departments, False)
    if now.department is not None:
        units[now.department] = True
    return [
        {"ticket_no": now.ticket_no, "department": name, "leads": leads, "state": now.state.value}
        for name, leads in units.items()
    ]
