"""Content in versions: what is written, what is live, and what has been."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol

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
class LiveContent:
    """What new calls are served with.

    Args:
        revision: of the newest release; 0 in an empty store.
        texts: path → text, all content of the city; `numbers`: path → version.
        trial: path → text that a share of the calls gets instead (None: without this file), empty
            when nothing is on trial; `trial_numbers` likewise; `share`: which part of the calls;
            `trial_revision`: release that began it.
        seen: path → digest of the file in the content folder that was looked at last. A file whose
            digest is still this is not published again, whatever is live.
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


class ContentStore(Protocol):
    """Versions, releases and drafts. Every change is one transaction with its row, its event
    (``content.released``) and, for files, what was seen. Versions and releases are never changed."""

    async def live(self) -> LiveContent: ...

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
        seen: Mapping[str, str] | None = None,
    ) -> Release:
        """Puts texts live, or on trial when `change` is `TRIAL`. A text equal to an existing version
        of its path becomes live as that version.

        Args:
            texts: path → text, None to take a file away.
            expected: revision on which the change was checked.
            seen: path → digest of files looked at, stored with the change.

        Raises:
            VoicebotError: ``content.stale``: something else has been released meanwhile (retryable).
        """
        ...

    async def end_trial(self, *, promote: bool, author: str, note: str, expected: int) -> Release:
        """Makes what is on trial live for all calls, or takes it back.

        Raises:
            VoicebotError: ``content.no_trial``, ``content.stale``.
        """
        ...

    async def mark_seen(self, seen: Mapping[str, str]) -> None:
        """Files that were looked at and not published."""
        ...

    async def history(self, path: str) -> Sequence[Version]:
        """All versions of a path, newest first."""
        ...

    async def releases(self, path: str | None = None, limit: int = 50) -> Sequence[Release]:
        """Changes of what is live, newest first; `path` for those of one file."""
        ...

    async def save_draft(self, draft: Draft) -> None: ...

    async def drafts(self, path: str | None = None) -> Sequence[Draft]:
        """Newest first; all authors'."""
        ...

    async def drop_draft(self, path: str, author: str) -> None: ...
