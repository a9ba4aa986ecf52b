"""Wires the demonstration: tickets in all states, and calls of which they were made."""

from datetime import datetime, timedelta
from typing import Final

from voicebot.adapters.db.calls import SqlJournal
from voicebot.adapters.db.database import Database
from voicebot.adapters.db.demo import CALLS, counted
from voicebot.adapters.db.tickets import SqlTicketStore
from voicebot.calls.ports import LineInfo
from voicebot.calls.records import TurnRecord
from voicebot.core.clock import Clock
from voicebot.core.demand import Demand
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import CallId
from voicebot.operations.demo import MARK, began, demand, fill
from voicebot.tickets.deadlines import Deadlines

_EVERY: Final = 3
"""Every third ticket has its call."""


class _At:
    """A clock that stands where the demonstration is."""

    def __init__(self) -> None:
        self.at = datetime.min

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return 0.0


async def show(database: Database, clock: Clock, count: int, *, beside: bool = False) -> int:
    """Stores `count` tickets of the demonstration; how many there are now.

    Args:
        beside: also where there are real tickets.

    Raises:
        VoicebotError: ``demo.there`` (there are some already), ``demo.in_service`` (there are real ones).
    """
    own, real = await counted(database)
    if own:
        raise VoicebotError("demo.there", f"已有 {own} 件演示工单，先用 voicebot demo remove 删掉")
    if real and not beside:
        raise VoicebotError(
            "demo.in_service", f"这里有 {real} 件真实工单；确实要在旁边放演示数据，请加 --beside"
        )
    now, at = clock.now(), _At()
    store, journal = SqlTicketStore(database), SqlJournal(database, at)
    for number in range(count):
        at.at = began(number, count, now)
        call_id = CallId(f"{CALLS}{at.at:%Y%m%d}-{number:04d}") if number % _EVERY == 0 else None
        ticket = await fill(store, number, at.at + timedelta(minutes=2), now, Deadlines(), call_id)
        if call_id is not None:
            await _call(journal, at, call_id, demand(number), ticket.ticket_no)
    return count


async def _call(journal: SqlJournal, at: _At, call_id: CallId, told: Demand, ticket_no: str) -> None:
    """What was said; the caller's number is not kept."""
    info = LineInfo(call_id=call_id, caller="", dialled="12345", channel="phone", rate=0)
    await journal.opened(info, MARK)
    said = (
        ("", "您好，我是12345语音助手，请直接说您要办的事。"),
        (told.content, "我来登记。请问具体是什么时候？"),
        (f"{told.occurred}。", f"好的，地点是{told.address}，对吗？"),
        ("对", "已经登记，工单号发到您手机上。"),
    )
    for index, (words, reply) in enumerate(said):
        seconds = 8.0 * index
        await journal.turn(call_id, _turn(index, words, reply, seconds, ticket_no if index == 3 else None))
    at.at += timedelta(seconds=40)
    await journal.closed(call_id, "caller", "ended", None)


def _turn(index: int, said: str, reply: str, seconds: float, ticket_no: str | None) -> TurnRecord:
    return TurnRecord(
        index=index,
        said=said,
        confidence=0.9,
        engine=MARK,
        keys="",
        meaning="ticket" if index == 1 else "",
        action="ticket_created" if ticket_no else "ask",
        article=None,
        ticket_no=ticket_no,
        reply=reply,
        heard=reply,
        started=seconds,
        ended=seconds + 3,
        replied=seconds + 3.6,
        interrupted=False,
    )
