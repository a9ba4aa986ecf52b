"""Rules of queues and seats as they are published."""

import pytest
from structlog.testing import capture_logs

from tests.fakes.clocks import HandClock
from tests.fakes.content import MemoryContentStore
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import QueueName
from voicebot.operations.content import Change
from voicebot.operations.content_kinds import SEATS
from voicebot.operations.live_seats import LiveSeats, rules_in
from voicebot.seats.rules import SeatRules

GENERAL = QueueName("综合")


async def publish(store: MemoryContentStore, text: str | None) -> None:
    expected = await store.revision()
    await store.release(Change.PUBLISH, {SEATS: text}, author="admin", note="", expected=expected)


async def test_a_release_counts_from_the_next_refresh_and_one_that_is_broken_does_not() -> None:
    store = MemoryContentStore(clock=HandClock())
    live = LiveSeats(store)
    await live.refresh()
    assert live() == SeatRules()
    await publish(store, "usual: {ring: 20秒}\n")
    assert live().of(GENERAL).offer_s == 15
    await live.refresh()
    assert live().of(GENERAL).offer_s == 20
    await publish(store, "usual: {ring: bald}\n")
    with capture_logs() as logs:
        await live.refresh()
    assert [log["event"] for log in logs] == ["seats.unusable"]
    assert live().of(GENERAL).offer_s == 20
    await publish(store, None)
    await live.refresh()
    assert live() == SeatRules()


def test_mistakes_are_told() -> None:
    with pytest.raises(VoicebotError, match=r"seats\.yaml:1"):
        rules_in({SEATS: "usual: bald\n"})
