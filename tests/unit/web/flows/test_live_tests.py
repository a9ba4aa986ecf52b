"""Test calls of what is live are made once for each revision."""

from collections.abc import Mapping

from tests.fakes.content import MemoryContentStore
from tests.fakes.outcomes import FakeOutcomes
from tests.unit.web.fakes import FakeCalls, StoppedClock
from voicebot.calls.brain import Brain
from voicebot.core.problem import ContentError, Problem
from voicebot.operations.content import Change
from voicebot.operations.publishing import Publisher
from voicebot.web.flows.desk import FlowDesk
from voicebot.web.flows.live_tests import LiveTests


async def test_once_for_each_revision_and_again_when_asked() -> None:
    loads: list[int] = []

    def load(texts: Mapping[str, str]) -> Brain:
        loads.append(len(texts))
        raise ContentError([Problem("ivr_flows/a.yaml", 3, 1, "x", "错了")])

    store = MemoryContentStore({"ivr_flows/a.yaml": "a"})
    desk = FlowDesk(
        store, Publisher(store, lambda _texts: ()), load, FakeCalls(), FakeOutcomes(), StoppedClock()
    )
    tests = LiveTests(desk)
    first = await tests.result()
    assert first.report is None
    assert "a.yaml:3" in first.why
    assert await tests.result() is first
    await store.release(Change.FILE, {"ivr_flows/b.yaml": "b"}, author="file", note="", expected=1)
    assert (await tests.result()).revision == 2
    await tests.result(again=True)
    assert loads == [1, 2, 2]
