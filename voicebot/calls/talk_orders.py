"""Carries out what seats and supervisors order in the talks of this process: the port `Talks`."""

from collections.abc import Awaitable, Callable
from typing import Final

import structlog

from voicebot.calls.conference import Mode
from voicebot.calls.seat_ports import Rights
from voicebot.calls.talk import RETURNED, TalkLeg, TalkRoom
from voicebot.calls.transfers import Transfers
from voicebot.core.errors import VoicebotError
from voicebot.core.handover import HandoverEnd, HandoverOutcome
from voicebot.core.ids import CallId, SeatId
from voicebot.operations.talks import TalkAction, TalkOrder
from voicebot.seats.contact import Party
from voicebot.seats.seat import Seat

log = structlog.get_logger(__name__)

KEYS: Final = frozenset("0123456789*#")
MOST_KEYS: Final = 32
MOST_WORDS: Final = 600
LISTENERS: Final = {
    TalkAction.MONITOR: (Party.MONITOR, Mode.HEARS),
    TalkAction.WHISPER: (Party.WHISPER, Mode.WHISPERS),
    TalkAction.BARGE: (Party.BARGE, Mode.TALKS),
}
LISTENING: Final = (Party.MONITOR, Party.WHISPER, Party.BARGE)
SUPERVISED: Final = frozenset(
    {TalkAction.TRANSFER, TalkAction.DROP, TalkAction.BACK, TalkAction.HANG_UP, TalkAction.RESUME}
)
"""What a supervisor may do with a talk that is not theirs, besides listening in."""

_WHY: Final = {
    "talk.unknown": "这通电话已经结束",
    "talk.not_yours": "您不在这通电话里，也没有管理它的权限",
    "talk.invalid": "看不懂的通话指令",
    "talk.unknown_leg": "通话里没有这一方，可能已经挂断",
    "talk.no_outside": "通话里没有外线，不需要按键",
    "talk.no_keys": "这条外线不能接收按键",
    "talk.empty": "没有要播报的内容",
    "talk.too_long": "播报的内容太长，请分段播报",
}


class TalkRefused(VoicebotError):
    """An order that is not carried out; nothing has changed. Args: code: one of those above."""

    def __init__(self, code: str) -> None:
        super().__init__(code, _WHY[code])


class RunningTalks:
    """Implements `voicebot.operations.talks.Talks` for the talks of this process."""

    def __init__(self, rights: Rights) -> None:
        self._rights = rights
        self._rooms: dict[CallId, TalkRoom] = {}

    def opened(self, room: TalkRoom) -> None:
        self._rooms[room.call_id] = room

    def closed(self, room: TalkRoom) -> None:
        if self._rooms.get(room.call_id) is room:
            del self._rooms[room.call_id]

    async def order(self, order: TalkOrder) -> None:
        """See `Talks`; codes besides: those of `TalkRefused` and of `Transfers`."""
        room = self._rooms.get(order.call_id)
        if room is None or room.over.done():
            raise TalkRefused("talk.unknown")
        log.info("talk.order", action=order.action, by=order.by, call_id=order.call_id)
        if order.action in LISTENERS or order.action is TalkAction.LEAVE:
            await self._listen(room, order)
            return
        leg = room.leg_of(order.by, Party.SEAT)
        if leg is None or leg.member is None:
            await self._demand_supervisor(order, order.action in SUPERVISED)
            leg = room.leg_of(room.owner or "", Party.SEAT)
        await _ORDERS[order.action](room, leg, order.to)

    async def _demand_supervisor(self, order: TalkOrder, possible: bool) -> None:
        if not possible or not await self._rights.supervises(order.by):
            raise TalkRefused("talk.not_yours")

    async def _listen(self, room: TalkRoom, order: TalkOrder) -> None:
        """监听, 耳语, 强插, and leaving."""
        await self._demand_supervisor(order, possible=True)
        leg = room.leg_of(order.by, *LISTENING)
        if order.action is TalkAction.LEAVE:
            if leg is None:
                raise TalkRefused("talk.unknown_leg")
            await room.drop(leg)
            return
        party, mode = LISTENERS[order.action]
        if leg is None:
            room.talk.spawn(_joins(room, room.ring(party, order.by)))
        else:
            leg.party = party
            if leg.member is not None:
                leg.member.mode = mode
        await room.changed()


async def _joins(room: TalkRoom, leg: TalkLeg) -> None:
    """A supervisor's page connects."""
    line = await room.parts.lines.of_seat(Seat(SeatId(leg.name)), room.call_id)
    if line is not None and leg.id in room.legs:
        room.connect(leg, line)
    elif line is not None:
        await line.hang_up("us")
    else:
        room.legs.pop(leg.id, None)
    await room.changed()


async def _hold(room: TalkRoom, _leg: TalkLeg | None, _to: str) -> None:
    await room.hold(True)


async def _resume(room: TalkRoom, _leg: TalkLeg | None, _to: str) -> None:
    await room.hold(False)


async def _mute(room: TalkRoom, leg: TalkLeg | None, _to: str) -> None:
    await _muted(room, leg, on=True)


async def _unmute(room: TalkRoom, leg: TalkLeg | None, _to: str) -> None:
    await _muted(room, leg, on=False)


async def _muted(room: TalkRoom, leg: TalkLeg | None, *, on: bool) -> None:
    if leg is not None and leg.member is not None:
        leg.member.muted = on
    await room.changed()


async def _keys(room: TalkRoom, _leg: TalkLeg | None, to: str) -> None:
    if not to or len(to) > MOST_KEYS or not set(to) <= KEYS:
        raise TalkRefused("talk.invalid")
    lines = [each.line for each in room.legs.values() if each.party is Party.OUTSIDE and each.line]
    if not lines:
        raise TalkRefused("talk.no_outside")
    if not any([await line.send_keys(to) for line in lines]):
        raise TalkRefused("talk.no_keys")


async def _say(room: TalkRoom, _leg: TalkLeg | None, to: str) -> None:
    """Returns before it is said, which may take a while."""
    if not to.strip():
        raise TalkRefused("talk.empty")
    if len(to) > MOST_WORDS:
        raise TalkRefused("talk.too_long")

    async def said() -> None:
        await room.parts.announcer.say(room.talk, to, lambda member: not member.held)

    room.talk.spawn(said())


async def _drop(room: TalkRoom, _leg: TalkLeg | None, to: str) -> None:
    other = room.legs.get(to)
    if other is None:
        raise TalkRefused("talk.unknown_leg")
    if other.member is not None:
        await (room.seat_leaves(other) if other.party is Party.SEAT else room.drop(other))
        return
    await room.drop(other)
    if room.moving:  # the transfer is called off
        room.moving = False
        await room.hold(False)


async def _back(room: TalkRoom, _leg: TalkLeg | None, to: str) -> None:
    room.end(HandoverEnd(HandoverOutcome.RETURNED, to[:64]))


async def _hang_up(room: TalkRoom, leg: TalkLeg | None, _to: str) -> None:
    if leg is None:
        room.end(RETURNED)
    else:
        await room.seat_leaves(leg)


async def _transfer(room: TalkRoom, _leg: TalkLeg | None, to: str) -> None:
    await Transfers(room).transfer(to)


async def _conference(room: TalkRoom, _leg: TalkLeg | None, to: str) -> None:
    await Transfers(room).conference(to)


async def _record(room: TalkRoom, _leg: TalkLeg | None, _to: str) -> None:
    room.recording = room.room.record(True)
    await room.changed()


async def _pause_recording(room: TalkRoom, _leg: TalkLeg | None, _to: str) -> None:
    room.recording = room.room.record(False)
    await room.changed()


_ORDERS: Final[dict[TalkAction, Callable[[TalkRoom, TalkLeg | None, str], Awaitable[None]]]] = {
    TalkAction.HOLD: _hold,
    TalkAction.RESUME: _resume,
    TalkAction.MUTE: _mute,
    TalkAction.UNMUTE: _unmute,
    TalkAction.TRANSFER: _transfer,
    TalkAction.CONFERENCE: _conference,
    TalkAction.DROP: _drop,
    TalkAction.KEYS: _keys,
    TalkAction.SAY: _say,
    TalkAction.BACK: _back,
    TalkAction.HANG_UP: _hang_up,
    TalkAction.RECORD: _record,
    TalkAction.PAUSE_RECORDING: _pause_recording,
}
