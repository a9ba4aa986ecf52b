"""Brings a person to a call at configured addresses: rung one after the other, and joined."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable
from itertools import cycle

import structlog

from voicebot.calls.conference import CALLER, Conference
from voicebot.calls.options import SeatOptions
from voicebot.calls.ports import LEAD, AudioIn, Dialer, Line, WaitingRoom
from voicebot.calls.sound import ringback
from voicebot.core.clock import Clock
from voicebot.core.errors import VoicebotError
from voicebot.core.handover import Handover, HandoverEnd, HandoverOutcome

log = structlog.get_logger(__name__)

EVERY = "*"
TALKED = frozenset({HandoverOutcome.COMPLETED, HandoverOutcome.RETURNED})


class SeatSwitchboard:
    """The port `Switchboard` over a `Dialer`.

    An emergency goes to that line's address, a call for another office to that office's; where none is
    configured, or it does not answer, to the seats of the queue: a person decides, the caller is never
    dropped. Seats with the skill, or the language, that is wanted come before the others of their queue.
    """

    def __init__(self, dialer: Dialer, options: SeatOptions, clock: Clock) -> None:
        self._dialer = dialer
        self._options = options
        self._clock = clock

    async def hand_over(
        self, handover: Handover, line: Line, audio: AsyncIterator[AudioIn], room: WaitingRoom
    ) -> HandoverEnd:
        """Rings the targets one after the other and stays until the talk has ended."""
        targets = dict.fromkeys((*self.outside(handover), *self.of_queue(handover)))
        return HandoverEnd(await self.ring_each(targets, handover, line, audio, room))

    def outside(self, handover: Handover) -> tuple[str, ...]:
        """Addresses of an emergency line or another office that is wanted."""
        wanted = (
            self._options.emergency.get(handover.emergency or ""),
            self._options.numbers.get(handover.number),
        )
        return tuple(target for target in wanted if target)

    def of_queue(self, handover: Handover) -> tuple[str, ...]:
        """Addresses that are configured for the queue."""
        seats, queue = self._options.seats, handover.queue
        if not queue:
            return ()
        wanted = (
            seats.get(f"{queue}/{handover.skill}") if handover.skill else None,
            seats.get(f"{queue}/{handover.language}", seats.get(queue, seats.get(EVERY))),
        )
        return tuple(target for target in wanted if target)

    async def ring_each(
        self,
        targets: Iterable[str],
        handover: Handover,
        line: Line,
        audio: AsyncIterator[AudioIn],
        room: WaitingRoom,
    ) -> HandoverOutcome:
        """Until one of them has talked; else the outcome of the last, UNAVAILABLE where there is none."""
        outcome = HandoverOutcome.UNAVAILABLE
        for target in targets:
            log.info("ringing", target=target, queue=handover.queue, reason=handover.reason)
            outcome = await self._try(target, handover, line, audio, room)
            if outcome in TALKED:
                break
        return outcome

    async def _try(
        self, target: str, handover: Handover, line: Line, audio: AsyncIterator[AudioIn], room: WaitingRoom
    ) -> HandoverOutcome:
        if self._options.release and await line.transfer(target, handover.call_id):
            return HandoverOutcome.COMPLETED
        try:
            person = await self._rung(target, handover, line, room)
        except VoicebotError as error:
            log.error("dialling failed", target=target, code=error.code, error=error.message)
            return HandoverOutcome.FAILED
        if isinstance(person, HandoverOutcome):
            return person
        try:
            await room.person()
            await line.flush()
            await line.state("talking")
            async with Conference(line.info.rate, self._clock, room.people) as talk:
                talk.join(CALLER, line, audio)
                await talk.join("person", person).gone.wait()
        finally:
            await person.hang_up("us")
        return HandoverOutcome.RETURNED

    async def _rung(
        self, target: str, handover: Handover, line: Line, room: WaitingRoom
    ) -> Line | HandoverOutcome:
        """The answered line; meanwhile the caller hears it ring, unless they hear something already."""
        ringing = asyncio.create_task(asyncio.sleep(0) if room.sounding else ring(line))
        shown = line.info.caller if handover.emergency else ""
        try:
            return await self._dialer.dial(target, handover.call_id, self._options.ring, shown)
        finally:
            ringing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await ringing


async def ring(caller: Line) -> None:
    """Plays the ring-back tone to the caller until cancelled."""
    if not caller.info.rate:
        await asyncio.Event().wait()
    loop = asyncio.get_running_loop()
    due = loop.time()
    for chunk in cycle(ringback(caller.info.rate)):
        await caller.send(chunk)
        due += chunk.seconds  # a line that is gone takes sound at once: we pace ourselves
        await asyncio.sleep(due - LEAD - loop.time())
