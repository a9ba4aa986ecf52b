"""What dispatchers do and what units give back: by role, from the version they saw, under the directory."""

from collections.abc import Callable
from datetime import datetime

from voicebot.core.clock import Clock
from voicebot.core.demand import Demand
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import DepartmentName, TicketNo
from voicebot.operations.dispatching import Dispatching
from voicebot.operations.ports import Account
from voicebot.operations.ticket_desk import unknown
from voicebot.tickets.deadlines import Deadlines
from voicebot.tickets.directory import Directory
from voicebot.tickets.dispatch import Suggestion
from voicebot.tickets.given import Given
from voicebot.tickets.lifecycle import split, transition
from voicebot.tickets.ports import TicketStore
from voicebot.tickets.returns import Refusal, Review, refusals, review
from voicebot.tickets.roles import may
from voicebot.tickets.rules import RULES
from voicebot.tickets.sending import give_back, send
from voicebot.tickets.terms import with_terms
from voicebot.tickets.ticket import Ticket, TicketAction

Units = tuple[DepartmentName, ...]


class DispatchDesk:
    """Use cases of people around dispatch.

    Every action names the version it was made from (`expected`) and may raise ``ticket.forbidden`` (the
    role may not), ``ticket.unknown``, ``ticket.stale`` (`StaleTicket`), ``ticket.illegal_move``,
    ``ticket.incomplete``, ``ticket.dispatch_refused`` (with the ground) and ``db.…``.
    """

    def __init__(
        self,
        store: TicketStore,
        dispatching: Dispatching,
        clock: Clock,
        directory: Callable[[], Directory],
        deadlines: Callable[[], Deadlines] = Deadlines,
    ) -> None:
        self._store = store
        self._dispatching = dispatching
        self._clock = clock
        self._directory = directory
        self._deadlines = deadlines

    async def suggestions(self, ticket_no: TicketNo) -> tuple[Suggestion, ...]:
        """Who may be in charge, best first, with reasons."""
        return await self._dispatching.suggestions(await self._load(ticket_no))

    async def review(self, ticket_no: TicketNo) -> Review:
        """The return that awaits review, with its ground and what is proposed.

        Raises:
            VoicebotError: ``ticket.no_dispute``; and as all actions.
        """
        ticket = await self._load(ticket_no)
        found = await self._dispatching.suggestions(ticket)
        return review(ticket, await self._store.events(ticket_no), self._directory(), found)

    async def dispatch(
        self,
        by: Account,
        ticket_no: TicketNo,
        department: DepartmentName,
        *,
        expected: int,
        helpers: Units = (),
        reason: str = "",
    ) -> Ticket:
        """派单: to a unit that did not return it before."""
        given = Given(department=department, co_departments=helpers)
        return await self._send(by, ticket_no, TicketAction.DISPATCH, given, expected, reason)

    async def designate(
        self,
        by: Account,
        ticket_no: TicketNo,
        department: DepartmentName,
        *,
        expected: int,
        reason: str,
        helpers: Units = (),
    ) -> Ticket:
        """指定办理: the unit may not return it."""
        given = Given(department=department, co_departments=helpers)
        return await self._send(by, ticket_no, TicketAction.DESIGNATE, given, expected, reason)

    async def uphold(self, by: Account, ticket_no: TicketNo, *, expected: int, reason: str) -> Ticket:
        """驳回退单: back to the unit that returned it."""
        return await self._move(by, ticket_no, TicketAction.UPHOLD, Given(), expected, reason)

    async def assign(
        self, by: Account, ticket_no: TicketNo, helpers: Units, *, expected: int, reason: str = ""
    ) -> Ticket:
        """安排协办: who helps from now on, () for nobody."""
        if strangers := [unit for unit in helpers if unit not in self._directory().units]:
            raise VoicebotError("ticket.dispatch_refused", f"派单目录里没有「{strangers[0]}」")
        given = Given(co_departments=helpers)
        return await self._move(by, ticket_no, TicketAction.ASSIGN, given, expected, reason)

    async def split(
        self, by: Account, ticket_no: TicketNo, part: Demand, *, expected: int, reason: str, key: str = ""
    ) -> Ticket:
        """拆单: what another unit must do becomes a ticket of its own, dispatched as any new one; returns it.

        Args:
            key: of the request, so that it may be sent again.
        """
        _permit(by, TicketAction.SPLIT)
        at = self._clock.now()
        due = self._deadlines().of(part.appeal_type, part.urgency, part.callback_only, at)
        made, _ = await self._store.split(
            ticket_no,
            at.date(),
            lambda origin, no: split(origin, no, part, due, _actor(by), at, reason),
            expected=expected,
            key=key,
        )
        self._dispatching.offer(made.ticket_no, self._dispatching.of_demand(part))
        return made

    async def give_back(
        self, by: Account, ticket_no: TicketNo, ground: str, *, expected: int, reason: str
    ) -> Ticket:
        """退单 by the unit, with a ground of the directory's list.

        Raises:
            VoicebotError: ``ticket.unknown_ground``; and as all actions.
        """
        _permit(by, TicketAction.RETURN)
        at, directory = self._clock.now(), self._directory()
        after, _ = await self._store.change(
            ticket_no,
            lambda ticket: give_back(ticket, ground, reason, directory, _actor(by), at),
            expected=expected,
        )
        return after

    async def _send(
        self,
        by: Account,
        ticket_no: TicketNo,
        action: TicketAction,
        given: Given,
        expected: int,
        reason: str,
    ) -> Ticket:
        _permit(by, action)
        at, directory = self._clock.now(), self._directory()
        history = await self._history(ticket_no, expected)
        after, _ = await self._store.change(
            ticket_no,
            lambda ticket: send(
                ticket,
                action,
                self._terms(ticket, action, given, at),
                directory,
                history,
                _actor(by),
                at,
                reason,
            ),
            expected=expected,
        )
        return after

    async def _move(
        self,
        by: Account,
        ticket_no: TicketNo,
        action: TicketAction,
        given: Given,
        expected: int,
        reason: str,
    ) -> Ticket:
        _permit(by, action)
        at = self._clock.now()
        after, _ = await self._store.change(
            ticket_no,
            lambda ticket: transition(
                ticket, action, _actor(by), at, reason, self._terms(ticket, action, given, at)
            ),
            expected=expected,
        )
        return after

    def _terms(self, ticket: Ticket, action: TicketAction, given: Given, at: datetime) -> Given:
        return with_terms(self._deadlines(), ticket, action, given, at)

    async def _history(self, ticket_no: TicketNo, expected: int) -> tuple[Refusal, ...]:
        """Returns up to the version the person saw; a later one makes the change stale."""
        events = await self._store.events(ticket_no)
        return refusals(events[:expected])

    async def _load(self, ticket_no: TicketNo) -> Ticket:
        ticket = await self._store.ticket(ticket_no)
        if ticket is None:
            raise unknown(ticket_no)
        return ticket


def _permit(by: Account, action: TicketAction) -> None:
    if not may(by.role, action):
        raise VoicebotError("ticket.forbidden", f"您的角色不能{RULES[action].name}")


def _actor(by: Account) -> str:
    return f"{by.role}:{by.name}"
