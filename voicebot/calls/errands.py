"""What a call has done for it elsewhere: the ticket desk, a person's phone. Outcomes are posted."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from typing import assert_never

import structlog

from voicebot.calls.inbox import JobDone, Message
from voicebot.calls.parts import CallParts
from voicebot.calls.ports import AudioIn, Line
from voicebot.calls.waiting_room import CallRoom
from voicebot.core.errors import VoicebotError
from voicebot.core.handover import Handover
from voicebot.dialogue.effects import ChangeTicket, FileTicket, FindTickets, HandOver, Notify
from voicebot.dialogue.events import (
    HandoverEnded,
    Notified,
    StepFailed,
    TicketChanged,
    TicketFiled,
    TicketsFound,
)
from voicebot.operations.notices import Notice

log = structlog.get_logger(__name__)

SOUND_AHEAD = 25
"""Pieces of the caller's sound that may wait for the person's leg (0.5 s); the oldest are dropped."""


class Errands:
    """Runs the effects that take time, for one call.

    `pending` counts the questions to the ticket desk whose result the dialogue has not had yet; the
    conductor keeps it, since between posting and handling a result other messages may come.
    """

    def __init__(self, parts: CallParts, line: Line, post: Callable[[Message], None]) -> None:
        self._parts = parts
        self._line = line
        self._post = post
        self._sound: asyncio.Queue[AudioIn] = asyncio.Queue(SOUND_AHEAD)
        self._notices = 0
        self.pending = 0

    async def run(self, errand: FileTicket | FindTickets | ChangeTicket) -> None:
        """Asks the ticket desk; posts exactly one result."""
        try:
            async with asyncio.timeout(self._parts.options.desk):
                result = await self._ask(errand)
        except VoicebotError as error:
            log.error(
                "ticket desk failed", errand=type(errand).__name__, code=error.code, error=error.message
            )
            result = StepFailed(error.code, self._parts.clock.now())
        except TimeoutError:
            log.error("ticket desk timed out", errand=type(errand).__name__)
            result = StepFailed("ticket.timeout", self._parts.clock.now())
        self._post(result)

    async def _ask(self, errand: FileTicket | FindTickets | ChangeTicket) -> JobDone:
        desk, now = self._parts.desk, self._parts.clock.now
        match errand:
            case FileTicket(demand=demand):
                return TicketFiled(await desk.file(demand, self._line.info.caller), now())
            case FindTickets(ticket_no=number, caller=caller):
                return TicketsFound(await desk.find(number, caller), now())
            case ChangeTicket(ticket_no=number, request=request, text=text, caller=caller):
                try:
                    return TicketChanged(await desk.change(number, request, text, caller), now())
                except VoicebotError as error:
                    if error.code.startswith("ticket."):  # an expected refusal, in words for the caller
                        return TicketChanged(None, now(), error.message)
                    raise
            case _:
                assert_never(errand)

    def notify(self, effect: Notify) -> "asyncio.Future[str] | None":
        """Gives a message away; from now on it does not depend on this call. None: nobody takes messages."""
        if self._parts.notifier is None:
            log.error("nobody takes messages", target=effect.target, step=effect.step)
            return None
        self._notices += 1
        call_id = self._line.info.call_id
        return self._parts.notifier.give(
            Notice(
                id=f"{call_id}-{self._notices}",
                target=effect.target,
                at=self._parts.clock.now(),
                call_id=call_id,
                step=effect.step,
                phone=effect.phone,
                text=effect.text,
                slots=effect.slots,
            )
        )

    async def notified(self, outcome: "asyncio.Future[str] | None") -> None:
        """Posts what became of a message, or that it takes too long to wait for."""
        code = "notify.unknown_target"
        if outcome is not None:
            done, _ = await asyncio.wait([outcome], timeout=self._parts.options.notify)
            code = outcome.result() if done else "notify.late"
        now = self._parts.clock.now()
        self._post(StepFailed(code, now) if code else Notified(now))

    async def hand_over(self, effect: HandOver, slots: Mapping[str, str], room: CallRoom) -> None:
        """Brings a person to the call and stays until they have parted; posts the outcome, unless somebody
        else is wanted by then."""
        handover = Handover(
            self._line.info.call_id,
            effect.queue,
            effect.reason,
            effect.summary,
            effect.emergency,
            tuple(slots.items()),
            effect.language,
            effect.skill,
            effect.number,
        )
        end = await self._parts.switchboard.hand_over(handover, self._line, self._caller_sound(), room)
        if not room.superseded:
            self._post(HandoverEnded(end.outcome, self._parts.clock.now(), end.flow))

    def caller_sound(self, sound: AudioIn) -> None:
        """The caller's sound while a person is rung or talks."""
        if self._sound.full():
            self._sound.get_nowait()
        self._sound.put_nowait(sound)

    async def _caller_sound(self) -> AsyncIterator[AudioIn]:
        while True:
            yield await self._sound.get()
