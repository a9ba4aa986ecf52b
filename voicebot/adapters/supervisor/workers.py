"""The health of our speech workers: do they greet, hang, or have they grown old?"""

import os
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, Final

from voicebot.adapters.supervisor.part import Health
from voicebot.adapters.worker.probe import probe

WITHIN: Final = 1.0
"""Seconds a worker has to greet: its loop never does the work itself."""
STUCK: Final = 20.0
"""Seconds of one piece of work after which a worker hangs; the longest turn takes 3 s, busy 10."""
_PAGE: Final = os.sysconf("SC_PAGE_SIZE")


def worker_health(path: Path, jobs: int, growth: int) -> Callable[[], Awaitable[Health | None]]:
    """Asks the worker at `path`.

    Args:
        jobs: finished pieces of work after which it is tired; 0 for never.
        growth: MB by which it may grow over what it had when first asked; 0 for any.
    """
    first: dict[int, int] = {}

    async def ask() -> Health | None:
        told = await probe(path, WITHIN)
        if told is None:
            return None
        pid = int(told["pid"])
        size = resident(pid)
        if pid not in first:
            first.clear()
            first[pid] = size
        wear = worn(told, size - first[pid], jobs, growth)
        idle = not told.get("running") and not told.get("waiting")
        stuck = float(told.get("stuck_s", 0)) > STUCK
        return Health(pid, tired=wear >= 2 or (wear >= 1 and idle), stuck=stuck)

    return ask


def worn(told: Mapping[str, Any], grown: int, jobs: int, growth: int) -> float:
    """Share of its life that a worker has behind it; from 1 on it is to be replaced when it is idle, from
    2 on at once."""
    by_jobs = int(told.get("decoded", 0)) / jobs if jobs else 0.0
    by_size = grown / growth if growth else 0.0
    return max(by_jobs, by_size)


def resident(pid: int) -> int:
    """Memory of a process in MB; 0 when it is gone."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return 0
    return pages * _PAGE // 2**20
