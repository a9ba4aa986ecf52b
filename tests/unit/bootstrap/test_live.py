"""What new calls are served with, and what running ones keep."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from tests.calls.kit import brain
from tests.fakes.content import MemoryContentStore
from tests.unit.operations.kit import MAIN, TEXTS, TICKET, needs
from tests.virtual_time import on_virtual_time
from voicebot.adapters.bus import InProcessBus
from voicebot.bootstrap.collector import Collector
from voicebot.bootstrap.live import POLL, RELEASED, LiveBrain
from voicebot.calls.brain import Brain
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import CallId
from voicebot.core.problem import ContentError
from voicebot.operations.content import Change
from voicebot.operations.content_changes import in_share, label_of
from voicebot.operations.content_folder import FolderKeeper
from voicebot.operations.publishing import Publisher


def make(texts: Mapping[str, str], version: str) -> Brain:
    """A brain that says in its city's name which content it is made of."""
    if problems := needs(texts):
        raise ContentError(problems)
    shipped = brain()
    city = replace(shipped.catalogue.city, name="|".join(texts.values()))
    return replace(shipped, catalogue=replace(shipped.catalogue, city=city), version=version)


def of(served: Brain) -> str:
    return served.catalogue.city.name


@pytest.fixture
def store() -> MemoryContentStore:
    return MemoryContentStore(TEXTS)


@pytest.fixture
async def live(store: MemoryContentStore) -> LiveBrain:
    made = LiveBrain(store, make)
    assert await made.refresh()
    return made


@given(st.floats(0, 1), st.floats(0, 1), st.text())
def test_a_larger_part_holds_the_calls_of_a_smaller_one(one: float, other: float, call_id: str) -> None:
    small, large = sorted((one, other))
    assert in_share(call_id, large) or not in_share(call_id, small)
    assert in_share(call_id, 1)
    assert not in_share(call_id, 0)


@pytest.mark.parametrize("share", [0.01, 0.1, 0.5, 0.9])
def test_the_part_is_as_large_as_it_was_asked_for(share: float) -> None:
    ids = [f"20261124-{n // 60:04d}{n % 60:02d}-{n * 7919 % 65536:04x}" for n in range(20_000)]
    got = sum(in_share(call_id, share) for call_id in ids) / len(ids)
    assert abs(got - share) < 0.012


async def test_a_release_serves_the_next_call(store: MemoryContentStore, live: LiveBrain) -> None:
    running = live.for_call(CallId("a"))
    assert (running.version, of(running)) == ("r1", "|".join(TEXTS.values()))
    assert not await live.refresh()
    await Publisher(store, needs).publish(TICKET, "questions 2\n", base=1, author="li", note="")
    assert await live.refresh()
    served = live.for_call(CallId("a"))
    assert (served.version, "questions 2" in of(served)) == ("r2", True)
    assert "questions 1" in of(running)


async def test_a_trial_serves_its_part(store: MemoryContentStore, live: LiveBrain) -> None:
    publisher = Publisher(store, needs)
    await publisher.publish(TICKET, "questions 2\n", base=1, author="li", note="", share=0.2)
    await live.refresh()
    served = [live.for_call(CallId(f"c{n}")) for n in range(1000)]
    labels = [each.version for each in served]
    assert set(labels) == {"r2", "r2+trial"} == {each.version for each in live.brains}
    assert 150 < labels.count(label_of(2, trial=True)) < 250
    assert all(("questions 2" in of(each)) == each.version.endswith("+trial") for each in served)
    await publisher.end_trial(promote=True, author="li", note="")
    await live.refresh()
    assert {live.for_call(CallId(f"c{n}")).version for n in range(100)} == {"r3"}


async def test_what_this_program_cannot_serve_leaves_the_old_one(
    store: MemoryContentStore, live: LiveBrain
) -> None:
    """A newer program on another node takes for right what ours does not."""
    store.put(Change.PUBLISH, {MAIN: "needs x\n"})
    assert not await live.refresh()
    assert live.current.version == "r1"
    assert live.trouble is not None
    assert live.trouble.problems[0].path == MAIN
    store.put(Change.ROLLBACK, {MAIN: TEXTS[MAIN]})
    assert await live.refresh()
    assert live.current.version == "r3"
    assert not live.trouble


async def test_renewed_is_the_same_release_made_again(store: MemoryContentStore) -> None:
    made: list[str] = []

    def counted(texts: Mapping[str, str], version: str) -> Brain:
        made.append(version)
        return make(texts, version)

    live = LiveBrain(store, counted)
    await live.renew()
    assert made == [], "nothing serves yet"
    await live.refresh()
    await Publisher(store, needs).publish(TICKET, "questions 2\n", base=1, author="li", note="", share=0.2)
    await live.refresh()
    before = live.brains
    await live.renew()
    assert [each.version for each in live.brains] == ["r2", "r2+trial"]
    assert made == ["r1", "r2", "r2+trial", "r2", "r2+trial"]
    assert all(new is not old for new, old in zip(live.brains, before, strict=True))
    assert [of(each) for each in live.brains] == [of(each) for each in before]


async def test_at_the_start_it_is_an_error() -> None:
    with pytest.raises(ContentError):
        await LiveBrain(MemoryContentStore({MAIN: "needs x\n"}), make).refresh()


class Quiet(Collector):
    """Counts instead of collecting."""

    settled = 0

    def settle(self) -> None:
        self.settled += 1


@on_virtual_time
async def test_a_release_is_taken_up_when_told_and_found_when_not() -> None:
    store, bus, collector = MemoryContentStore(TEXTS), InProcessBus(), Quiet()
    live = LiveBrain(store, make)
    await live.refresh()
    clock = asyncio.get_running_loop()
    idle = False
    following = asyncio.create_task(live.follow(bus, collector, lambda: idle))
    await asyncio.sleep(POLL * 1.5)
    store.put(Change.PUBLISH, {TICKET: "questions 2\n"})
    began = clock.time()
    await bus.publish(RELEASED, b"{}")
    while live.current.version != "r2":  # noqa: ASYNC110
        await asyncio.sleep(0.001)
    assert clock.time() - began < 0.1
    store.put(Change.PUBLISH, {TICKET: "questions 3\n"})
    began = clock.time()
    while live.current.version != "r3":  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    assert clock.time() - began < POLL * 1.5
    assert collector.settled == 0, "somebody is on the phone"
    idle = True
    await asyncio.sleep(POLL * 1.5)
    assert collector.settled > 0
    following.cancel()
    await asyncio.wait([following])
    await bus.close()


class Keeper:
    """A `FolderKeeper` whose looks end as they are told: with an error, or with a release or not."""

    def __init__(self, *looks: VoicebotError | bool) -> None:
        self._looks = list(looks)
        self.done = asyncio.Event()

    async def look(self) -> bool:
        found = self._looks.pop(0)
        if not self._looks:
            self.done.set()
        if isinstance(found, VoicebotError):
            raise found
        return found


@on_virtual_time
async def test_what_is_saved_is_served_also_after_the_store_was_away() -> None:
    store = MemoryContentStore(TEXTS)
    live = LiveBrain(store, make)
    await live.refresh()
    away = VoicebotError("db.unreachable", "away", retryable=True)
    keeper = Keeper(False, away, away, True, False)
    store.put(Change.FILE, {TICKET: "questions 2\n"})
    with capture_logs() as logs:
        keeping = asyncio.create_task(live.keep(cast(FolderKeeper, keeper), 0.5))
        await keeper.done.wait()
    assert live.current.version == "r2"
    assert [entry["event"] for entry in logs].count("content.not_looked_at") == 1, "told once"
    keeping.cancel()
    await asyncio.wait([keeping])
