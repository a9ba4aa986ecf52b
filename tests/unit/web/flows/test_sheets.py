"""Drafts: kept at each change, dropped when they change nothing, never overwritten unseen."""

import pytest

from tests.fakes.clocks import MORNING
from tests.fakes.content import MemoryContentStore
from voicebot.core.errors import VoicebotError
from voicebot.operations.content import Change, Draft, digest_of
from voicebot.web.flows.sheets import Elsewhere, keep_draft, open_sheet

PATH = "ivr_flows/x.yaml"


def draft(text: str, base: int = 1, author: str = "zhang", path: str = PATH) -> Draft:
    return Draft(path, author, base, text, MORNING)


async def test_without_a_draft_the_sheet_is_what_is_live() -> None:
    sheet = await open_sheet(MemoryContentStore({PATH: "a\r\n"}), PATH, "zhang")
    assert (sheet.text, sheet.base, sheet.draft, sheet.seen, sheet.overtaken) == (
        "a\r\n",
        1,
        False,
        "",
        False,
    )


async def test_a_draft_keeps_the_authors_line_ends() -> None:
    store = MemoryContentStore({PATH: "a\r\nb"})
    sheet = await keep_draft(store, draft("a\nb\nc"), "")
    assert sheet.text == "a\r\nb\r\nc"
    assert sheet.seen == digest_of(sheet.text)


async def test_a_text_that_is_what_is_live_needs_no_draft() -> None:
    store = MemoryContentStore({PATH: "a\r\n"})
    seen = (await keep_draft(store, draft("b\n"), "")).seen
    sheet = await keep_draft(store, draft("a\n"), seen)
    assert (sheet.draft, sheet.seen) == (False, "")
    assert await store.drafts() == []


async def test_another_window_of_the_same_author_is_not_overwritten() -> None:
    store = MemoryContentStore({PATH: "a\n"})
    await keep_draft(store, draft("one\n"), "")
    with pytest.raises(Elsewhere) as told:
        await keep_draft(store, draft("two\n"), "")
    assert told.value.sheet.text == "one\n"
    assert (await store.drafts())[0].text == "one\n"
    assert (await keep_draft(store, draft("two\n"), None)).text == "two\n"  # the author said so


async def test_drafts_of_others_are_seen_and_an_old_base_is_told() -> None:
    store = MemoryContentStore({PATH: "a\n"})
    await keep_draft(store, draft("b\n"), "")
    await store.release(Change.PUBLISH, {PATH: "c\n"}, author="wang", note="", expected=1)
    mine, theirs = await open_sheet(store, PATH, "zhang"), await open_sheet(store, PATH, "wang")
    assert mine.overtaken
    assert not theirs.overtaken
    assert [other.author for other in theirs.others] == ["zhang"]


@pytest.mark.parametrize("path", ["knowledge_base/city.yaml", "../x.yaml", "ivr_flows/.hidden.yaml"])
async def test_only_flows_and_their_test_calls_may_be_written(path: str) -> None:
    with pytest.raises(VoicebotError):
        await keep_draft(MemoryContentStore(), draft("x", 0, path=path), "")
