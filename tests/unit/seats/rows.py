"""Seats and calls for tests."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Final
from zoneinfo import ZoneInfo

import pytest

from voicebot.core.ids import CallId, QueueName, SeatId
from voicebot.seats.contact import Contact, ContactState
from voicebot.seats.moved import Moved, SeatRefused
from voicebot.seats.rules import QueueRules, SeatRules, WrapUp
from voicebot.seats.seat import Seat, SeatState

NOW: Final = datetime(2026, 11, 25, 9, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
GENERAL, URGENT, FREE, SLOW, FIXED = (QueueName(each) for each in ("综合", "紧急", "可选", "不限时", "定时"))
A, B, C = (SeatId(name) for name in ("li", "wang", "zhao"))
CALL: Final = CallId("c1")
RULES: Final = SeatRules(
    queues=MappingProxyType(
        {
            URGENT: QueueRules(overflow=GENERAL, overflow_after_s=10),
            FREE: QueueRules(wrap_up=WrapUp.OPTIONAL),
            SLOW: QueueRules(wrap_up=WrapUp.DISCRETIONARY),
            FIXED: QueueRules(wrap_up=WrapUp.FIXED),
        }
    )
)


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def seat(name: SeatId = A, state: SeatState = SeatState.READY, **values: Any) -> Seat:
    """Signed in for a while, good at what everybody is."""
    usual = {
        "since": after(-60),
        "skills": MappingProxyType({GENERAL: 3, URGENT: 3}),
        "idle_since": after(-60),
        "beat": NOW,
        "tab": "" if state is SeatState.OFFLINE else "t1",
    }
    return Seat(name, state, **{**usual, **values})


def call(name: str = CALL, state: ContactState = ContactState.WAITING, **values: Any) -> Contact:
    return Contact(CallId(name), **{"queue": GENERAL, "since": NOW, "state": state, **values})


def ringing(**values: Any) -> tuple[Seat, Contact]:
    """Offered until 15 s after `NOW`."""
    until = after(15)
    return (
        replace(seat(state=SeatState.OFFERED, since=NOW, call_id=CALL, until=until), **values),
        call(state=ContactState.OFFERED, seat=A, until=until),
    )


def talking(queue: QueueName = GENERAL, **values: Any) -> tuple[Seat, Contact]:
    """Since `NOW`."""
    return (
        replace(seat(state=SeatState.TALKING, since=NOW, call_id=CALL, taken=1), **values),
        call(state=ContactState.TAKEN, queue=queue, seat=A, taken_at=NOW),
    )


def refused(code: str, move: Callable[..., Moved], *args: Any) -> None:
    """The move is refused with the code and a sentence for people."""
    with pytest.raises(SeatRefused) as told:
        move(*args)
    assert told.value.code == code
    assert any("一" <= character <= "鿿" for character in told.value.message)
