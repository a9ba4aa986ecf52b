"""A day of seats and callers on virtual time, played with the pure room as the line processes would."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from random import Random
from typing import Final

from voicebot.cli.benches.seat_city import DAY, Caller, Duty
from voicebot.cli.benches.seat_stage import Stage
from voicebot.core.ids import CallId, SeatId
from voicebot.seats import moves
from voicebot.seats.contact import Contact, ContactState, Talk
from voicebot.seats.moved import Moved
from voicebot.seats.pick import pick
from voicebot.seats.place import place_of
from voicebot.seats.rules import SeatRules, WrapUp
from voicebot.seats.seat import Seat, SeatState

_TAB: Final = "tab"


@dataclass(frozen=True, slots=True)
class Habits:
    """What people and machines do.

    Args:
        look_s: a distributor looks so long after something changed. stale: every so many-th look is made
            once more on rows read at the look before, as a second distributor would; 0: never.
        answer_s: from, to. miss, decline: shares of offers. early: share of wrap-ups that are ended early.
        vanish_s: mean time between browsers that crash. told: share of callers whose estimate is kept.
    """

    look_s: float = 0.2
    stale: int = 10
    answer_s: tuple[float, float] = (1.0, 6.0)
    miss: float = 0.01
    decline: float = 0.005
    early: float = 0.4
    vanish_s: float = 1800.0
    told: float = 0.02


class Day(Stage):
    """Args: duties: one for each seat. lines: who calls, in order; after the last, those who wait are served
    while seats are on duty."""

    def __init__(
        self,
        rules: SeatRules,
        duties: Sequence[Duty],
        lines: Iterator[Caller],
        random: Random,
        habits: Habits,
    ) -> None:
        self._rules = rules
        self._lines = lines
        self._random = random
        self._habits = habits
        super().__init__(duties)
        self._dead: set[SeatId] = set()
        self._looking = False
        self._looks = 0
        self._before: tuple[list[Seat], list[Contact]] = ([], [])
        for duty in duties:
            self._plan(duty)

    def run(self) -> None:
        self._next_caller()
        if self._habits.vanish_s:
            self._after(self._random.expovariate(1 / self._habits.vanish_s), self._crash)
        self._play()

    # ── time ────────────────────────────────────────────────────────────────────────────────

    def _plan(self, duty: Duty) -> None:
        self._after(duty.begins, partial(self._arrive, duty.seat))
        self._after(duty.ends, partial(self._ask, duty.seat, moves.sign_out))
        for at, reason in duty.breaks:
            ask = partial(self._pause, duty.seat, reason)
            self._after(at, ask)

    def _entered(self, before: Seat, seat: Seat) -> None:
        if seat.state is SeatState.BREAK:
            minutes = next(each.minutes for each in self._rules.breaks if each.reason == seat.reason)
            self._after(minutes * 60, partial(self._back, seat.id))
        if seat.state is SeatState.BUSY and before.state is SeatState.OFFERED:
            self._after(120, partial(self._back, seat.id))  # missed too many, and notices

    # ── callers ─────────────────────────────────────────────────────────────────────────────

    def _next_caller(self) -> None:
        caller = next(self._lines, None)
        if caller is not None:
            self._after(caller.at - self._at, partial(self._calls_in, caller))

    def _calls_in(self, caller: Caller) -> None:
        self._next_caller()
        self._callers[caller.call_id] = caller
        contact = Contact(
            caller.call_id,
            caller.queue,
            self._now,
            skill=caller.skill,
            language=caller.language,
            emergency="110" if caller.kind == "emergency" else "",
            elder=caller.kind == "elder",
            enterprise=caller.kind == "enterprise",
            repeat=caller.repeat,
        )
        self._act(partial(moves.enqueue, contact))
        longest = self._rules.of(caller.queue).max_wait_s
        self._after(caller.patience_s, partial(self._goes, caller.call_id, moves.leave))
        for seconds in (caller.call_back_s, longest):
            if seconds <= min(caller.patience_s, longest):
                self._after(seconds, partial(self._goes, caller.call_id, moves.call_back))
        if not self._ready and self._random.random() < self._habits.told:
            self._tell(contact)

    def _tell(self, contact: Contact) -> None:
        place = place_of(
            contact, self._calls.values(), self._seats.values(), self._recent, self._now, self._rules
        )
        if place.seconds is not None:
            self._told[contact.call_id] = place.seconds

    def _goes(self, call_id: CallId, how: Callable[..., Moved]) -> None:
        contact = self._calls.get(call_id)
        if contact is not None and contact.state in (ContactState.WAITING, ContactState.OFFERED):
            seat = self._seats[contact.seat] if contact.seat else None
            self._act(partial(how, contact, self._now, seat))

    # ── seats ───────────────────────────────────────────────────────────────────────────────

    def _arrive(self, name: SeatId) -> None:
        self._dead.discard(name)
        self._act(lambda: moves.sign_in(self._seats[name], _TAB, self._now))
        self._back(name)

    def _back(self, name: SeatId) -> None:
        if self._seats[name].state in (SeatState.BREAK, SeatState.BUSY):
            self._act(lambda: moves.ready(self._seats[name], self._now, self._rules))

    def _ask(self, name: SeatId, how: Callable[[Seat, datetime], Moved]) -> None:
        self._act(lambda: how(self._seats[name], self._now))

    def _pause(self, name: SeatId, reason: str) -> None:
        self._ask(name, lambda seat, now: moves.pause(seat, reason, now, self._rules))

    def _crash(self) -> None:
        """A browser dies; it is noticed after 10 s, and the seat is back after two minutes."""
        if self._at < DAY:
            self._after(self._random.expovariate(1 / self._habits.vanish_s), self._crash)
        alive = [seat for seat in self._seats.values() if seat.state is not SeatState.OFFLINE]
        if not alive:
            return
        name = self._random.choice(alive).id
        self._dead.add(name)
        self._after(10, partial(self._vanish, name))
        if self._at + 600 < self.shifts[name].duty.ends:
            self._after(130, partial(self._arrive, name))

    def _vanish(self, name: SeatId) -> None:
        seat = self._seats[name]
        contact = self._calls.get(seat.call_id) if seat.call_id else None
        self._act(lambda: moves.vanish(seat, contact, self._now))

    # ── offers ──────────────────────────────────────────────────────────────────────────────

    def _look_soon(self) -> None:
        if not self._looking and self._waiting and self._ready:
            self._looking = True
            self._after(self._habits.look_s, self._look)

    def _look(self) -> None:
        self._looking = False
        self._looks += 1
        if self._habits.stale and self._looks % self._habits.stale == 0:
            self._offer(*self._before)
        if self._habits.stale and self._looks % self._habits.stale == self._habits.stale - 1:
            self._before = list(self._ready.values()), list(self._waiting.values())
        self._offer(list(self._ready.values()), list(self._waiting.values()))
        if self._waiting and self._ready:  # who fits nobody now may later
            self._looking = True
            self._after(1.0, self._look)

    def _offer(self, seats: list[Seat], waiting: list[Contact]) -> None:
        if not seats or not waiting:
            return
        began = time.perf_counter()
        pairs = pick(seats, waiting, self._now, self._rules)
        self.book.picks.append(((time.perf_counter() - began) * 1000, len(seats), len(waiting)))
        for contact, seat in pairs:
            if self._act(lambda c=contact, s=seat: moves.offer(s, c, self._now, self._rules)):  # type: ignore[misc]
                self.book.offered(contact.call_id, seat.id)
                self._rings(seat.id, contact.call_id)

    def _rings(self, name: SeatId, call_id: CallId) -> None:
        seat, lot = self._seats[name], self._random.random()
        answers = self._habits.miss + self._habits.decline < lot and name not in self._dead
        if answers:
            self._after(self._random.uniform(*self._habits.answer_s), partial(self._accept, seat, call_id))
        elif lot < self._habits.decline:
            self._after(2.0, partial(self._decline, seat, call_id))
        offer_s = self._rules.of(self._calls[call_id].queue).offer_s
        self._after(offer_s, partial(self._time_out, seat, call_id))

    def _accept(self, seat: Seat, call_id: CallId) -> None:
        contact = self._calls.get(call_id)
        if contact is None or seat != self._seats[seat.id] or seat.id in self._dead:
            return
        if self._act(lambda: moves.accept(seat, contact, self._now)):
            self.book.accepted(call_id, seat.id)
            self._talks(seat.id, call_id)

    def _decline(self, seat: Seat, call_id: CallId) -> None:
        if seat == self._seats[seat.id]:
            contact = self._calls.get(call_id)
            self._act(lambda: moves.decline(seat, contact, self._now, self._rules))

    def _time_out(self, seat: Seat, call_id: CallId) -> None:
        if seat == self._seats[seat.id]:
            contact = self._calls.get(call_id)
            self._act(lambda: moves.time_out(seat, contact, self._now, self._rules))

    # ── talks ───────────────────────────────────────────────────────────────────────────────

    def _talks(self, name: SeatId, call_id: CallId) -> None:
        caller, contact = self._callers[call_id], self._calls[call_id]
        waited = self._at - self._again.get(call_id, caller.at)
        kind = "front" if contact.front else caller.kind
        need = (caller.queue, caller.skill, str(caller.language))
        self.book.taken.append((kind, need, waited, caller.at))
        self.book.has_waited(kind, waited)
        self.shifts[name].calls += 1
        if (told := self._told.pop(call_id, None)) is not None and kind != "front":
            self.book.estimates.append((told, waited))
        self._act(lambda: moves.talk_changed(contact, Talk(recording=True)))
        self._after(caller.talk_s, partial(self._hangs_up, self._seats[name], call_id))

    def _hangs_up(self, talking: Seat, call_id: CallId) -> None:
        seat, contact = self._seats[talking.id], self._calls.get(call_id)
        if contact is None or (seat.call_id, seat.since) != (call_id, talking.since):
            return
        self._act(lambda: moves.end_talk(seat, contact, self._now, self._rules))
        wrapping = self._seats[seat.id]
        if wrapping.state is not SeatState.WRAP_UP:
            return
        of = self._rules.of(contact.queue)
        own = of.wrap_up is WrapUp.DISCRETIONARY or self._random.random() < self._habits.early
        done_in = self._random.uniform(0.2, 1.0) * of.wrap_up_s if own else of.wrap_up_s
        self._after(done_in, partial(self._wrapped_up, wrapping, contact, own))

    def _wrapped_up(self, wrapping: Seat, contact: Contact, own: bool) -> None:
        seat = self._seats[wrapping.id]
        if (seat.state, seat.since) != (wrapping.state, wrapping.since):
            return
        if own:
            self._act(lambda: moves.finish_wrap_up(seat, contact, self._now, self._rules))
        else:
            self._act(lambda: moves.end_wrap_up(seat, self._now, self._rules))
