"""Where a caller stands, and how long it will take: as well as one can tell, or not at all."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from statistics import fmean
from typing import Final

from voicebot.core.handover import Place
from voicebot.core.ids import CallId, QueueName
from voicebot.seats.contact import Contact, ContactState
from voicebot.seats.need import Need, need_of
from voicebot.seats.order import in_order
from voicebot.seats.pick import may_get
from voicebot.seats.rules import SeatRules, WrapUp
from voicebot.seats.seat import IN_CALL, Seat, SeatState

LATELY: Final = timedelta(minutes=30)
"""Older talks say nothing of the pace now."""
FEWEST: Final = 5
"""Talks or takings below which they say nothing."""
_SERVING: Final = IN_CALL | {SeatState.READY, SeatState.OFFERED, SeatState.WRAP_UP}
GIVING_UP: Final = timedelta(minutes=5)
"""Who gave up before says nothing of how many do now."""
_GAVE_UP: Final = frozenset({ContactState.LEFT, ContactState.CALL_BACK, ContactState.ELSEWHERE})
_LAST: Final = CallId("")
"""In a ranking: who comes now."""
_WAITED: Final = timedelta(seconds=5)
"""Who waited longer came while all seats were busy."""


def place_of(
    contact: Contact,
    contacts: Iterable[Contact],
    seats: Iterable[Seat],
    recent: Iterable[Contact],
    now: datetime,
    rules: SeatRules,
) -> Place:
    """The place of one call that waits; see `Places` for many."""
    return Places(contacts, seats, recent, now, rules).of(contact)


@dataclass(frozen=True, slots=True)
class _Service:
    """How calls of one need are served.

    Args:
        among: queues whose callers are before them or behind. pace: callers taken per second. leaving: share
            of those who wait that gives up in a second.
    """

    among: frozenset[QueueName]
    pace: float | None
    leaving: float


class Places:
    """The queue at one moment; calls of equal needs share what is worked out once.

    The pace of a queue is that at which its callers were taken since all seats became busy; before enough
    were, that which seats on duty and the length of talks let expect. Without either there is no estimate.
    Of those ahead some give up, as many as do now.

    Args:
        contacts: all that are not over. recent: those that ended lately.
    """

    def __init__(
        self,
        contacts: Iterable[Contact],
        seats: Iterable[Seat],
        recent: Iterable[Contact],
        now: datetime,
        rules: SeatRules,
    ) -> None:
        standing = list(contacts)
        self._now = now
        self._rules = rules
        self._order = in_order(standing, rules)
        self._seats = [seat for seat in seats if seat.state in _SERVING]
        self._recent = list(recent)
        self._taken = [each for each in (*standing, *self._recent) if each.taken_at is not None]
        self._asked = {each.queue for each in self._order}
        self._paces: dict[QueueName, float | None] = {}
        self._free: dict[Need, int] = {}
        self._services: dict[Need, _Service] = {}
        self._ranks: dict[frozenset[QueueName], Mapping[CallId, int]] = {}

    def of(self, contact: Contact) -> Place:
        """Of one that waits."""
        need = need_of(contact, self._now, self._rules)
        if need not in self._free:
            ready = (seat for seat in self._seats if may_get(seat, self._now, self._rules))
            self._free[need] = sum(map(need.met_by, ready))
        relaxed = replace(need, level=0)  # nobody waits for a skill as long as for a seat
        place = self._place(contact, relaxed)
        if self._free[need] > place.ahead:
            return Place(place.ahead, 0.0)
        of = self._rules.of(contact.queue)
        if of.overflow is None or need.overflow is not None:
            return place
        waited = (self._now - contact.since).total_seconds()
        helped = self._place(contact, replace(relaxed, overflow=of.overflow)).seconds
        if helped is None:
            return place
        later = max(helped, of.overflow_after_s - waited)
        return Place(place.ahead, later if place.seconds is None else min(later, place.seconds))

    def _place(self, contact: Contact, need: Need) -> Place:
        """With the help that the need tells of."""
        service = self._services.get(need)
        if service is None:
            service = self._services[need] = self._service(need)
        if service.among not in self._ranks:
            self._ranks[service.among] = self._ranked(service.among)
        ranks = self._ranks[service.among]
        ahead = ranks.get(contact.call_id, ranks[_LAST])
        if not service.pace:
            return Place(ahead, None)
        steps, leaving = (ahead + 1) / service.pace, service.leaving
        return Place(ahead, math.log1p(leaving * steps) / leaving if leaving else steps)

    def _service(self, need: Need) -> "_Service":
        queues = {need.queue} | ({need.overflow} if need.overflow else set())
        able = [seat for seat in self._seats if need.met_by(seat)]
        served = Counter(queue for seat in able for queue in self._asked if seat.skills.get(queue, 0) > 0)
        same = frozenset(queue for queue in self._asked if 2 * served[queue] > len(able)) | queues
        taking = [pace for pace in map(self._taking, queues) if pace]
        pace = sum(taking) if taking else self._expected(queues, able)
        return _Service(same, pace if able else None, self._leaving(queues))

    def _ranked(self, queues: frozenset[QueueName]) -> Mapping[CallId, int]:
        """Each call that waits → how many of these queues are before it."""
        ahead, ranks = 0, {}
        for each in self._order:
            ranks[each.call_id] = ahead
            ahead += each.queue in queues
        ranks[_LAST] = ahead
        return ranks

    def _taking(self, queue: QueueName) -> float | None:
        """Callers of the queue taken per second since seats became busy; kept, as all its callers ask."""
        if queue not in self._paces:
            self._paces[queue] = self._seen(queue)
        return self._paces[queue]

    def _seen(self, queue: QueueName) -> float | None:
        taken = [
            (each.taken_at, each.taken_at - each.since)
            for each in self._taken
            if each.queue == queue and each.taken_at and self._now - each.taken_at <= LATELY
        ]
        run = 0
        for _, waited in sorted(taken, reverse=True):
            if waited <= _WAITED:
                break
            run += 1
        if run <= FEWEST:
            return None
        first = sorted(taken)[-run][0]
        seconds = (self._now - first).total_seconds()
        return (run - 1) / seconds if seconds > 0 else None

    def _leaving(self, queues: Set[QueueName]) -> float:
        """Share of those who wait that gives up in a second: a queue of n that is served at a pace p is gone
        after log(1 + n · share / p) / share."""
        left = sum(
            1
            for each in self._recent
            if each.queue in queues and each.state in _GAVE_UP and each.ended_at is not None
            if self._now - each.ended_at <= GIVING_UP
        )
        waiting = sum(each.queue in queues for each in self._order)
        return left / (GIVING_UP.total_seconds() * max(waiting, 1))

    def _expected(self, queues: Set[QueueName], able: Sequence[Seat]) -> float | None:
        """Callers per second whom these seats can take. A seat of several queues in which people wait is
        there for each of them in part."""
        talks = [
            (each.ended_at - each.taken_at).total_seconds()
            for each in self._taken
            if each.queue in queues and each.taken_at and each.state is ContactState.DONE
            if each.ended_at and self._now - each.ended_at <= LATELY
        ]
        if len(talks) < FEWEST:
            return None
        wraps = [of.wrap_up_s * (of.wrap_up is not WrapUp.OPTIONAL) for of in map(self._rules.of, queues)]
        handling = max(fmean(talks), 1.0) + fmean(wraps)
        others = self._asked - queues
        parts = (1 / (1 + sum(seat.skills.get(each, 0) > 0 for each in others)) for seat in able)
        return sum(parts) / handling
