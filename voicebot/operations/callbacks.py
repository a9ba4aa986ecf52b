"""Calls we owe are made: the due ones are taken, judged, rung, and what came of it is kept.

Any number of processes may do so; the store gives a call to one of them, and a number to no second one.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

import structlog

from voicebot.core.catalogue import CityProfile
from voicebot.core.clock import Clock
from voicebot.core.errors import VoicebotError
from voicebot.language.appointments import coming
from voicebot.operations.callback_moves import TicketMove, after_ring, before_ring, given_up, order_of
from voicebot.operations.callback_store import CallbackStore, DueCall, following, standing
from voicebot.operations.dialer import Dialer, Rung
from voicebot.tickets.callbacks import Over, Try
from voicebot.tickets.lifecycle import transition
from voicebot.tickets.ports import TicketStore
from voicebot.tickets.ticket import Ticket

log = structlog.get_logger(__name__)

POLL: Final = 5.0
"""Seconds between looks while nothing is due."""
PAUSE: Final = 15.0
"""Seconds of rest after the store failed."""
LEASE: Final = timedelta(minutes=2)
"""A process that dies frees its call after this."""
BEAT: Final = 40.0
"""Seconds between renewals of a lease."""
KEEP_TRYING: Final = 5
"""Times that an outcome is written before it is given up; the lease lasts meanwhile."""
ACTOR: Final = "bot:callback"


class Callbacks:
    """Makes the calls that are due; one per process.

    Args:
        city: as content has it now.
        holder: name of this process among all.
    """

    def __init__(
        self,
        store: CallbackStore,
        tickets: TicketStore,
        dialer: Dialer,
        clock: Clock,
        city: Callable[[], CityProfile],
        holder: str,
    ) -> None:
        self._store = store
        self._tickets = tickets
        self._dialer = dialer
        self._clock = clock
        self._city = city
        self._holder = holder
        self._serving: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Until cancelled; survives a store that is away for a while."""
        async with asyncio.TaskGroup() as group:
            while True:
                try:
                    due = await self._take() if self._dialer.free() > len(self._serving) else None
                except VoicebotError as error:
                    log.warning("callbacks.waiting", code=error.code)
                    await asyncio.sleep(PAUSE)
                    continue
                if due is None:
                    await asyncio.sleep(POLL)
                    continue
                task = group.create_task(self._serve(due))
                self._serving.add(task)
                task.add_done_callback(self._serving.discard)
                await asyncio.sleep(0)

    async def drain(self, timeout: float) -> int:
        """Waits until what came of the running calls is kept; how many are left after `timeout` s."""
        if self._serving:
            await asyncio.wait(self._serving, timeout=timeout)
        return len(self._serving)

    async def _take(self) -> DueCall | None:
        """The next call that may ring at this moment, held; those that may not are put off."""
        while True:
            now = self._clock.now()
            due = await self._store.claim(now, now + LEASE, self._holder)
            if due is None:
                return None
            ticket = await self._ticket(due)
            moment = standing(_local(due, now), ticket, self._city(), now)
            if not isinstance(moment, Over) and moment <= now:
                return due
            if isinstance(moment, Over) and ticket is not None:
                await self._note(due, given_up(due.kind, ticket, moment), "over")
            await self._store.put_off(due, moment, now)

    async def _serve(self, due: DueCall) -> None:
        """One call, from its ring to its record. Nothing that goes wrong with it may stop the others."""
        try:
            async with self._held(due):
                await self._make(due)
        except VoicebotError as error:  # its lease ends, and it is tried again
            log.error("callback.not_kept", key=due.key, code=error.code, error=error.message)
        except Exception as error:  # a job loop: one broken call must not stop the others
            log.exception("callback.broke", key=due.key, error=str(error))

    async def _make(self, due: DueCall) -> None:
        ticket = await self._ticket(due)
        contact = await self._tickets.contact(due.ticket_no) if due.ticket_no else None
        if ticket is not None:
            await self._note(due, before_ring(due.kind, ticket), "begins")
        begun = self._clock.now()
        rung = await self._dialer.ring(order_of(due.kind, due.number, ticket, contact))
        log.info("callback.rung", key=due.key, outcome=rung.outcome, call_id=rung.call_id)
        for turn in range(KEEP_TRYING):
            try:
                await self._keep(due, begun, rung)
            except VoicebotError as error:
                if not error.retryable or turn + 1 == KEEP_TRYING:
                    raise
                await asyncio.sleep(2.0**turn)
            else:
                return

    async def _keep(self, due: DueCall, begun: datetime, rung: Rung) -> None:
        """First what the ticket has to know, then the try: done twice, the first is the same one."""
        now, words = self._clock.now(), rung.told.get("again", "")
        last = Try(begun, rung.outcome, coming(words, now) if words else None)
        local = _local(due, now)
        moment = following(local, (*local.tries, last), self._city(), now)
        ticket = await self._ticket(due)
        if ticket is not None:
            which = rung.call_id or begun.isoformat()
            await self._note(due, after_ring(due.kind, ticket, rung, moment), which)
        await self._store.tried(due, last, moment, rung.call_id)

    async def _note(self, due: DueCall, move: TicketMove | None, which: str) -> None:
        """Writes into the ticket, once; a ticket that has gone another way meanwhile stays as it is."""
        if move is None or due.ticket_no is None:
            return
        at = self._clock.now()
        try:
            await self._tickets.change(
                due.ticket_no,
                lambda ticket: transition(ticket, move.action, ACTOR, at, move.reason, move.given),
                key=f"{due.key}:{which}",
            )
        except VoicebotError as error:
            if error.code != "ticket.illegal_move":
                raise
            log.info("callback.ticket_moved_on", key=due.key, action=move.action, error=error.message)

    async def _ticket(self, due: DueCall) -> Ticket | None:
        return await self._tickets.ticket(due.ticket_no) if due.ticket_no else None

    @contextlib.asynccontextmanager
    async def _held(self, due: DueCall) -> AsyncIterator[None]:
        """The claim is renewed while the block runs."""
        renewing = asyncio.create_task(self._renew(due), name=f"hold {due.key}")
        try:
            yield
        finally:
            renewing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await renewing

    async def _renew(self, due: DueCall) -> None:
        while True:
            await asyncio.sleep(BEAT)
            try:
                if not await self._store.hold(due, self._clock.now() + LEASE, self._holder):
                    log.warning("callback.lost", key=due.key)
            except VoicebotError as error:
                log.warning("callback.not_held", key=due.key, code=error.code)


def _local(due: DueCall, now: datetime) -> DueCall:
    """With moments in the city's zone, as the rules want them."""
    zone = now.tzinfo
    tries = tuple(
        Try(each.at.astimezone(zone), each.outcome, each.again.astimezone(zone) if each.again else None)
        for each in due.tries
    )
    return replace(due, since=due.since.astimezone(zone), tries=tries)
