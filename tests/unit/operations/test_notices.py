"""Messages: stored before they are sent, tried again, told when they fail."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.notices import DictLedger, FakeCourier
from tests.virtual_time import SHANGHAI_MORNING, VirtualClock, on_virtual_time
from voicebot.operations.notices import QUEUE, Notice, NoticeDesk

SMS = Notice(
    "c1-1", "sms", SHANGHAI_MORNING, "c1", "move.tell", "13800000000", "请挪车", (("plate", "云A1"),)
)


@asynccontextmanager
async def running(courier: FakeCourier, ledger: DictLedger) -> AsyncIterator[NoticeDesk]:
    desk = NoticeDesk(courier, ledger, VirtualClock(SHANGHAI_MORNING))
    task = asyncio.create_task(desk.run())
    try:
        yield desk
    finally:
        task.cancel()
        await asyncio.wait([task])


@on_virtual_time
async def test_a_message_is_stored_sent_and_noted() -> None:
    courier, ledger = FakeCourier({"sms": 3}), DictLedger()
    async with running(courier, ledger) as desk:
        assert await desk.give(SMS) == ""
    assert courier.sent == [SMS]
    assert not ledger.open
    assert not ledger.failures


@on_virtual_time
async def test_it_is_tried_again_after_growing_pauses() -> None:
    courier, ledger = FakeCourier({"sms": 4}, {"sms": 3}), DictLedger()
    began = asyncio.get_running_loop().time()
    async with running(courier, ledger) as desk:
        assert await desk.give(SMS) == ""
        assert asyncio.get_running_loop().time() - began == 1 + 2 + 4
    assert courier.sent == [SMS]


@on_virtual_time
async def test_what_still_fails_is_told() -> None:
    courier, ledger = FakeCourier({"sms": 2}, {"sms": 9}), DictLedger()
    async with running(courier, ledger) as desk:
        assert await desk.give(SMS) == "notify.refused"
    assert ledger.failures == [(SMS.id, "notify.refused")]
    assert len(courier.attempts) == 2


@on_virtual_time
async def test_what_no_try_can_mend_is_not_tried_again() -> None:
    courier, ledger = FakeCourier({"sms": 4}, {"sms": 9}), DictLedger()
    courier.final = True
    async with running(courier, ledger) as desk:
        assert await desk.give(SMS) == "notify.refused"
    assert len(courier.attempts) == 1


@on_virtual_time
async def test_a_target_that_is_down_delays_no_other() -> None:
    courier, ledger = FakeCourier({"sms": 4, "hook": 1}, {"sms": 9}), DictLedger()
    async with running(courier, ledger) as desk:
        slow = desk.give(SMS)
        assert await desk.give(replace(SMS, id="c1-2", target="hook")) == ""
        assert not slow.done()


@on_virtual_time
async def test_an_unknown_target_and_a_full_queue_are_outcomes() -> None:
    desk = NoticeDesk(FakeCourier({"sms": 1}), DictLedger(), VirtualClock(SHANGHAI_MORNING))
    assert await desk.give(replace(SMS, target="nobody")) == "notify.unknown_target"
    waiting = [desk.give(replace(SMS, id=str(number))) for number in range(QUEUE)]
    assert await desk.give(SMS) == "notify.busy"
    assert not any(outcome.done() for outcome in waiting)
    assert await desk.drain(1.0) == QUEUE


@on_virtual_time
async def test_what_is_refused_is_told_too() -> None:
    courier, ledger = FakeCourier({"sms": 1}), DictLedger()
    async with running(courier, ledger) as desk:
        assert await desk.give(replace(SMS, target="nobody")) == "notify.unknown_target"
        assert await desk.give(SMS) == ""
        await asyncio.sleep(1.0)
    assert ledger.failures == [(SMS.id, "notify.unknown_target")]


@on_virtual_time
async def test_what_a_crash_left_is_sent_unless_it_is_too_old() -> None:
    old = replace(SMS, id="old", at=SHANGHAI_MORNING - timedelta(days=2))
    gone = replace(SMS, id="gone", target="closed")
    courier, ledger = FakeCourier({"sms": 1}), DictLedger(SMS, old, gone)
    async with running(courier, ledger) as desk:
        assert await desk.give(replace(SMS, id="new")) == ""
        assert await desk.drain(1.0) == 0
    assert {notice.id for notice in courier.sent} == {SMS.id, "new"}
    assert ledger.failures == [("old", "notify.too_late"), ("gone", "notify.unknown_target")]


@on_virtual_time
async def test_a_store_that_is_away_does_not_keep_messages_back() -> None:
    courier, ledger = FakeCourier({"sms": 1}), DictLedger()
    ledger.broken = True
    async with running(courier, ledger) as desk:
        assert await desk.give(SMS) == ""
    assert courier.sent == [SMS]


@given(
    st.lists(st.tuples(st.sampled_from(["sms", "hook"]), st.booleans()), max_size=12),
    st.dictionaries(st.sampled_from(["sms", "hook"]), st.integers(0, 20)),
)
@on_virtual_time
async def test_every_message_ends_sent_or_told(
    given: list[tuple[str, bool]], failures: dict[str, int]
) -> None:
    courier, ledger = FakeCourier({"sms": 3, "hook": 2}, failures), DictLedger()
    async with running(courier, ledger) as desk:
        outcomes = []
        for number, (target, forgotten) in enumerate(given):
            outcome = desk.give(replace(SMS, id=str(number), target=target))
            if forgotten:
                outcome.cancel()
            outcomes.append(outcome)
        assert await desk.drain(600.0) == 0
    ended = {notice.id for notice in courier.sent} | {name for name, _ in ledger.failures}
    assert ended == {str(number) for number in range(len(given))}
    assert not ledger.open
