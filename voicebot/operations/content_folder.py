"""The content folder: what is saved there is published as author `file`, if the whole is valid."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from typing import Final, Protocol

import structlog

from voicebot.core.clock import Clock
from voicebot.core.errors import VoicebotError
from voicebot.core.problem import ContentError, Problem
from voicebot.operations.content import (
    FILE_AUTHOR,
    Change,
    ContentStore,
    LiveContent,
    Look,
    Refusal,
    digest_of,
)
from voicebot.operations.content_kinds import Kind, kind_of
from voicebot.operations.publishing import Plan, Publisher

log = structlog.get_logger(__name__)

FIRST_NOTE: Final = "首次导入"
NOTHING_NEW: Final = "content.unchanged"
SHOWN: Final = 8
FEW: Final = 4
"""Fewer files of a kind may all be deleted at once."""


class ContentFolder(Protocol):
    """Files as they are now. Both methods block; they are called in a thread."""

    @property
    def place(self) -> str:
        """See `Look.place`."""
        ...

    def changed(self) -> bool:
        """Some file may be another one than at the last `read`; cheap."""
        ...

    def read(self) -> Mapping[str, str]:
        """Path → text of every file.

        Raises:
            ContentError: a file is not UTF-8.
            OSError: a file cannot be read.
        """
        ...


class FolderKeeper:
    """Publishes what changes in a folder. Several may keep the same one.

    A file is compared with what was found at the last look, never with what is live: after a rollback
    an unchanged file stays unpublished, whatever is restarted.

    Args:
        publishing: False: changed files are noted, not published; an empty store is still filled.
    """

    def __init__(
        self,
        folder: ContentFolder,
        store: ContentStore,
        publisher: Publisher,
        clock: Clock,
        *,
        publishing: bool = True,
    ) -> None:
        self._folder = folder
        self._store = store
        self._publisher = publisher
        self._clock = clock
        self._publishing = publishing
        self._owed = True
        """The folder is to be read, whether it tells of a change or not."""
        self._unreadable = False
        self._decided_on = 0
        """Revision on which it was decided what to do with the files as they are."""
        self._changed: tuple[str, ...] = ()
        self.refusal: Refusal | None = None
        """What waits in the folder for somebody to mend it."""

    async def look(self) -> bool:
        """Takes up what has changed since the last look; True when something went live.

        Raises:
            ContentError: the store is empty, and the files cannot fill it.
            VoicebotError: the store cannot be used; ``content.missing``: the folder holds no content,
                and the store neither.
        """
        revision = await self._store.revision()
        if self.refusal is not None and revision != self._decided_on:
            self._owed = True  # what was wrong may be right beside what is live now
        if not self._owed and not await asyncio.to_thread(self._folder.changed):
            return False
        self._owed = True  # also when the store fails in the middle
        published = await self._take_up(revision)
        self._owed, self._decided_on = self._unreadable, revision
        return published

    async def _take_up(self, revision: int) -> bool:
        self._changed, self._unreadable = (), False
        try:
            texts = await asyncio.to_thread(self._folder.read)
            note = "" if revision else FIRST_NOTE
            published = await self._publisher.release(
                Change.FILE, lambda live: self._wanted(live, texts), author=FILE_AUTHOR, note=note
            )
        except ContentError as error:
            await self._refuse(error.problems, revision)
            return False
        except OSError as error:
            self._unreadable = True
            where = str(error.filename or self._folder.place)
            message = f"读不到文件：{error.strerror or error}"
            await self._refuse([Problem(where, 0, 0, "content.unreadable", message)], revision)
            return False
        except VoicebotError as error:
            if error.code != NOTHING_NEW:
                raise
            self.refusal = None
            return False
        self.refusal = None
        made = published.release
        log.info("content.published", revision=made.revision, files=_some(made.versions), author=FILE_AUTHOR)
        return True

    async def _wanted(self, live: LiveContent, texts: Mapping[str, str]) -> Plan:
        """What the folder changes; raises `NOTHING_NEW` when nothing.

        A ContentError says what must not be published whatever its text.
        """
        if not live.revision and not texts:
            raise VoicebotError("content.missing", f"{self._folder.place} 里没有流程和知识，数据库里也没有")
        found = {path: digest_of(text) for path, text in texts.items()}
        seen = await self._store.seen(self._folder.place)
        gone = [path for path, digest in seen.items() if digest and path not in found]
        fresh = [path for path, digest in found.items() if digest != seen.get(path)]
        look = Look(self._folder.place, {p: found.get(p, "") for p in (*fresh, *gone)})
        self._changed = tuple(sorted(look.digests))
        if live.revision and (problem := _emptied(seen, found)):
            raise ContentError([problem])
        wanted: dict[str, str | None] = {}
        for path in look.digests:
            text = texts.get(path)
            if text == live.texts.get(path) or (path in live.trial and text == live.trial[path]):
                continue
            if not seen and await self._known(path, text):
                continue  # a folder nobody has looked at yet: an old text is no change
            wanted[path] = text
        if live.revision and (wanted and not self._publishing):
            log.info("content.differs", files=list(wanted), setting="content.publish_files")
            wanted = {}
        if not wanted:
            first = not self._decided_on  # a refusal of the process before may still be told
            if look.digests or self.refusal is not None or first:
                await self._store.mark_seen(look)
            raise VoicebotError(NOTHING_NEW, "文件没有变化")
        if busy := [_on_trial(path) for path in wanted if path in live.trial]:
            raise ContentError(busy)
        return Plan(wanted, look)

    async def _known(self, path: str, text: str | None) -> bool:
        return any(version.text == text for version in await self._store.history(path))

    async def _refuse(self, problems: Sequence[Problem], revision: int) -> None:
        """Tells the log and the store once; an empty store leaves nothing to go on with.

        Raises:
            ContentError: that.
        """
        if not revision:
            raise ContentError(problems)
        refusal = Refusal(self._folder.place, self._changed, tuple(sorted(problems)), self._clock.now())
        known = self.refusal
        self.refusal = refusal
        if known is None or (known.files, known.problems) != (refusal.files, refusal.problems):
            text = "\n".join(str(problem) for problem in refusal.problems)
            log.error("content.refused", error=text, files=list(refusal.files), still=f"r{revision}")
            await self._store.refuse(refusal)


def _some(files: Collection[str]) -> list[str]:
    """Names for the log; of many only the first ones."""
    shown = list(files)[:SHOWN]
    return shown if len(files) <= SHOWN else [*shown, f"(+{len(files) - SHOWN})"]


def _emptied(seen: Mapping[str, str], found: Mapping[str, str]) -> Problem | None:
    """A folder that lost more than half of its files of a kind at once was not edited: it is not
    mounted, or a copy is under way."""
    for kind in Kind:
        before = [path for path, digest in seen.items() if digest and kind_of(path) is kind]
        now = [path for path in found if kind_of(path) is kind]
        if len(before) >= FEW and len(now) * 2 < len(before):
            message = f"{len(before)} 个文件只剩 {len(now)} 个，像是目录没有挂载或正在复制，没有跟着删除"
            return Problem(kind.value, 0, 0, "content.emptied", message, "确实要删，请分几次删")
    return None


def _on_trial(path: str) -> Problem:
    hint = "先用 voicebot flow publish --promote 或 --drop 结束试用"
    return Problem(path, 0, 0, "content.on_trial", "这个文件正在试用，保存的改动没有发布", hint)
