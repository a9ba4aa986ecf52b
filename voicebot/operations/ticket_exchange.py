"""Many tickets at once: a filter as rows of a spreadsheet, and rows of a spreadsheet as tickets."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from voicebot.core.clock import Clock
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import TicketNo
from voicebot.operations.ports import Account
from voicebot.operations.ticket_access import Access, AccessLog, Looked
from voicebot.operations.ticket_texts import actor
from voicebot.operations.ticket_work import TicketWork
from voicebot.tickets.clocks import light
from voicebot.tickets.listing import Filter
from voicebot.tickets.parts import Reference
from voicebot.tickets.roles import may
from voicebot.tickets.rules import RULES
from voicebot.tickets.sheet import OUT, Cell, Fault, Row, written
from voicebot.tickets.ticket import TicketAction

PAGE: Final = 200
MOST: Final = 50_000
"""Tickets in one file."""
EXPORTERS: Final = frozenset({"admin", "supervisor", "dispatcher"})


class Became(StrEnum):
    NEW = "new"
    SAME = "same"
    """Imported before, or added to an open ticket of the same caller about the same matter."""
    WRONG = "wrong"
    LEFT = "left"
    """Good, and left out because others are wrong."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a row."""

    row: int
    became: Became
    ticket_no: TicketNo | None = None
    message: str = ""


class TicketExchange:
    def __init__(self, work: TicketWork, access: AccessLog, clock: Clock) -> None:
        self._work = work
        self._access = access
        self._clock = clock

    async def export(self, who: Account, wanted: Filter, said: str) -> list[list[Cell]]:
        """The tickets of a filter under their header; noted before anything is read.

        Args:
            said: the filter in words, for the log.

        Raises:
            VoicebotError: ``ticket.forbidden``; ``ticket.too_many`` beyond `MOST`.
        """
        if who.role not in EXPORTERS:
            raise VoicebotError("ticket.forbidden", "您的角色不能导出工单")
        now = self._clock.now()
        await self._access.note(Access(now, actor(who), None, Looked.EXPORT, said))
        rows: list[list[Cell]] = [list(OUT)]
        after: str | None = None
        while True:
            page = await self._work.page(who, wanted, limit=PAGE, after=after)
            rows += [written(ticket, light(ticket, now).value, now.tzinfo) for ticket in page.tickets]
            if len(rows) > MOST + 1:
                raise VoicebotError("ticket.too_many", f"超过{MOST}件，请缩小范围")
            if page.following is None:
                return rows
            after = page.following

    async def import_(
        self,
        who: Account,
        system: str,
        rows: Sequence[Row],
        faults: Sequence[Fault],
        *,
        good_ones: bool = False,
        dry_run: bool = False,
        told: Callable[[int], None] = lambda done: None,
    ) -> tuple[Outcome, ...]:
        """Files rows under their numbers in `system`; a row that was imported before changes nothing.

        While there is a fault nothing is written, unless `good_ones` says to take the rest. Each row is one
        transaction; what breaks off is imported again from the beginning and goes on where it stood.

        Args:
            told: how many rows are done, now and then.

        Raises:
            VoicebotError: ``ticket.forbidden``; ``db.…``: the rest was not written.
        """
        if not (may(who.role, TicketAction.ACCEPT) or may(who.role, TicketAction.DRAFT)):
            raise VoicebotError("ticket.forbidden", f"您的角色不能{RULES[TicketAction.ACCEPT].name}")
        wrong: dict[int, list[str]] = {}
        for fault in faults:
            wrong.setdefault(fault.row, []).append(str(fault))
        found = [Outcome(row, Became.WRONG, message="；".join(why)) for row, why in wrong.items()]
        if (faults and not good_ones) or dry_run:
            found += [Outcome(row.row, Became.LEFT) for row in rows]
        else:
            for done, row in enumerate(rows):
                found.append(await self._file(who, system, row))
                if done % PAGE == 0:
                    told(done)
        return tuple(sorted(found, key=lambda each: each.row))

    async def _file(self, who: Account, system: str, row: Row) -> Outcome:
        refs = [Reference(system, row.number)]
        try:
            ticket, before = await self._work.file(who, row.demand, category=row.category, refs=refs)
        except VoicebotError as error:
            if error.code.startswith("db."):
                raise
            return Outcome(row.row, Became.WRONG, message=f"第 {row.row} 行：{error.message}")
        return Outcome(row.row, Became.SAME if before else Became.NEW, ticket.ticket_no)
