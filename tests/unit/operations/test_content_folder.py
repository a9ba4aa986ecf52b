"""A content folder: what is saved goes live, once, and what is wrong waits."""

from collections.abc import Mapping

import pytest

from tests.fakes.clocks import HandClock
from tests.fakes.content import MemoryContentStore
from tests.unit.operations.kit import CAR, MAIN, TEXTS, TICKET, needs
from voicebot.core.errors import VoicebotError
from voicebot.core.problem import ContentError
from voicebot.operations.content import FILE_AUTHOR, Change, digest_of
from voicebot.operations.content_folder import FolderKeeper
from voicebot.operations.publishing import Publisher


class Folder:
    """A `ContentFolder` in a dict."""

    def __init__(self, texts: Mapping[str, str] = TEXTS, place: str = "node1:/srv") -> None:
        self.texts = dict(texts)
        self.place = place
        self.broken: OSError | None = None
        self.reads = 0
        self._last: dict[str, str] | None = None

    def changed(self) -> bool:
        return self.texts != self._last

    def read(self) -> Mapping[str, str]:
        self.reads += 1
        self._last = dict(self.texts)
        if self.broken:
            raise self.broken
        return self._last


@pytest.fixture
def store() -> MemoryContentStore:
    return MemoryContentStore()


@pytest.fixture
def folder() -> Folder:
    return Folder()


def keeping(folder: Folder, store: MemoryContentStore, publishing: bool = True) -> FolderKeeper:
    """A process that has just been started."""
    return FolderKeeper(folder, store, Publisher(store, needs), HandClock(), publishing=publishing)


@pytest.fixture
async def keeper(folder: Folder, store: MemoryContentStore) -> FolderKeeper:
    made = keeping(folder, store)
    assert await made.look()
    return made


async def test_an_empty_store_is_filled(store: MemoryContentStore, keeper: FolderKeeper) -> None:
    live = await store.live()
    assert (live.revision, live.texts) == (1, TEXTS)
    (made,) = await store.releases()
    assert (made.author, made.change) == (FILE_AUTHOR, Change.FILE)
    assert live.seen == {path: digest_of(text) for path, text in TEXTS.items()}
    assert not await keeper.look()


async def test_it_is_filled_once_by_several(folder: Folder, store: MemoryContentStore) -> None:
    assert [await keeping(folder, store).look() for _ in range(3)] == [True, False, False]
    assert await store.revision() == 1


async def test_files_that_cannot_fill_it_are_refused(store: MemoryContentStore) -> None:
    with pytest.raises(ContentError, match="没有流程「ticket」"):
        await keeping(Folder({MAIN: "needs ticket\n"}), store).look()
    with pytest.raises(VoicebotError, match=r"content\.missing.*node1:/srv"):
        await keeping(Folder({}), store).look()


async def test_a_saved_file_goes_live(
    folder: Folder, store: MemoryContentStore, keeper: FolderKeeper
) -> None:
    folder.texts[TICKET] = "questions 2\n"
    folder.texts[CAR] = "move\n"
    assert await keeper.look()
    assert (await store.live()).texts == folder.texts
    assert (await store.releases())[0].versions == {TICKET: 2, CAR: 1}
    del folder.texts[CAR]
    assert await keeper.look()
    assert (await store.live()).texts == folder.texts


async def test_a_mistake_waits_until_it_is_mended(
    folder: Folder, store: MemoryContentStore, keeper: FolderKeeper
) -> None:
    folder.texts[MAIN] = "needs x\n"
    folder.texts[TICKET] = "questions 2\n"
    assert not await keeper.look()
    assert not await keeper.look()
    assert (await store.live()).texts == TEXTS, "changes are judged together"
    (refusal,) = await store.refusals()
    assert refusal == keeper.refusal
    assert (refusal.files, refusal.problems[0].line) == ((MAIN, TICKET), 1)
    folder.texts[MAIN] = "needs ticket\n"
    assert await keeper.look()
    assert list(await store.refusals()) == []
    assert (await store.live()).texts == folder.texts


async def test_a_mistake_that_is_taken_back_leaves_nothing(
    folder: Folder, store: MemoryContentStore, keeper: FolderKeeper
) -> None:
    folder.texts[MAIN] = "needs x\n"
    await keeper.look()
    folder.texts[MAIN] = TEXTS[MAIN]
    assert not await keeper.look()
    assert (keeper.refusal, list(await store.refusals())) == (None, [])
    assert await store.revision() == 1


async def test_a_mistake_that_is_taken_back_while_nobody_looks(
    folder: Folder, store: MemoryContentStore, keeper: FolderKeeper
) -> None:
    folder.texts[MAIN] = "needs x\n"
    await keeper.look()
    folder.texts[MAIN] = TEXTS[MAIN]
    assert not await keeping(folder, store).look()
    assert list(await store.refusals()) == []


async def test_what_was_wrong_may_become_right(
    folder: Folder, store: MemoryContentStore, keeper: FolderKeeper
) -> None:
    """The missing flow is published in the console; the folder stays as it is."""
    folder.texts[MAIN] = "needs 挪车\n"
    assert not await keeper.look()
    store.put(Change.PUBLISH, {CAR: "move\n"}, "li")
    assert await keeper.look()
    assert (await store.live()).texts[MAIN] == "needs 挪车\n"


async def test_a_file_that_was_rolled_back_stays_back(
    folder: Folder, store: MemoryContentStore, keeper: FolderKeeper
) -> None:
    folder.texts[TICKET] = "questions 2\n"
    await keeper.look()
    await Publisher(store, needs).rollback(TICKET, author="li", note="不行")
    assert not await keeper.look()
    assert not await keeping(folder, store).look(), "after a restart"
    assert not await keeping(Folder(folder.texts, "node2:/srv"), store).look(), "on another machine"
    live = await store.live()
    assert live.texts[TICKET] == TEXTS[TICKET]
    assert live.seen[TICKET] == digest_of("questions 2\n"), "the file differs from what is live"
    folder.texts[TICKET] = "questions 3\n"
    assert await keeper.look()


async def test_a_file_that_goes_back_to_an_old_text_is_a_change(
    folder: Folder, store: MemoryContentStore, keeper: FolderKeeper
) -> None:
    folder.texts[TICKET] = "questions 2\n"
    await keeper.look()
    folder.texts[TICKET] = TEXTS[TICKET]
    assert await keeping(folder, store).look()
    assert (await store.live()).numbers[TICKET] == 1


async def test_two_folders_that_differ_do_not_fight(
    folder: Folder, store: MemoryContentStore, keeper: FolderKeeper
) -> None:
    other = Folder(place="node2:/srv")
    second = keeping(other, store)
    assert not await second.look()
    folder.texts[TICKET] = "questions 2\n"
    assert [await keeper.look(), await second.look(), await keeper.look()] == [True, False, False]
    other.texts[TICKET] = "questions 2\n"
    assert not await second.look()
    assert await store.revision() == 2


async def test_what_was_changed_while_nobody_looked(
    folder: Folder, store: MemoryContentStore, keeper: FolderKeeper
) -> None:
    folder.texts[TICKET] = "questions 2\n"
    assert await keeping(folder, store).look()
    folder.texts[TICKET] = "needs x\n"
    restarted = keeping(folder, store)
    assert not await restarted.look()
    assert restarted.refusal is not None
    assert (await store.live()).texts[TICKET] == "questions 2\n"


async def test_what_only_the_console_knows_is_not_deleted(
    folder: Folder, store: MemoryContentStore, keeper: FolderKeeper
) -> None:
    store.put(Change.PUBLISH, {CAR: "move\n"}, "li")
    folder.texts[TICKET] = "questions 2\n"
    assert await keeper.look()
    assert CAR in (await store.live()).texts


@pytest.mark.parametrize("left", [0, 1, 2])
async def test_an_emptied_folder_deletes_nothing(store: MemoryContentStore, left: int) -> None:
    many = {f"ivr_flows/{n}.yaml": "x\n" for n in range(6)}
    folder = Folder(many)
    keeper = keeping(folder, store)
    await keeper.look()
    folder.texts = dict(list(many.items())[:left])
    assert not await keeper.look()
    assert keeper.refusal is not None
    assert keeper.refusal.problems[0].code == "content.emptied"
    assert len((await store.live()).texts) == 6
    folder.texts = dict(many)
    assert not await keeper.look()
    assert keeper.refusal is None


async def test_renamed_files_are_no_emptied_folder(store: MemoryContentStore) -> None:
    folder = Folder({f"ivr_flows/{n}.yaml": "x\n" for n in range(6)})
    keeper = keeping(folder, store)
    await keeper.look()
    folder.texts = {f"ivr_flows/new{n}.yaml": "x\n" for n in range(6)}
    assert await keeper.look()
    assert set((await store.live()).texts) == set(folder.texts)


async def test_a_file_that_cannot_be_read_is_told(
    folder: Folder, store: MemoryContentStore, keeper: FolderKeeper
) -> None:
    folder.texts[TICKET] = "questions 2\n"
    folder.broken = PermissionError(13, "Permission denied", "/srv/ivr_flows/ticket.yaml")
    assert not await keeper.look()
    assert keeper.refusal is not None
    assert keeper.refusal.problems[0].path == "/srv/ivr_flows/ticket.yaml"
    folder.broken = None  # a matter of rights: the file is the same
    assert await keeper.look()


async def test_nothing_is_lost_when_the_store_fails_in_between(
    folder: Folder, store: MemoryContentStore, keeper: FolderKeeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(place: str) -> Mapping[str, str]:
        raise VoicebotError("db.unreachable", place, retryable=True)

    folder.texts[TICKET] = "questions 2\n"
    with monkeypatch.context() as patch:
        patch.setattr(store, "seen", away)
        with pytest.raises(VoicebotError, match=r"db\.unreachable"):
            await keeper.look()
    assert await keeper.look()


async def test_when_publishing_is_off_changes_are_noted_only(
    folder: Folder, store: MemoryContentStore
) -> None:
    keeper = keeping(folder, store, publishing=False)
    assert await keeper.look(), "an empty store is filled all the same"
    folder.texts[TICKET] = "questions 2\n"
    assert not await keeper.look()
    live = await store.live()
    assert (live.texts, live.seen[TICKET]) == (TEXTS, digest_of("questions 2\n"))


async def test_a_file_on_trial_is_not_given_to_everybody(
    folder: Folder, store: MemoryContentStore, keeper: FolderKeeper
) -> None:
    publisher = Publisher(store, needs)
    await publisher.publish(TICKET, "questions 2\n", base=1, author="li", note="", share=0.1)
    folder.texts[TICKET] = "questions 2\n"
    assert not await keeper.look()
    assert keeper.refusal is None
    folder.texts[TICKET] = "questions 3\n"
    assert not await keeper.look()
    assert keeper.refusal is not None
    assert keeper.refusal.problems[0].code == "content.on_trial"
    await publisher.end_trial(promote=False, author="li", note="")
    assert await keeper.look()
    assert (await store.live()).texts[TICKET] == "questions 3\n"


async def test_a_quiet_folder_is_not_read(folder: Folder, keeper: FolderKeeper) -> None:
    before = folder.reads
    for _ in range(5):
        await keeper.look()
    assert folder.reads == before
