"""Patterns of tickets: whole lives made by real moves, to be stamped out by the million (`stamps`)."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from voicebot.adapters.db import ticket_index, ticket_text
from voicebot.adapters.db import ticket_rows as rows
from voicebot.adapters.db.vault import Vault
from voicebot.cli.benches.tickets_town import Town
from voicebot.core.ids import TicketNo
from voicebot.operations.demo import moved
from voicebot.tickets.birth import accept
from voicebot.tickets.clocks import running
from voicebot.tickets.deadlines import Deadlines
from voicebot.tickets.ticket import Contact, Ticket, TicketEvent
from voicebot.tickets.ticket import TicketAction as A
from voicebot.tickets.words import searchable, words

DAY: Final = datetime(2000, 1, 3, tzinfo=UTC)
NUMBER: Final = TicketNo("20000103000001")
HOUSE: Final = 6287
PHONE: Final = "13912345678"
MASK: Final = "139****5678"
REQUEST: Final = "<request>"
PHONE_HASH: Final = "<phone hash>"
PHONE_SEALED: Final = "<phone sealed>"
PHONE_KEY: Final = "<phone key>"
TAIL_KEY: Final = "<tail key>"
"""What stands in a pattern where each ticket has its own: also the days from `DAY` on."""

_WORKED: Final = (A.DISPATCH, A.SIGN, A.START)
_CLOSED: Final = (*_WORKED, A.REPLY, A.CLOSE)
_Lives = tuple[tuple[int, tuple[A, ...]], ...]
ENDED: Final[_Lives] = (
    (55, (A.ANSWER, A.ARCHIVE)),
    (41, (*_CLOSED, A.ARCHIVE)),
    (4, (A.CANCEL, A.ARCHIVE)),
)
OPEN: Final[_Lives] = (
    (6, ()),
    (10, (A.QUEUE,)),
    (18, (A.DISPATCH,)),
    (8, (A.DISPATCH, A.SIGN)),
    (26, _WORKED),
    (3, (*_WORKED, A.URGE, A.SUPPLEMENT)),
    (1, (*_WORKED, A.SUPERVISE)),
    (2, (*_WORKED, A.ASK_EXTENSION)),
    (1, (A.QUEUE, A.FLAG)),
    (2, (A.DISPATCH, A.RETURN)),
    (6, (*_WORKED, A.REPLY)),
    (14, _CLOSED),
    (1, (*_CLOSED, A.RATE)),
    (1, (*_CLOSED, A.OBJECT)),
    (1, (*_CLOSED, A.REDO, A.START)),
)
"""How often each, and its moves. Closed ones still wait for their call back."""

Rows = Mapping[str, list[dict[str, Any]]]
"""Table → its rows."""


@dataclass(frozen=True, slots=True)
class Life:
    """A ticket and how it came to be what it is."""

    now: Ticket
    events: tuple[TicketEvent, ...]
    name: str


def lives(town: Town, chance: random.Random, deadlines: Deadlines, chosen: _Lives) -> Iterator[Life]:
    """Lives without end, of all kinds of `chosen`, as often as they say."""
    weights = [share for share, _ in chosen]
    while True:
        (_, actions) = chance.choices(chosen, weights)[0]
        at = DAY + timedelta(minutes=chance.randrange(24 * 60))
        demand = town.demand(chance, HOUSE, PHONE, NUMBER)
        due = deadlines.of(demand.appeal_type, demand.urgency, False, at)
        score = chance.choice((None, 0.45, 0.86, 0.93, 0.97))
        now, event = accept(NUMBER, demand, due, "bot", at, department_score=score)
        events = [event]
        for place, action in enumerate(actions, start=1):
            now, event = moved(now, action, at + timedelta(minutes=15 * place), deadlines)
            events.append(event)
        yield Life(now, tuple(events), demand.caller_name)


def rows_of(life: Life, vault: Vault, backend: str) -> Rows:
    """All rows of a life, as the store and its index would have written them; what each ticket has of its
    own is told by the words above."""
    person = rows.person(vault, Contact(life.name, PHONE))
    while str(HOUSE).encode() in person["name_enc"]:  # type: ignore[operator]  # a seal is bytes
        person = rows.person(vault, Contact(life.name, PHONE))
    own = {"phone_hash": PHONE_HASH, "phone_enc": PHONE_SEALED}
    requests = [REQUEST, *[None] * (len(life.events) - 1)]
    said = searchable(life.events)
    text = (
        {"rowid": NUMBER, "words": " ".join(words(said))}
        if backend == "sqlite"
        else {"ticket_no": NUMBER, "words": ticket_text.vector(NUMBER, said)}
    )
    keys = (TAIL_KEY, PHONE_KEY, *sorted(ticket_index.open_keys(life.now)))
    return {
        "ticket": [{**rows.row_of(life.now), **person, **own}],
        "ticket_event": [
            {**rows.event_row(event), "hidden_enc": None, "request_hash": request}
            for event, request in zip(life.events, requests, strict=True)
        ],
        "ticket_key": [{"key": key, "ticket_no": NUMBER} for key in keys],
        "ticket_clock": [
            {"ticket_no": NUMBER, "kind": clock.kind.value, "round": life.now.round}
            | ticket_index.clock_values(clock)
            for clock in running(life.now)
        ],
        "ticket_unit": ticket_index.unit_rows(life.now),
        "ticket_text": [text],
    }
