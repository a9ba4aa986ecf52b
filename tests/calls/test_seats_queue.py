"""A caller, the queue and a seat: from the wish for a person to the end of the talk."""

import asyncio
from dataclasses import replace

from tests.calls.kit import until
from tests.calls.seat_kit import CALL, PHONE, QUEUE, WANTED, hall, heard_by, peak
from tests.fakes.line import FakeLine
from tests.virtual_time import on_virtual_time
from voicebot.calls.callers import CallerBook
from voicebot.calls.options import SeatOptions
from voicebot.calls.ports import LineInfo
from voicebot.core.catalogue import CityProfile
from voicebot.core.errors import VoicebotError
from voicebot.core.handover import HandoverEnd, HandoverOutcome
from voicebot.core.ids import CallId, LanguageTag, SeatId
from voicebot.seats.contact import ContactState
from voicebot.seats.rules import Otherwise, QueueRules, SeatRules
from voicebot.seats.seat import SeatState

RETURNED = HandoverEnd(HandoverOutcome.RETURNED)


@on_virtual_time
async def test_a_seat_accepts_and_both_talk() -> None:
    async with hall() as here:
        await here.sign_in("1023")
        here.wants_a_person()
        seat = await here.talks_with("1023")
        assert here.contact.line == "line-1"
        assert here.contact.caller == "138****8000"
        assert here.room.persons == 1
        assert here.line.states[-1] == "talking"
        await asyncio.sleep(5)
        assert {"您好，", "幺零二三号话务员为您服务。"} <= set(here.voice.said)
        assert "社保卡丢了" in "".join(here.voice.said)
        assert await heard_by(here.line, seat)
        assert await heard_by(seat, here.line)
        assert here.recorded > 0.5
        assert here.talk is not None
        assert [(leg.party, leg.name, leg.state) for leg in here.talk.legs] == [("seat", "1023", "talking")]
        assert here.talk.recording
        seat.hangs_up()
        assert await here.ends() == RETURNED
        assert here.contact.state is ContactState.DONE
        assert here.seat("1023").state is SeatState.WRAP_UP


@on_virtual_time
async def test_whom_we_ring_back_waits_before_all_others() -> None:
    async with hall() as here:
        await here.sign_in("1023")
        await here.desk.busy(SeatId("1023"))
        here.line = FakeLine(here.clock, replace(here.line.info, outbound=True))
        await here.line.answer()
        here.wants_a_person()
        await until(lambda: bool(here.store.calls))
        assert here.contact.front


@on_virtual_time
async def test_who_has_called_before_is_known_to_the_queue() -> None:
    async def thrice(number: str) -> int:
        assert number == PHONE
        return 3

    async with hall() as here:
        await here.sign_in("1023")
        city = CityProfile("云江市", "云江12345", "数据局", callers={"elder": frozenset({PHONE})})
        here.switchboard = replace(here.switchboard, callers=CallerBook(lambda: city, thrice))
        here.wants_a_person()
        await until(lambda: bool(here.store.calls))
        assert (here.contact.elder, here.contact.enterprise, here.contact.repeat) == (True, False, 3)


@on_virtual_time
async def test_the_caller_hears_who_comes_and_the_seat_alone_hears_why() -> None:
    async with hall() as here:
        await here.sign_in("1023")
        here.wants_a_person()
        seat = await here.talks_with("1023")
        await asyncio.sleep(6)
        assert any(peak(each) > 100 for each in seat.heard)
        told = [each.at for each in here.line.heard if peak(each) > 100]
        # 14 characters are for the caller, 11 for the seat, 0.2 s each
        assert 2.5 < max(told) - min(told) < 3.2


@on_virtual_time
async def test_a_seat_that_speaks_hears_no_more_of_the_summary() -> None:
    async with hall() as here:
        await here.sign_in("1023")
        here.wants_a_person(replace(WANTED, summary="社保卡丢了想问怎么补办" * 8))
        seat = await here.talks_with("1023")
        await heard_by(here.line, seat)
        await asyncio.sleep(1)
        quiet = here.clock.monotonic()
        await asyncio.sleep(3)
        assert not any(peak(each) > 100 for each in seat.heard if each.at > quiet)


@on_virtual_time
async def test_the_place_is_told_until_a_seat_is_free() -> None:
    async with hall() as here:
        await here.sign_in("1023")
        await here.desk.pause(SeatId("1023"), "休息")
        here.wants_a_person()
        await asyncio.sleep(20)
        assert here.contact.state is ContactState.WAITING
        assert here.room.places
        assert here.room.places[-1].ahead == 0
        await here.desk.ready(SeatId("1023"))
        await here.talks_with("1023")


@on_virtual_time
async def test_nobody_signed_in_goes_the_old_way() -> None:
    async with hall(options=SeatOptions({"*": "sip:seat"})) as here:
        people: list[FakeLine] = []
        here.dialer.on_answer = people.append
        here.wants_a_person()
        await until(lambda: bool(people))
        assert CALL not in here.store.calls
        assert await heard_by(people[0], here.line)
        people[0].hangs_up()
        assert await here.ends() == RETURNED


@on_virtual_time
async def test_nobody_anywhere_is_said_at_once() -> None:
    async with hall() as here:
        here.wants_a_person()
        assert (await here.ends()).outcome is HandoverOutcome.UNAVAILABLE


@on_virtual_time
async def test_nobody_speaks_the_language() -> None:
    async with hall() as here:
        await here.sign_in("1023")
        here.wants_a_person(replace(WANTED, language=LanguageTag("en")))
        assert (await here.ends()).outcome is HandoverOutcome.UNAVAILABLE


@on_virtual_time
async def test_an_emergency_line_comes_first_and_sees_the_number() -> None:
    async with hall(options=SeatOptions(emergency={"119": "sip:fire"})) as here:
        await here.sign_in("1023")
        here.wants_a_person(replace(WANTED, emergency="119"))
        await until(lambda: bool(here.dialer.dialled))
        await asyncio.sleep(5)
        assert here.dialer.dialled == [("sip:fire", CALL)]
        assert here.dialer.shown == [PHONE]
        assert here.seat("1023").state is SeatState.READY


@on_virtual_time
async def test_an_emergency_line_that_is_busy_leads_to_a_seat() -> None:
    async with hall(options=SeatOptions(emergency={"119": "sip:fire"})) as here:
        here.dialer.outcome = HandoverOutcome.BUSY
        await here.sign_in("1023")
        here.wants_a_person(replace(WANTED, emergency="119"))
        await here.talks_with("1023")
        assert here.contact.emergency == "119"


@on_virtual_time
async def test_who_hangs_up_in_the_queue_has_left() -> None:
    async with hall() as here:
        await here.sign_in("1023")
        here.wants_a_person()
        await until(lambda: here.seat("1023").state is SeatState.OFFERED)
        await here.hangs_up()
        assert here.contact.state is ContactState.LEFT
        assert here.seat("1023").state is SeatState.READY


@on_virtual_time
async def test_who_hangs_up_in_the_talk_is_done() -> None:
    async with hall() as here:
        await here.sign_in("1023")
        here.wants_a_person()
        seat = await here.talks_with("1023")
        await here.hangs_up()
        assert here.contact.state is ContactState.DONE
        assert here.seat("1023").state is SeatState.WRAP_UP
        assert seat.hang_up_reason == "us"


@on_virtual_time
async def test_who_wants_to_be_called_back_is_let_go() -> None:
    async with hall() as here:
        await here.sign_in("1023")
        here.wants_a_person()
        await until(lambda: here.seat("1023").state is SeatState.OFFERED)
        here.room.leaving.set_result(HandoverOutcome.CALL_BACK)
        assert (await here.ends()).outcome is HandoverOutcome.CALL_BACK
        assert here.contact.state is ContactState.CALL_BACK
        assert here.seat("1023").state is SeatState.READY


@on_virtual_time
async def test_who_wants_nobody_any_more_is_not_called_back() -> None:
    async with hall() as here:
        await here.sign_in("1023")
        await here.desk.busy(SeatId("1023"))
        here.wants_a_person()
        await asyncio.sleep(3)
        here.room.leaving.set_result(HandoverOutcome.LEFT)
        assert (await here.ends()).outcome is HandoverOutcome.LEFT
        assert here.contact.state is ContactState.ELSEWHERE


@on_virtual_time
async def test_nobody_waits_longer_than_anybody_may() -> None:
    async with hall(rules=SeatRules(usual=QueueRules(max_wait_s=60))) as here:
        await here.sign_in("1023")
        await here.desk.busy(SeatId("1023"))
        here.wants_a_person()
        assert (await here.ends(70)).outcome is HandoverOutcome.CALL_BACK
        assert here.contact.state is ContactState.CALL_BACK


@on_virtual_time
async def test_after_the_longest_wait_the_configured_line_is_rung_where_that_is_the_rule() -> None:
    rules = SeatRules(usual=QueueRules(max_wait_s=60, too_long=Otherwise.ELSEWHERE))
    async with hall(options=SeatOptions({"*": "sip:night"}), rules=rules) as here:
        await here.sign_in("1023")
        await here.desk.busy(SeatId("1023"))
        here.wants_a_person()
        await until(lambda: bool(here.dialer.dialled), 70)
        assert here.contact.state is ContactState.ELSEWHERE


@on_virtual_time
async def test_the_last_seat_signs_out_and_nobody_is_left_waiting_for_nothing() -> None:
    async with hall() as here:
        await here.sign_in("1023")
        await here.desk.busy(SeatId("1023"))
        here.wants_a_person()
        await asyncio.sleep(5)
        await here.desk.sign_out(SeatId("1023"))
        assert (await here.ends(10)).outcome is HandoverOutcome.CALL_BACK


@on_virtual_time
async def test_a_store_that_is_away_costs_the_queue_not_the_person() -> None:
    async with hall(options=SeatOptions({"*": "sip:seat"})) as here:
        await here.sign_in("1023")
        await asyncio.sleep(2)

        async def away() -> object:
            raise VoicebotError("db.failed", "away")

        here.store.seats = away  # type: ignore[method-assign, assignment]
        here.wants_a_person()
        await until(lambda: bool(here.dialer.dialled))


@on_virtual_time
async def test_a_page_that_brings_no_sound_loses_the_call_and_the_caller_is_served_first() -> None:
    async with hall() as here:
        here.doors.absent.add("1023")
        await here.sign_in("1023")
        here.wants_a_person()
        await here.accepts("1023")
        await until(lambda: here.contact.state is ContactState.WAITING, 15)
        assert here.contact.front
        assert here.seat("1023").state is SeatState.BUSY
        assert here.room.persons == 0
        await here.sign_in("1024")
        await here.talks_with("1024")


@on_virtual_time
async def test_a_killed_browser_leads_the_caller_to_the_next_seat() -> None:
    async with hall() as here:
        await here.sign_in("1023")
        here.wants_a_person()
        seat = await here.talks_with("1023")
        await here.sign_in("1024")
        await asyncio.sleep(5)
        here.dies("1023")
        seat.hangs_up("lost")
        await until(lambda: here.seat("1024").state is SeatState.OFFERED, 15)
        assert here.contact.front
        await until(lambda: here.room.backs == 1)
        assert "线路断了" in "".join(here.voice.said)
        other = await here.talks_with("1024")
        assert here.room.persons == 2
        await asyncio.sleep(6)
        assert await heard_by(other, here.line)
        assert await heard_by(here.line, other)
        other.hangs_up()
        assert await here.ends() == RETURNED


@on_virtual_time
async def test_a_page_without_a_sign_of_life_is_lost_though_its_sound_goes_on() -> None:
    async with hall() as here:
        await here.sign_in("1023")
        here.wants_a_person()
        seat = await here.talks_with("1023")
        here.dies("1023")
        await until(lambda: here.contact.state is ContactState.WAITING, 20)
        await until(lambda: here.room.backs == 1)
        assert seat.hang_up_reason == "us"
        assert here.seat("1023").state is SeatState.OFFLINE


@on_virtual_time
async def test_a_phone_that_answers_and_says_nothing_loses_the_call() -> None:
    async with hall() as here:
        people: list[FakeLine] = []

        async def dial(target: str, reference: str, timeout: float, caller: str = "") -> FakeLine:
            line = FakeLine(here.clock, LineInfo(CallId("p"), target, "", "phone", 8000))
            people.append(line)  # not answered: no sound ever comes
            return line

        here.dialer.dial = dial  # type: ignore[method-assign]
        await here.sign_in("1023", phone="sip:1023@desk")
        here.wants_a_person()
        await here.accepts("1023")
        await until(lambda: here.contact.state is ContactState.WAITING, 15)
        assert here.seat("1023").state is SeatState.BUSY
        assert people[0].hang_up_reason == "us"


@on_virtual_time
async def test_a_seat_with_a_phone_is_rung_there() -> None:
    async with hall() as here:
        people: list[FakeLine] = []
        here.dialer.on_answer = people.append
        await here.sign_in("1023", phone="sip:1023@desk")
        here.wants_a_person()
        await here.accepts("1023")
        await until(lambda: bool(people))
        assert here.dialer.dialled == [("sip:1023@desk", CALL)]
        await asyncio.sleep(6)
        assert await heard_by(people[0], here.line)
        people[0].hangs_up()
        assert await here.ends() == RETURNED


@on_virtual_time
async def test_a_phone_that_does_not_answer_loses_the_call() -> None:
    async with hall() as here:
        here.dialer.outcome = HandoverOutcome.NO_ANSWER
        await here.sign_in("1023", phone="sip:1023@desk")
        here.wants_a_person()
        await here.accepts("1023")
        await until(lambda: here.contact.state is ContactState.WAITING, 30)
        assert here.contact.front


@on_virtual_time
async def test_a_released_call_is_sent_to_the_phone() -> None:
    rules = SeatRules({QUEUE: QueueRules(released=True)})
    async with hall(rules=rules) as here:
        await here.sign_in("1023", phone="sip:1023@desk")
        here.wants_a_person()
        await here.accepts("1023")
        assert (await here.ends()).outcome is HandoverOutcome.COMPLETED
        assert here.line.transferred == [("sip:1023@desk", CALL)]
        assert any(c.talk is not None and c.talk.released for x in here.store.changes for c in x.contacts)


@on_virtual_time
async def test_a_call_that_cannot_be_released_is_anchored() -> None:
    rules = SeatRules({QUEUE: QueueRules(released=True)})
    async with hall(rules=rules) as here:
        here.line._transfers = False
        await here.sign_in("1023", phone="sip:1023@desk")
        here.wants_a_person()
        await here.accepts("1023")
        await until(lambda: here.talk is not None)
        assert here.dialer.dialled == [("sip:1023@desk", CALL)]
