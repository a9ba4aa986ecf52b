"""The board's figures and alarms, at fixed moments."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from voicebot.core.ids import CallId, QueueName, SeatId
from voicebot.operations.seat_view import SeatView
from voicebot.seats.contact import Contact, ContactState
from voicebot.seats.rules import SeatRules
from voicebot.seats.seat import Seat, SeatState
from voicebot.web.seat.board import alarms, board, level_of
from voicebot.web.seat.board_rows import queue_rows, seat_rows, wait_rows

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
RULES = SeatRules()
QUEUE = QueueName("综合")


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def contact(name: str, waits: float, state: ContactState = ContactState.WAITING, **more: object) -> Contact:
    return replace(Contact(CallId(name), QUEUE, ago(waits), state, caller="138****8000"), **more)  # type: ignore[arg-type]


def seat(name: str, state: SeatState, since: float = 60, **more: object) -> Seat:
    made = Seat(SeatId(name), state, ago(since), skills={QUEUE: 3}, team="甲班")
    return replace(made, **more)  # type: ignore[arg-type]


def view(*contacts: Contact, seats: tuple[Seat, ...] = ()) -> SeatView:
    return SeatView(NOW, {s.id: s for s in seats}, {c.call_id: c for c in contacts})


@pytest.mark.parametrize(
    ("contacts", "level", "came", "left"),
    [
        ((), None, 0, 0),
        ((contact("a", 60, ContactState.TAKEN, taken_at=ago(50)),), 1.0, 1, 0),
        ((contact("a", 60, ContactState.DONE, taken_at=ago(20), ended_at=NOW),), 0.0, 1, 0),
        ((contact("a", 60, ContactState.LEFT, ended_at=ago(55)),), None, 0, 1),
        ((contact("a", 60, ContactState.LEFT, ended_at=NOW),), 0.0, 1, 1),
        ((contact("a", 10),), None, 0, 0),
        ((contact("a", 20),), 0.0, 1, 0),
    ],
    ids=["nobody", "in time", "late", "gone at once", "gone later", "waits shortly", "waits too long"],
)
def test_the_service_level(contacts: tuple[Contact, ...], level: float | None, came: int, left: int) -> None:
    assert level_of(contacts, RULES, NOW)[:3] == (level, came, left)


def test_an_emergency_is_the_first_alarm() -> None:
    seats = (seat("1", SeatState.BREAK, 3600, reason="用餐"), seat("2", SeatState.TALKING, 1000))
    waits = (contact("a", 100), contact("b", 5, emergency="119"))
    found = alarms(view(*waits, seats=seats), RULES, NOW)
    assert [alarm.words for alarm in found] == [
        "紧急来电（119）等了 5 秒",
        "138****8000 在「综合」等了 1 分 40 秒",
        "1 号小休（用餐）已 60 分 00 秒",
        "2 号通话已 16 分 40 秒",
    ]


def test_nobody_for_a_queue_is_an_alarm_at_once() -> None:
    (alarm,) = alarms(view(contact("a", 1)), RULES, NOW)
    assert alarm.grave
    assert "没有坐席签入" in alarm.words


def test_figures_of_a_queue_and_of_all() -> None:
    seats = (seat("1", SeatState.READY), seat("2", SeatState.BUSY), seat("3", SeatState.OFFLINE))
    found = board(view(contact("a", 30), contact("b", 5), seats=seats), RULES, NOW)
    (queue,) = found.queues
    assert (queue.waiting, queue.longest_s, queue.free, queue.serving) == (2, 30, 1, 2)
    assert (found.waiting, found.longest_s, dict(found.states)[SeatState.READY]) == (2, 30, 1)
    assert [cell["text"] for cell in queue_rows(found.queues)[0]["cells"]][:4] == [
        "综合",
        "2",
        "30 秒",
        "1/2",
    ]


def test_seats_are_found_by_state_and_words_and_only_talks_can_be_listened_to() -> None:
    talk = contact("a", 60, ContactState.TAKEN, seat=SeatId("2"), taken_at=ago(50))
    seats = (
        seat("1", SeatState.READY),
        seat("2", SeatState.TALKING, call_id=CallId("a")),
        seat("3", SeatState.OFFLINE),
    )
    there = view(talk, seats=seats)
    assert [row["key"] for row in seat_rows(there, None, "", 60)] == ["2", "1"]
    assert [row["key"] for row in seat_rows(there, SeatState.READY, "", 60)] == ["1"]
    assert [row["key"] for row in seat_rows(there, None, "甲班", 1)] == ["2"]
    assert seat_rows(there, None, "乙班", 60) == []
    talking, ready = seat_rows(there, None, "", 60)
    assert [act for act, _ in talking["acts"]] == ["monitor", "whisper", "barge", "skills", "off"]
    assert [act for act, _ in ready["acts"]] == ["skills", "off"]


def test_a_call_that_rings_cannot_be_moved() -> None:
    ringing = contact("a", 5, ContactState.OFFERED, seat=SeatId("2"))
    waiting, rings = wait_rows([contact("b", 5), ringing], RULES)
    assert [act for act, _ in waiting["acts"]] == ["front", "move"]
    assert rings["acts"] == []
