"""Calls we owe in memory, and people who are rung."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from tests.fakes.clocks import MORNING
from tests.fakes.demands import PHONE
from tests.fakes.line import FakeLine
from voicebot.calls.ports import Line, LineInfo, Unanswered
from voicebot.core.clock import Clock
from voicebot.core.ids import CallId, TicketNo
from voicebot.operations.callback_store import DueCall
from voicebot.tickets.callbacks import CallbackKind, Over, Try


def owed(ticket_no: TicketNo | None = None, **changes: object) -> DueCall:
    """A revisit of a ticket, or a call back to somebody whose call was lost."""
    kind = CallbackKind.REVISIT if ticket_no else CallbackKind.MISSED
    key = f"revisit:{ticket_no}:1" if ticket_no else "missed:c1"
    due = DueCall(key, kind, ticket_no, None, PHONE, PHONE, urgent=False, since=MORNING)
    return replace(due, **changes)  # type: ignore[arg-type]


@dataclass
class ListCallbacks:
    """Implements `CallbackStore` for one process: nothing is forgotten, so that tests may look at it."""

    calls: dict[str, DueCall] = field(default_factory=dict)
    due: dict[str, datetime] = field(default_factory=dict)
    over: dict[str, Over] = field(default_factory=dict)
    held: set[str] = field(default_factory=set)
    nevers: set[str] = field(default_factory=set)
    call_ids: list[CallId | None] = field(default_factory=list)

    def add(self, *dues: DueCall) -> None:
        for due in dues:
            self.calls[due.key], self.due[due.key] = due, due.since

    async def claim(self, now: datetime, until: datetime, holder: str) -> DueCall | None:
        for key, at in sorted(self.due.items(), key=lambda each: each[1]):
            if at <= now and key not in self.held:
                self.held.add(key)
                return self.calls[key]
        return None

    async def hold(self, due: DueCall, until: datetime, holder: str) -> bool:
        return due.key in self.held

    async def tried(
        self, due: DueCall, last: Try, following: datetime | Over, call_id: CallId | None
    ) -> None:
        known = self.calls[due.key]
        self.calls[due.key] = replace(known, tries=(*known.tries, last))
        self.call_ids.append(call_id)
        await self.put_off(due, following, last.at)

    async def put_off(self, due: DueCall, following: datetime | Over, at: datetime) -> None:
        self.held.discard(due.key)
        if isinstance(following, Over):
            self.over[due.key] = following
            del self.due[due.key]
        else:
            self.due[due.key] = following

    async def never(self, number: str, at: datetime, why: str) -> None:
        self.nevers.add(number)

    async def ring_again(self, number: str) -> None:
        self.nevers.discard(number)


@dataclass
class FakeOutward:
    """Implements `Outward`: the person answers after `rings` seconds, or `outcomes` say why not, one after
    the other; then they answer."""

    clock: Clock
    outcomes: list[Unanswered] = field(default_factory=list)
    rings: float = 2.0
    on_answer: Callable[[FakeLine], None] = lambda line: None
    rung: list[tuple[str, datetime]] = field(default_factory=list)
    lines: list[FakeLine] = field(default_factory=list)
    open: bool = True

    async def ring_out(self, number: str, timeout: float) -> Line | Unanswered:
        self.rung.append((number, self.clock.now()))
        if self.outcomes:
            outcome = self.outcomes.pop(0)
            await asyncio.sleep(timeout if outcome is Unanswered.NO_ANSWER else 1.0)
            return outcome
        await asyncio.sleep(self.rings)
        info = LineInfo(CallId(f"out-{len(self.rung)}"), number, "12345", "phone", 8000, outbound=True)
        line = FakeLine(self.clock, info)
        self.lines.append(line)
        self.on_answer(line)
        return line
