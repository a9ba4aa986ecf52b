"""Where tickets are kept."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Protocol

from voicebot.core.errors import VoicebotError
from voicebot.core.ids import TicketNo
from voicebot.tickets.ticket import Contact, Ticket, TicketEvent

Birth = Callable[[TicketNo], tuple[Ticket, TicketEvent]]
"""Makes the ticket once its number is known; pure, may run again."""

Step = Callable[[Ticket], tuple[Ticket, TicketEvent]]
"""One move of the life cycle; what it raises leaves everything as it was."""


Parting = Callable[[Ticket, TicketNo], tuple[tuple[Ticket, TicketEvent], tuple[Ticket, TicketEvent]]]
"""From a ticket and a fresh number to the new ticket and what is left (`lifecycle.split`); may run again."""


class TicketStore(Protocol):
    """Contract (tests/contract/test_ticket_store.py): every change is one transaction of row, event
    and outbox; numbers of a day run 1, 2, 3 … without gap or double, whoever writes and whenever a
    writer dies; people's numbers are kept sealed and found by keyed hash.

    Every method may raise VoicebotError ``db.…`` (busy and unreachable are retryable).
    """

    async def create(
        self, day: date, birth: Birth, contact: Contact, *, key: str = "", hidden: tuple[str, ...] = ()
    ) -> tuple[Ticket, TicketEvent]:
        """Stores a new ticket under the next number of `day`.

        Args:
            key: of this request; the ticket and event stored under it before are returned instead.
            hidden: numbers that were masked in the texts, kept sealed beside the event.
        """
        ...

    async def change(
        self,
        ticket_no: TicketNo,
        step: Step,
        *,
        expected: int | None = None,
        key: str = "",
        hidden: tuple[str, ...] = (),
    ) -> tuple[Ticket, TicketEvent]:
        """Carries out one move on the newest version; `key` and `hidden` as in `create`.

        Args:
            expected: version that the move was made from; None takes whatever is there.

        Raises:
            StaleTicket: ``ticket.stale`` when the ticket is at another version than `expected`.
            VoicebotError: ``ticket.unknown``, and whatever `step` raises.
        """
        ...

    async def change_all(
        self,
        steps: Mapping[TicketNo, Step],
        *,
        expected: Mapping[TicketNo, int] | None = None,
        key: str = "",
        hidden: tuple[str, ...] = (),
    ) -> tuple[tuple[Ticket, TicketEvent], ...]:
        """Moves of several tickets, all or none (并单: the one that ends, the one that goes on);
        results in the order of `steps`, `hidden` kept beside the first. Raises as `change`, and
        ``ticket.key_reused`` when only some of these tickets were moved under `key` before."""
        ...

    async def split(
        self,
        origin: TicketNo,
        day: date,
        parting: Parting,
        *,
        expected: int | None = None,
        key: str = "",
        hidden: tuple[str, ...] = (),
    ) -> tuple[Ticket, TicketEvent]:
        """Stores a part of a ticket as a new one of the same person, and the origin as it is left, all
        or none; returns the new one. Raises as `change`."""
        ...

    async def filed(self, key: str) -> tuple[Ticket, TicketEvent] | None:
        """What was stored under a request key; the ticket as it is now."""
        ...

    async def ticket(self, ticket_no: TicketNo) -> Ticket | None: ...

    async def events(self, ticket_no: TicketNo) -> tuple[TicketEvent, ...]:
        """The whole history, oldest first."""
        ...

    async def of_caller(
        self, number: str, *, tail: str = "", open_only: bool = False, limit: int = 20
    ) -> tuple[Ticket, ...]:
        """Tickets that this number called about or is to be called back for, newest first; `tail`
        keeps those whose number ends so. None for an empty number."""
        ...

    async def contact(self, ticket_no: TicketNo) -> Contact | None:
        """The person, in the clear; for a call back only."""
        ...

    async def hidden(self, ticket_no: TicketNo) -> tuple[str, ...]:
        """Numbers masked in the ticket's texts, in the order of its history."""
        ...


def part_of(key: str, ticket_no: TicketNo) -> str:
    """The key of one ticket's move in a request that moves several; "" without one."""
    return f"{key}:{ticket_no}" if key else ""


def moved_before(
    known: Mapping[TicketNo, tuple[Ticket, TicketEvent] | None],
) -> tuple[tuple[Ticket, TicketEvent], ...]:
    """What a request that moves several tickets has done when it was sent before; () when it was not.

    Args:
        known: for each ticket what is stored under its part of the request's key.

    Raises:
        VoicebotError: ``ticket.key_reused``: some were moved under it and some not.
    """
    done = tuple(each for each in known.values() if each is not None)
    if done and len(done) < len(known):
        raise VoicebotError("ticket.key_reused", "这个 Idempotency-Key 已经用在另一个请求上")
    return done


class TicketRepeats(Protocol):
    """Finds open tickets that may be one matter."""

    async def candidates(self, keys: Iterable[str], limit: int = 30) -> tuple[Ticket, ...]:
        """Open tickets that share some of `keys` (`fingerprints.fingerprint`); those that share most
        come first, of equals the newest."""
        ...
