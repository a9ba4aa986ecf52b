"""A content store in memory, behind the same contract as the real one."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from tests.fakes.clocks import HandClock
from voicebot.core.clock import Clock
from voicebot.operations.content import (
    Change,
    Draft,
    LiveContent,
    Look,
    Refusal,
    Release,
    Version,
    digest_of,
    no_trial,
    stale,
)


class MemoryContentStore:
    """Implements `voicebot.operations.content.ContentStore`.

    Args:
        texts: live from the beginning, as revision 1.
    """

    def __init__(self, texts: Mapping[str, str] | None = None, clock: Clock | None = None) -> None:
        self._clock = clock or HandClock()
        self._versions: dict[str, list[Version]] = {}
        self._releases: list[Release] = []
        self._live: dict[str, int] = {}
        self._trial: dict[str, int] = {}
        self._seen: dict[str, dict[str, str]] = {}
        self._latest: dict[str, str] = {}
        self._refusals: dict[str, Refusal] = {}
        self._drafts: dict[tuple[str, str], Draft] = {}
        if texts:
            self.put(Change.FILE, texts)

    async def live(self) -> LiveContent:
        trials = [release for release in self._releases if release.change is Change.TRIAL]
        began = trials[-1] if self._trial else None
        return LiveContent(
            revision=len(self._releases),
            texts={path: self._text(path, n) or "" for path, n in sorted(self._live.items())},
            numbers=dict(sorted(self._live.items())),
            trial={path: self._text(path, n) for path, n in sorted(self._trial.items())},
            trial_numbers=dict(sorted(self._trial.items())),
            trial_revision=began.revision if began else 0,
            share=began.share if began else 0.0,
            seen=dict(self._latest),
        )

    async def revision(self) -> int:
        return len(self._releases)

    async def release(
        self,
        change: Change,
        texts: Mapping[str, str | None],
        *,
        author: str,
        note: str,
        expected: int,
        share: float = 1.0,
        look: Look | None = None,
    ) -> Release:
        if expected != len(self._releases):
            raise stale()
        made = self.put(change, texts, author, note, share)
        if look is not None:
            await self.mark_seen(look)
        return made

    def put(
        self,
        change: Change,
        texts: Mapping[str, str | None],
        author: str = "file",
        note: str = "",
        share: float = 1.0,
    ) -> Release:
        """Releases without a look at the revision; also from a thread."""
        numbers = {path: self._number(path, text, author, note) for path, text in texts.items()}
        if change is Change.TRIAL:
            self._trial = numbers
        else:
            self._put_live(numbers)
        return self._record(change, numbers, author, note, share)

    def _record(
        self, change: Change, numbers: Mapping[str, int], author: str, note: str, share: float = 1.0
    ) -> Release:
        made = Release(len(self._releases) + 1, change, author, note, self._clock.now(), numbers, share)
        self._releases.append(made)
        return made

    async def end_trial(self, *, promote: bool, author: str, note: str, expected: int) -> Release:
        if expected != len(self._releases):
            raise stale()
        if not self._trial:
            raise no_trial()
        numbers, self._trial = self._trial, {}
        if promote:
            self._put_live(numbers)
        return self._record(Change.PROMOTE if promote else Change.DROP, numbers, author, note)

    async def history(self, path: str) -> Sequence[Version]:
        return self._versions.get(path, [])[::-1]

    async def releases(self, path: str | None = None, limit: int = 50) -> Sequence[Release]:
        return [r for r in self._releases[::-1] if path is None or path in r.versions][:limit]

    async def seen(self, place: str) -> Mapping[str, str]:
        return dict(self._seen.get(place, {}))

    async def mark_seen(self, look: Look) -> None:
        self._seen.setdefault(look.place, {}).update(look.digests)
        self._latest.update(look.digests)
        self._refusals.pop(look.place, None)

    async def refuse(self, refusal: Refusal) -> None:
        self._refusals[refusal.place] = refusal

    async def refusals(self) -> Sequence[Refusal]:
        return [self._refusals[place] for place in sorted(self._refusals)]

    async def save_draft(self, draft: Draft) -> None:
        self._drafts[draft.path, draft.author] = replace(draft)

    async def drafts(self, path: str | None = None) -> Sequence[Draft]:
        found = [draft for draft in self._drafts.values() if path in (None, draft.path)]
        return sorted(sorted(found, key=lambda d: d.author), key=lambda d: d.at, reverse=True)

    async def drop_draft(self, path: str, author: str) -> None:
        self._drafts.pop((path, author), None)

    def _number(self, path: str, text: str | None, author: str, note: str) -> int:
        versions = self._versions.setdefault(path, [])
        for version in reversed(versions):
            if version.text == text:
                return version.number
        number = len(versions) + 1
        versions.append(Version(path, number, text, digest_of(text), author, note, self._clock.now()))
        return number

    def _put_live(self, numbers: Mapping[str, int]) -> None:
        for path, number in numbers.items():
            self._live.pop(path, None)
            if self._text(path, number) is not None:
                self._live[path] = number

    def _text(self, path: str, number: int) -> str | None:
        return self._versions[path][number - 1].text
