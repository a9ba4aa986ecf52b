"""The desk as a caller meets it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from tests.fakes.clocks import MORNING, HandClock
from tests.fakes.demands import OTHER, PHONE, lamp
from tests.fakes.tickets import DictTicketStore
from voicebot.core.demand import TicketRequest
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import CallId, TicketNo
from voicebot.core.meaning import AppealType, Urgency
from voicebot.operations.ticket_desk import TicketDesk
from voicebot.tickets.deadlines import DEFAULT, Deadlines, Span, Terms
from voicebot.tickets.lifecycle import Given, transition
from voicebot.tickets.ticket import TicketAction

NEXT_CALL = CallId("20261125-101500-0001")
POTHOLE = {
    "title": "路面有坑",
    "content": "人民路8号前面的路面塌了一个大坑，骑车摔跤",
    "address": "人民路8号",
    "object": "路面",
}


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def store() -> DictTicketStore:
    return DictTicketStore()


@pytest.fixture
def desk(store: DictTicketStore, clock: HandClock) -> TicketDesk:
    return TicketDesk(store, clock)


async def test_filing(desk: TicketDesk) -> None:
    receipt = await desk.file(lamp(), PHONE)
    assert receipt.ticket_no == "20261124000001"
    assert receipt.department == "市城市管理局"
    assert receipt.due_at.isoformat() == "2026-12-01T17:30:00+08:00"
    assert not receipt.appended


async def test_filing_twice_in_one_call_gives_the_same_receipt(desk: TicketDesk, clock: HandClock) -> None:
    first = await desk.file(lamp(), PHONE)
    clock.pass_(timedelta(minutes=1))
    assert await desk.file(lamp(), PHONE) == first
    assert len(await desk.find("", PHONE)) == 1


async def test_two_matters_in_one_call_are_two_tickets(desk: TicketDesk) -> None:
    first = await desk.file(lamp(), PHONE)
    second = await desk.file(lamp(**POTHOLE), PHONE)
    assert second.ticket_no != first.ticket_no
    assert not second.appended


async def test_the_same_matter_in_a_later_call_is_added(
    desk: TicketDesk, store: DictTicketStore, clock: HandClock
) -> None:
    first = await desk.file(lamp(), PHONE)
    clock.pass_(timedelta(days=1))
    again = lamp(call_id=NEXT_CALL, content="云江路12号门口的路灯还是坏的，晚上一片漆黑，要求尽快维修")
    second = await desk.file(again, PHONE)
    assert second.appended
    assert (second.ticket_no, second.due_at) == (first.ticket_no, first.due_at)
    assert await desk.file(again, PHONE) == second
    events = await store.events(first.ticket_no)
    assert [event.action for event in events] == [TicketAction.ACCEPT, TicketAction.SUPPLEMENT]


async def test_a_closed_matter_gets_a_new_ticket(desk: TicketDesk) -> None:
    first = await desk.file(lamp(), PHONE)
    await desk.change(first.ticket_no, TicketRequest.WITHDRAW, "", PHONE)
    second = await desk.file(lamp(call_id=NEXT_CALL), PHONE)
    assert second.ticket_no != first.ticket_no


async def test_other_callers_get_their_own_ticket(desk: TicketDesk) -> None:
    first = await desk.file(lamp(), PHONE)
    second = await desk.file(lamp(phone=OTHER, call_id=NEXT_CALL), OTHER)
    assert second.ticket_no != first.ticket_no
    assert not second.appended


async def test_found_by_the_line_even_when_another_phone_was_left(desk: TicketDesk) -> None:
    receipt = await desk.file(lamp(phone=OTHER), PHONE)
    for number in (PHONE, OTHER, "+86" + PHONE):
        assert [t.ticket_no for t in await desk.find("", number)] == [receipt.ticket_no]


async def test_a_call_back_is_a_ticket_due_in_two_hours(desk: TicketDesk) -> None:
    receipt = await desk.file(lamp(callback_only=True, content="", address="", object=""), PHONE)
    assert receipt.due_at == MORNING + timedelta(hours=2)


async def test_half_characters_are_dropped(desk: TicketDesk) -> None:
    receipt = await desk.file(lamp(title="\ud83d路灯\x00坏了", caller_name="王\ud83d"), PHONE)
    (found,) = await desk.find(receipt.ticket_no, PHONE)
    assert found.title == "路灯坏了"


async def test_urgent(desk: TicketDesk) -> None:
    receipt = await desk.file(lamp(urgency=Urgency.CRITICAL), PHONE)
    assert receipt.due_at == MORNING + timedelta(hours=2)


async def test_finding(desk: TicketDesk) -> None:
    first = await desk.file(lamp(), PHONE)
    second = await desk.file(lamp(**POTHOLE), PHONE)
    assert [t.ticket_no for t in await desk.find("", PHONE)] == [second.ticket_no, first.ticket_no]
    assert [t.title for t in await desk.find("0001", PHONE)] == ["路灯不亮"]
    (found,) = await desk.find(second.ticket_no, OTHER)
    assert (found.title, found.state) == ("路面有坑", "已受理")
    assert found.due_at.isoformat() == "2026-12-01T17:30:00+08:00"


@pytest.mark.parametrize("text", ["0001", "001", "202611240000011", "20261124000009"])
async def test_a_stranger_finds_nothing(desk: TicketDesk, text: str) -> None:
    await desk.file(lamp(), PHONE)
    assert await desk.find(text, OTHER) == ()
    assert await desk.find("", "") == ()
    assert await desk.find("001", PHONE) == ()


@pytest.mark.parametrize(
    "secret", [{"confidential": True}, {"anonymous": True}, {"appeal_type": AppealType.REPORT}]
)
async def test_a_guessed_number_tells_nothing_of_a_confidential_matter(
    desk: TicketDesk, secret: dict[str, object]
) -> None:
    receipt = await desk.file(lamp(**secret), PHONE)
    (stranger,) = await desk.find(receipt.ticket_no, OTHER)
    assert (stranger.title, stranger.reply) == ("保密事项", "")
    (own,) = await desk.find(receipt.ticket_no, PHONE)
    assert own.title == "路灯不亮"


async def test_a_closed_ticket_is_found_by_number_only(desk: TicketDesk) -> None:
    receipt = await desk.file(lamp(), PHONE)
    await desk.change(receipt.ticket_no, TicketRequest.WITHDRAW, "", PHONE)
    assert await desk.find("", PHONE) == ()
    assert [t.state for t in await desk.find(receipt.ticket_no[-6:], PHONE)] == ["已撤单"]


async def test_urge_and_supplement(desk: TicketDesk, store: DictTicketStore) -> None:
    no = (await desk.file(lamp(), PHONE)).ticket_no
    await desk.change(no, TicketRequest.URGE, "", PHONE)
    after = await desk.change(no, TicketRequest.SUPPLEMENT, "还有一盏也坏了，打我13911112222", PHONE)
    assert after.state == "已受理"
    events = await store.events(no)
    assert [(e.actor, e.action, e.reason) for e in events[1:]] == [
        ("caller", TicketAction.URGE, ""),
        ("caller", TicketAction.SUPPLEMENT, "还有一盏也坏了，打我139****2222"),
    ]
    assert await store.hidden(no) == ("13911112222",)


async def test_status_changes_nothing(desk: TicketDesk, store: DictTicketStore) -> None:
    no = (await desk.file(lamp(), PHONE)).ticket_no
    assert (await desk.change(no, TicketRequest.STATUS, "", PHONE)).state == "已受理"
    assert len(await store.events(no)) == 1


async def test_only_the_owner_withdraws(desk: TicketDesk) -> None:
    no = (await desk.file(lamp(), PHONE)).ticket_no
    with pytest.raises(VoicebotError) as refused:
        await desk.change(no, TicketRequest.WITHDRAW, "", OTHER)
    assert refused.value.code == "ticket.not_yours"
    assert (await desk.change(no, TicketRequest.WITHDRAW, "修好了", PHONE)).state == "已撤单"
    with pytest.raises(VoicebotError, match="工单已撤单，不能催办"):
        await desk.change(no, TicketRequest.URGE, "", PHONE)


async def test_objection_only_to_what_was_answered(desk: TicketDesk, store: DictTicketStore) -> None:
    no = (await desk.file(lamp(), PHONE)).ticket_no
    with pytest.raises(VoicebotError, match="工单已受理，不能提出异议"):
        await desk.change(no, TicketRequest.OBJECTION, "没修好", PHONE)
    await store.change(
        no, lambda t: transition(t, TicketAction.REPLY, "handler:li", MORNING, "", Given(reply="修好了"))
    )
    after = await desk.change(no, TicketRequest.OBJECTION, "没修好", PHONE)
    assert (after.state, after.reply) == ("已答复", "修好了")


@pytest.mark.parametrize("request_", TicketRequest)
async def test_unknown_number(desk: TicketDesk, request_: TicketRequest) -> None:
    with pytest.raises(VoicebotError) as refused:
        await desk.change(TicketNo("20261124999999"), request_, "话", PHONE)
    assert refused.value.code in {"ticket.unknown", "ticket.not_yours"}


async def test_a_store_that_is_away_gives_no_number(desk: TicketDesk, store: DictTicketStore) -> None:
    store.failing = VoicebotError("db.full", "磁盘已满", retryable=True)
    with pytest.raises(VoicebotError, match=r"db\.full"):
        await desk.file(lamp(), PHONE)
    store.failing = None
    assert (await desk.file(lamp(), PHONE)).ticket_no.endswith("000001")


async def test_sensitive_words_travel_apart(desk: TicketDesk, store: DictTicketStore) -> None:
    receipt = await desk.file(lamp(content="打我13800008000，或者13911112222"), PHONE)
    ticket = await store.ticket(receipt.ticket_no)
    assert ticket is not None
    assert ticket.content == "打我138****8000，或者139****2222"
    assert await store.hidden(receipt.ticket_no) == (PHONE, OTHER)
    contact = await store.contact(receipt.ticket_no)
    assert contact is not None
    assert (contact.name, contact.phone, contact.caller) == ("王小明", PHONE, PHONE)


async def test_a_receipt_says_when_nobody_knows_the_calendar_yet(
    store: DictTicketStore, clock: HandClock
) -> None:
    clock.at = clock.at.replace(month=12, day=30)
    desk = TicketDesk(store, clock)
    with capture_logs() as logs:
        receipt = await desk.file(lamp())
    assert not receipt.certain
    assert [(log["event"], log["log_level"]) for log in logs] == [("calendar.unpublished", "warning")]
    clock.at = clock.at.replace(month=11, day=24)
    assert (await desk.file(lamp(call_id=None, title="井盖", object="井盖", content="井盖没了"))).certain


async def test_a_new_profile_counts_for_the_next_ticket(store: DictTicketStore, clock: HandClock) -> None:
    live = [Deadlines()]
    desk = TicketDesk(store, clock, lambda: live[0])
    first = await desk.file(lamp())
    hour = Terms(Span(timedelta(minutes=5)), Span(timedelta(hours=1)))
    live[0] = Deadlines(replace(DEFAULT, normal=dict.fromkeys(AppealType, hour)))
    other = lamp(call_id=None, title="井盖", object="井盖", content="井盖没了", address="江北路3号")
    second = await desk.file(other, OTHER)
    assert first.due_at - clock.at > timedelta(days=5)
    assert second.due_at - clock.at == timedelta(hours=1)
