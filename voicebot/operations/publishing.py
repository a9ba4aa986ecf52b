"""Publishing: what somebody wrote becomes what new calls are served with, if the whole is valid."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from voicebot.core.errors import VoicebotError
from voicebot.core.problem import ContentError, Problem, Severity
from voicebot.operations.content import (
    Change,
    ContentStore,
    LiveContent,
    Look,
    Release,
    Version,
    no_trial,
    stale,
)
from voicebot.operations.content_changes import Overtaken, merged, previous, unified, unstorable
from voicebot.operations.content_kinds import Kind, checked_kind

Check = Callable[[Mapping[str, str]], Sequence[Problem]]
"""All problems, warnings too, of a whole content (path → text); the code that loads it. Up to a second
of CPU: it is called in a thread."""

_TRIES: Final = 5
"""How often a change is checked anew because something else was released meanwhile."""
_ALL_RELEASES: Final = 100_000


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to go live (None: taken away), and the look at a content folder that it comes from."""

    texts: Mapping[str, str | None]
    look: Look | None = None


Wanted = Callable[[LiveContent], Awaitable[Plan]]
"""Decides on what is live; asked again when that has changed before the plan could be carried out."""


@dataclass(frozen=True, slots=True)
class Published:
    """A release, and what is doubtful in what is live now."""

    release: Release
    warnings: tuple[Problem, ...] = ()


class Publisher:
    """Changes what is live. Any number of them, in any process, may share a store."""

    def __init__(self, store: ContentStore, check: Check) -> None:
        self._store = store
        self._check = check

    async def publish(
        self,
        path: str,
        text: str | None,
        *,
        base: int,
        author: str,
        note: str,
        share: float = 1.0,
        look: Look | None = None,
    ) -> Published:
        """Puts a text live, or on trial for a part of the calls.

        Args:
            text: None takes the file away.
            base: version the author began from (`LiveContent.numbers`, or `trial_numbers`), 0 for a
                new file.
            share: below 1: part of new calls that get it, above 0.
            look: stored with the change when the text comes from a content folder.

        Raises:
            ContentError: every mistake of the whole that would come of it; nothing has changed.
            Overtaken: ``content.changed``: `base` is not what is live.
            VoicebotError: ``content.path``, ``content.share``, ``content.unchanged``,
                ``content.on_trial``, ``content.trial_busy``, ``content.stale`` (retryable).
        """
        kind = checked_kind(path)
        if not 0 < share <= 1 or (share < 1 and kind is Kind.TESTS):
            raise VoicebotError("content.share", "试用比例要在 0 和 1 之间；测试通话不需要试用")
        trial = share < 1

        async def wanted(live: LiveContent) -> Plan:
            await self._same_base(live, path, base)
            _free_of_trial(live, path, trial=trial)
            tried = trial and path in live.trial and (text, share) == (live.trial[path], live.share)
            if text == live.texts.get(path) or tried:
                raise VoicebotError("content.unchanged", f"{path} 与现在使用的内容完全相同")
            return Plan({path: text}, look)

        change = Change.TRIAL if trial else Change.PUBLISH
        return await self.release(change, wanted, author=author, note=note, share=share)

    async def rollback(self, path: str, *, author: str, note: str, to: int | None = None) -> Published:
        """Makes an older version live again for all calls.

        Args:
            to: its number; None: the one that was live before the one that is.

        Raises:
            ContentError: it does not fit the rest any more.
            VoicebotError: ``content.no_version``, ``content.unchanged``, ``content.on_trial``,
                ``content.stale``.
        """
        checked_kind(path)

        async def wanted(live: LiveContent) -> Plan:
            _free_of_trial(live, path, trial=False)
            releases = [] if to is not None else await self._store.releases(path, _ALL_RELEASES)
            number = to if to is not None else previous(path, releases)
            version = await self._version(path, number)
            if version.text == live.texts.get(path):
                raise VoicebotError("content.unchanged", f"{path} 现在就是第 {version.number} 版")
            return Plan({path: version.text})

        return await self.release(Change.ROLLBACK, wanted, author=author, note=note)

    async def end_trial(self, *, promote: bool, author: str, note: str) -> Release:
        """Gives what is on trial to all calls, or takes it back.

        Raises:
            VoicebotError: ``content.no_trial``, ``content.stale``.
        """
        for _ in range(_TRIES):
            live = await self._store.live()
            if not live.trial:
                raise no_trial()
            try:
                return await self._store.end_trial(
                    promote=promote, author=author, note=note, expected=live.revision
                )
            except VoicebotError as error:
                if error.code != "content.stale":
                    raise
        raise stale()

    async def judge(self, texts: Mapping[str, str | None]) -> Sequence[Problem]:
        """What would be wrong or doubtful if these went live."""
        return await self._problems(await self._store.live(), texts, trial=False)

    async def diff(self, path: str, old: int, new: int) -> str:
        """Unified diff between two versions, "" when they are the same; 0 is the empty file.

        Raises:
            VoicebotError: ``content.no_version``.
        """
        texts = [(await self._version(path, n)).text if n else None for n in (old, new)]
        return unified(texts[0], texts[1], f"{path}@{old}", f"{path}@{new}")

    async def release(
        self, change: Change, wanted: Wanted, *, author: str, note: str, share: float = 1.0
    ) -> Published:
        """Checks and releases what `wanted` makes of what is live; again when that has changed meanwhile.

        Raises:
            ContentError: the whole would not be valid.
            VoicebotError: what `wanted` raises; ``content.stale``.
        """
        for _ in range(_TRIES):
            live = await self._store.live()
            plan = await wanted(live)
            problems = await self._problems(live, plan.texts, trial=change is Change.TRIAL)
            if any(p.severity is Severity.ERROR for p in problems):
                raise ContentError(problems)
            try:
                made = await self._store.release(
                    change,
                    plan.texts,
                    author=author,
                    note=note,
                    expected=live.revision,
                    share=share,
                    look=plan.look,
                )
            except VoicebotError as error:
                if error.code != "content.stale":
                    raise
                continue
            return Published(made, tuple(problems))
        raise stale()

    async def _problems(
        self, live: LiveContent, texts: Mapping[str, str | None], *, trial: bool
    ) -> Sequence[Problem]:
        """Of every combination that a call may be served with."""
        if strange := [p for path, text in texts.items() for p in unstorable(path, text or "")]:
            return strange
        combinations = [merged(live.texts, texts)]
        if live.trial and not trial:
            combinations.append(merged(combinations[0], live.trial))
        found: list[Problem] = []
        for combination in combinations:
            found += await asyncio.to_thread(self._check, combination)
        return sorted(set(found))

    async def _same_base(self, live: LiveContent, path: str, base: int) -> None:
        if base in (live.numbers.get(path, 0), live.trial_numbers.get(path)):
            return
        number = live.numbers.get(path)
        current = await self._version(path, number) if number is not None else None
        changes = await self.diff(path, base, number or 0)
        raise Overtaken(path, base, current, changes)

    async def _version(self, path: str, number: int | None) -> Version:
        history = await self._store.history(path)
        found = next((version for version in history if version.number == number), None)
        if found is None:
            known = "、".join(str(version.number) for version in reversed(history)) or "没有"
            what = "没有更早的版本" if number is None else f"没有第 {number} 版"
            raise VoicebotError("content.no_version", f"{path} {what}；现有版本：{known}")
        return found


def _free_of_trial(live: LiveContent, path: str, *, trial: bool) -> None:
    if trial and set(live.trial) - {path}:
        busy = "、".join(live.trial)
        raise VoicebotError("content.trial_busy", f"{busy} 正在试用：先全量使用或撤回，再试用别的")
    if not trial and path in live.trial:
        raise VoicebotError("content.on_trial", f"{path} 正在试用：先全量使用（promote）或撤回（drop）")
