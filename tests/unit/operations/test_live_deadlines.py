"""Deadlines as they are published."""

from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from tests.fakes.clocks import MORNING, HandClock
from tests.fakes.content import MemoryContentStore
from voicebot.core.errors import VoicebotError
from voicebot.core.meaning import AppealType, Urgency
from voicebot.operations.content import Change
from voicebot.operations.content_kinds import CITY, DEADLINES
from voicebot.operations.live_deadlines import LiveDeadlines, deadlines_in
from voicebot.tickets.deadlines import DEFAULT, Deadlines

TOWN = "name: 云江市\nhotline: 云江12345\nowner: 某局\ndays: {2026-11-25: holiday}\n"
QUICK = "urgency:\n  特急: {sign: 5分钟, answer: 1小时}\n"


async def publish(store: MemoryContentStore, **texts: str | None) -> None:
    paths = {"city": CITY, "deadlines": DEADLINES}
    named = {paths[name]: text for name, text in texts.items()}
    expected = await store.revision()
    await store.release(Change.PUBLISH, named, author="admin", note="", expected=expected)


def sign_time(deadlines: Deadlines) -> timedelta:
    return deadlines.of(AppealType.HELP, Urgency.CRITICAL, False, MORNING).sign - MORNING


@pytest.fixture
def store() -> MemoryContentStore:
    return MemoryContentStore(clock=HandClock())


async def test_the_products_own_until_something_is_published(store: MemoryContentStore) -> None:
    live = LiveDeadlines(store)
    await live.refresh()
    assert live().profile == DEFAULT


async def test_a_release_counts_from_the_next_refresh(store: MemoryContentStore) -> None:
    live = LiveDeadlines(store)
    await publish(store, city=TOWN)
    await live.refresh()
    assert sign_time(live()) == timedelta(minutes=15)
    due = live().of(AppealType.CONSULT, Urgency.NORMAL, False, MORNING)
    assert (due.answer.day, due.certain) == (26, True)  # the city has a holiday of its own
    await publish(store, deadlines=QUICK)
    assert sign_time(live()) == timedelta(minutes=15)
    await live.refresh()
    assert sign_time(live()) == timedelta(minutes=5)
    await publish(store, deadlines=None)
    await live.refresh()
    assert sign_time(live()) == timedelta(minutes=15)


async def test_what_cannot_be_read_leaves_things_as_they_are(store: MemoryContentStore) -> None:
    live = LiveDeadlines(store)
    await publish(store, city=TOWN, deadlines=QUICK)
    await live.refresh()
    await publish(store, deadlines="urgency: bald\n")
    with capture_logs() as logs:
        await live.refresh()
        await live.refresh()
    assert [log["event"] for log in logs] == ["deadlines.unusable"]
    assert sign_time(live()) == timedelta(minutes=5)


def test_mistakes_are_told() -> None:
    assert deadlines_in({}).profile == DEFAULT
    with pytest.raises(VoicebotError, match=r"deadlines\.yaml:1"):
        deadlines_in({CITY: TOWN, DEADLINES: "urgency: bald\n"})
