"""What a seat is shown of a call: evidence, masks, the form, the order of buttons' orders."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from tests.fakes.directories import shipped
from tests.unit.web.fakes import call_view, turn
from voicebot.core.handover import HandoverReason
from voicebot.core.ids import CallId, QueueName
from voicebot.operations.talk_lines import Speaker, TalkLine
from voicebot.operations.talks import TalkAction
from voicebot.seats.contact import Contact, ContactState, Leg, Party, Talk
from voicebot.web.seat.acting import order_of
from voicebot.web.seat.caller_panel import Pop, marks
from voicebot.web.seat.filing import demand_of
from voicebot.web.seat.screen import (
    begun_ticket,
    bot_lines,
    legs,
    slot_rows,
    talk_lines,
    ticket_fields,
    waited,
)

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
CALL = CallId("c1")
VIEW = call_view(
    1,
    turn(1, "", "您好，请说。"),
    turn(2, "云江路12号的路灯坏了，我电话13800008000", "好的", confidence=0.93),
    turn(3, "三天了", "记下了", confidence=0.61),
)
CONTACT = Contact(
    CALL,
    QueueName("综合"),
    NOW,
    ContactState.TAKEN,
    caller="138****8000",
    summary="反映云江路12号的路灯坏了",
    slots={"address": "云江路12号", "time": "三天", "phone": "13800008000"},
)


def test_the_transcript_marks_slots_and_masks_numbers() -> None:
    lines = bot_lines(VIEW, CONTACT.slots)
    assert [line["who"] for line in lines] == ["bot", "caller", "bot", "caller", "bot"]
    said = lines[1]["parts"]
    cut = [(part["text"], part["mark"]) for part in said]
    assert cut == [("云江路12号", "地点"), ("的路灯坏了，我电话138****8000", "")]


def test_a_sentence_that_was_not_written_down_is_told() -> None:
    lost = TalkLine(CALL, 4, Speaker.CALLER, "", 30.0, 31.0)
    spoken = TalkLine(CALL, 5, Speaker.PERSON, "请打13911112222", 32.0, 33.0)
    shown = talk_lines([lost, spoken])
    assert [line["parts"][0]["text"] for line in shown] == ["（这句没有转成文字）", "请打139****2222"]
    assert [line["name"] for line in shown] == ["来电人", "坐席"]
    assert len({line["key"] for line in (*shown, *bot_lines(VIEW, {}))}) == 7


def test_a_slot_says_where_it_was_heard_and_how_well() -> None:
    address, time, phone = slot_rows(CONTACT, VIEW)
    assert (address["evidence"], address["confidence"]) == ("t2", 0.93)
    assert (time["evidence"], time["confidence"]) == ("t3", 0.61)
    assert phone["words"] == "138****8000"


def test_the_form_is_filled_without_a_number_and_marks_what_is_unsure() -> None:
    fields = {field["name"]: field for field in ticket_fields(CONTACT, VIEW, shipped())}
    assert (fields["address"]["note"], fields["address"]["sure"]) == ("热线听到 93%", True)
    assert fields["occurred"]["sure"] is False
    begun = begun_ticket(CONTACT, {"object": "路灯"})
    assert (begun["address"], begun["occurred"], begun["object"]) == ("云江路12号", "三天", "路灯")
    assert begun["phone"] == ""
    assert set(begun) <= set(fields)


def test_what_is_typed_becomes_a_demand_with_the_callers_number() -> None:
    values = begun_ticket(CONTACT, {}) | {"title": "路" * 60, "confidential": "yes"}
    demand = demand_of(CONTACT, values, "13800008000")
    assert (demand.phone, demand.confidential, demand.want_reply) == ("13800008000", True, True)
    assert (len(demand.title), demand.call_id, demand.department) == (30, CALL, None)


def test_only_those_beside_seat_and_caller_can_be_sent_away() -> None:
    talk = Talk(
        (
            Leg("1", Party.SEAT, "1023", "talking"),
            Leg("2", Party.OUTSIDE, "110", "ringing"),
            Leg("3", Party.MONITOR, "ban", "talking"),
        )
    )
    caller, own, police, chief = legs(replace(CONTACT, talk=talk), "1023")
    assert (caller["name"], own["name"], police["words"], chief["words"]) == (
        "来电人",
        "我",
        "正在呼叫",
        "监听",
    )
    assert [leg.get("drop", False) for leg in (caller, own, police, chief)] == [False, False, True, False]
    assert legs(CONTACT, "1023") == []


def test_the_same_button_asks_for_the_way_back() -> None:
    talk = Talk(held=True, muted=True)
    on, off = replace(CONTACT, talk=talk), replace(CONTACT, talk=Talk())
    assert (order_of("hold", on), order_of("hold", off)) == (TalkAction.RESUME, TalkAction.HOLD)
    assert (order_of("mute", on), order_of("mute", off)) == (TalkAction.UNMUTE, TalkAction.MUTE)
    assert order_of("pause_recording", on) is TalkAction.PAUSE_RECORDING
    assert order_of("no such button", on) is None


def test_the_gravest_stands_first() -> None:
    grave = replace(CONTACT, emergency="119", elder=True, why=HandoverReason.EMERGENCY)
    words = [word for word, _ in marks(Pop(grave, None, (), "angry"))]
    assert words == ["紧急 119", "紧急情况", "情绪激动", "老年人，请慢一些"]


def test_waiting_ends_when_somebody_answers() -> None:
    later = NOW + timedelta(seconds=40)
    assert waited(CONTACT, later) == 40
    assert waited(replace(CONTACT, taken_at=NOW + timedelta(seconds=9)), later) == 9
