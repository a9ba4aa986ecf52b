"""Calls that we owe, as a store hands them out; and when one that is due may ring."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from voicebot.core.catalogue import CityProfile
from voicebot.core.ids import CallId, TicketNo
from voicebot.core.ringing import may_ring
from voicebot.language.workdays import day_type
from voicebot.tickets.callbacks import CallbackKind, Over, Try, in_sample, still_owed
from voicebot.tickets.ringing import next_try
from voicebot.tickets.ticket import Ticket


@dataclass(frozen=True, slots=True)
class DueCall:
    """A call we owe, taken by one process.

    Args:
        number: whom to ring, "" when that is not known (any more).
        number_hash: the store's name for it.
        since: when it began to be owed.
        never: the person does not want to be rung. `called_since`: they have called us meanwhile.
    """

    key: str
    kind: CallbackKind
    ticket_no: TicketNo | None
    call_id: CallId | None
    number: str
    number_hash: str
    urgent: bool
    since: datetime
    tries: tuple[Try, ...] = ()
    never: bool = False
    called_since: bool = False


class CallbackStore(Protocol):
    """Contract: tests/contract/test_callbacks.py. What makes us owe a call is written by the stores of
    tickets and calls, in their own transactions. Every method may raise VoicebotError ``db.…``."""

    async def claim(self, now: datetime, until: datetime, holder: str) -> DueCall | None:
        """The most urgent due call, held by `holder` until then; None when there is none.

        Left out are numbers that another process rings, that have just been spoken with about something
        else, or that talk to us at this moment.
        """
        ...

    async def hold(self, due: DueCall, until: datetime, holder: str) -> bool:
        """Prolongs a claim; False when it was lost."""
        ...

    async def tried(
        self, due: DueCall, last: Try, following: datetime | Over, call_id: CallId | None
    ) -> None:
        """Adds a try and frees the call until `following`, or for good."""
        ...

    async def put_off(self, due: DueCall, following: datetime | Over, at: datetime) -> None:
        """Frees the call without a try."""
        ...

    async def never(self, number: str, at: datetime, why: str) -> None:
        """From now on this number is not rung for a 回访."""
        ...

    async def ring_again(self, number: str) -> None:
        """Takes that back."""
        ...


def standing(due: DueCall, ticket: Ticket | None, city: CityProfile, now: datetime) -> datetime | Over:
    """When a call that is due may ring, or why it is over; moments in the city's zone."""
    rules = city.callbacks
    match due.kind:
        case CallbackKind.REVISIT | CallbackKind.PROMISED if ticket is None or not still_owed(
            ticket, due.key
        ):
            return Over.VOID
        case CallbackKind.REVISIT if due.never:
            return Over.NEVER
        case CallbackKind.REVISIT if not in_sample(due.ticket_no or "", rules.share):
            return Over.VOID
        case CallbackKind.PROMISED if not rules.promised:
            return Over.VOID
        case CallbackKind.MISSED if due.never or due.called_since or not rules.missed:
            return Over.VOID
    if not may_ring(due.number):
        return Over.WRONG_NUMBER
    return following(due, due.tries, city, now)


def following(due: DueCall, tries: Sequence[Try], city: CityProfile, now: datetime) -> datetime | Over:
    """When it rings next after these tries."""
    days = city.days
    since = due.since + (city.callbacks.rest if due.kind is CallbackKind.REVISIT else timedelta(0))
    return next_try(
        tries, since, now, city.callbacks, lambda day: days.get(day) or day_type(day), urgent=due.urgent
    )
