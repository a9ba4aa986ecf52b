"""Async tests that never wait.

    @on_virtual_time
    async def test_prompts_after_five_seconds(clock_start: datetime) -> None:
        clock = VirtualClock(SHANGHAI_MORNING)
        await asyncio.sleep(5)          # takes no time
        assert clock.now() == SHANGHAI_MORNING + timedelta(seconds=5)

Sync fixtures work as usual; async fixtures live on another loop, so make such things inside the test.
A task that is still running at the end fails the test.
"""

import asyncio
import functools
import inspect
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Final, ParamSpec
from zoneinfo import ZoneInfo

from voicebot.adapters.virtual_time import Deadlock, VirtualClock, VirtualLoop, run_virtual

__all__ = [
    "SHANGHAI",
    "SHANGHAI_MORNING",
    "Deadlock",
    "VirtualClock",
    "VirtualLoop",
    "assert_no_leaked_tasks",
    "on_virtual_time",
]

P = ParamSpec("P")

SHANGHAI: Final = ZoneInfo("Asia/Shanghai")
SHANGHAI_MORNING: Final = datetime(2026, 11, 24, 9, 30, tzinfo=SHANGHAI)
"""A Tuesday, a working day."""


def on_virtual_time(test: Callable[P, Awaitable[None]]) -> Callable[P, None]:
    """Runs an async test on a `VirtualLoop`; goes under `@given` when both are used."""

    @functools.wraps(test)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        async def main() -> None:
            await test(*args, **kwargs)
            await assert_no_leaked_tasks(frozenset())

        run_virtual(main())

    del run.__wrapped__  # else plugins take it for a coroutine function
    run.__signature__ = inspect.signature(test)  # type: ignore[attr-defined]
    return run


async def assert_no_leaked_tasks(known: frozenset[asyncio.Task[object]]) -> None:
    """Fails when a task besides `known` and this one still runs."""
    for _ in range(3):  # a task that was just cancelled or told to stop may finish its last steps
        await asyncio.sleep(0)
    leaked = asyncio.all_tasks() - known - {asyncio.current_task()}
    assert not leaked, "tasks left running:\n" + "\n".join(f"  {task!r}" for task in leaked)
