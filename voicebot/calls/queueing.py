"""Brings a caller to a seat of the queue: waiting, acceptance, talk, and again when a seat is lost."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

import structlog

from voicebot.calls.callers import CallerBook
from voicebot.calls.conference import CALLER, Conference
from voicebot.calls.ports import AudioIn, Line, WaitingRoom
from voicebot.calls.switchboard import TALKED, SeatSwitchboard
from voicebot.calls.talk import TalkParts, TalkRoom, quietly
from voicebot.calls.talk_orders import RunningTalks
from voicebot.calls.welcome import welcome
from voicebot.core.errors import VoicebotError
from voicebot.core.handover import Handover, HandoverEnd, HandoverOutcome
from voicebot.core.ids import MANDARIN, SeatId
from voicebot.operations.seat_view import SeatView
from voicebot.seats.contact import Contact, ContactState, Party, Talk
from voicebot.seats.rules import Otherwise, QueueRules
from voicebot.seats.seat import Seat, SeatState
from voicebot.tickets.privacy import mask_phone

log = structlog.get_logger(__name__)

NEWS: Final = 2.0
"""Seconds between looks at the place, at most; a change in the queue is looked at sooner."""
REST: Final = 0.5
ALONE: Final = 5.0
"""Seconds that a queue may be without anybody who serves it, as when the only seat's page is loaded anew."""
PAUSE: Final = 2.0
"""Seconds of rest after the store failed."""
SOUND_AHEAD: Final = 25
"""Pieces of the caller's sound (0.5 s) that may wait; the oldest are dropped."""


@dataclass(eq=False)
class Visit:
    """One caller who wants a person. Args: began: when they began to wait, or did so again."""

    handover: Handover
    line: Line
    audio: "SharedSound"
    room: WaitingRoom
    contact: Contact
    began: float


class SharedSound:
    """The caller's sound for one talk after the other: an iterator that outlives its readers."""

    def __init__(self) -> None:
        self._pieces: asyncio.Queue[AudioIn] = asyncio.Queue(SOUND_AHEAD)

    async def follow(self, audio: AsyncIterator[AudioIn]) -> None:
        async for sound in audio:
            if self._pieces.full():
                self._pieces.get_nowait()
            self._pieces.put_nowait(sound)

    def __aiter__(self) -> "SharedSound":
        return self

    async def __anext__(self) -> AudioIn:
        return await self._pieces.get()


@dataclass(frozen=True)
class QueueSwitchboard:
    """The port `Switchboard` over the seats that are signed in.

    Emergency lines and other offices come first, at their configured addresses. A queue that nobody serves
    just now, or whose rows cannot be read, is rung at the addresses of the settings: a store that is away
    costs the queue, not the person.

    Args:
        addresses: who is rung at configured addresses.
        line_id: this process, for orders to its talks.
        callers: tells who is served sooner; None: nobody is.
    """

    parts: TalkParts
    addresses: SeatSwitchboard
    talks: RunningTalks
    line_id: str
    callers: CallerBook | None = None

    async def hand_over(
        self, handover: Handover, line: Line, audio: AsyncIterator[AudioIn], room: WaitingRoom
    ) -> HandoverEnd:
        """Stays until the talk ends, whichever seats it goes through; see `Switchboard`."""
        shared = SharedSound()
        feeding = asyncio.create_task(shared.follow(audio))
        try:
            return await self._brought(handover, line, shared, room)
        finally:
            feeding.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await feeding

    async def _brought(
        self, handover: Handover, line: Line, audio: SharedSound, room: WaitingRoom
    ) -> HandoverEnd:
        outside = self.addresses.outside(handover)
        outcome = await self.addresses.ring_each(outside, handover, line, audio, room)
        if outcome in TALKED or not handover.queue:
            return HandoverEnd(outcome)
        contact = self._contact(handover, line)
        try:
            view = await self.parts.desk.look()
            if not manned(view, contact, self._rules(contact)):
                return await self._unmanned(handover, line, audio, room)
            if self.callers is not None:
                contact = await self.callers.noted(contact, line.info.caller)
            contact = await self.parts.desk.enqueue(contact)
        except VoicebotError as error:
            log.error("queue not to be had", code=error.code, error=error.message)
            return await self._unmanned(handover, line, audio, room)
        now = self.parts.clock.monotonic()
        return await self._queued(Visit(handover, line, audio, room, contact, now))

    def _contact(self, handover: Handover, line: Line) -> Contact:
        return Contact(
            handover.call_id,
            handover.queue,
            self.parts.clock.now(),
            skill=handover.skill,
            language=handover.language,
            emergency=handover.emergency or "",
            caller=mask_phone(line.info.caller),
            why=handover.reason,
            summary=handover.summary,
            slots=dict(handover.slots),
            line=self.line_id,
            front=line.info.outbound,  # whom we ring back has waited before
        )

    def _rules(self, contact: Contact) -> QueueRules:
        return self.parts.rules().of(contact.queue)

    async def _unmanned(
        self, handover: Handover, line: Line, audio: SharedSound, room: WaitingRoom
    ) -> HandoverEnd:
        targets = self.addresses.of_queue(handover)
        return HandoverEnd(await self.addresses.ring_each(targets, handover, line, audio, room))

    # ── in the queue ────────────────────────────────────────────────────────────────────────

    async def _queued(self, visit: Visit) -> HandoverEnd:
        talked = False
        try:
            while True:
                found = await self._waited(visit)
                if isinstance(found, HandoverEnd):
                    return found
                end = await self._served(visit, found)
                if end is not None:
                    talked = True
                    return end
                visit.began = self.parts.clock.monotonic()
        except asyncio.CancelledError:  # the caller hung up; a talk has cleared up after itself
            if not talked:
                await quietly(self.parts.desk.leave(visit.contact.call_id))
            raise

    async def _waited(self, visit: Visit) -> SeatId | HandoverEnd:
        """The seat that has accepted, or how the waiting ended."""
        taken = asyncio.create_task(self._taken(visit))
        gone = asyncio.create_task(visit.room.gone())
        enough = asyncio.create_task(self._enough(visit))
        tasks = (taken, gone, enough)
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            if taken.done():
                found = taken.result()
                return found if found is not None else await self._closed(visit)
            if gone.done():
                return await self._let_go(visit, gone.result())
            return await self._led_on(visit, enough.result())
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _taken(self, visit: Visit) -> SeatId | None:
        """The seat; None when somebody else has ended the waiting."""
        while True:
            try:
                async for contact in self.parts.desk.watch(visit.contact.call_id):
                    visit.contact = contact
                    if contact.state is ContactState.TAKEN and contact.seat is not None:
                        return contact.seat
                return None
            except VoicebotError as error:
                log.warning("queue not seen", code=error.code)
                await asyncio.sleep(PAUSE)

    async def _enough(self, visit: Visit) -> Otherwise:
        """Tells the caller's place; returns when they have waited long enough, or nobody is there to wait
        for."""
        seen = self.parts.clock.monotonic()
        """When somebody was last there to wait for."""
        with self.parts.desk.news.listening() as ear:
            while True:
                now = self.parts.clock.monotonic()
                try:
                    place = await self.parts.desk.place(visit.contact.call_id)
                    if place is not None:
                        visit.room.news(place)
                    rules = self._rules(visit.contact)
                    if now - visit.began > rules.max_wait_s and rules.too_long is not Otherwise.WAIT:
                        return rules.too_long
                    if manned(await self.parts.desk.look(), visit.contact, rules):
                        seen = now
                    elif now - seen > ALONE and rules.unmanned is not Otherwise.WAIT:
                        return rules.unmanned
                except VoicebotError as error:
                    log.warning("place not known", code=error.code)
                await asyncio.sleep(REST)
                await ear.wait(NEWS - REST)

    async def _closed(self, visit: Visit) -> HandoverEnd:
        """A supervisor, or the store, has ended the waiting."""
        back = visit.contact.state is ContactState.CALL_BACK
        return HandoverEnd(HandoverOutcome.CALL_BACK if back else HandoverOutcome.UNAVAILABLE)

    async def _let_go(self, visit: Visit, outcome: HandoverOutcome) -> SeatId | HandoverEnd:
        """The caller does not want to wait any more."""
        desk, call_id = self.parts.desk, visit.contact.call_id
        if outcome is HandoverOutcome.CALL_BACK:
            await quietly(desk.call_back(call_id))
        else:
            await quietly(desk.elsewhere(call_id))
        return HandoverEnd(outcome)

    async def _led_on(self, visit: Visit, otherwise: Otherwise) -> SeatId | HandoverEnd:
        """Nobody came: the configured address, or a call back. A seat that accepts meanwhile loses."""
        desk, call_id = self.parts.desk, visit.contact.call_id
        targets = self.addresses.of_queue(visit.handover) if otherwise is Otherwise.ELSEWHERE else ()
        if not targets:
            await quietly(desk.call_back(call_id))
            return HandoverEnd(HandoverOutcome.CALL_BACK)
        await quietly(desk.elsewhere(call_id))
        outcome = await self.addresses.ring_each(targets, visit.handover, visit.line, visit.audio, visit.room)
        return HandoverEnd(outcome)

    # ── with a seat ─────────────────────────────────────────────────────────────────────────

    async def _served(self, visit: Visit, seat_id: SeatId) -> HandoverEnd | None:
        """The whole talk; None when the caller waits again."""
        desk, call_id = self.parts.desk, visit.contact.call_id
        try:
            seat = await desk.seat(seat_id)
        except VoicebotError as error:
            log.error("seat not found", code=error.code)
            await quietly(desk.fail(seat_id, call_id))
            return None
        if seat.phone and self._rules(visit.contact).released and await self._released(visit, seat):
            return HandoverEnd(HandoverOutcome.COMPLETED)
        line = await self.parts.lines.of_seat(seat, call_id)
        if line is None:
            log.warning("seat not reached", seat=seat_id)
            await quietly(desk.fail(seat_id, call_id))
            return None
        try:
            await visit.room.person()
            await visit.line.flush()
        except BaseException:
            await line.hang_up("us")
            raise
        end = await self._talked(visit, seat, line)
        if end is None:
            visit.room.back()
        return end

    async def _released(self, visit: Visit, seat: Seat) -> bool:
        """The caller is sent to the seat's phone; nothing of the talk is heard here, nor when it ends."""
        desk, call_id = self.parts.desk, visit.contact.call_id
        if not await visit.line.transfer(seat.phone, call_id):
            return False
        await quietly(desk.talk_changed(call_id, Talk(released=True)))
        await quietly(desk.end_talk(call_id, seat.id))
        return True

    async def _talked(self, visit: Visit, seat: Seat, line: Line) -> HandoverEnd | None:
        async with Conference(visit.line.info.rate, self.parts.clock, visit.room.people) as talk:
            caller = talk.join(CALLER, visit.line, visit.audio)
            room = TalkRoom(visit.contact, talk, caller, self.parts, visit.room)
            self.talks.opened(room)
            try:
                leg = room.ring(Party.SEAT, seat.id)
                room.connect(leg, line)
                await visit.line.state("talking")
                welcome(room, leg, visit.contact, visit.handover.language)
                return await room.run()
            finally:
                self.talks.closed(room)
                await room.close()


def manned(view: SeatView, contact: Contact, rules: QueueRules) -> bool:
    """Somebody is signed in who serves the queue, or the one that helps out, and speaks the language."""
    queues = {contact.queue} | ({rules.overflow} if rules.overflow is not None else set())
    return any(
        seat.state is not SeatState.OFFLINE
        and any(seat.skills.get(queue, 0) > 0 for queue in queues)
        and (contact.language == MANDARIN or seat.skills.get(contact.language, 0) > 0)
        for seat in view.seats.values()
    )
