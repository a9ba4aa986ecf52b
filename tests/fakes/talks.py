"""Talks without a line process: orders are noted and carried out on the stored call, as the line would."""

from collections.abc import Sequence
from dataclasses import replace

from voicebot.core.errors import VoicebotError
from voicebot.core.ids import CallId, QueueName, SeatId
from voicebot.operations.seat_desk import SeatDesk
from voicebot.operations.talk_lines import Speaker, TalkLine
from voicebot.operations.talks import TalkAction, TalkOrder
from voicebot.seats.contact import Leg, Party, Talk


class ListedTalks:
    """Implements `voicebot.operations.talks.Talks`."""

    def __init__(self, desk: SeatDesk) -> None:
        self._desk = desk
        self.orders: list[TalkOrder] = []
        self.broken: VoicebotError | None = None

    async def begin(self, call_id: CallId) -> None:
        """What the line does after a seat has accepted."""
        contact = await self._desk.contact(call_id)
        assert contact.seat is not None
        own = Leg("seat-1", Party.SEAT, contact.seat, "talking")
        await self._desk.talk_changed(call_id, Talk((own,), recording=True))

    async def order(self, order: TalkOrder) -> None:
        if self.broken is not None:
            raise self.broken
        self.orders.append(order)
        contact = await self._desk.contact(order.call_id)
        talk = contact.talk
        if talk is None or contact.seat is None:
            raise VoicebotError("talk.unknown", "这通电话不在通话")
        match order.action:
            case TalkAction.HANG_UP | TalkAction.BACK:
                await self._desk.end_talk(order.call_id, contact.seat)
            case TalkAction.TRANSFER if order.to.startswith("queue:"):
                queue = QueueName(order.to.removeprefix("queue:"))
                await self._desk.transfer(order.call_id, contact.seat, queue)
            case _:
                await self._desk.talk_changed(order.call_id, _after(talk, order))
                if order.action is TalkAction.HOLD:
                    await self._desk.hold(SeatId(contact.seat))
                elif order.action is TalkAction.RESUME:
                    await self._desk.resume(SeatId(contact.seat))


def _after(talk: Talk, order: TalkOrder) -> Talk:
    match order.action:
        case TalkAction.HOLD | TalkAction.RESUME:
            return replace(talk, held=order.action is TalkAction.HOLD)
        case TalkAction.MUTE | TalkAction.UNMUTE:
            return replace(talk, muted=order.action is TalkAction.MUTE)
        case TalkAction.RECORD | TalkAction.PAUSE_RECORDING:
            return replace(talk, recording=order.action is TalkAction.RECORD)
        case TalkAction.CONFERENCE:
            name = order.to.removeprefix("number:")
            return replace(talk, legs=(*talk.legs, Leg("out-1", Party.OUTSIDE, name, "talking")))
        case TalkAction.DROP:
            return replace(talk, legs=tuple(leg for leg in talk.legs if leg.id != order.to))
        case _:
            return talk


class ListedLines:
    """Implements `voicebot.operations.talk_lines.TalkLines`."""

    def __init__(self) -> None:
        self.said: list[TalkLine] = []

    def say(self, call_id: CallId, who: Speaker, text: str, at: float) -> None:
        index = sum(line.call_id == call_id for line in self.said)
        self.said.append(TalkLine(call_id, index, who, text, at, at + 2.0))

    async def lines(self, call_id: CallId, after: int = -1) -> Sequence[TalkLine]:
        return [line for line in self.said if line.call_id == call_id and line.index > after]
