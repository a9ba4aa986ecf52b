"""The protocol of seats and calls as a model: many pages, line processes and distributors act on rows that
may have changed since they read them, with clocks that differ. Whatever they do, each call that is not over
waits, rings at one seat or is talked with by one, the rows of both say the same, and nobody is lost."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tests.unit.seats.rows import FIXED, FREE, GENERAL, NOW, RULES, SLOW, URGENT
from voicebot.core.ids import CallId, QueueName, SeatId
from voicebot.seats import moves
from voicebot.seats.contact import OVER, Contact, ContactState, Talk
from voicebot.seats.moved import Moved, SeatRefused
from voicebot.seats.pick import pick
from voicebot.seats.rules import SeatRules
from voicebot.seats.seat import IN_CALL, Seat, SeatState

NAMES: Final = tuple(SeatId(f"s{i}") for i in range(4))
QUEUES: Final = (GENERAL, URGENT, FREE, SLOW, FIXED)
SKILLS: Final[dict[str, int]] = {**dict.fromkeys(QUEUES, 3)}
SKEWS: Final = (0.0, 0.0, 0.0, 0.0, -3.0, 3.0, -3600.0)
Rows = tuple[dict[SeatId, Seat], dict[CallId, Contact]]

who = st.sampled_from(NAMES)
which = st.integers(0, 5)
old = st.sampled_from((0, 0, 0, 1, 2))
"""How many changes ago an actor read what it acts on."""


class Protocol(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.seats: dict[SeatId, Seat] = {name: Seat(name, skills=SKILLS) for name in NAMES}
        self.calls: dict[CallId, Contact] = {}
        self.read: list[Rows] = []
        self.true = NOW
        self.skew = 0.0
        self.helping: set[tuple[SeatId, CallId]] = set()
        self.dead: set[SeatId] = set()
        """Seats whose page is gone: nothing beats for them."""
        self._remember()
        for name in NAMES[:3]:
            self.signs_in(name, 0)
        for number in range(2):
            self.calls_in(number, GENERAL, False, False)

    # ── the store ───────────────────────────────────────────────────────────────────────────

    @property
    def now(self) -> datetime:
        """The clock of whoever acts."""
        return self.true + timedelta(seconds=self.skew)

    def _remember(self) -> None:
        self.read.append((dict(self.seats), dict(self.calls)))
        del self.read[:-3]

    def rows(self, age: int) -> Rows:
        return self.read[max(0, len(self.read) - 1 - age)]

    def act(self, move: Callable[..., Moved], *args: Any) -> bool:
        """The move is made and saved, as compare and set has it."""
        try:
            moved = move(*args)
        except SeatRefused:
            return False
        for one in moved.seats:
            if one.version != self.seats[one.id].version:
                return False
        for each in moved.contacts:
            known = self.calls.get(each.call_id)
            if each.version != (known.version if known else 0):
                return False
        for one in moved.seats:
            before = self.seats[one.id]
            assert before.since is None or (one.since is not None and one.since >= before.since)
            beat = one.beat if moved.event in ("signed_in", "taken_over") else before.beat
            self.seats[one.id] = replace(one, version=one.version + 1, beat=beat)
        for each in moved.contacts:
            known = self.calls.get(each.call_id)
            assert known is None or known.state not in OVER
            self.calls[each.call_id] = replace(each, version=each.version + 1)
        self._remember()
        return True

    def _call(self, number: int, age: int) -> Contact | None:
        contacts = self.rows(age)[1]
        return contacts.get(CallId(f"c{number}"))

    def _one(self, index: int, age: int, *states: SeatState) -> Seat:
        """A seat that was read in one of these states, if there was one."""
        seats = list(self.rows(age)[0].values())
        fitting = [seat for seat in seats if seat.state in states] or seats
        return fitting[index % len(fitting)]

    def _of(self, one: Seat, age: int) -> Contact | None:
        return self.rows(age)[1].get(one.call_id) if one.call_id else None

    # ── time ────────────────────────────────────────────────────────────────────────────────

    @rule(seconds=st.sampled_from((1, 5, 16, 40)), skew=st.sampled_from(SKEWS))
    def time_passes(self, seconds: int, skew: float) -> None:
        self.true += timedelta(seconds=seconds)
        self.skew = skew
        for name in set(NAMES) - self.dead:
            self.seats[name] = replace(self.seats[name], beat=self.true)
        self._remember()

    # ── seats ───────────────────────────────────────────────────────────────────────────────

    @rule(name=who, age=old)
    def signs_in(self, name: SeatId, age: int) -> None:
        if self.act(moves.sign_in, self.rows(age)[0][name], "t1", self.now):
            self.dead.discard(name)
            self.act(moves.ready, self.seats[name], self.now, RULES)

    @rule(name=who, really=st.sampled_from((False, False, True)))
    def closes_the_lid(self, name: SeatId, really: bool) -> None:
        if really:
            self.dead.add(name)

    @rule(name=who, age=old, what=st.sampled_from(("out", "ready", "busy", "pause", "wrap_up", "phone")))
    def asks_for_a_state(self, name: SeatId, age: int, what: str) -> None:
        one = self.rows(age)[0][name]
        asked: dict[str, Callable[[], Moved]] = {
            "out": lambda: moves.sign_out(one, self.now),
            "ready": lambda: moves.ready(one, self.now, RULES),
            "busy": lambda: moves.busy(one, self.now),
            "pause": lambda: moves.pause(one, "用餐", self.now, RULES),
            "wrap_up": lambda: moves.ask_wrap_up(one, self.now),
            "phone": lambda: moves.set_phone(one, "" if one.phone else "sip:1@pbx"),
        }
        self.act(asked[what])

    @rule(index=which, age=old, number=which, stranger=st.sampled_from((False, False, True)))
    def accepts(self, index: int, age: int, number: int, stranger: bool) -> None:
        one = self._one(index, age, SeatState.OFFERED)
        contact = self._call(number, age) if stranger else self._of(one, age)
        if contact is not None:
            self._accepted(one, contact)

    def _accepted(self, one: Seat, contact: Contact) -> None:
        if self.act(moves.accept, one, contact, self.now) and contact.seat != one.id:
            self.helping.add((one.id, contact.call_id))

    @rule(index=which, age=old)
    def declines(self, index: int, age: int) -> None:
        one = self._one(index, age, SeatState.OFFERED)
        self.act(moves.decline, one, self._of(one, age), self.now, RULES)

    @rule(index=which, age=old, what=st.sampled_from(("hold", "finish", "extend")))
    def presses(self, index: int, age: int, what: str) -> None:
        one = self._one(index, age, *(IN_CALL if what == "hold" else (SeatState.WRAP_UP,)))
        match what:
            case "hold":
                held = one.state is SeatState.HELD
                self.act(moves.resume if held else moves.hold, one, self.now)
            case "finish":
                self.act(moves.finish_wrap_up, one, self._of(one, age), self.now, RULES)
            case "extend":
                self.act(moves.extend_wrap_up, one, self._of(one, age), self.now, RULES)

    # ── lines ───────────────────────────────────────────────────────────────────────────────

    @rule(number=which, queue=st.sampled_from(QUEUES), emergency=st.booleans(), elder=st.booleans())
    def calls_in(self, number: int, queue: QueueName, emergency: bool, elder: bool) -> None:
        call_id = CallId(f"c{number}")
        if call_id not in self.calls:
            urgency = "110" if emergency else ""
            self.act(moves.enqueue, Contact(call_id, queue, self.now, emergency=urgency, elder=elder))

    @rule(number=which, age=old, how=st.sampled_from((moves.leave, moves.call_back, moves.elsewhere)))
    def goes(self, number: int, age: int, how: Callable[..., Moved]) -> None:
        contact = self._call(number, age)
        if contact is not None:
            seat = self.rows(age)[0][contact.seat] if contact.seat else None
            self.act(how, contact, self.now, seat)

    @rule(index=which, age=old)
    def talk_begins(self, index: int, age: int) -> None:
        contact = self._of(self._one(index, age, *IN_CALL), age)
        if contact is not None:
            self.act(moves.talk_changed, contact, Talk(recording=True))

    @rule(index=which, age=old)
    def talk_ends(self, index: int, age: int) -> None:
        one = self._one(index, age, *IN_CALL)
        self.act(moves.end_talk, one, self._of(one, age), self.now, RULES)

    @rule(index=which, other=which, age=old, how=st.sampled_from(("queue", "seat", "ask", "hand_on", "fail")))
    def hands_over(self, index: int, other: int, age: int, how: str) -> None:
        one = self._one(index, age, *IN_CALL)
        contact = self._of(one, age)
        to = self._one(other, age, *(IN_CALL if how == "hand_on" else (SeatState.READY,)))
        if contact is None:
            return
        match how:
            case "queue":
                self.act(moves.transfer, one, contact, self.now, RULES, URGENT)
            case "seat":
                self.act(moves.transfer_to, one, contact, to, self.now, RULES)
            case "ask":
                self.act(moves.consult, to, contact, self.now, RULES)
            case "hand_on":
                self.act(moves.hand_on, one, contact, to, self.now, RULES)
            case "fail":
                self.act(moves.fail, one, contact, self.now)

    # ── distributors ────────────────────────────────────────────────────────────────────────

    @rule(age=old)
    def distributes(self, age: int) -> None:
        seats, contacts = self.rows(age)
        pairs = pick(seats.values(), contacts.values(), self.now, RULES)
        assert len({seat.id for _, seat in pairs}) == len({c.call_id for c, _ in pairs}) == len(pairs)
        for contact, seat in pairs:
            self.act(moves.offer, seat, contact, self.now, RULES)

    @rule(recording=st.booleans())
    def everybody_is_quick(self, recording: bool) -> None:
        """The usual: offered, accepted, talked with."""
        self.skew = 0.0
        self.distributes(0)
        for one in list(self.seats.values()):
            contact = self._of(one, 0)
            if one.state is SeatState.OFFERED and contact is not None:
                self._accepted(one, contact)
                if recording and one.call_id in self.calls:
                    self.act(moves.talk_changed, self.calls[contact.call_id], Talk(recording=True))

    @rule(age=old)
    def sweeps(self, age: int) -> None:
        self._sweep(age, RULES)

    def _sweep(self, age: int, rules: SeatRules) -> None:
        seats = self.rows(age)[0]
        for one in seats.values():
            contact = self._of(one, age)
            if moves.gone(one, self.now, rules):
                self.act(moves.vanish, one, contact, self.now, _heir(one, seats))
            elif moves.offer_over(one, contact, self.now, rules):
                self.act(moves.time_out, one, contact, self.now, rules)
            elif moves.wrap_up_over(one, self.now, rules):
                self.act(moves.end_wrap_up, one, self.now, rules)

    # ── what always holds ───────────────────────────────────────────────────────────────────

    @invariant()
    def rows_of_a_call_and_its_seat_agree(self) -> None:
        for contact in self.calls.values():
            match contact.state:
                case ContactState.WAITING:
                    assert (contact.seat, contact.until, contact.taken_at) == (None, None, None)
                case ContactState.OFFERED:
                    assert contact.seat is not None
                    seat = self.seats[contact.seat]
                    assert (seat.state, seat.call_id) == (SeatState.OFFERED, contact.call_id)
                    assert contact.until == seat.until is not None
                case ContactState.TAKEN:
                    assert contact.seat is not None
                    seat = self.seats[contact.seat]
                    assert seat.state in IN_CALL
                    assert seat.call_id == contact.call_id
                    assert contact.taken_at is not None
                    assert contact.taken_at >= contact.since
                case _:
                    assert contact.ended_at is not None
                    assert contact.ended_at >= contact.since

    @invariant()
    def nobody_rings_or_talks_without_reason(self) -> None:
        for seat in self.seats.values():
            if seat.state in IN_CALL:
                assert seat.call_id is not None
                owned = self.calls[seat.call_id].seat == seat.id
                assert owned or (seat.id, seat.call_id) in self.helping
            if seat.state is SeatState.OFFERED:
                assert seat.until is not None
            if seat.state in (SeatState.OFFLINE, SeatState.READY, SeatState.BREAK, SeatState.BUSY):
                assert (seat.call_id, seat.until, seat.next) == (None, None, None)
            assert (seat.state is SeatState.BREAK) == bool(seat.reason)
            assert seat.tab or seat.state is SeatState.OFFLINE

    def teardown(self) -> None:
        """From anywhere nobody is lost: pages are closed, talks end, and one seat that stays serves all."""
        self._serve_all()
        assert all(contact.state in OVER for contact in self.calls.values())

    def _serve_all(self) -> None:
        self.skew = 0.0
        self.true = max((seat.since or NOW) for seat in self.seats.values()) + timedelta(hours=2)
        self._remember()
        for one in list(self.seats.values()):  # phones hang up, pages are gone
            self.act(moves.end_talk, one, self._of(one, 0), self.now, RULES)
        self._sweep(0, RULES)
        assert all(seat.state is SeatState.OFFLINE for seat in self.seats.values())
        first = NAMES[0]
        for _ in range(2 * len(self.calls)):
            self.seats[first] = replace(self.seats[first], beat=self.true)
            self._remember()
            self.act(moves.sign_in, self.seats[first], "t1", self.now)
            self.act(moves.ready, self.seats[first], self.now, RULES)
            self.true += timedelta(seconds=RULES.again_s)
            self.seats[first] = replace(self.seats[first], beat=self.true)
            for contact, seat in pick(self.seats.values(), self.calls.values(), self.now, RULES):
                assert self.act(moves.offer, seat, contact, self.now, RULES)
                ringing = self.calls[contact.call_id]
                assert self.act(moves.accept, self.seats[first], ringing, self.now)
                taken = self.calls[contact.call_id]
                assert self.act(moves.end_talk, self.seats[first], taken, self.now, RULES)
                self.act(moves.sign_out, self.seats[first], self.now)


def _heir(seat: Seat, seats: dict[SeatId, Seat]) -> Seat | None:
    others = (s for s in seats.values() if s.id != seat.id and s.call_id == seat.call_id is not None)
    return next((each for each in others if each.state in IN_CALL), None)


TestProtocol = Protocol.TestCase
TestProtocol.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
