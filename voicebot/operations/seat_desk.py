"""What seats, supervisors and line processes do with seats and waiting calls.

Each method reads the rows, makes one pure move and saves what it gives, with its events, in one transaction.
Where somebody was quicker it reads again: the move is then made, or refused, on what there is now. So two who
accept one call, an accept after the time and a second click have one outcome each, in whatever process.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from voicebot.core.clock import Clock
from voicebot.core.handover import Place
from voicebot.core.ids import CallId, LanguageTag, QueueName, SeatId
from voicebot.operations.seat_news import SeatNews
from voicebot.operations.seat_steps import LINE, SeatSteps
from voicebot.operations.seat_view import FRESH, SeatGlance, SeatView
from voicebot.seats import moves
from voicebot.seats.contact import OVER, Contact, Talk
from voicebot.seats.moved import Moved, SeatRefused
from voicebot.seats.ports import SeatStore
from voicebot.seats.rules import SeatRules
from voicebot.seats.seat import IN_CALL, Seat

LOOK: Final = 5.0
"""Seconds after which a watcher looks again though nobody told it anything."""


class SeatDesk(SeatSteps):
    """One per process. Every method may raise

    `SeatRefused` ``seat.…`` (not now, with a Chinese sentence), VoicebotError ``seat.unknown``,
    ``contact.unknown``, ``seat.stale`` (retryable: others were quicker `TRIES` times) and ``db.…``. What
    raises has changed nothing.

    Args (of many): tab: the tab of the browser that asks; it must have the seat. None: no page asks.
        by: who does it, as events tell; default: the seat itself.
    """

    def __init__(
        self, store: SeatStore, clock: Clock, rules: Callable[[], SeatRules], news: SeatNews | None = None
    ) -> None:
        super().__init__(store, clock, rules, news)
        self._glance = SeatGlance(store, clock, rules)

    # ── a seat by itself ────────────────────────────────────────────────────────────────────

    async def sign_in(self, seat: SeatId, tab: str) -> Seat:
        """签入; the first time the seat is made. ``seat.other_tab``: another tab has it."""
        return await self._seat(seat, None, lambda s, now: moves.sign_in(s, tab, now), fresh=True)

    async def take_over(self, seat: SeatId, tab: str) -> Seat:
        return await self._seat(seat, None, lambda s, now: moves.take_over(s, tab, now))

    async def sign_out(self, seat: SeatId, tab: str | None = None, by: str = "") -> Seat:
        return await self._seat(seat, tab, moves.sign_out, by)

    async def ready(self, seat: SeatId, tab: str | None = None, by: str = "") -> Seat:
        return await self._seat(seat, tab, lambda s, now: moves.ready(s, now, self._rules()), by)

    async def busy(self, seat: SeatId, tab: str | None = None, by: str = "") -> Seat:
        return await self._seat(seat, tab, moves.busy, by)

    async def pause(self, seat: SeatId, reason: str, tab: str | None = None, by: str = "") -> Seat:
        return await self._seat(seat, tab, lambda s, now: moves.pause(s, reason, now, self._rules()), by)

    async def ask_wrap_up(self, seat: SeatId, tab: str | None = None) -> Seat:
        return await self._seat(seat, tab, moves.ask_wrap_up)

    async def hold(self, seat: SeatId, by: str = "") -> Seat:
        return await self._seat(seat, None, moves.hold, by)

    async def resume(self, seat: SeatId, by: str = "") -> Seat:
        return await self._seat(seat, None, moves.resume, by)

    async def reskill(
        self,
        seat: SeatId,
        skills: Mapping[str, int],
        team: str | None = None,
        by: str = "",
        *,
        fresh: bool = False,
    ) -> Seat:
        """Args: fresh: make the seat when there is none yet."""
        return await self._seat(seat, None, lambda s, _: moves.reskill(s, skills, team), by, fresh=fresh)

    async def set_phone(self, seat: SeatId, phone: str, tab: str | None = None, by: str = "") -> Seat:
        return await self._seat(seat, tab, lambda s, _: moves.set_phone(s, phone), by)

    async def beat(self, seat: SeatId, tab: str) -> bool:
        """A sign of life of a page; False when its tab does not have the seat (any more)."""
        return await self._store.beat(seat, tab, self._clock.now())

    async def finish_wrap_up(self, seat: SeatId, tab: str | None = None) -> Seat:
        return await self._own(seat, tab, lambda s, c, now: moves.finish_wrap_up(s, c, now, self._rules()))

    async def extend_wrap_up(self, seat: SeatId, tab: str | None = None) -> Seat:
        return await self._own(seat, tab, lambda s, c, now: moves.extend_wrap_up(s, c, now, self._rules()))

    # ── an offer ────────────────────────────────────────────────────────────────────────────

    async def accept(self, seat: SeatId, tab: str, call_id: CallId) -> Contact:
        """接听. Refused: ``seat.other_tab``, ``seat.not_offered``, ``seat.too_late``, ``seat.already_over``
        …"""
        return await self._both(call_id, seat, moves.accept, tab)

    async def decline(self, seat: SeatId, tab: str, call_id: CallId) -> Contact:
        return await self._both(call_id, seat, lambda s, c, now: moves.decline(s, c, now, self._rules()), tab)

    async def fail(self, seat: SeatId, call_id: CallId) -> Contact:
        """Accepted, but it cannot be reached."""
        return await self._both(call_id, seat, moves.fail, by=LINE)

    async def vanish(self, seat: SeatId, by: str = LINE) -> Seat:
        """Its page is gone; whoever sees it first says so."""
        view = await self._glance.view(0)

        def step(one: Seat, contact: Contact | None, now: datetime) -> Moved:
            return moves.vanish(one, contact, now, heir(one, view))

        return await self._own(seat, None, step, by)

    # ── a call ──────────────────────────────────────────────────────────────────────────────

    async def enqueue(self, contact: Contact) -> Contact:
        """A call begins to wait. Done twice, e.g. after a failure whose outcome is not known, it is the same
        one; a call that waited before waits anew."""
        known = await self._store.contact(contact.call_id)
        if known is not None and known.state not in OVER:
            return known
        moved = moves.enqueue(contact)
        if known is not None:
            moved = replace(moved, contacts=tuple(replace(c, version=known.version) for c in moved.contacts))
        await self._save(moved, LINE)
        return replace(contact, version=(known.version if known else 0) + 1)

    async def leave(self, call_id: CallId) -> Contact:
        """The caller hung up before anybody talked with them; they are called back."""
        return await self._call(call_id, moves.leave)

    async def call_back(self, call_id: CallId) -> Contact:
        """The caller is rung later, and keeps the place."""
        return await self._call(call_id, moves.call_back)

    async def elsewhere(self, call_id: CallId) -> Contact:
        """The call goes on without a seat; nobody rings the caller because of it."""
        return await self._call(call_id, moves.elsewhere)

    async def reroute(
        self,
        call_id: CallId,
        queue: QueueName,
        skill: str = "",
        language: LanguageTag | None = None,
        front: bool | None = None,
        by: str = LINE,
    ) -> Contact:
        """A supervisor moves a call that waits."""
        return await self._call(
            call_id, lambda c, _now, _seat: moves.reroute(c, queue, skill, language, front), by
        )

    async def talk_changed(self, call_id: CallId, talk: Talk) -> Contact:
        return await self._call(call_id, lambda c, _now, _seat: moves.talk_changed(c, talk))

    async def note(self, seat: SeatId, call_id: CallId, result: str, text: str) -> Contact:
        """小结. Refused: ``seat.not_yours``."""
        return await self._both(call_id, seat, lambda s, c, _: moves.note(s, c, result, text))

    async def end_talk(self, call_id: CallId, seat: SeatId | None = None) -> Contact | None:
        """A seat's part of a talk is over.

        Args:
            seat: whose; None: that of the seat which has the call.
        """
        if seat is None:
            contact = await self._store.contact(call_id)
            seat = contact.seat if contact is not None else None
        if seat is None:
            raise SeatRefused("seat.not_in_call")

        def step(one: Seat, contact: Contact | None, now: datetime) -> Moved:
            if one.call_id != call_id:
                raise SeatRefused("seat.not_yours")
            return moves.end_talk(one, contact, now, self._rules())

        await self._own(seat, None, step, LINE)
        return await self._store.contact(call_id)

    async def transfer(
        self,
        call_id: CallId,
        seat: SeatId,
        queue: QueueName,
        skill: str = "",
        language: LanguageTag | None = None,
    ) -> Contact:
        """转接 to a queue or skill."""

        def step(one: Seat, contact: Contact, now: datetime) -> Moved:
            return moves.transfer(one, contact, now, self._rules(), queue, skill, language)

        return await self._both(call_id, seat, step)

    async def transfer_to(self, call_id: CallId, seat: SeatId, to: SeatId) -> Contact:
        """转接 to a seat that has not been talked to."""
        return await self._three(
            call_id, seat, to, lambda s, c, t, now: moves.transfer_to(s, c, t, now, self._rules())
        )

    async def hand_on(self, call_id: CallId, seat: SeatId, to: SeatId) -> Contact:
        """The call becomes that of a second seat which talks with it already."""
        return await self._three(
            call_id, seat, to, lambda s, c, t, now: moves.hand_on(s, c, t, now, self._rules())
        )

    async def consult(self, call_id: CallId, to: SeatId, by: str = LINE) -> Contact:
        """A call that somebody talks with rings at a second seat too."""
        return await self._both(call_id, to, lambda s, c, now: moves.consult(s, c, now, self._rules()), by=by)

    # ── looking ─────────────────────────────────────────────────────────────────────────────

    async def seat(self, seat: SeatId) -> Seat:
        return await self._known_seat(seat, fresh=False)

    async def contact(self, call_id: CallId) -> Contact:
        return await self._known_contact(call_id)

    async def everyone(self) -> Sequence[Seat]:
        """All seats that there are, signed in or not."""
        return await self._store.everyone()

    async def lately(self, since: datetime) -> Sequence[Contact]:
        """Calls that ended since, see `SeatStore.lately`."""
        return await self._store.lately(since)

    async def look(self, age: float = FRESH) -> SeatView:
        """Everything, at most `age` seconds old."""
        return await self._glance.view(age)

    async def place(self, call_id: CallId) -> Place | None:
        """Where a call stands in the queue; None when it does not wait."""
        return await self._glance.place(call_id)

    async def watch(self, call_id: CallId) -> AsyncIterator[Contact]:
        """The call as it stands, and again after each change, until it is over. Changes that follow closely
        are told as one."""
        with self.news.listening(call_id) as ear:
            seen = 0
            while True:
                contact = await self._known_contact(call_id)
                if contact.version != seen:
                    yield contact
                    seen = contact.version
                if contact.state in OVER:
                    return
                while not await ear.wait(LOOK):
                    known = (await self._glance.view()).contacts.get(call_id)
                    if known is None or known.version != seen:
                        break

    async def watch_seat(self, seat: SeatId) -> AsyncIterator[Seat]:
        """The seat as it stands, and again after each change."""
        with self.news.listening(seat) as ear:
            seen = -1
            while True:
                known = await self._known_seat(seat, fresh=False)
                if known.version != seen:
                    yield known
                    seen = known.version
                await ear.wait(LOOK)


def heir(seat: Seat, view: SeatView) -> Seat | None:
    """Another seat that talks with the same call."""
    others = (s for s in view.seats.values() if s.id != seat.id and s.call_id == seat.call_id)
    return next((each for each in others if each.state in IN_CALL), None) if seat.call_id else None
