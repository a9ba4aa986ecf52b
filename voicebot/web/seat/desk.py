"""What the console and the board are built on."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from voicebot.calls.records import CallReader
from voicebot.core.clock import Clock
from voicebot.core.ids import CallId
from voicebot.operations.own_notes import OwnNotes
from voicebot.operations.seat_desk import SeatDesk
from voicebot.operations.talk_lines import TalkLines
from voicebot.operations.talks import Talks
from voicebot.operations.ticket_work import TicketWork
from voicebot.operations.unreached import Unreached
from voicebot.seats.rules import SeatRules
from voicebot.tickets.directory import Directory
from voicebot.tickets.ticket import Ticket


class Callers(Protocol):
    """Who calls, for what a page may not know itself."""

    async def tickets(self, call_id: CallId) -> Sequence[Ticket]:
        """Of the number that calls, newest first."""
        ...

    async def number(self, call_id: CallId) -> str:
        """In the clear, to be written into a ticket; "" when there is none. Never shown."""
        ...


@dataclass(frozen=True, slots=True)
class Found:
    """What the knowledge says. Args: until: last day it holds, None: no end known."""

    article: str
    title: str
    answer: str
    source: str
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Advice:
    """A next step for the seat.

    Args:
        kind: ``say`` (`text` may be read to the caller), ``ask`` (what is still missing), ``do``.
        why: source or evidence, short. score: 0 to 1, None when there is none.
    """

    kind: str
    words: str
    text: str = ""
    why: str = ""
    score: float | None = None


@dataclass(frozen=True, slots=True)
class Help:
    """What is known of a call beside its rows.

    Args:
        mood: ``""``, ``upset``, ``angry``. department: who may be in charge, ""; summary: of the whole call.
        values: fields of a ticket → words. risks: words that were said, after which one listens closely.
    """

    advice: tuple[Advice, ...] = ()
    mood: str = ""
    department: str = ""
    department_score: float | None = None
    summary: str = ""
    values: tuple[tuple[str, str], ...] = ()
    risks: tuple[str, ...] = ()


Find = Callable[[str], Awaitable[Sequence[Found]]]
Advise = Callable[[CallId], Awaitable[Help]]


async def no_help(_call: CallId) -> Help:
    return Help()


@dataclass(frozen=True, slots=True)
class SeatPages:
    """Ports of the pages, which have no state of their own.

    Args:
        rules, directory: as they are now; content may change while we run.
        numbers: lines that a talk may be given to: name or digits → words.
        flows: where a seat may send a caller back to: name → words.
    """

    desk: SeatDesk
    talks: Talks
    calls: CallReader
    lines: TalkLines
    work: TicketWork
    notes: OwnNotes
    callers: Callers
    clock: Clock
    rules: Callable[[], SeatRules]
    directory: Callable[[], Directory]
    find: Find
    advise: Advise = no_help
    unreached: Unreached | None = None
    numbers: tuple[tuple[str, str], ...] = ()
    flows: tuple[tuple[str, str], ...] = ()
