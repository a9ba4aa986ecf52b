"""The call bar: every state of a seat has its words and its buttons."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from voicebot.core.ids import CallId, QueueName, SeatId
from voicebot.seats.contact import Contact, ContactState, Leg, Party, Talk
from voicebot.seats.seat import IN_CALL, Seat, SeatState
from voicebot.web.seat.bar import ENABLED, STATUS, TONES, Act, Bar, Scene, bar, props, scene

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
CALL = CallId("c1")
ME = Leg("1", Party.SEAT, "1023", "talking")
POLICE = Leg("2", Party.OUTSIDE, "110", "talking")


def seat(state: SeatState, **more: object) -> Seat:
    return replace(Seat(SeatId("1023"), state, NOW, tab="t1", call_id=CALL), **more)  # type: ignore[arg-type]


def contact(talk: Talk | None) -> Contact:
    return Contact(CALL, QueueName("human"), NOW, ContactState.TAKEN, taken_at=NOW, talk=talk)


def on(found: Bar) -> set[Act]:
    return {button.act for button in found.buttons if button.on}


def words(found: Bar, act: Act) -> str:
    return next(button.words for button in found.buttons if button.act is act)


def test_every_scene_has_words_a_tone_and_buttons() -> None:
    assert set(ENABLED) == set(STATUS) == set(TONES) == set(Scene)


@pytest.mark.parametrize("state", list(SeatState))
def test_every_state_of_a_seat_leads_to_a_scene_with_the_same_row_of_buttons(state: SeatState) -> None:
    found = bar(seat(state), contact(Talk((ME,))) if state in IN_CALL else None, "t1")
    assert [button.act for button in found.buttons] == list(Act)


@pytest.mark.parametrize(
    ("state", "talk", "expected", "status"),
    [
        (SeatState.READY, None, Scene.READY, "示闲，等待来电"),
        (SeatState.OFFERED, None, Scene.OFFERED, "来电，请接听"),
        (SeatState.TALKING, None, Scene.JOINING, "正在接通"),
        (SeatState.TALKING, Talk((ME,)), Scene.TALKING, "通话中"),
        (SeatState.TALKING, Talk((ME,), muted=True), Scene.MUTED, "已静音，对方听不到您"),
        (SeatState.HELD, Talk((ME,), held=True), Scene.HELD, "保持中，来电人在听音乐"),
        (SeatState.HELD, Talk((ME,), held=True, muted=True), Scene.HELD, "保持中并已静音"),
        (SeatState.TALKING, Talk((ME, replace(POLICE, state="ringing"))), Scene.RINGING, "正在呼叫 110"),
        (SeatState.TALKING, Talk((ME, POLICE)), Scene.CONFERENCE, "3 方通话中"),
        (SeatState.TALKING, Talk((ME,), released=True), Scene.RELEASED, "已转到您的话机，本页听不到通话"),
        (SeatState.WRAP_UP, None, Scene.WRAP_UP, "话后整理"),
    ],
)
def test_events_of_a_talk(state: SeatState, talk: Talk | None, expected: Scene, status: str) -> None:
    found = bar(seat(state, until=NOW), contact(talk), "t1")
    assert (found.scene, found.status) == (expected, status)
    assert on(found) == ENABLED[expected]


def test_nobody_signed_in_can_do_nothing() -> None:
    assert scene(None, None, "t1") is Scene.OFFLINE
    assert on(bar(None, None, "t1")) == set()


def test_a_second_window_is_told_and_can_do_nothing() -> None:
    found = bar(seat(SeatState.TALKING), contact(Talk((ME,))), "t2")
    assert (found.scene, found.status, on(found)) == (Scene.ELSEWHERE, "已在另一个窗口签入", set())


def test_a_supervisor_who_listens_does_not_make_it_a_conference() -> None:
    listening = Leg("3", Party.MONITOR, "ban", "talking")
    assert scene(seat(SeatState.TALKING), contact(Talk((ME, listening))), "t1") is Scene.TALKING


def test_what_is_on_names_the_way_back() -> None:
    found = bar(seat(SeatState.TALKING), contact(Talk((ME,), muted=True)), "t1")
    assert words(found, Act.MUTE) == "取消静音"
    assert words(bar(seat(SeatState.HELD), contact(Talk((ME,), held=True)), "t1"), Act.HOLD) == "接回"


def test_a_wrap_up_without_an_end_needs_no_extension() -> None:
    assert on(bar(seat(SeatState.WRAP_UP), None, "t1")) == {Act.FINISH}
    assert on(bar(seat(SeatState.WRAP_UP, until=NOW), None, "t1")) == {Act.FINISH, Act.EXTEND}


def test_no_key_means_two_things_at_once() -> None:
    for at in Scene:
        keys = [b.key for b in bar(None, None, "").buttons if b.act in ENABLED[at] and b.key]
        assert len(keys) == len(set(keys)), at


def test_a_break_says_why_and_an_offer_when_it_ends() -> None:
    assert bar(seat(SeatState.BREAK, reason="用餐"), None, "t1").status == "小休：用餐"
    until = NOW + timedelta(seconds=15)
    shown = props(bar(seat(SeatState.OFFERED, until=until), None, "t1"), NOW)
    assert shown["until"] - shown["now"] == 15_000
