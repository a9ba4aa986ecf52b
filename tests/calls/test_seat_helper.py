"""Help over the bus: read from the store, understood by the line's brain."""

import asyncio

import pytest

from tests.calls.kit import brain
from tests.fakes.clocks import MORNING, HandClock
from tests.fakes.seats import MemorySeats
from voicebot.adapters.bus import InProcessBus
from voicebot.adapters.bus.seat_help import BusSeatHelp, serve_help, subject
from voicebot.calls.records import CallReader, CallView, TurnRecord
from voicebot.calls.seat_helper import SeatHelper
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import CallId, QueueName
from voicebot.operations.seat_help import SeatHelp
from voicebot.operations.talk_lines import Speaker, TalkLine
from voicebot.seats.contact import Contact

CALL = CallId("c1")
LAMP = "幸福路3号路灯坏了昨天晚上开始不亮"


class Calls(CallReader):
    def __init__(self, *said: str) -> None:
        self._said = said

    async def call(self, call_id: CallId) -> CallView | None:
        if call_id != CALL:
            return None
        turns = tuple(
            TurnRecord(i, text, 0.9, "", "", "", "", None, None, "", "", 0, 0, 0, False, ())
            for i, text in enumerate(self._said)
        )
        return CallView(CALL, "", "12345", "phone", "main", MORNING, None, "", "", None, None, turns)

    async def calls(self, limit: int, before: str | None = None) -> list[CallView]:
        return []


class Lines:
    def __init__(self, *lines: TalkLine) -> None:
        self._lines = lines

    async def lines(self, call_id: CallId, after: int = -1) -> tuple[TalkLine, ...]:
        return self._lines


def test_help_is_asked_of_the_line_that_has_the_call() -> None:
    seats = MemorySeats()
    slots = {"phone": "13800138000"}
    seats.calls[CALL] = Contact(CALL, QueueName("综合"), MORNING, line="l1", slots=slots)
    seats.calls[CallId("elsewhere")] = Contact(CallId("elsewhere"), QueueName("综合"), MORNING)
    talk = Lines(
        TalkLine(CALL, 0, Speaker.PERSON, "您好请讲", 1, 2),
        TalkLine(CALL, 1, Speaker.CALLER, LAMP, 3, 5, 0.8),
        TalkLine(CALL, 2, Speaker.CALLER, "", 6, 7, 0.0),
    )
    helper = SeatHelper(Calls("社保卡丢了怎么补办"), talk, seats, brain, HandClock())

    async def ask() -> tuple[SeatHelp, SeatHelp]:
        bus = InProcessBus()
        await serve_help(bus, "l1", helper.help)
        asked = BusSeatHelp(bus, seats)
        found, unknown = await asked.help(CALL), await asked.help(CallId("elsewhere"))
        seats.calls[CALL] = Contact(CALL, QueueName("综合"), MORNING, line="l2")
        await bus.serve(subject("l2"), lambda body: asyncio.sleep(0, b"{}x"))
        with pytest.raises(VoicebotError, match=r"看不懂"):
            await asked.help(CALL)
        await bus.close()
        return found, unknown

    brain()  # is read once
    found, unknown = asyncio.run(ask())
    assert unknown == SeatHelp()
    fields = {one.name: one for one in found.fields}
    assert (fields["address"].value, fields["address"].index) == ("幸福路3号", 1)
    assert fields["phone"].value == "13800138000"
    assert [hit.article for hit in found.hits] == ["KB001"]
    assert found.department == "市城市管理局"
    assert [step.kind for step in found.steps] == ["say", "do"]
