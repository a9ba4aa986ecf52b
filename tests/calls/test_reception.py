"""Taking calls: limits, lines that never come to be, defects, the end of the day."""

import asyncio
from dataclasses import replace

from tests.calls.kit import brain, until, voice
from tests.fakes.detector import FakeDetector
from tests.fakes.dialer import FakeDialer
from tests.fakes.journal import FakeJournal
from tests.fakes.line import INFO, FakeLine
from tests.fakes.speech import FakeRecogniser, FakeSynthesizer
from tests.fakes.tickets import DictTicketStore
from tests.virtual_time import SHANGHAI_MORNING, VirtualClock, on_virtual_time
from voicebot.calls.brain import Brain
from voicebot.calls.options import AdmissionOptions, CallOptions, SeatOptions
from voicebot.calls.parts import CallParts
from voicebot.calls.reception import Reception
from voicebot.calls.switchboard import SeatSwitchboard
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import CallId, FlowName
from voicebot.operations.ticket_desk import TicketDesk


class Desk:
    """A reception and everything behind it."""

    def __init__(self, admission: AdmissionOptions | None = None) -> None:
        self.clock = VirtualClock(SHANGHAI_MORNING)
        self.recogniser = FakeRecogniser()
        self.journal = FakeJournal()
        self.broken = False
        parts = CallParts(
            recogniser=self.recogniser,
            detector=FakeDetector(),
            synthesizer=FakeSynthesizer(),
            desk=TicketDesk(DictTicketStore(), self.clock),
            switchboard=SeatSwitchboard(FakeDialer(self.clock), SeatOptions(), self.clock),
            journal=self.journal,
            clock=self.clock,
            options=CallOptions(),
        )
        self.reception = Reception(parts, self._brain, admission)

    def _brain(self, call_id: CallId) -> Brain:
        if self.broken:
            raise RuntimeError("a defect of ours")
        return brain()

    def line(self, number: int = 1) -> FakeLine:
        return FakeLine(self.clock, replace(INFO, call_id=CallId(f"c{number}")))

    def takes(self, line: FakeLine) -> "asyncio.Task[None]":
        return asyncio.create_task(self.reception.on_call(line))


class Unconfirmed(FakeLine):
    """The caller's side never confirms our answer."""

    async def answer(self) -> None:
        raise VoicebotError("sip.no_ack", "never confirmed")


def spoken(line: FakeLine) -> str:
    return "".join(text for who, text, _ in line.captions if who == "bot")


@on_virtual_time
async def test_a_call_beyond_the_limit_is_told_so_and_costs_no_recognition() -> None:
    desk = Desk(AdmissionOptions(max_calls=1))
    first, second = desk.line(1), desk.line(2)
    calls = [desk.takes(first), desk.takes(second)]
    second.says(voice(2.0))
    await until(lambda: bool(second.captions) and bool(first.captions))
    assert "请问您要办什么事" in spoken(first)
    assert "来电较多" in spoken(second)
    assert "voicebot_calls_beyond_limit_total 1" in desk.reception.metrics()
    await asyncio.sleep(5)
    assert desk.recogniser.asked == []
    for line in (first, second):
        line.hangs_up()
    await asyncio.gather(*calls)


@on_virtual_time
async def test_which_flows_calls_are_in() -> None:
    desk = Desk(AdmissionOptions(max_calls=1))
    first, second = desk.line(1), desk.line(2)
    calls = [desk.takes(first), desk.takes(second)]
    await until(lambda: bool(second.captions) and bool(first.captions))
    assert desk.reception.flows() == {"main": 1, "overload": 1}
    for line in (first, second):
        line.hangs_up()
    await asyncio.gather(*calls)
    assert desk.reception.flows() == {}


@on_virtual_time
async def test_a_backlog_of_recognition_is_a_limit_too() -> None:
    desk = Desk(AdmissionOptions(max_backlog=3.0))
    desk.recogniser.waiting = 4.0
    line = desk.line()
    call = desk.takes(line)
    await until(lambda: bool(line.captions))
    assert "来电较多" in spoken(line)
    line.hangs_up()
    await call


@on_virtual_time
async def test_an_answer_that_is_never_confirmed_is_no_defect() -> None:
    desk = Desk()
    line = Unconfirmed(desk.clock)
    await desk.takes(line)
    assert line.heard == []
    assert line.hang_up_reason == "error"
    assert 'voicebot_calls_total{reason="sip.no_ack"} 1' in desk.reception.metrics()
    assert desk.reception.running == 0


@on_virtual_time
async def test_a_defect_is_an_apology_to_the_caller_and_no_harm_to_the_next() -> None:
    desk = Desk()
    desk.broken = True
    line = desk.line(1)
    await line.answer()
    await desk.takes(line)
    assert len(line.heard_pcm()) > 0
    assert line.hang_up_reason == "error"
    desk.broken = False
    after = desk.line(2)
    call = desk.takes(after)
    await until(lambda: bool(after.captions))
    after.hangs_up()
    await call


@on_virtual_time
async def test_draining_lets_calls_end_and_takes_no_more() -> None:
    desk = Desk()
    line, late = desk.line(1), desk.line(2)
    call = desk.takes(line)
    await until(lambda: bool(line.captions))
    desk.reception.close()
    await desk.takes(late)
    assert late.hang_up_reason == "busy"
    assert await desk.reception.drain(1.0) == 1
    line.hangs_up()
    assert await desk.reception.drain(5.0) == 0
    await call
    assert desk.journal.calls[CallId("c1")].reason == "caller"


@on_virtual_time
async def test_calls_beyond_what_recognition_can_bear_are_told_so_until_one_ends() -> None:
    desk = Desk(AdmissionOptions(load=0.5, first_guess=0.25))
    lines = [desk.line(number) for number in range(1, 5)]
    calls = [desk.takes(line) for line in lines[:3]]
    await until(lambda: all(line.captions for line in lines[:3]))
    assert ["来电较多" in spoken(line) for line in lines[:3]] == [False, False, True]
    lines[0].hangs_up()
    await calls[0]
    calls.append(desk.takes(lines[3]))
    await until(lambda: bool(lines[3].captions))
    assert "来电较多" not in spoken(lines[3])
    for line in lines[1:]:
        line.hangs_up()
    await asyncio.gather(*calls)


OUT = replace(INFO, outbound=True)


@on_virtual_time
async def test_calls_of_ours_take_no_place_of_callers() -> None:
    """Of four places two are kept for those who call us."""
    desk = Desk(AdmissionOptions(max_calls=4, kept_free=0.5))
    assert desk.reception.spare() == 2
    first, second = desk.line(1), desk.line(2)
    calls = [desk.takes(first), desk.takes(second)]
    await until(lambda: desk.reception.spare() == 0)
    first.hangs_up()
    await calls[0]
    assert desk.reception.spare() == 1
    desk.recogniser.waiting = 5.0
    assert desk.reception.spare() == 0
    desk.recogniser.waiting = 0.0
    desk.reception.close()
    assert desk.reception.spare() == 0
    second.hangs_up()
    await calls[1]


@on_virtual_time
async def test_a_call_of_ours_begins_with_what_it_knows_and_tells_how_it_ended() -> None:
    desk = Desk()
    line = FakeLine(desk.clock, OUT)
    known = {"callee": "王小明", "matter": "反映的路灯不亮"}
    call = asyncio.create_task(desk.reception.converse(line, FlowName("revisit"), known))
    await until(lambda: line.states[-1:] == ["listening"])
    line.press("2")  # somebody else
    end = await call
    assert (end.reason, end.slots["result"], end.score) == ("done", "wrong_person", None)
    assert end.slots["callee"] == "王小明"


@on_virtual_time
async def test_a_broken_call_of_ours_is_hung_up() -> None:
    desk = Desk()
    desk.broken = True
    line = FakeLine(desk.clock, OUT)
    end = await desk.reception.converse(line, FlowName("revisit"), {})
    assert (end.reason, end.slots) == ("error", {})
    assert line.hang_up_reason == "error"
