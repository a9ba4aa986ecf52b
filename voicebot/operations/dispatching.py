"""Every stored ticket is dispatched at once when that is sure, else it waits on the dispatcher's list.

Nobody waits for it: the desk offers a ticket after it was stored, a worker takes it up, and what the worker
never got (a crash, a full queue, a store that was away) is found again by `sweep`.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

import structlog

from voicebot.core.clock import Clock
from voicebot.core.demand import Demand
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import DepartmentName, TicketNo
from voicebot.core.meaning import DepartmentGuess
from voicebot.operations.ticket_desk import unknown
from voicebot.tickets.deadlines import Deadlines
from voicebot.tickets.directory import Directory
from voicebot.tickets.dispatch import Automatic, ForPerson, Suggestion, decide, suggest
from voicebot.tickets.given import Given
from voicebot.tickets.lifecycle import transition
from voicebot.tickets.listing import Filter, TicketLists
from voicebot.tickets.ports import TicketStore
from voicebot.tickets.returns import Review, refusals, refused, review
from voicebot.tickets.routing import category_of, facts_of
from voicebot.tickets.sending import Moved, send
from voicebot.tickets.state import State
from voicebot.tickets.terms import with_terms
from voicebot.tickets.ticket import Ticket, TicketAction

log = structlog.get_logger(__name__)

CLOCK: Final = "clock"
"""Who dispatches without a person (`roles.MACHINES`)."""
QUEUE: Final = 1000
"""Tickets that wait for the worker; more are left to `sweep`."""
SWEEP: Final = 60.0
"""Seconds between looks for what was missed."""
PAGE: Final = 200
PATIENCE: Final = timedelta(minutes=5)
"""How long a ticket whose unit is not plain is left to a process that understands texts."""
CHOSEN: Final = 0.6
"""How much a unit counts that whoever took the demand down has chosen."""

Guess = Callable[[str], Sequence[DepartmentGuess]]
"""What understanding makes of a text, for tickets that no call made."""

_UNTOUCHED: Final = Filter(states=frozenset({State.ACCEPTED}))


def no_guess(text: str) -> Sequence[DepartmentGuess]:
    """Where nothing understands texts."""
    return ()


class Dispatching:
    """One per process that stores tickets; any number may share a store.

    Args:
        directory, deadlines: as they are now; content may change while we run.
        waits: how long what is not plain is left to other processes, which understand texts.
    """

    def __init__(
        self,
        store: TicketStore,
        lists: TicketLists,
        clock: Clock,
        directory: Callable[[], Directory],
        deadlines: Callable[[], Deadlines] = Deadlines,
        guess: Guess = no_guess,
        waits: timedelta = timedelta(0),
    ) -> None:
        self._store = store
        self._lists = lists
        self._clock = clock
        self._directory = directory
        self._deadlines = deadlines
        self._guess = guess
        self._waits = waits
        self._queue: asyncio.Queue[tuple[TicketNo, tuple[Suggestion, ...]]] = asyncio.Queue(QUEUE)

    # ── for the desk ────────────────────────────────────────────────────────────────────────

    def of_demand(self, demand: Demand) -> tuple[Suggestion, ...]:
        """Who may be in charge of a demand that is about to be stored, best first."""
        if demand.callback_only:
            return ()
        candidates = demand.guesses or _chosen(demand.department) or self._guess(demand.content)
        return suggest(facts_of(demand), candidates, self._directory())

    def category(self, demand: Demand, suggestions: Sequence[Suggestion]) -> str:
        """The category of a demand, "" when it is not in the duties of the unit that is suggested."""
        units = [suggestion.department for suggestion in suggestions]
        found = category_of(facts_of(demand), self._directory(), units)
        return found.path if found and units and units[0] in found.units else ""

    def offer(self, ticket_no: TicketNo, suggestions: tuple[Suggestion, ...]) -> None:
        """Hands over a ticket that is stored; never waits and never fails."""
        try:
            self._queue.put_nowait((ticket_no, suggestions))
        except asyncio.QueueFull:
            log.warning("dispatch.queue_full", ticket_no=ticket_no)

    # ── the worker ──────────────────────────────────────────────────────────────────────────

    async def run(self) -> None:
        """Dispatches what is offered, until cancelled; first, and again and again, what was missed."""
        loop = asyncio.get_running_loop()
        sweep_at = loop.time()
        while True:
            if loop.time() >= sweep_at:
                await self._sweep_up()
                sweep_at = loop.time() + SWEEP
            try:
                async with asyncio.timeout_at(sweep_at):
                    offered = await self._queue.get()
            except TimeoutError:
                continue
            await self._try(*offered)

    async def drain(self) -> None:
        """Dispatches what was offered so far, where nobody runs `run`."""
        while not self._queue.empty():
            await self._try(*self._queue.get_nowait())

    async def sweep(self) -> int:
        """Takes up all tickets that were stored and neither dispatched nor queued; how many that were.
        Safe beside workers and sweeps of other nodes.

        Raises:
            VoicebotError: ``db.…``: the store cannot be asked.
        """
        done, after = 0, None
        while True:
            page = await self._lists.page(_UNTOUCHED, limit=PAGE, after=after)
            for ticket in page.tickets:
                if not ticket.callback_only:
                    done += await self._try(ticket.ticket_no)
            if page.following is None:
                return done
            after = page.following

    async def _sweep_up(self) -> None:
        try:
            if found := await self.sweep():
                log.info("dispatch.swept", tickets=found)
        except VoicebotError as error:
            log.warning("dispatch.not_swept", code=error.code)

    async def _try(self, ticket_no: TicketNo, suggestions: tuple[Suggestion, ...] = ()) -> bool:
        try:
            return await self.consider(ticket_no, suggestions) is not None
        except VoicebotError as error:
            log.warning("dispatch.failed", ticket_no=ticket_no, code=error.code)
        except Exception:  # one ticket must not keep all others from their units
            log.exception("dispatch.broken", ticket_no=ticket_no)
        return False

    async def consider(self, ticket_no: TicketNo, suggestions: tuple[Suggestion, ...] = ()) -> Ticket | None:
        """Dispatches or queues one ticket; None when there is nothing to do, or somebody was quicker.

        Args:
            suggestions: what was suggested when it was stored; () works it out again.

        Raises:
            VoicebotError: ``ticket.unknown``, ``db.…``.
        """
        ticket = await self._load(ticket_no)
        if ticket.state is not State.ACCEPTED or ticket.callback_only:
            return None
        directory, at = self._directory(), self._clock.now()
        shown = suggestions or await self.suggestions(ticket)
        decision = decide(shown, directory, dispatched=ticket.dispatches)
        if isinstance(decision, ForPerson) and at - ticket.accepted_at < self._waits:
            return None
        try:
            after, event = await self._store.change(
                ticket_no,
                lambda now: self._carried_out(now, decision, directory, at),
                expected=ticket.version,
            )
        except VoicebotError as error:
            if error.code not in ("ticket.stale", "ticket.illegal_move"):
                raise
            return None
        log.info("dispatch.done", ticket_no=ticket_no, action=event.action, department=after.department)
        return after

    def _carried_out(
        self, ticket: Ticket, decision: Automatic | ForPerson, directory: Directory, at: datetime
    ) -> Moved:
        if isinstance(decision, Automatic):
            best = decision.suggestion
            given = Given(
                department=best.department, department_score=best.score, co_departments=best.helpers
            )
            given = with_terms(self._deadlines(), ticket, TicketAction.DISPATCH, given, at)
            try:
                return send(
                    ticket, TicketAction.DISPATCH, given, directory, (), CLOCK, at, f"自动派单：{best}"
                )
            except VoicebotError as error:
                if error.code != "ticket.dispatch_refused":
                    raise
                decision = ForPerson(error.message, (best,))
        return transition(ticket, TicketAction.QUEUE, CLOCK, at, _note(decision), _owner(decision))

    # ── for dispatchers ─────────────────────────────────────────────────────────────────────

    async def suggestions(self, ticket: Ticket) -> tuple[Suggestion, ...]:
        """Who may be in charge of a ticket, without the units that returned it.

        While nobody has dispatched it, what was found when it was stored stands first: it was made of
        the caller's own words.
        """
        directory = self._directory()
        gone = refused(refusals(await self._store.events(ticket.ticket_no))) if ticket.dispatches else ()
        found = suggest(
            facts_of(ticket),
            self._guess(ticket.content) or _chosen(ticket.department),
            directory,
            refused=gone,
            first=await self._first(ticket),
        )
        unit, score = ticket.department, ticket.department_score
        if ticket.dispatches or unit is None or score is None or unit not in directory.units:
            return found
        again = next((each for each in found if each.department == unit), None)
        kept = Suggestion(
            unit,
            ticket.co_departments,
            score,
            again.reasons if again else ("受理时的判断",),
            person=any(each.person for each in found),
        )
        others = [replace(each, score=min(each.score, 1 - score)) for each in found if each != again]
        return (kept, *others)[: len(found) or 1]

    async def review(self, ticket: Ticket) -> Review:
        """The return that awaits review, with its ground and what is proposed.

        Raises:
            VoicebotError: ``ticket.no_dispute``, ``db.…``.
        """
        found = await self.suggestions(ticket)
        return review(ticket, await self._store.events(ticket.ticket_no), self._directory(), found)

    async def _first(self, ticket: Ticket) -> DepartmentName | None:
        """Who took the matter first: in an earlier round, or the ticket that this one is grouped under."""
        if ticket.rounds:
            return ticket.rounds[0].department
        parent = await self._store.ticket(ticket.group) if ticket.group else None
        return parent.department if parent and parent.dispatches else None

    async def _load(self, ticket_no: TicketNo) -> Ticket:
        ticket = await self._store.ticket(ticket_no)
        if ticket is None:
            raise unknown(ticket_no)
        return ticket


def _chosen(department: DepartmentName | None) -> tuple[DepartmentGuess, ...]:
    return (DepartmentGuess(department, CHOSEN, "登记时选定"),) if department else ()


def _note(decision: ForPerson) -> str:
    """Why a person must look and what was suggested, kept in the ticket's history."""
    listed = "；".join(f"{place}. {each}" for place, each in enumerate(decision.suggestions, start=1))
    return f"{decision.reason}。建议：{listed}" if listed else decision.reason


def _owner(decision: ForPerson) -> Given:
    """The best suggestion, for the list."""
    if not decision.suggestions:
        return Given()
    best = decision.suggestions[0]
    return Given(department=best.department, department_score=best.score, co_departments=best.helpers)
