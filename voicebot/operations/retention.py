"""How long what is known of people is kept (domain.md §11), and the proof that it went."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Kept(StrEnum):
    """What goes when its time is over."""

    RECORDING = "recording"
    """The sound of a call."""
    TRANSCRIPT = "transcript"
    """A call with its turns."""
    PERSON = "person"
    """Name and numbers behind a ticket that is archived; its texts stay."""
    ACCESS = "access"
    """Who looked at whom."""


@dataclass(frozen=True, slots=True)
class KeepOptions:
    """How long things of people are kept, in days; 0 keeps them for ever.

    Args:
        recordings: after the end of the call.
        transcripts: of calls with their turns, likewise; no shorter than the recordings.
        persons: after the last that happened to a ticket that is archived, cancelled, merged or rejected.
        access: who looked at whom.
    """

    recordings: int = 180
    transcripts: int = 1095
    persons: int = 1825
    access: int = 1095

    def __post_init__(self) -> None:
        if min(self.recordings, self.transcripts, self.persons, self.access) < 0:
            raise ValueError("保留天数不能是负数；0 表示一直保留")
        if self.transcripts and not 0 < self.recordings <= self.transcripts:
            raise ValueError("录音（recordings）不能比通话记录（transcripts）留得更久")

    def until(self, what: Kept, now: datetime) -> datetime | None:
        """Everything of this kind from before is due; None: nothing ever is."""
        days = {
            Kept.RECORDING: self.recordings,
            Kept.TRANSCRIPT: self.transcripts,
            Kept.PERSON: self.persons,
            Kept.ACCESS: self.access,
        }[what]
        return now - timedelta(days=days) if days else None


@dataclass(frozen=True, slots=True)
class PurgeReport:
    """Proof of what was removed, without telling whose it was.

    Args:
        ids_digest: SHA-256 of the sorted ids, each ended by a line feed.
        chain: SHA-256 of this report and the `chain` of the one before: none can be changed or left out
            later.
    """

    at: datetime
    what: Kept
    until: datetime
    count: int
    ids_digest: str
    chain: str
