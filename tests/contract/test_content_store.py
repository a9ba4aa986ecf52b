"""What every content store does: the one in memory of our tests, and the database."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest

from tests.contract.postgresql import emptied_postgresql
from tests.fakes.clocks import MORNING, HandClock
from tests.fakes.content import MemoryContentStore
from voicebot.adapters.db.content import SqlContentStore
from voicebot.adapters.db.database import Database
from voicebot.core.errors import VoicebotError
from voicebot.core.problem import Problem, Severity
from voicebot.operations.content import (
    FILE_AUTHOR,
    Change,
    ContentStore,
    Draft,
    Look,
    Refusal,
    digest_of,
)

A, B, C = "ivr_flows/main.yaml", "ivr_flows/ticket.yaml", "knowledge_base/articles/社保.yaml"
HERE: Final = "node1:/srv/hotline"


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture(
    params=[
        "memory",
        pytest.param("sqlite", marks=pytest.mark.integration),
        pytest.param("postgresql", marks=pytest.mark.integration),
    ]
)
async def store(
    request: pytest.FixtureRequest, tmp_path: Path, clock: HandClock
) -> AsyncIterator[ContentStore]:
    if request.param == "memory":
        yield MemoryContentStore(clock=clock)
        return
    if request.param == "sqlite":
        database = await Database.open(tmp_path / "hotline.sqlite3")
    else:
        database = await emptied_postgresql(tmp_path)
    yield SqlContentStore(database, clock)
    await database.close()


async def seed(store: ContentStore) -> int:
    """Two files live; their revision."""
    made = await store.release(
        Change.FILE, {A: "a1", B: "b1"}, author=FILE_AUTHOR, note="", expected=await store.revision()
    )
    return made.revision


async def test_an_empty_store(store: ContentStore) -> None:
    live = await store.live()
    assert (live.revision, live.texts, live.numbers, live.trial, live.share) == (0, {}, {}, {}, 0.0)
    assert await store.revision() == 0
    assert list(await store.history(A)) == []
    assert list(await store.releases()) == []
    assert list(await store.drafts()) == []
    assert list(await store.refusals()) == []
    assert await store.seen(HERE) == {}


async def test_what_is_released_is_live(store: ContentStore, clock: HandClock) -> None:
    await seed(store)
    clock.pass_(timedelta(minutes=1))
    made = await store.release(
        Change.PUBLISH, {A: "a2 你好\n", C: "c1"}, author="li", note="改问候", expected=1
    )
    assert (made.revision, made.change, made.author, made.note, made.share) == (
        2,
        Change.PUBLISH,
        "li",
        "改问候",
        1.0,
    )
    assert made.versions == {A: 2, C: 1}
    live = await store.live()
    assert live.revision == await store.revision() == 2
    assert live.texts == {A: "a2 你好\n", B: "b1", C: "c1"}
    assert live.numbers == {A: 2, B: 1, C: 1}
    newest, oldest = await store.history(A)
    assert (newest.number, newest.text, newest.author, newest.note) == (2, "a2 你好\n", "li", "改问候")
    assert newest.at == MORNING + timedelta(minutes=1)
    assert newest.digest == digest_of("a2 你好\n")
    assert (oldest.number, oldest.text, oldest.author) == (1, "a1", FILE_AUTHOR)
    assert [r.revision for r in await store.releases()] == [2, 1]
    assert [r.revision for r in await store.releases(B)] == [1]
    assert [r.revision for r in await store.releases(limit=1)] == [2]
    assert (await store.releases(C))[0] == made


async def test_a_change_made_on_an_older_revision_is_refused(store: ContentStore) -> None:
    await seed(store)
    with pytest.raises(VoicebotError, match=r"content\.stale") as refused:
        await store.release(Change.PUBLISH, {A: "a2"}, author="li", note="", expected=0)
    assert refused.value.retryable
    with pytest.raises(VoicebotError, match=r"content\.stale"):
        await store.end_trial(promote=True, author="li", note="", expected=0)
    assert (await store.live()).texts[A] == "a1"
    assert len(await store.history(A)) == 1


async def test_one_of_many_that_publish_at_once_wins(store: ContentStore) -> None:
    await seed(store)

    done = await asyncio.gather(
        *(
            store.release(Change.PUBLISH, {A: f"by {n}"}, author=str(n), note="", expected=1)
            for n in range(8)
        ),
        return_exceptions=True,
    )
    refused = [error for error in done if isinstance(error, VoicebotError)]
    (won,) = (made for made in done if not isinstance(made, BaseException))
    assert [error.code for error in refused] == ["content.stale"] * 7
    assert won.revision == 2
    assert (await store.live()).texts[A] == f"by {won.author}"


async def test_an_old_text_is_live_again_as_its_old_version(store: ContentStore) -> None:
    await seed(store)
    await store.release(Change.PUBLISH, {A: "a2"}, author="li", note="", expected=1)
    made = await store.release(Change.ROLLBACK, {A: "a1"}, author="wang", note="不行", expected=2)
    assert made.versions == {A: 1}
    assert (await store.live()).numbers[A] == 1
    assert [version.number for version in await store.history(A)] == [2, 1]
    assert [r.author for r in await store.releases(A)] == ["wang", "li", FILE_AUTHOR]


async def test_a_file_can_be_taken_away_and_come_back(store: ContentStore) -> None:
    await seed(store)
    await store.release(Change.PUBLISH, {B: None}, author="li", note="", expected=1)
    live = await store.live()
    assert live.texts == {A: "a1"}
    assert live.numbers == {A: 1}
    gone = (await store.history(B))[0]
    assert (gone.number, gone.text, gone.digest) == (2, None, "")
    made = await store.release(Change.PUBLISH, {B: "b3"}, author="li", note="", expected=2)
    assert made.versions == {B: 3}
    assert (await store.live()).texts == {A: "a1", B: "b3"}


async def test_a_trial_is_beside_what_is_live(store: ContentStore) -> None:
    await seed(store)
    made = await store.release(
        Change.TRIAL, {A: "a2", B: None}, author="li", note="试试", expected=1, share=0.1
    )
    assert made.share == 0.1
    live = await store.live()
    assert live.texts == {A: "a1", B: "b1"}
    assert live.trial == {A: "a2", B: None}
    assert live.trial_numbers == {A: 2, B: 2}
    assert (live.trial_revision, live.share, live.revision) == (2, 0.1, 2)
    await store.release(Change.PUBLISH, {C: "c1"}, author="li", note="", expected=2)
    live = await store.live()
    assert (live.trial_revision, live.revision, live.trial) == (2, 3, {A: "a2", B: None})
    await store.release(Change.TRIAL, {A: "a3"}, author="li", note="", expected=3, share=0.5)
    live = await store.live()
    assert (live.trial, live.share, live.trial_revision) == ({A: "a3"}, 0.5, 4)


@pytest.mark.parametrize("promote", [True, False])
async def test_a_trial_ends(store: ContentStore, promote: bool) -> None:
    await seed(store)
    await store.release(Change.TRIAL, {A: "a2", B: None}, author="li", note="", expected=1, share=0.1)
    made = await store.end_trial(promote=promote, author="wang", note="好", expected=2)
    assert (made.change, made.author) == (Change.PROMOTE if promote else Change.DROP, "wang")
    assert made.versions == {A: 2, B: 2}
    live = await store.live()
    assert live.texts == ({A: "a2"} if promote else {A: "a1", B: "b1"})
    assert (live.trial, live.share, live.trial_revision, live.revision) == ({}, 0.0, 0, 3)
    with pytest.raises(VoicebotError, match=r"content\.no_trial"):
        await store.end_trial(promote=promote, author="wang", note="", expected=3)


async def test_what_was_seen_is_kept_for_each_folder(store: ContentStore) -> None:
    look = Look(HERE, {A: digest_of("a1"), B: digest_of("b1")})
    await store.release(Change.FILE, {A: "a1", B: "b1"}, author=FILE_AUTHOR, note="", expected=0, look=look)
    await store.mark_seen(Look("node2:/srv", {A: digest_of("other")}))
    await store.mark_seen(Look(HERE, {B: ""}))
    assert await store.seen(HERE) == {A: digest_of("a1"), B: ""}
    assert await store.seen("node2:/srv") == {A: digest_of("other")}


async def test_the_latest_look_tells_how_a_file_differs(store: ContentStore, clock: HandClock) -> None:
    await store.mark_seen(Look(HERE, {A: digest_of("a1")}))
    clock.pass_(timedelta(seconds=1))
    await store.mark_seen(Look("node2:/srv", {A: digest_of("a2")}))
    assert (await store.live()).seen == {A: digest_of("a2")}


async def test_a_refused_folder_waits_until_it_is_mended(store: ContentStore) -> None:
    problems = (
        Problem(A, 3, 11, "flow.unknown_kind", "没有「x」这种步骤", "是否指 say？"),
        Problem(A, 0, 0, "flow.odd", "少见", severity=Severity.WARNING),
    )
    refusal = Refusal(HERE, (A, B), problems, MORNING)
    await store.refuse(Refusal(HERE, (A,), problems[:1], MORNING))
    await store.refuse(refusal)
    await store.refuse(Refusal("node2:/srv", (A,), problems, MORNING))
    assert list(await store.refusals()) == [refusal, Refusal("node2:/srv", (A,), problems, MORNING)]
    await store.mark_seen(Look("node2:/srv"))
    assert list(await store.refusals()) == [refusal]
    await store.release(
        Change.FILE, {A: "a2"}, author=FILE_AUTHOR, note="", expected=0, look=Look(HERE, {A: digest_of("a2")})
    )
    assert list(await store.refusals()) == []


async def test_each_author_has_a_draft(store: ContentStore) -> None:
    later = MORNING + timedelta(hours=1)
    await store.save_draft(Draft(A, "li", 1, "first", MORNING))
    await store.save_draft(Draft(A, "wang", 1, "hers", later))
    await store.save_draft(Draft(B, "li", 0, "new", MORNING))
    await store.save_draft(Draft(A, "li", 2, "second", MORNING))
    hers, mine = await store.drafts(A)
    assert (hers, mine) == (Draft(A, "wang", 1, "hers", later), Draft(A, "li", 2, "second", MORNING))
    assert len(await store.drafts()) == 3
    await store.drop_draft(A, "li")
    await store.drop_draft(A, "nobody")
    assert list(await store.drafts(A)) == [hers]


async def test_drafts_stay_when_their_file_is_released(store: ContentStore) -> None:
    await store.save_draft(Draft(A, "li", 1, "mine", MORNING))
    await seed(store)
    assert [draft.text for draft in await store.drafts(A)] == ["mine"]
