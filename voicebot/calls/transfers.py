"""Handing a caller on, and bringing others to a talk; when it fails, all is as it was."""

import asyncio
from typing import Final

import structlog

from voicebot.calls.seat_lines import Outside
from voicebot.calls.talk import TalkLeg, TalkRoom, quietly
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import QueueName, SeatId
from voicebot.operations.seat_view import SeatView
from voicebot.seats.contact import ContactState, Party
from voicebot.seats.seat import IN_CALL, SeatState

log = structlog.get_logger(__name__)

NOT_TAKEN: Final = "对方没有接听，来电人还在您这里。"
MOVED_ON: Final = "正在为您转接，请稍候。"
PATIENCE: Final = 60.0
"""Longest wait for another seat's answer; its offer runs out before."""

_WHY: Final = {
    "talk.unknown_target": "没有这个转接对象",
    "talk.nobody_there": "这个队列现在没有人签入",
    "talk.busy": "正在呼叫另一方，请先等结果或者取消",
    "talk.no_seat": "这通电话已经不在坐席手里",
}


class TransferRefused(VoicebotError):
    """Args: code: one of those above."""

    def __init__(self, code: str) -> None:
        super().__init__(code, _WHY[code])


class Transfers:
    """Of one talk. Targets: ``seat:<id>``, ``queue:<name>[/<skill>]``, ``number:<digits or name>``."""

    def __init__(self, room: TalkRoom) -> None:
        self._room = room

    async def transfer(self, to: str) -> None:
        """The caller hears music while the other is rung, and is theirs once they answer.

        Raises:
            TransferRefused: see above; SeatRefused ``seat.not_free``: the seat takes no calls now.
        """
        kind, _, name = to.partition(":")
        if self._room.owner is None:
            raise TransferRefused("talk.no_seat")
        match kind:
            case "queue":
                await self._to_queue(name)
            case _:
                await self._begin(kind, name, keeps_seat=False)

    async def conference(self, to: str) -> None:
        """The other joins when they answer. Raises: see `transfer`."""
        kind, _, name = to.partition(":")
        await self._begin(kind, name, keeps_seat=True)

    async def _begin(self, kind: str, name: str, *, keeps_seat: bool) -> None:
        room = self._room
        if room.rung is not None:
            raise TransferRefused("talk.busy")
        match kind:
            case "seat":
                await room.parts.desk.consult(room.call_id, SeatId(name))
                leg = room.ring(Party.SEAT, name)
                work = self._seat(leg, keeps_seat)
            case "number" if (who := room.parts.lines.outside(name)) is not None:
                leg = room.ring(Party.OUTSIDE, name)
                work = self._outside(leg, who, keeps_seat)
            case _:
                raise TransferRefused("talk.unknown_target")
        room.moving = not keeps_seat
        if keeps_seat:
            await room.changed()
        else:
            await room.hold(True)
        room.talk.spawn(work)

    # ── to a queue ──────────────────────────────────────────────────────────────────────────

    async def _to_queue(self, name: str) -> None:
        room = self._room
        queue, _, skill = name.partition("/")
        if not _manned(await room.parts.desk.look(), QueueName(queue), room.owner):
            raise TransferRefused("talk.nobody_there" if queue else "talk.unknown_target")
        assert room.owner is not None
        room.moving = True
        try:
            await room.parts.desk.transfer(room.call_id, room.owner, QueueName(queue), skill)
        except VoicebotError:
            room.moving = False
            raise
        await room.parts.announcer.say(room.talk, MOVED_ON, lambda member: member is room.caller)
        room.end(None)

    # ── to a seat ───────────────────────────────────────────────────────────────────────────

    async def _seat(self, leg: TalkLeg, keeps_seat: bool) -> None:
        room, desk, other = self._room, self._room.parts.desk, SeatId(leg.name)
        if not await self._accepts(other):
            await self._failed(leg)
            return
        seat = await desk.seat(other)
        line = await room.parts.lines.of_seat(seat, room.call_id) if leg.id in room.legs else None
        if line is None or leg.id not in room.legs or room.over.done():
            if line is not None:
                await line.hang_up("us")
            await quietly(desk.end_talk(room.call_id, other))
            await self._failed(leg)
            return
        room.connect(leg, line)
        if keeps_seat:
            await room.changed()
            return
        first = room.leg_of(room.owner or "", Party.SEAT)
        await room.owned_by(other)
        room.moving = False
        if first is not None:
            await room.drop(first)
        await room.changed()

    async def _accepts(self, other: SeatId) -> bool:
        """Whether the seat at which it rings takes it."""
        try:
            async with asyncio.timeout(PATIENCE):
                async for seat in self._room.parts.desk.watch_seat(other):
                    if seat.call_id != self._room.call_id:
                        return False
                    if seat.state is not SeatState.OFFERED:
                        return seat.state in IN_CALL
        except (TimeoutError, VoicebotError) as error:
            log.warning("transfer not followed", error=str(error) or "timeout")
        return False

    # ── to a number ─────────────────────────────────────────────────────────────────────────

    async def _outside(self, leg: TalkLeg, who: Outside, keeps_seat: bool) -> None:
        room = self._room
        caller = room.caller.line.info.caller
        line = await room.parts.lines.of_outside(who, room.call_id, caller)
        if line is None or leg.id not in room.legs or room.over.done():
            if line is not None:
                await line.hang_up("us")
            await self._failed(leg)
            return
        member = room.connect(leg, line)
        if who.emergency:
            room.talk.spawn(self._tell(leg, caller))
        first = room.leg_of(room.owner or "", Party.SEAT)
        if not keeps_seat:
            await room.left_to_outside()
            room.moving = False
            if first is not None:
                await room.drop(first)
        await room.changed()
        if member.gone.is_set():
            log.info("outside party left at once", number=who.name)

    async def _tell(self, leg: TalkLeg, caller: str) -> None:
        """An emergency line hears who calls and where from, until somebody there speaks."""
        room, member = self._room, leg.member
        assert member is not None
        _, slots = room.room.told()
        place = slots.get("address", "")
        words = f"这里是一二三四五热线。来电号码{caller or '未显示'}。" + (
            f"地址，{place}。" if place else ""
        )
        await room.parts.announcer.say(
            room.talk, words, lambda each: each is member, until=lambda: member.speaks
        )

    # ── when it fails ───────────────────────────────────────────────────────────────────────

    async def _failed(self, leg: TalkLeg) -> None:
        """The caller is the first seat's again; where that one is gone, they wait before all others."""
        room = self._room
        known = room.legs.pop(leg.id, None)
        transferring, room.moving = room.moving, False
        first = room.leg_of(room.owner or "", Party.SEAT)
        if (
            room.owner is not None and room.contact.state is not ContactState.TAKEN
        ):  # the first seat's page vanished meanwhile
            await room.lost()
            return
        if first is None and transferring and room.owner is not None:
            desk = room.parts.desk
            await quietly(desk.transfer(room.call_id, room.owner, room.contact.queue, room.contact.skill))
            await room.lost()
            return
        if transferring:
            await room.hold(False)
        else:
            await room.changed()
        if first is not None and known is not None:
            member = first.member
            await room.parts.announcer.say(
                room.talk, NOT_TAKEN, lambda each: each is member, until=lambda: room.over.done()
            )


def _manned(view: SeatView, queue: QueueName, but: SeatId | None) -> bool:
    """Somebody else is signed in who serves the queue."""
    return any(
        seat.state is not SeatState.OFFLINE and seat.skills.get(queue, 0) > 0 and seat.id != but
        for seat in view.seats.values()
    )
