"""Runs all parts: start in order, keep, drain in order."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator, Sequence

from voicebot.adapters.supervisor.keeper import Keeper, Report
from voicebot.adapters.supervisor.part import Backoff, Part
from voicebot.core.errors import VoicebotError


class Supervisor:
    """Owns the processes of `parts` while `run` runs; none is left when it returns.

    Args:
        report: told of everything that happens to a part.
    """

    def __init__(self, parts: Sequence[Part], report: Report, backoff: Backoff | None = None) -> None:
        self._keepers = [Keeper(part, report, backoff or Backoff()) for part in parts]
        self._keeping: dict[Keeper, asyncio.Task[None]] = {}

    async def run(
        self, stop: asyncio.Event, hurry: asyncio.Event, when_ready: Callable[[], Awaitable[None]]
    ) -> None:
        """Starts all, calls `when_ready`, keeps them until `stop`, drains (at once when `hurry`).

        Raises:
            VoicebotError: a part could not be started; whatever ran has been stopped.
        """
        try:
            if await _unless(stop, self._start()):
                await when_ready()
                await stop.wait()
        finally:
            await self._drain(hurry)

    def renew(self, *names: str) -> None:
        """Starts successors of these parts; each takes over once it is ready, without losing work."""
        for keeper in self._keepers:
            if keeper.part.name in names:
                keeper.renew()

    async def _start(self) -> None:
        for group in _groups(self._keepers, lambda keeper: keeper.part.starts):
            await _all(keeper.start() for keeper in group)
            for keeper in group:
                self._keeping[keeper] = asyncio.create_task(keeper.keep(), name=f"keep {keeper.part.name}")

    async def _drain(self, hurry: asyncio.Event) -> None:
        for group in _groups(self._keepers, lambda keeper: keeper.part.stops):
            await asyncio.gather(*(self._stop(keeper, hurry) for keeper in group))

    async def _stop(self, keeper: Keeper, hurry: asyncio.Event) -> None:
        task = self._keeping.pop(keeper, None)
        if task is not None:
            task.cancel()
            await asyncio.wait([task])
        await keeper.stop(hurry)


async def _all(starts: Iterable[Coroutine[None, None, None]]) -> None:
    """Waits for all; the first failure cuts the others short and is raised."""
    failures: list[BaseException] = []
    try:
        async with asyncio.TaskGroup() as group:
            for start in starts:
                group.create_task(start)
    except* VoicebotError as raised:
        failures.extend(raised.exceptions)
    if failures:
        raise failures[0]


def _groups(keepers: Sequence[Keeper], key: Callable[[Keeper], int]) -> Iterator[list[Keeper]]:
    for _, group in itertools.groupby(sorted(keepers, key=key), key):
        yield list(group)


async def _unless(stop: asyncio.Event, work: Awaitable[None]) -> bool:
    """Whether `work` came to its end before `stop` was set; raises what it raises."""
    task = asyncio.ensure_future(work)
    waiting = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait([task, waiting], return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            task.result()
            return True
        return False
    finally:
        for pending in (task, waiting):
            pending.cancel()
        await asyncio.wait([task, waiting])
