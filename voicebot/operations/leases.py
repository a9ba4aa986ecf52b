"""Who runs which timed work, as all nodes see it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Lease:
    """Who runs a task.

    Args:
        owner: "" when nobody does. beat: grows while the owner lives.
        ran_at: end of the last noted run. failures: in a row. trouble: why it failed last.
    """

    owner: str
    beat: int
    ran_at: datetime | None = None
    failures: int = 0
    trouble: str = ""


class Leases(Protocol):
    """Contract (tests/contract/test_leases.py). May raise VoicebotError ``db.…``."""

    async def all(self) -> Mapping[str, Lease]:
        """By name of the task; a task that nobody ever ran is missing."""
        ...

    async def take(self, name: str, owner: str, seen: Lease | None) -> bool:
        """Makes `owner` the holder, if the lease still stands as it was `seen` (None: missing)."""
        ...

    async def beat(self, owner: str) -> frozenset[str]:
        """Moves the beat of all that `owner` holds; their names."""
        ...

    async def ran(self, name: str, owner: str, at: datetime, failures: int, trouble: str) -> None:
        """Notes a run; nothing when `owner` does not hold it any more."""
        ...

    async def release(self, owner: str) -> None:
        """Gives back all that `owner` holds."""
        ...
