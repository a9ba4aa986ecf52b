"""What may go live, and what is refused with its reason."""

import asyncio
from collections.abc import Mapping, Sequence

import pytest

from tests.fakes.clocks import MORNING
from tests.fakes.content import MemoryContentStore
from tests.unit.operations.kit import CAR, MAIN, TESTS, TEXTS, TICKET, needs
from voicebot.core.errors import VoicebotError
from voicebot.core.problem import ContentError, Problem
from voicebot.operations.content import Change, Draft, digest_of
from voicebot.operations.content_changes import LONGEST, Overtaken
from voicebot.operations.publishing import Plan, Publisher


@pytest.fixture
def store() -> MemoryContentStore:
    return MemoryContentStore(TEXTS)


@pytest.fixture
def publisher(store: MemoryContentStore) -> Publisher:
    return Publisher(store, needs)


async def test_a_valid_text_goes_live(store: MemoryContentStore, publisher: Publisher) -> None:
    done = await publisher.publish(TICKET, "questions 2\nodd\n", base=1, author="li", note="改问法")
    assert (done.release.revision, done.release.change) == (2, Change.PUBLISH)
    assert [p.code for p in done.warnings] == ["flow.odd"]
    assert (await store.live()).texts[TICKET] == "questions 2\nodd\n"


async def test_what_would_break_the_rest_is_refused_with_every_mistake(
    store: MemoryContentStore, publisher: Publisher
) -> None:
    with pytest.raises(ContentError) as refused:
        await publisher.publish(MAIN, "needs ticket\nneeds 挪车\nneeds x\n", base=1, author="li", note="")
    assert [(p.path, p.line) for p in refused.value.problems] == [(MAIN, 2), (MAIN, 3)]
    with pytest.raises(ContentError):
        await publisher.publish(TICKET, None, base=1, author="li", note="不用了")
    assert (await store.live()).revision == 1


async def test_a_new_file_then_one_that_uses_it_then_both_gone(
    store: MemoryContentStore, publisher: Publisher
) -> None:
    await publisher.publish(CAR, "move\n", base=0, author="li", note="")
    await publisher.publish(MAIN, "needs 挪车\n", base=1, author="li", note="")
    await publisher.publish(MAIN, "greeting\n", base=2, author="li", note="")
    await publisher.publish(CAR, None, base=1, author="li", note="")
    assert set((await store.live()).texts) == {MAIN, TICKET}


async def test_nobodys_text_is_overwritten(store: MemoryContentStore, publisher: Publisher) -> None:
    mine = Draft(TICKET, "wang", 1, "questions of wang\n", MORNING)
    await store.save_draft(mine)
    await publisher.publish(TICKET, "questions of li\n", base=1, author="li", note="李改的")
    with pytest.raises(Overtaken, match=r"content\.changed.*li.*第 2 版.*李改的") as refused:
        await publisher.publish(TICKET, mine.text, base=mine.base, author="wang", note="")
    assert refused.value.current is not None
    assert refused.value.current.number == 2
    assert "-questions 1\n+questions of li" in refused.value.changes
    assert list(await store.drafts(TICKET)) == [mine]
    assert (await store.live()).texts[TICKET] == "questions of li\n"
    await publisher.publish(TICKET, mine.text, base=2, author="wang", note="")


async def test_a_file_that_was_taken_away_meanwhile(publisher: Publisher) -> None:
    await publisher.publish(CAR, "move\n", base=0, author="li", note="")
    await publisher.publish(CAR, None, base=1, author="li", note="")
    with pytest.raises(Overtaken, match="已被删除"):
        await publisher.publish(CAR, "move 2\n", base=1, author="wang", note="")


@pytest.mark.parametrize(
    ("path", "text", "share", "code"),
    [
        ("notes.txt", "x", 1.0, "content.path"),
        ("ivr_flows/../x.yaml", "x", 1.0, "content.path"),
        (TICKET, "x", 0.0, "content.share"),
        (TICKET, "x", 1.5, "content.share"),
        (TESTS, "x", 0.5, "content.share"),
        (TICKET, TEXTS[TICKET], 1.0, "content.unchanged"),
        (TICKET, TEXTS[TICKET], 0.1, "content.unchanged"),
    ],
)
async def test_what_makes_no_sense(
    publisher: Publisher, path: str, text: str, share: float, code: str
) -> None:
    with pytest.raises(VoicebotError) as refused:
        await publisher.publish(path, text, base=1, author="li", note="", share=share)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("text", "place"), [("好\0", (1, 2)), ("一\n二\ud800", (2, 2)), ("x" * (LONGEST + 1), (0, 0))]
)
async def test_what_cannot_be_stored_is_refused_with_its_place(
    publisher: Publisher, text: str, place: tuple[int, int]
) -> None:
    with pytest.raises(ContentError) as refused:
        await publisher.publish(TICKET, text, base=1, author="li", note="")
    assert [(p.line, p.column) for p in refused.value.problems] == [place]


async def test_test_calls_are_published_too(store: MemoryContentStore, publisher: Publisher) -> None:
    await publisher.publish(TESTS, "calls\n", base=0, author="li", note="")
    assert (await store.live()).texts[TESTS] == "calls\n"


# ── trial ───────────────────────────────────────────────────────────────────────────────────


async def test_a_trial_and_its_end(store: MemoryContentStore, publisher: Publisher) -> None:
    done = await publisher.publish(TICKET, "questions 2\n", base=1, author="li", note="", share=0.1)
    assert done.release.change is Change.TRIAL
    live = await store.live()
    assert (live.texts[TICKET], live.trial, live.share) == (TEXTS[TICKET], {TICKET: "questions 2\n"}, 0.1)
    await publisher.publish(TICKET, "questions 2\n", base=1, author="li", note="", share=0.5)
    assert (await store.live()).share == 0.5
    await publisher.publish(TICKET, "questions 3\n", base=2, author="li", note="", share=0.5)
    await publisher.end_trial(promote=True, author="li", note="好用")
    live = await store.live()
    assert (live.texts[TICKET], live.trial) == ("questions 3\n", {})
    with pytest.raises(VoicebotError, match=r"content\.no_trial"):
        await publisher.end_trial(promote=False, author="li", note="")


async def test_one_trial_at_a_time_and_its_file_is_left_alone(
    store: MemoryContentStore, publisher: Publisher
) -> None:
    await publisher.publish(TICKET, "questions 2\n", base=1, author="li", note="", share=0.1)
    with pytest.raises(VoicebotError, match=r"content\.trial_busy"):
        await publisher.publish(MAIN, "greeting 2\n", base=1, author="li", note="", share=0.1)
    with pytest.raises(VoicebotError, match=r"content\.on_trial"):
        await publisher.publish(TICKET, "questions 3\n", base=1, author="li", note="")
    with pytest.raises(VoicebotError, match=r"content\.on_trial"):
        await publisher.rollback(TICKET, author="li", note="")
    await publisher.publish(MAIN, "greeting 2\nneeds ticket\n", base=1, author="li", note="")
    assert (await store.live()).trial == {TICKET: "questions 2\n"}


async def test_what_does_not_fit_the_trial_is_refused(publisher: Publisher) -> None:
    await publisher.publish(CAR, "move\n", base=0, author="li", note="")
    await publisher.publish(TICKET, "needs 挪车\n", base=1, author="li", note="", share=0.1)
    with pytest.raises(ContentError):
        await publisher.publish(CAR, None, base=1, author="li", note="")


# ── back ────────────────────────────────────────────────────────────────────────────────────


async def test_going_back_step_by_step(store: MemoryContentStore, publisher: Publisher) -> None:
    for n in (2, 3, 4):
        await publisher.publish(TICKET, f"questions {n}\n", base=n - 1, author="li", note="")
    for n in (3, 2, 1):
        done = await publisher.rollback(TICKET, author="wang", note="不行")
        assert done.release.versions == {TICKET: n}
    with pytest.raises(VoicebotError, match=r"content\.no_version.*没有更早"):
        await publisher.rollback(TICKET, author="wang", note="")
    await publisher.rollback(TICKET, author="wang", note="", to=4)
    assert (await store.live()).texts[TICKET] == "questions 4\n"
    done = await publisher.rollback(TICKET, author="wang", note="")
    assert done.release.versions == {TICKET: 1}, "what was live before"


async def test_a_trial_that_was_dropped_was_never_live(publisher: Publisher) -> None:
    await publisher.publish(TICKET, "questions 2\n", base=1, author="li", note="")
    await publisher.publish(TICKET, "questions 3\n", base=2, author="li", note="", share=0.1)
    await publisher.end_trial(promote=False, author="li", note="")
    done = await publisher.rollback(TICKET, author="li", note="")
    assert done.release.versions == {TICKET: 1}


async def test_an_old_version_that_does_not_fit_any_more(publisher: Publisher) -> None:
    await publisher.publish(CAR, "move\n", base=0, author="li", note="")
    await publisher.publish(MAIN, "needs 挪车\n", base=1, author="li", note="")
    await publisher.publish(MAIN, "greeting 3\n", base=2, author="li", note="")
    await publisher.publish(CAR, None, base=1, author="li", note="")
    with pytest.raises(ContentError):
        await publisher.rollback(MAIN, author="li", note="", to=2)
    with pytest.raises(VoicebotError, match=r"content\.no_version.*1、2、3"):
        await publisher.rollback(MAIN, author="li", note="", to=9)
    with pytest.raises(VoicebotError, match=r"content\.unchanged"):
        await publisher.rollback(MAIN, author="li", note="", to=3)


async def test_a_deletion_can_be_taken_back(store: MemoryContentStore, publisher: Publisher) -> None:
    await publisher.publish(CAR, "move\n", base=0, author="li", note="")
    await publisher.publish(CAR, None, base=1, author="li", note="")
    await publisher.rollback(CAR, author="li", note="")
    assert (await store.live()).texts[CAR] == "move\n"


async def test_the_difference_of_two_versions(publisher: Publisher) -> None:
    await publisher.publish(TICKET, "questions 2\n", base=1, author="li", note="")
    assert (await publisher.diff(TICKET, 1, 2)).splitlines() == [
        f"--- {TICKET}@1",
        f"+++ {TICKET}@2",
        "@@ -1 +1 @@",
        "-questions 1",
        "+questions 2",
    ]
    assert await publisher.diff(TICKET, 1, 1) == ""
    assert (await publisher.diff(TICKET, 0, 1)).endswith("\n+questions 1")
    with pytest.raises(VoicebotError, match=r"content\.no_version"):
        await publisher.diff(TICKET, 1, 7)


# ── at the same time ────────────────────────────────────────────────────────────────────────


async def test_two_that_publish_different_files_both_succeed_and_are_checked_together(
    store: MemoryContentStore,
) -> None:
    """The second one is checked again on what the first one has made live."""
    checked: list[int] = []

    def check(texts: Mapping[str, str]) -> Sequence[Problem]:
        checked.append(len(texts))
        return needs(texts)

    await MemoryContentStore.release(store, Change.PUBLISH, {CAR: "move\n"}, author="li", note="", expected=1)
    publisher = Publisher(store, check)
    results = await asyncio.gather(
        publisher.publish(MAIN, "needs ticket\nneeds 挪车\n", base=1, author="li", note=""),
        publisher.publish(CAR, None, base=1, author="wang", note=""),
        return_exceptions=True,
    )
    refused = [r for r in results if isinstance(r, ContentError)]
    assert len(refused) == 1, "one of them makes the other impossible"
    assert len(checked) == 3
    assert needs((await store.live()).texts) == []


async def test_a_release_that_is_always_overtaken_gives_up(store: MemoryContentStore) -> None:
    def overtaking(texts: Mapping[str, str]) -> Sequence[Problem]:
        store.put(Change.PUBLISH, {TESTS: f"calls of {len(texts)}"}, "other")
        return []

    with pytest.raises(VoicebotError, match=r"content\.stale"):
        await Publisher(store, overtaking).publish(TICKET, "x\n", base=1, author="li", note="")


async def test_judging_changes_nothing(store: MemoryContentStore, publisher: Publisher) -> None:
    problems = await publisher.judge({MAIN: "needs x\n"})
    assert [p.code for p in problems] == ["flow.unknown_flow"]
    assert (await store.live()).revision == 1


def test_a_digest_tells_no_text_from_an_empty_one() -> None:
    assert digest_of(None) == ""
    assert len(digest_of("")) == 64
    assert Plan({}).look is None
