"""Whatever people do to content, in whichever order: what is live is valid, and nothing written is lost."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.examples import examples
from tests.fakes.clocks import HandClock
from tests.fakes.content import MemoryContentStore
from tests.unit.operations.kit import CAR, MAIN, TEXTS, TICKET, needs
from tests.unit.operations.test_content_folder import Folder
from voicebot.core.errors import VoicebotError
from voicebot.operations.content import LiveContent, digest_of
from voicebot.operations.content_changes import merged
from voicebot.operations.content_folder import FolderKeeper
from voicebot.operations.publishing import Publisher

PATHS = st.sampled_from([MAIN, TICKET, CAR])
WORDS = st.lists(
    st.sampled_from(["one", "two", "odd", "needs ticket", "needs 挪车", "needs nothing"]), max_size=2
).map("\n".join)
REFUSALS = {
    "content.invalid",
    "content.changed",
    "content.unchanged",
    "content.on_trial",
    "content.trial_busy",
    "content.no_trial",
    "content.no_version",
}


class ContentLife(RuleBasedStateMachine):
    """Somebody edits files, somebody publishes in the console, somebody goes back, lines restart."""

    @initialize()
    def begin(self) -> None:
        self.store = MemoryContentStore()
        self.publisher = Publisher(self.store, needs)
        self.folder = Folder(TEXTS)
        self.written: dict[tuple[str, int], str | None] = {}
        self.restart()
        self.look()
        self.bases = dict(self.live().numbers)

    def live(self) -> LiveContent:
        return asyncio.run(self.store.live())

    def tried(self, work: Coroutine[Any, Any, object]) -> bool:
        """Done, or refused for a reason there is."""
        before, code = self.live(), ""
        try:
            asyncio.run(work)
        except VoicebotError as error:
            code = error.code
        assert not code or code in REFUSALS
        assert not code or self.live() == before, "a refusal changes nothing"
        return not code

    @rule()
    def restart(self) -> None:
        self.keeper = FolderKeeper(self.folder, self.store, self.publisher, HandClock())

    @rule(path=PATHS, text=WORDS)
    def save(self, path: str, text: str) -> None:
        self.folder.texts[path] = text

    @rule(path=PATHS)
    def delete(self, path: str) -> None:
        self.folder.texts.pop(path, None)

    @rule()
    def look(self) -> None:
        asyncio.run(self.keeper.look())
        before = self.live()
        asyncio.run(self.keeper.look())
        assert self.live() == before, "the same files are published once"

    @rule(path=PATHS)
    def open_in_the_console(self, path: str) -> None:
        self.bases[path] = self.live().numbers.get(path, 0)

    @rule(path=PATHS, text=st.none() | WORDS, share=st.sampled_from([1.0, 1.0, 0.3]))
    def publish(self, path: str, text: str | None, share: float) -> None:
        base = self.bases.get(path, 0)
        live = self.live()
        if self.tried(self.publisher.publish(path, text, base=base, author="li", note="", share=share)):
            assert base in (live.numbers.get(path, 0), live.trial_numbers.get(path)), "nobody overwritten"
            self.bases[path] = self.live().numbers.get(path, 0)

    @rule(path=PATHS)
    def go_back(self, path: str) -> None:
        if self.tried(self.publisher.rollback(path, author="li", note="")):
            after = self.live()
            self.restart()
            if after.seen.get(path, "") == digest_of(self.folder.texts.get(path)):
                asyncio.run(self.keeper.look())
                assert self.live().texts.get(path) == after.texts.get(path), "an old file stays back"

    @rule(promote=st.booleans())
    def end_trial(self, promote: bool) -> None:
        self.tried(self.publisher.end_trial(promote=promote, author="li", note=""))

    @invariant()
    def what_is_live_is_valid(self) -> None:
        live = self.live()
        for texts in (live.texts, merged(live.texts, live.trial)):
            assert [p for p in needs(texts) if p.severity == "error"] == []

    @invariant()
    def nothing_written_changes(self) -> None:
        for path in (MAIN, TICKET, CAR):
            versions = asyncio.run(self.store.history(path))
            assert [v.number for v in reversed(versions)] == list(range(1, len(versions) + 1))
            for version in versions:
                known = self.written.setdefault((path, version.number), version.text)
                assert known == version.text

    @invariant()
    def every_release_is_counted(self) -> None:
        releases = asyncio.run(self.store.releases(limit=10_000))
        assert [r.revision for r in reversed(releases)] == list(range(1, self.live().revision + 1))


ContentLife.TestCase.settings = settings(max_examples=examples(16, 40), stateful_step_count=25, deadline=None)
TestContentLife = ContentLife.TestCase
