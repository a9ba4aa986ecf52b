"""Brings waiting calls to free seats, and frees what is stuck.

Any number of processes may do so at once: each change is one compare-and-set on rows, so a call is offered
to one seat and a seat gets one call, whoever looks first. Nothing is kept here but how long something has
been seen to stand still, by this process's own monotonic clock: wall clocks that differ or jump neither free
a seat that lives nor let a call ring for ever.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final, Protocol

import structlog

from voicebot.core.clock import Clock
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import CallId
from voicebot.operations.seat_desk import SeatDesk, heir
from voicebot.operations.seat_view import SeatView
from voicebot.operations.standing import Standing
from voicebot.seats import moves
from voicebot.seats.contact import Contact, ContactState
from voicebot.seats.moved import Moved, SeatRefused
from voicebot.seats.pick import pick
from voicebot.seats.ports import SeatStore
from voicebot.seats.rules import QueueRules, SeatRules
from voicebot.seats.seat import IN_CALL, Seat, SeatState

log = structlog.get_logger(__name__)

EVERY: Final = 1.0
"""Seconds between looks when nothing is told."""
REST: Final = 0.05
"""Seconds between looks at least, however much is told."""
PAUSE: Final = 2.0
"""Seconds of rest after the store failed."""
UNSEEN: Final = 2 * EVERY
"""A sign of life is seen this late, and missed this late, at most: so much sooner a page counts as gone."""
TOGETHER: Final = 50
"""Offers that are saved at once."""
LEFT_OVER: Final = 5.0
"""Seconds after which a seat's call that is over, or a contact whose call is, is cleared away by us."""
ACTOR: Final = "queue"


class SeatRows(SeatStore, Protocol):
    """The store with what only the distributor asks."""

    async def ended(self, before: datetime) -> Sequence[CallId]:
        """Contacts that are not over though their call is, since before then."""
        ...


class Distributor:
    """One per line process."""

    def __init__(self, desk: SeatDesk, store: SeatRows, clock: Clock, rules: Callable[[], SeatRules]) -> None:
        self._desk = desk
        self._store = store
        self._clock = clock
        self._rules = rules
        self._standing = Standing(clock)
        self._swept = clock.monotonic() - LEFT_OVER
        self.offers = 0
        self.lost = 0

    async def run(self) -> None:
        """Until cancelled; survives a store that is away for a while."""
        with self._desk.news.listening() as ear:
            while True:
                try:
                    await self.round()
                except VoicebotError as error:
                    log.warning("seats.waiting", code=error.code)
                    await asyncio.sleep(PAUSE)
                    continue
                except Exception as error:  # a job loop: one broken row must not leave all callers waiting
                    log.exception("seats.broke", error=str(error))
                    await asyncio.sleep(PAUSE)
                    continue
                await asyncio.sleep(REST)
                await ear.wait(EVERY - REST)

    async def round(self) -> int:
        """Looks once; how many changes were made."""
        view = await self._desk.look(0)
        done = await self._expire(view) + await self._free_vanished(view) + await self._clear(view)
        if done:
            view = await self._desk.look(0)
        return done + await self._offer(view)

    def metrics(self) -> str:
        """Figures as Prometheus text."""
        return (
            "# TYPE voicebot_seat_offers_total counter\n"
            f"voicebot_seat_offers_total {self.offers}\n"
            "# TYPE voicebot_seat_races_lost_total counter\n"
            f"voicebot_seat_races_lost_total {self.lost}\n"
        )

    async def _offer(self, view: SeatView) -> int:
        """Free seats get calls. Their sign of life is judged here, not by the wall clock it was noted at;
        before it was seen to move, that clock must do."""
        now, rules = self._clock.now(), self._rules()
        alive = [
            replace(seat, beat=now)
            for seat in view.seats.values()
            if not self._is_gone(seat)
            and (self._standing.moved(("beat", seat.id)) or not moves.gone(seat, now, rules))
        ]
        pairs = pick(alive, view.contacts.values(), now, rules)
        offers = [self._offer_of(contact, seat, view, now, rules) for contact, seat in pairs]
        done = 0
        for some in (offers[at : at + TOGETHER] for at in range(0, len(offers), TOGETHER)):
            done += await self._save_all(some)
        self.offers += done
        return done

    def _offer_of(
        self, contact: Contact, alive: Seat, view: SeatView, now: datetime, rules: SeatRules
    ) -> Moved:
        moved = moves.offer(alive, contact, now, rules)
        as_read = view.seats[alive.id].beat
        return replace(moved, seats=tuple(replace(seat, beat=as_read) for seat in moved.seats))

    async def _save_all(self, offers: Sequence[Moved]) -> int:
        """In one transaction; where a row of one has changed, each for itself."""
        seats = tuple(seat for each in offers for seat in each.seats)
        contacts = tuple(contact for each in offers for contact in each.contacts)
        if await self._save(Moved(seats, contacts, offers[0].event)):
            made = list(offers)
        else:
            made = [each for each in offers if await self._save(each)] if len(offers) > 1 else []
        for each in made:
            log.info("seat.offered", seat=each.seats[0].id, call_id=each.contacts[0].call_id)
        return len(made)

    # ── what stands still ───────────────────────────────────────────────────────────────────

    async def _expire(self, view: SeatView) -> int:
        """Offers and wrap-ups that have had their time."""
        rules, done = self._rules(), 0
        for seat in view.seats.values():
            if seat.until is None or seat.state not in (SeatState.OFFERED, SeatState.WRAP_UP):
                self._standing.forget(("until", seat.id))
                continue
            which = (seat.state, seat.call_id, seat.since, seat.missed)
            contact = view.contacts.get(seat.call_id) if seat.call_id else None
            of = rules.usual if contact is None else rules.of(contact.queue)
            if self._standing.seconds(("until", seat.id), which) < _lasts(seat, of):
                continue
            now = max(self._clock.now(), seat.until)
            if seat.state is SeatState.WRAP_UP:
                done += await self._try(partial(moves.end_wrap_up, seat, now, rules))
            else:
                done += await self._try(partial(moves.time_out, seat, contact, now, rules))
        return done

    async def _free_vanished(self, view: SeatView) -> int:
        done = 0
        for seat in view.seats.values():
            if seat.state is SeatState.OFFLINE or not self._is_gone(seat):
                continue
            contact = view.contacts.get(seat.call_id) if seat.call_id else None
            now, other = self._clock.now(), heir(seat, view)
            freed = await self._try(partial(moves.vanish, seat, contact, now, other))
            if freed:
                log.warning("seat.vanished", seat=seat.id, call_id=seat.call_id)
            done += freed
        self._standing.keep("beat", view.seats)
        self._standing.keep("until", view.seats)
        return done

    def _is_gone(self, seat: Seat) -> bool:
        """Its sign of life has not moved for as long as a page may be silent."""
        stood = self._standing.seconds(("beat", seat.id), (seat.tab, seat.beat))
        return stood >= max(self._rules().gone_s - UNSEEN, EVERY)

    # ── what nobody ended ───────────────────────────────────────────────────────────────────

    async def _clear(self, view: SeatView) -> int:
        """Calls whose line process is gone, and seats that were left with a call that is over."""
        if self._clock.monotonic() - self._swept < LEFT_OVER:
            return 0
        self._swept = self._clock.monotonic()
        done = 0
        for call_id in await self._store.ended(self._clock.now() - timedelta(seconds=LEFT_OVER)):
            if (contact := view.contacts.get(call_id)) is not None:
                log.warning("contact.left_over", call_id=call_id, state=contact.state)
                done += await self._end(contact, view)
        for seat in view.seats.values():
            stuck = seat.state in IN_CALL and seat.call_id not in view.contacts
            if self._standing.seconds(("stuck", seat.id), (stuck, seat.call_id)) >= LEFT_OVER and stuck:
                log.warning("seat.left_over", seat=seat.id, call_id=seat.call_id)
                now, rules = self._clock.now(), self._rules()
                done += await self._try(partial(moves.end_talk, seat, None, now, rules))
        self._standing.keep("stuck", view.seats)
        return done

    async def _end(self, contact: Contact, view: SeatView) -> bool:
        """The call is over, and nobody has said so: the caller, where nobody talked with them, is owed a
        call."""
        now, rules = self._clock.now(), self._rules()
        seat = view.seats.get(contact.seat) if contact.seat else None
        talked = contact.state is ContactState.TAKEN and contact.talk is not None
        if talked and seat is not None and seat.state in IN_CALL:
            return await self._try(partial(moves.end_talk, seat, contact, now, rules))
        return await self._try(partial(moves.leave, contact, now, seat))

    # ── saving ──────────────────────────────────────────────────────────────────────────────

    async def _try(self, step: Callable[[], Moved]) -> bool:
        """False when it may not be, or somebody was quicker: the next look tells."""
        try:
            return await self._save(step())
        except SeatRefused as refused:
            log.debug("seats.refused", code=refused.code)
            return False

    async def _save(self, moved: Moved) -> bool:
        if not moved.seats and not moved.contacts:
            return False
        if await self._desk.save(moved, ACTOR):
            return True
        self.lost += 1
        return False


def _lasts(seat: Seat, of: QueueRules) -> float:
    """Seconds that an offer or a wrap-up was given; as is usual where a clock was set in between."""
    usual, longest = of.offer_s, of.offer_s
    if seat.state is SeatState.WRAP_UP:
        usual, longest = of.wrap_up_s, of.wrap_up_longest_s
    if seat.since is None or seat.until is None:
        return usual
    given = (seat.until - seat.since).total_seconds()
    return given if 0 < given <= longest else usual
