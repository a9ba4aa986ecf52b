"""Stamps tickets out of patterns: each with a number, days, a house and a caller of its own."""

import json
import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from operator import itemgetter
from typing import Any, Final

from voicebot.adapters.db import ticket_index, ticket_text
from voicebot.adapters.db import ticket_rows as rows
from voicebot.adapters.db.vault import Vault
from voicebot.cli.benches import tickets_lives as pattern
from voicebot.cli.benches.tickets_town import Town
from voicebot.tickets import numbers
from voicebot.tickets.deadlines import Deadlines

YEARS: Final = 2
SPAN: Final = 365 * YEARS
_DAYS_AHEAD: Final = 150
"""Days after its own that a ticket may speak of."""
_OPEN_FOR: Final = 20
"""Days in which most tickets are brought to their end."""
_NEVER_DONE: Final = 0.004
"""Share of older tickets that are open still."""
HOUSES: Final = 60

_WEEK: Final = str(ticket_text.week_of(pattern.NUMBER))
_OWN: Final = (
    *(str(pattern.NUMBER), str(pattern.HOUSE), pattern.MASK, _WEEK, pattern.PHONE_HASH),
    *(pattern.PHONE_SEALED, pattern.PHONE_KEY, pattern.TAIL_KEY, pattern.REQUEST),
)
_SLOT: Final = re.compile("|".join(map(re.escape, _OWN)) + r"|2000-\d\d-\d\d")


@dataclass(frozen=True, slots=True)
class Script:
    """How a database reads rows in bulk: what stands between cells and rows, for nothing and for the rest."""

    backend: str
    cell: str
    row: str
    null: str
    instant: str
    yes: str
    no: str
    escape: Callable[[str], str]


def _for_copy(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r")


POSTGRESQL: Final = Script("postgresql", "\t", "\n", "\\N", "%Y-%m-%d %H:%M:%S+00", "t", "f", _for_copy)
SQLITE: Final = Script("sqlite", "\x1f", "\x1e", "\x00", "%Y-%m-%d %H:%M:%S.%f", "1", "0", str)


@dataclass(frozen=True, slots=True)
class Caller:
    hash: str
    sealed: str
    key: str
    mask: str


@dataclass(frozen=True, slots=True)
class Stamp:
    """Table → its rows with slots, and what goes into them."""

    tables: Mapping[str, tuple[str, Callable[[Sequence[str]], Any]]]


class Press:
    """Makes the rows of as many tickets as are wanted, oldest first.

    Args:
        patterns: how many lives there are to choose from.
        callers: how many people call.

    Attributes:
        columns: table → its columns, in the order of the cells.
    """

    def __init__(
        self, town: Town, vault: Vault, script: Script, *, patterns: int, callers: int, seed: int
    ) -> None:
        self._chance = chance = random.Random(seed)
        self._script = script
        deadlines = Deadlines()
        ended = islice(pattern.lives(town, chance, deadlines, pattern.ENDED), patterns)
        open_ones = islice(pattern.lives(town, chance, deadlines, pattern.OPEN), max(50, patterns // 4))
        self.columns: dict[str, tuple[str, ...]] = {}
        self._ended = [self._stamp(pattern.rows_of(life, vault, script.backend)) for life in ended]
        self._open = [self._stamp(pattern.rows_of(life, vault, script.backend)) for life in open_ones]
        self.callers = [_caller(vault, f"138{number:08d}") for number in range(callers)]

    def _stamp(self, made: pattern.Rows) -> "Stamp":
        some = {table: each for table, each in made.items() if each}
        self.columns |= {table: tuple(each[0]) for table, each in some.items()}
        return Stamp({table: _slots(each, self._script) for table, each in some.items()})

    def days(self, count: int, today: date) -> Iterator[tuple[date, int, Mapping[str, str]]]:
        """(day, tickets of it, table → rows) of every day before `today`, `count` tickets in all."""
        done = 0
        for number in range(SPAN):
            day = today - timedelta(days=SPAN - number)
            share = count * (number + 1) // SPAN - done
            done += share
            if share:
                yield day, share, self._day(day, share, (today - day).days)

    def _day(self, day: date, count: int, age: int) -> Mapping[str, str]:
        chance, ended, still_open, callers = self._chance, self._ended, self._open, self.callers
        left = max(_NEVER_DONE, 0.9 * (1 - age / _OPEN_FOR))
        days = [f"{day + timedelta(days=ahead):%Y-%m-%d}" for ahead in range(_DAYS_AHEAD)]
        week = str(ticket_text.week_of(numbers.ticket_no(day, 1)))
        found: dict[str, list[str]] = {}
        for serial in range(1, count + 1):
            made = chance.choice(still_open if chance.random() < left else ended)
            caller, no = chance.choice(callers), numbers.ticket_no(day, serial)
            own = [no, str(chance.randint(1, HOUSES)), caller.mask, week, caller.hash, caller.sealed]
            own += [caller.key, ticket_index.number_tail(no), f"{chance.getrandbits(256):064x}", *days]
            for table, (text, chosen) in made.tables.items():
                found.setdefault(table, []).append(text % chosen(own))
        return {table: self._script.row.join(parts) for table, parts in found.items()}


def _slots(made: Sequence[Mapping[str, Any]], script: Script) -> tuple[str, Callable[[Sequence[str]], Any]]:
    lines = (script.cell.join(_cell(value, script) for value in row.values()) for row in made)
    text = script.row.join(lines)
    at = [_slot(match[0]) for match in _SLOT.finditer(text)]
    # of one slot no tuple comes out, which `%` takes as well
    return _SLOT.sub("%s", text.replace("%", "%%")), itemgetter(*at)


def _slot(found: str) -> int:
    if found in _OWN:
        return _OWN.index(found)
    ahead = (date.fromisoformat(found) - pattern.DAY.date()).days
    assert 0 <= ahead < _DAYS_AHEAD, f"{found} is too far from its ticket's day"
    return len(_OWN) + ahead


def _cell(value: Any, script: Script) -> str:
    match value:
        case None:
            return script.null
        case bool():
            return script.yes if value else script.no
        case datetime():
            return value.astimezone(UTC).strftime(script.instant)
        case bytes():
            return value.decode("ascii")
        case list() | dict():
            return script.escape(json.dumps(value))
        case _:
            return script.escape(str(value))


def _caller(vault: Vault, phone: str) -> Caller:
    sealed = vault.seal(phone)
    assert sealed is not None, "it is not empty"
    (key,) = ticket_index.TicketIndex(vault).phone_keys([phone])
    return Caller(vault.digest(rows.PHONE, phone), sealed.decode(), key, f"{phone[:3]}****{phone[-4:]}")
