"""What a seat does by itself."""

from datetime import UTC, timedelta
from types import MappingProxyType
from typing import Any

import pytest

from tests.unit.seats.rows import (
    FIXED,
    FREE,
    GENERAL,
    NOW,
    RULES,
    SLOW,
    after,
    call,
    refused,
    ringing,
    seat,
    talking,
)
from voicebot.core.ids import QueueName
from voicebot.seats import moves
from voicebot.seats.contact import Contact
from voicebot.seats.moved import Moved
from voicebot.seats.seat import Next, Seat, SeatState

S = SeatState
PAUSE = Next(S.BREAK, "用餐")


def only(moved: Moved) -> Seat:
    (row,) = moved.seats
    return row


def wrapping(queue: QueueName = GENERAL, **values: Any) -> tuple[Seat, Contact]:
    """Wraps up since `NOW`."""
    one, contact = talking(queue, **values)
    moved = moves.end_talk(one, contact, NOW, RULES)
    return only(moved), moved.contacts[0]


def test_who_signs_in_is_busy_until_they_are_ready() -> None:
    row = only(moves.sign_in(seat(state=S.OFFLINE, beat=None, missed=2), "t1", NOW))
    assert (row.state, row.tab, row.beat, row.missed, row.idle_since) == (S.BUSY, "t1", NOW, 0, None)
    assert only(moves.ready(row, after(5), RULES)).idle_since == after(5)


@pytest.mark.parametrize(("hours", "taken"), [(-1, 7), (-10, 0), (-30, 0)])
def test_calls_are_counted_by_the_day_of_the_city(hours: int, taken: int) -> None:
    since = (NOW + timedelta(hours=hours)).astimezone(UTC)  # 10 hours ago it was yesterday there
    row = only(moves.sign_in(seat(state=S.OFFLINE, taken=7, since=since), "t1", NOW))
    assert row.taken == taken


def test_a_reload_is_the_same_tab_and_a_second_tab_is_told() -> None:
    assert moves.sign_in(seat(), "t1", NOW) == Moved()
    refused("seat.other_tab", moves.sign_in, seat(), "t2", NOW)
    one, _ = talking()
    taken = only(moves.take_over(one, "t2", NOW))
    assert (taken.state, taken.call_id, taken.tab) == (S.TALKING, one.call_id, "t2")
    refused("seat.signed_out", moves.take_over, seat(state=S.OFFLINE), "t2", NOW)


@pytest.mark.parametrize("state", [S.READY, S.BREAK, S.BUSY])
def test_without_a_call_a_state_begins_at_once(state: SeatState) -> None:
    one = seat(state=state, reason="休息" if state is S.BREAK else "")
    assert only(moves.pause(one, "用餐", NOW, RULES)).reason == "用餐"
    out = only(moves.sign_out(one, NOW))
    assert (out.state, out.tab, out.reason, out.since) == (S.OFFLINE, "", "", NOW)
    for move, target in ((moves.busy, S.BUSY), (lambda s, at: moves.ready(s, at, RULES), S.READY)):
        moved = move(one, NOW)
        assert moved == Moved() if state is target else only(moved).state is target


@pytest.mark.parametrize("one", [ringing()[0], talking()[0], wrapping()[0]])
def test_with_a_call_a_state_is_what_comes_next(one: Seat) -> None:
    asked = only(moves.pause(one, "用餐", NOW, RULES))
    assert (asked.state, asked.call_id, asked.next) == (one.state, one.call_id, PAUSE)
    assert moves.pause(asked, "用餐", NOW, RULES) == Moved()
    assert only(moves.busy(asked, NOW)).next == Next(S.BUSY)
    assert only(moves.ready(asked, NOW, RULES)).next is None  # taken back
    assert moves.ready(one, NOW, RULES) == Moved()


def test_who_asks_to_go_goes_after_the_call_and_from_the_wrap_up_at_once() -> None:
    one, contact = talking()
    leaving = only(moves.sign_out(one, NOW))
    assert leaving.next == Next(S.OFFLINE)
    row = only(moves.end_talk(leaving, contact, NOW, RULES))
    assert (row.state, row.next) == (S.WRAP_UP, Next(S.OFFLINE))
    assert only(moves.end_wrap_up(row, after(30), RULES)).state is S.OFFLINE
    assert only(moves.sign_out(row, NOW)).state is S.OFFLINE


def test_signed_out_nothing_else_is_possible_and_breaks_have_reasons() -> None:
    out = seat(state=S.OFFLINE)
    assert moves.sign_out(out, NOW) == Moved()
    refused("seat.signed_out", moves.ready, out, NOW, RULES)
    refused("seat.signed_out", moves.busy, out, NOW)
    refused("seat.signed_out", moves.pause, out, "用餐", NOW, RULES)
    refused("seat.break_reason", moves.pause, seat(), "打游戏", NOW, RULES)


@pytest.mark.parametrize(("seconds", "kept"), [(100, True), (200, False)])
def test_a_short_pause_keeps_the_turn(seconds: float, kept: bool) -> None:
    away = only(moves.busy(seat(), NOW))
    back = only(moves.ready(away, after(seconds), RULES))
    assert back.idle_since == (after(-60) if kept else after(seconds))


@pytest.mark.parametrize(
    ("queue", "state", "until"),
    [
        (GENERAL, S.WRAP_UP, 30),
        (FIXED, S.WRAP_UP, 30),
        (SLOW, S.WRAP_UP, None),
        (FREE, S.READY, None),
    ],
)
def test_wrap_up_is_as_the_queue_has_it(queue: QueueName, state: SeatState, until: float | None) -> None:
    row, _ = wrapping(queue)
    assert (row.state, row.until) == (state, None if until is None else after(until))
    assert row.idle_since == NOW


def test_optional_wrap_up_is_had_when_asked_for() -> None:
    one, contact = talking(FREE)
    row = only(moves.end_talk(only(moves.ask_wrap_up(one, NOW)), contact, NOW, RULES))
    assert (row.state, row.until, row.next) == (S.WRAP_UP, None, None)
    assert only(moves.finish_wrap_up(row, contact, after(5), RULES)).state is S.READY
    refused("seat.not_in_call", moves.ask_wrap_up, seat(), NOW)


def test_wrap_up_ends_early_late_or_not() -> None:
    row, contact = wrapping(next=PAUSE)
    assert only(moves.finish_wrap_up(row, contact, after(5), RULES)).state is S.BREAK
    refused("seat.not_due", moves.end_wrap_up, row, after(29), RULES)
    ended = only(moves.end_wrap_up(row, after(30), RULES))
    assert (ended.state, ended.reason, ended.call_id, ended.until) == (S.BREAK, "用餐", None, None)
    longer = only(moves.extend_wrap_up(row, contact, after(20), RULES))
    assert longer.until == after(50)
    latest = only(moves.extend_wrap_up(row, contact, after(590), RULES))
    assert latest.until == after(600)
    refused("seat.extension", moves.extend_wrap_up, latest, contact, after(599), RULES)
    assert only(moves.finish_wrap_up(row, None, after(5), RULES)).state is S.BREAK  # call no longer stored


def test_a_fixed_wrap_up_is_neither_shortened_nor_extended() -> None:
    row, contact = wrapping(FIXED)
    refused("seat.no_early_exit", moves.finish_wrap_up, row, contact, after(29), RULES)
    refused("seat.extension", moves.extend_wrap_up, row, contact, after(5), RULES)
    assert only(moves.finish_wrap_up(row, contact, after(30), RULES)).state is S.READY


def test_an_endless_wrap_up_needs_no_extension() -> None:
    row, contact = wrapping(SLOW)
    assert moves.extend_wrap_up(row, contact, after(5), RULES) == Moved()
    refused("seat.not_due", moves.end_wrap_up, row, after(9999), RULES)


def test_only_a_wrap_up_ends_as_one() -> None:
    for move in (moves.finish_wrap_up, moves.extend_wrap_up):
        refused("seat.not_wrapping_up", move, seat(), None, NOW, RULES)
    refused("seat.not_wrapping_up", moves.end_wrap_up, seat(), NOW, RULES)


@pytest.mark.parametrize(
    ("one", "vanished"),
    [
        (seat(), False),
        (seat(beat=after(-10)), False),
        (seat(beat=after(-10.5)), True),
        (seat(beat=None), True),
        (seat(beat=after(3600)), False),  # the clock was set back
        (seat(state=S.OFFLINE, beat=after(-99)), False),
        (talking(beat=after(-99))[0], True),
        (talking(beat=after(-99), phone="sip:8001@pbx")[0], False),
        (seat(beat=after(-99), phone="sip:8001@pbx"), True),
    ],
)
def test_a_page_without_a_sign_of_life_is_gone(one: Seat, vanished: bool) -> None:
    assert moves.gone(one, NOW, RULES) is vanished


def test_skills_change_at_any_time_and_a_phone_only_between_calls() -> None:
    one, _ = talking(team="甲")
    row = only(moves.reskill(one, {"en": 2}))
    assert (row.skills, row.team, row.state) == ({"en": 2}, "甲", S.TALKING)
    assert isinstance(row.skills, MappingProxyType)
    assert only(moves.reskill(one, {}, "乙")).team == "乙"
    refused("seat.talking", moves.set_phone, one, "sip:1@pbx")
    assert only(moves.set_phone(seat(), "sip:1@pbx")).phone == "sip:1@pbx"


def test_a_row_never_goes_back_in_time() -> None:
    assert only(moves.busy(seat(since=after(50)), NOW)).since == after(50)
    row, _ = wrapping(since=after(3600))
    assert (row.since, row.until) == (after(3600), after(30))
    assert call().since == NOW
