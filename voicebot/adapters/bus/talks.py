"""Orders to a talk, and the way into one, asked of the line process that has the call: ``talk.<line>``."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Final

from voicebot.core.errors import VoicebotError
from voicebot.core.ids import CallId, SeatId
from voicebot.operations.bus import Bus
from voicebot.operations.talks import Door, TalkAction, TalkOrder, Talks
from voicebot.seats.contact import OVER, Contact
from voicebot.seats.ports import SeatStore

PATIENCE: Final = 6.0
"""Seconds for an answer; the line itself waits up to 3 s for news of an acceptance."""

DOOR: Final = "door"
"""The action that is no order: it asks for a way in."""

FindDoor = Callable[[CallId, SeatId], Awaitable[Door]]


def subject(line: str) -> str:
    return f"talk.{line}"


async def serve_talks(bus: Bus, line: str, talks: Talks, door: FindDoor) -> None:
    """Answers from now on for the line process `line`."""

    async def handler(body: bytes) -> bytes:
        try:
            asked = json.loads(body)
            call_id, seat = CallId(str(asked["call_id"])), SeatId(str(asked["by"]))
            action = str(asked["action"])
            order = None if action == DOOR else TalkOrder(call_id, seat, TalkAction(action), str(asked["to"]))
        except (ValueError, KeyError, TypeError) as error:
            raise VoicebotError("talk.invalid", "看不懂的通话指令") from error
        if order is None:
            return json.dumps(asdict(await door(call_id, seat))).encode()
        await talks.order(order)
        return b"{}"

    await bus.serve(subject(line), handler)


class BusTalks:
    """Implements `voicebot.operations.talks.Talks` and `TalkDoors`."""

    def __init__(self, bus: Bus, seats: SeatStore) -> None:
        self._bus = bus
        self._seats = seats

    async def order(self, order: TalkOrder) -> None:
        await self._ask(order.call_id, order.by, order.action, order.to)

    async def door(self, call_id: CallId, seat: SeatId, tab: str = "") -> Door:
        known = await self._seats.seat(seat) if tab else None
        if known is not None and known.tab and known.tab != tab:
            raise VoicebotError("talk.other_tab", "这个坐席已经在另一个页面签入")
        found = json.loads(await self._ask(call_id, seat, DOOR, ""))
        return Door(str(found["url"]), str(found["ticket"]))

    async def _ask(self, call_id: CallId, by: SeatId, action: str, to: str) -> bytes:
        contact = await self._running(call_id)
        asked = {"call_id": call_id, "by": by, "action": action, "to": to}
        body = json.dumps(asked, ensure_ascii=False).encode()
        try:
            return await self._bus.request(subject(contact.line), body, PATIENCE)
        except VoicebotError as error:
            if error.code != "bus.timeout":
                raise
            words = "这通电话所在的线路没有应答，请再试一次"
            raise VoicebotError("bus.timeout", words, retryable=True) from error

    async def _running(self, call_id: CallId) -> Contact:
        contact = await self._seats.contact(call_id)
        if contact is None or contact.state in OVER or not contact.line:
            raise VoicebotError("talk.unknown", "这通电话已经结束")
        return contact
