"""Which waiting call is offered to which free seat."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from voicebot.core.ids import MANDARIN
from voicebot.seats.contact import Contact
from voicebot.seats.need import Need, need_of
from voicebot.seats.order import in_order
from voicebot.seats.rules import Choice, SeatRules
from voicebot.seats.seat import Seat, SeatState

_EVER: Final = datetime(2000, 1, 1, tzinfo=UTC)
Places = NDArray[np.intp]


def pick(
    seats: Iterable[Seat], contacts: Iterable[Contact], now: datetime, rules: SeatRules
) -> list[tuple[Contact, Seat]]:
    """Pairs for `moves.offer`: callers in order, each to the seat that comes first for it: one that has not
    refused it, of its own queue, with what it prefers, and then as the queue chooses. No seat and no call is
    in two pairs. A caller no free seat fits is passed over; who refused is asked again after a while only.

    50 ms at most for 1,000 seats and 500 that wait: what seats can do lies in arrays, and calls with equal
    needs share one list of seats.
    """
    heard = _heard(now, rules)
    free = [seat for seat in seats if _free(seat, heard)]
    waiting = in_order(contacts, rules) if free else []
    bench = _Bench(free, now, rules)
    pairs: list[tuple[Contact, Seat]] = []
    for contact in waiting:
        if len(pairs) == len(free):
            break
        seat = bench.take(need_of(contact, now, rules), contact)
        if seat is not None:
            pairs.append((contact, seat))
    return pairs


def may_get(seat: Seat, now: datetime, rules: SeatRules) -> bool:
    """Calls may be offered to it now."""
    return _free(seat, _heard(now, rules))


def _heard(now: datetime, rules: SeatRules) -> datetime:
    """Whose last sign of life is older has gone (`moves.gone`)."""
    return now - timedelta(seconds=rules.gone_s)


def _free(seat: Seat, heard: datetime) -> bool:
    ready = seat.state is SeatState.READY and seat.next is None
    return ready and seat.beat is not None and seat.beat >= heard


class _Bench:
    """The seats that are free; each is taken once."""

    def __init__(self, seats: Sequence[Seat], now: datetime, rules: SeatRules) -> None:
        self._seats = seats
        self._free = np.ones(len(seats), dtype=np.bool_)
        self._levels: dict[str, NDArray[np.int8]] = {}
        self._turns: dict[Choice, Places] = {}
        self._lists: dict[Need, Places] = {}
        self._again_since = now - timedelta(seconds=rules.again_s)

    def take(self, need: Need, contact: Contact) -> Seat | None:
        places = self._lists.get(need)
        if places is None:
            places = self._listed(need)
        places = places[self._free[places]]
        self._lists[need] = places  # who is taken stays taken
        place = self._first(places, contact)
        if place is None:
            return None
        self._free[place] = False
        return self._seats[place]

    def _first(self, places: Places, contact: Contact) -> int | None:
        last = None
        for place in places:
            seat = self._seats[place]
            if seat.id not in contact.refused:
                return int(place)
            if last is None and (seat.since is None or seat.since <= self._again_since):
                last = int(place)
        return last

    def _listed(self, need: Need) -> Places:
        """Places of the seats that meet the need, first to be asked first."""
        own = self._level(need.queue) > 0
        fits = own if need.overflow is None else own | (self._level(need.overflow) > 0)
        if need.language != MANDARIN:
            fits = fits & (self._level(need.language) > 0)
        if need.level:
            fits = fits & (self._level(need.skill) >= need.level)
        turns = self._turn(need.choice)
        places = turns[fits[turns]]
        if need.overflow is None and not need.prefers:
            return places
        worse = 2 * ~own[places]
        if need.prefers:
            worse = worse + (self._level(need.prefers)[places] == 0)
        return places[np.argsort(worse, kind="stable")]

    def _level(self, skill: str) -> NDArray[np.int8]:
        """Of each seat, 0 where it lacks the skill."""
        if skill not in self._levels:
            levels = (seat.skills.get(skill, 0) for seat in self._seats)
            self._levels[skill] = np.fromiter(levels, np.int8, len(self._seats))
        return self._levels[skill]

    def _turn(self, choice: Choice) -> Places:
        if choice not in self._turns:
            self._turns[choice] = _turns(self._seats, choice)
        return self._turns[choice]


def _turns(seats: Sequence[Seat], choice: Choice) -> Places:
    """Places of all seats, first to be asked first."""

    def turn(place: int) -> tuple[int, datetime, str]:
        seat = seats[place]
        used = seat.taken if choice is Choice.LEAST_USED else 0
        return used, seat.idle_since or seat.since or _EVER, seat.id

    return np.array(sorted(range(len(seats)), key=turn), dtype=np.intp)
