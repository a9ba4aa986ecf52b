"""Content in versions: what is written, what is live, and what has been."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol

from voicebot.core.errors import VoicebotError
from voicebot.core.problem import Problem

FILE_AUTHOR: Final = "file"
"""Who publishes what was saved in the content folder."""


class Change(StrEnum):
    """Why another text is live."""

    FILE = "file"
    PUBLISH = "publish"
    TRIAL = "trial"
    PROMOTE = "promote"
    DROP = "drop"
    ROLLBACK = "rollback"


@dataclass(frozen=True, slots=True)
class Version:
    """One text as somebody published it; never changed and never deleted.

    Args:
        path: relative to the content root, e.g. ``ivr_flows/ticket.yaml``.
        number: 1, 2, 3 … for each path.
        text: None where the file was deleted.
        digest: SHA-256 of the text, "" for None.
    """

    path: str
    number: int
    text: str | None
    digest: str
    author: str
    note: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Release:
    """One change of what is live; `revision` counts them and orders everything.

    Args:
        versions: path → number that this change put live (or on trial).
        share: part of new calls that get them, above 0 to 1; below 1 only for `Change.TRIAL`.
    """

    revision: int
    change: Change
    author: str
    note: str
    at: datetime
    versions: Mapping[str, int]
    share: float = 1.0


@dataclass(frozen=True, slots=True)
class Look:
    """What was found in a content folder; each node may have a folder of its own.

    Args:
        place: which folder, e.g. ``node1:/srv/hotline``.
        digests: path → digest of the text, "" where a file is gone; files that are not named here
            are as they were at the look before.
    """

    place: str
    digests: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Refusal:
    """What was saved in a content folder and may not go live; what is live stays.

    Args:
        files: changed files, mistaken or not: they are published together or not at all.
        problems: every mistake.
    """

    place: str
    files: tuple[str, ...]
    problems: tuple[Problem, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class LiveContent:
    """What new calls are served with.

    Args:
        revision: of the newest release; 0 in an empty store.
        texts: path → text, all content of the city; `numbers`: path → version.
        trial: path → text that a share of the calls gets instead (None: without this file), empty
            when nothing is on trial; `trial_numbers` likewise; `share`: which part of the calls;
            `trial_revision`: release that began it.
        seen: path → digest of the file in the content folder that was looked at last (any folder, the
            latest look counts), "" where it is gone. Another digest than that of the live text means:
            file differs from live.
    """

    revision: int
    texts: Mapping[str, str]
    numbers: Mapping[str, int]
    trial: Mapping[str, str | None] = field(default_factory=dict)
    trial_numbers: Mapping[str, int] = field(default_factory=dict)
    trial_revision: int = 0
    share: float = 0.0
    seen: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Draft:
    """A text that somebody works on; one for each path and author.

    Args:
        base: version it was begun from, 0 for a new file.
    """

    path: str
    author: str
    base: int
    text: str
    at: datetime


def digest_of(text: str | None) -> str:
    """SHA-256 of a text in hex, "" for None."""
    return "" if text is None else hashlib.sha256(text.encode()).hexdigest()


def stale() -> VoicebotError:
    """Something else has been released meanwhile: read what is live, and decide again."""
    return VoicebotError("content.stale", "内容刚刚被别人更新，请重试", retryable=True)


def no_trial() -> VoicebotError:
    return VoicebotError("content.no_trial", "现在没有试用中的内容")


class ContentStore(Protocol):
    """Versions, releases and drafts. Every change is one transaction with its row, its event
    (``content.released``) and, for files, what was seen. Versions and releases are never changed."""

    async def live(self) -> LiveContent:
        """One consistent picture."""
        ...

    async def revision(self) -> int:
        """Of the newest release, cheaply; 0 when there is none."""
        ...

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
        """Puts texts live, or on trial when `change` is `TRIAL`; a trial replaces the one before, and
        no other change touches it. A text equal to an existing version of its path becomes live as
        that version.

        Args:
            texts: path → text, None to take a file away.
            expected: revision on which the change was checked.
            look: files looked at, stored with the change; the folder is refused no longer.

        Raises:
            VoicebotError: ``content.stale``: something else has been released meanwhile (retryable).
        """
        ...

    async def end_trial(self, *, promote: bool, author: str, note: str, expected: int) -> Release:
        """Makes what is on trial live for all calls, or takes it back; the release names its versions.

        Raises:
            VoicebotError: ``content.no_trial``, ``content.stale``.
        """
        ...

    async def history(self, path: str) -> Sequence[Version]:
        """All versions of a path, newest first."""
        ...

    async def releases(self, path: str | None = None, limit: int = 50) -> Sequence[Release]:
        """Changes of what is live, newest first; `path` for those of one file."""
        ...

    # ── content folders ─────────────────────────────────────────────────────────────────────

    async def seen(self, place: str) -> Mapping[str, str]:
        """Path → digest of what was found in this folder; a file whose digest is still this is not
        published again, whatever is live. Empty for a folder that nobody has looked at."""
        ...

    async def mark_seen(self, look: Look) -> None:
        """Files that were looked at and not published; the folder is refused no longer."""
        ...

    async def refuse(self, refusal: Refusal) -> None:
        """What is wrong in this folder, instead of what was before; told as ``content.refused``."""
        ...

    async def refusals(self) -> Sequence[Refusal]:
        """Of every folder that waits for somebody to mend it."""
        ...

    # ── drafts ──────────────────────────────────────────────────────────────────────────────

    async def save_draft(self, draft: Draft) -> None:
        """Replaces the author's draft of this path."""
        ...

    async def drafts(self, path: str | None = None) -> Sequence[Draft]:
        """Newest first; all authors'."""
        ...

    async def drop_draft(self, path: str, author: str) -> None:
        """Does nothing when there is none."""
        ...
