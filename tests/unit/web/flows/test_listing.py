"""The states of flows in the list."""

from tests.fakes.clocks import MORNING
from tests.fakes.content import MemoryContentStore
from tests.fakes.outcomes import FakeOutcomes
from tests.unit.web.fakes import FakeCalls, StoppedClock, call_view
from voicebot.core.problem import Problem
from voicebot.operations.content import Change, Draft, Look, Refusal, digest_of
from voicebot.operations.publishing import Publisher
from voicebot.web.flows.desk import FlowDesk
from voicebot.web.flows.header import title_of
from voicebot.web.flows.listing import Row, listing, name_of

A, B, NEW = (f"ivr_flows/{name}.yaml" for name in ("a", "b", "new"))


def desk(store: MemoryContentStore) -> FlowDesk:
    def load(_texts: object) -> object:
        raise AssertionError("the list reads no brain")

    publisher = Publisher(store, lambda _texts: ())
    calls = FakeCalls([call_view(1)])
    return FlowDesk(store, publisher, load, calls, FakeOutcomes(), StoppedClock())  # type: ignore[arg-type]


async def rows(store: MemoryContentStore) -> dict[str, Row]:
    return {row.name: row for row in (await listing(desk(store))).rows}


async def test_each_state_has_its_sign() -> None:
    store = MemoryContentStore({A: "flow: aa\ntitle: 甲 # 说明\n", B: "b", "knowledge_base/city.yaml": "x"})
    await store.save_draft(Draft(B.replace(".yaml", ".test.yaml"), "wang", 0, "t", MORNING))
    await store.save_draft(Draft(NEW, "zhang", 0, "title: '新的'\n", MORNING))
    await store.release(Change.TRIAL, {B: "c"}, author="z", note="", expected=1, share=0.1)
    await store.mark_seen(Look("here", {A: digest_of("something else")}))
    await store.refuse(Refusal("here", (B,), (Problem(B, 3, 1, "x", "错了"),), MORNING))
    found = await rows(store)
    assert list(found) == ["a", "b", "new"]
    assert (found["a"].title, found["a"].flow, found["a"].differs) == ("甲", "aa", True)
    assert found["a"].version is not None
    assert found["a"].version.author == "file"
    assert (found["b"].trial, found["b"].share, found["b"].differs) == (2, 0.1, False)
    assert "b.yaml:3" in found["b"].refused
    assert [draft.author for draft in found["b"].drafts] == ["wang"]
    assert (found["new"].title, found["new"].version) == ("新的", None)


async def test_a_file_that_is_gone_differs_from_what_is_live() -> None:
    store = MemoryContentStore({A: "a"})
    await store.mark_seen(Look("here", {A: ""}))
    assert (await rows(store))["a"].differs


async def test_running_calls_are_counted_by_flow() -> None:
    store = MemoryContentStore({A: "a"})
    assert (await listing(desk(store))).running == {}


def test_titles_and_names_are_read_from_broken_texts() -> None:
    assert title_of('title: "挪车"  # x\nsteps: [') == "挪车"
    assert title_of("flow: x") == ""
    assert name_of("# c\nflow:  move_car # x\n: [") == "move_car"
    assert name_of("") == ""
