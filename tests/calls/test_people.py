"""Handing a call to a person, and what happens when nobody is there."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

from tests.calls.kit import calling, until, voice
from tests.fakes.clocks import HandClock
from tests.fakes.dialer import FakeDialer
from tests.fakes.line import FakeLine
from tests.virtual_time import on_virtual_time
from voicebot.adapters.virtual_time import run_virtual
from voicebot.calls.options import SeatOptions
from voicebot.calls.ports import AudioIn
from voicebot.calls.switchboard import SeatSwitchboard
from voicebot.calls.waiting_room import SilentRoom
from voicebot.core.handover import Handover, HandoverOutcome, HandoverReason
from voicebot.core.ids import CallId, LanguageTag, QueueName


@on_virtual_time
async def test_a_person_is_rung_and_both_hear_each_other() -> None:
    people: list[FakeLine] = []
    async with calling() as scene:
        scene.dialer.on_answer = people.append
        await scene.until_we_listen()
        scene.starts_saying("转人工")
        await until(lambda: bool(people))
        (person,) = people
        asked = scene.clock.monotonic()
        assert scene.dialer.dialled == [("sip:seat", scene.line.info.call_id)]
        scene.line.says(voice(1.0, -18.0))
        person.says(voice(1.0, -12.0))
        await asyncio.sleep(1.5)
        assert len(person.heard_pcm()) > 16000
        assert sum(1 for each in scene.line.heard if each.at >= asked and each.chunk.pcm.count(0) < 100) > 40
        assert scene.line.states[-1] == "talking"
        person.hangs_up()
        await asyncio.sleep(0.5)
        await scene.until_we_listen()
        assert not scene.call.done()
    assert any(turn.action == "transfer_human" for turn in scene.kept.turns)


@on_virtual_time
async def test_the_caller_hears_ringing_not_dead_air() -> None:
    async with calling() as scene:
        scene.dialer.rings = 8.0
        await scene.until_we_listen()
        scene.line.press("0")
        await until(lambda: bool(scene.dialer.dialled))
        began = scene.clock.monotonic()
        await asyncio.sleep(1.0)
        assert any(any(each.chunk.pcm) for each in scene.line.heard if each.at > began)


@on_virtual_time
async def test_nobody_answers_the_caller_is_told_and_called_back() -> None:
    async with calling() as scene:
        scene.dialer.outcome = HandoverOutcome.NO_ANSWER
        await scene.until_we_listen()
        await scene.says("转人工")
        await asyncio.sleep(25)
        await scene.until_we_listen()
        for _ in range(3):
            if scene.store.tickets:
                break
            await scene.says("对")
        (ticket,) = scene.store.tickets.values()
        assert ticket.ticket_no in "".join(scene.said)
    assert any(turn.action == "callback" for turn in scene.kept.turns)


@on_virtual_time
async def test_no_seat_at_all_is_said_honestly() -> None:
    async with calling(seats=SeatOptions()) as scene:
        await scene.until_we_listen()
        await scene.says("转人工")
        await scene.until_we_listen()
        assert scene.dialer.dialled == []
        assert any("回电" in text for text in scene.said)


@on_virtual_time
async def test_an_emergency_goes_to_its_line_within_two_seconds_of_the_safety_words() -> None:
    seats = SeatOptions({"*": "sip:seat"}, {"119": "sip:fire"})
    async with calling(seats=seats) as scene:
        await scene.until_we_listen()
        scene.starts_saying("着火了救命")
        await until(lambda: bool(scene.dialer.dialled))
        assert scene.dialer.dialled[0][0] == "sip:fire"
        assert len(scene.said) == 2
    assert any(turn.action == "transfer_emergency" for turn in scene.kept.turns)


@on_virtual_time
async def test_an_emergency_line_that_does_not_answer_falls_back_to_a_seat() -> None:
    seats = SeatOptions({"*": "sip:seat"}, {"119": "sip:fire"})
    async with calling(seats=seats) as scene:
        scene.dialer.outcome = HandoverOutcome.BUSY
        await scene.until_we_listen()
        await scene.says("着火了救命")
        await asyncio.sleep(5)
        assert [target for target, _ in scene.dialer.dialled][:2] == ["sip:fire", "sip:seat"]
        assert not scene.call.done()


@on_virtual_time
async def test_a_released_call_is_sent_by_refer() -> None:
    async with calling(seats=SeatOptions({"*": "sip:seat"}, release=True)) as scene:
        await scene.until_we_listen()
        scene.starts_saying("转人工")
        await scene.ends()
        assert scene.line.transferred == [("sip:seat", scene.line.info.call_id)]
        assert scene.kept.reason == "handed_over"


@on_virtual_time
async def test_hanging_up_while_it_rings_stops_the_ringing() -> None:
    async with calling() as scene:
        scene.dialer.rings = 15.0
        await scene.until_we_listen()
        scene.line.press("0")
        await until(lambda: bool(scene.dialer.dialled))
        scene.line.hangs_up()
        await scene.ends()
        assert scene.kept.reason == "caller"


def targets(handover: Handover, seats: SeatOptions) -> list[str]:
    """Whom the switchboard would ring, in order."""
    dialer = FakeDialer(HandClock(), outcome=HandoverOutcome.BUSY)

    async def nobody() -> AsyncIterator[AudioIn]:
        return
        yield

    async def ring() -> None:
        line = FakeLine(HandClock())
        await SeatSwitchboard(dialer, seats, HandClock()).hand_over(handover, line, nobody(), SilentRoom())

    run_virtual(ring())
    return [target for target, _ in dialer.dialled]


def test_whom_the_switchboard_rings() -> None:
    seats = SeatOptions(
        {"综合": "sip:all", "综合/手语": "sip:signs", "外语/en": "sip:english", "*": "sip:any"},
        {"119": "sip:fire"},
        numbers={"12333": "sip:12333@gate"},
    )
    wanted = Handover(CallId("c"), QueueName("综合"), HandoverReason.ASKED, "")
    nobodys = replace(wanted, queue=QueueName(""))
    assert targets(wanted, seats) == ["sip:all"]
    assert targets(replace(wanted, skill="手语"), seats) == ["sip:signs", "sip:all"]
    assert targets(replace(wanted, skill="唱歌"), seats) == ["sip:all"]
    assert targets(replace(wanted, number="12333"), seats) == ["sip:12333@gate", "sip:all"]
    assert targets(replace(nobodys, number="12333"), seats) == ["sip:12333@gate"]
    assert targets(replace(nobodys, number="12399"), seats) == []
    assert targets(replace(nobodys, emergency="119"), seats) == ["sip:fire"]
    assert targets(replace(nobodys, emergency="120"), seats) == []
    assert targets(replace(wanted, emergency="119"), seats) == ["sip:fire", "sip:all"]
    english = replace(wanted, queue=QueueName("外语"), language=LanguageTag("en"))
    assert targets(english, seats) == ["sip:english"]
    assert targets(replace(english, language=LanguageTag("fr")), seats) == ["sip:any"]
