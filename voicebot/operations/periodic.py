"""Timed work: named tasks, each run by one node at a time, again after failures, until told to stop.

Who runs a task holds its lease, a row that all nodes see. The holder moves the row's beat every few seconds;
another node takes it when the beat stands still for `JobOptions.still` by that node's own monotonic clock.
No wall time is compared, so that clocks which differ or jump neither take a lease away nor keep it. What a
task does is safe by itself when two nodes overlap for a moment (a holder that hangs, and wakes up again).
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import structlog

from voicebot.core.clock import Clock
from voicebot.core.errors import VoicebotError
from voicebot.operations.leases import Lease, Leases

log = structlog.get_logger(__name__)

JUMP: Final = timedelta(seconds=30)
"""A wall clock that gains or loses more than this between two beats has been set."""
NOTED: Final = timedelta(seconds=60)
"""Tasks that run as seldom as this have each run noted, so that a restart does not bring the next forward."""
LAST_WORDS: Final = 2.0
"""Seconds at a stop for giving leases back."""


@dataclass(frozen=True, slots=True)
class Task:
    """Something that is done again and again.

    Args:
        name: the same on all nodes.
        every: from the end of one run to the beginning of the next.
        work: one run; True when there is more to do at once. What it raises is logged and it is run again.
        limit: a run that takes longer is given up.
        everywhere: every node runs it for itself.
    """

    name: str
    every: timedelta
    work: Callable[[], Awaitable[bool]]
    limit: timedelta = timedelta(minutes=10)
    everywhere: bool = False


@dataclass(frozen=True, slots=True)
class JobOptions:
    """Timed work: deadlines of tickets, the archive. Of several nodes one does it at a time.

    Args:
        run: this node takes part.
        beat: seconds between signs of life of the node that does it.
        still: without one for so many seconds another node takes over.
        longest: seconds between tries of work that fails; the first of them come sooner.
    """

    run: bool = True
    beat: float = 5.0
    still: float = 20.0
    longest: float = 300.0

    def __post_init__(self) -> None:
        if self.beat <= 0 or self.longest <= 0:
            raise ValueError("beat 和 longest 应大于0")
        if self.still < 3 * self.beat:
            raise ValueError("still 至少是 beat 的三倍，否则活着的节点会被当成停了")


@dataclass(slots=True)
class _Sight:
    """A beat of somebody else, and since when it stands."""

    owner: str
    beat: int
    since: float


class Periodic:
    """One per process.

    Args:
        owner: tells this process from all others that ever were.
    """

    def __init__(
        self,
        tasks: Sequence[Task],
        leases: Leases,
        clock: Clock,
        owner: str,
        options: JobOptions | None = None,
    ) -> None:
        self._tasks = {task.name: task for task in tasks}
        self._leases = leases
        self._clock = clock
        self._owner = owner
        self._options = options or JobOptions()
        self._serving: dict[str, asyncio.Task[None]] = {}
        self._sights: dict[str, _Sight] = {}
        self._failures: dict[str, int] = {}
        self._last_beat = clock.monotonic()
        self._wall = (clock.now(), clock.monotonic())

    @property
    def held(self) -> frozenset[str]:
        """Tasks that this process runs."""
        return frozenset(self._serving)

    def metrics(self) -> str:
        """Figures as Prometheus text."""
        lines = ["# TYPE voicebot_job_held gauge"]
        lines += [f'voicebot_job_held{{job="{name}"}} {int(name in self._serving)}' for name in self._tasks]
        lines.append("# TYPE voicebot_job_failures_total counter")
        lines += [
            f'voicebot_job_failures_total{{job="{name}"}} {self._failures.get(name, 0)}'
            for name in self._tasks
        ]
        return "\n".join(lines) + "\n"

    async def run(self) -> None:
        """Runs the tasks until cancelled; then gives them back, so that another node goes on at once."""
        try:
            async with asyncio.TaskGroup() as group:
                for task in self._tasks.values():
                    if task.everywhere:
                        self._serving[task.name] = group.create_task(self._serve(task, Lease("", 0)))
                while True:
                    await self._look(group)
                    await asyncio.sleep(self._options.beat)
        finally:
            self._serving.clear()
            await self._give_back()

    async def _look(self, group: asyncio.TaskGroup) -> None:
        """A sign of life, and leases that nobody holds."""
        self._notice_jump()
        try:
            mine = await self._leases.beat(self._owner)
            self._last_beat = self._clock.monotonic()
            known = await self._leases.all()
            for task in self._tasks.values():
                if not task.everywhere:
                    await self._look_at(group, task, known.get(task.name), task.name in mine)
        except VoicebotError as error:
            log.warning("jobs.no_lease", code=error.code)
            if self._clock.monotonic() - self._last_beat > self._options.still / 2:
                self._drop(name for name, task in self._tasks.items() if not task.everywhere)

    async def _look_at(self, group: asyncio.TaskGroup, task: Task, lease: Lease | None, mine: bool) -> None:
        if mine:
            if task.name not in self._serving and lease is not None:
                self._serving[task.name] = group.create_task(self._serve(task, lease))
            return
        self._drop([task.name])
        if self._is_free(task.name, lease) and await self._leases.take(task.name, self._owner, lease):
            if lease is not None and lease.owner:
                log.warning("job.taken_over", job=task.name)
            begin = lease or Lease(self._owner, 0)
            self._serving[task.name] = group.create_task(self._serve(task, begin))

    def _is_free(self, name: str, lease: Lease | None) -> bool:
        """Nobody's, or of somebody whose beat has stood still for too long."""
        if lease is None or not lease.owner:
            return True
        now = self._clock.monotonic()
        sight = self._sights.get(name)
        if sight is None or (sight.owner, sight.beat) != (lease.owner, lease.beat):
            self._sights[name] = _Sight(lease.owner, lease.beat, now)
            return False
        return now - sight.since >= self._options.still

    def _drop(self, names: Iterable[str]) -> None:
        """Stops work whose lease is not ours any more."""
        for name in names:
            if (serving := self._serving.pop(name, None)) is not None:
                log.warning("job.lost", job=name)
                serving.cancel()

    async def _serve(self, task: Task, lease: Lease) -> None:
        failures = lease.failures
        pause = self._first_pause(task, lease)
        while True:
            await asyncio.sleep(pause)
            began = self._clock.monotonic()
            more, trouble = await self._one_run(task)
            before, failures = failures, failures + 1 if trouble else 0
            if not task.everywhere and (task.every >= NOTED or failures != before):
                await self._note(task.name, failures, trouble)
            pause = 0.0 if more else self._pause(task, failures)
            if self._clock.monotonic() - began > task.limit.total_seconds() / 2:
                log.warning("job.slow", job=task.name)

    async def _one_run(self, task: Task) -> tuple[bool, str]:
        """(there is more to do, why it failed)."""
        try:
            async with asyncio.timeout(task.limit.total_seconds()):
                return await task.work(), ""
        except VoicebotError as error:
            trouble = str(error)
            log.warning("job.failed", job=task.name, code=error.code, error=error.message)
        except TimeoutError:
            trouble = f"gave up after {task.limit}"
            log.error("job.too_long", job=task.name, limit=task.limit.total_seconds())
        except Exception as error:  # a job loop: one broken run must not end the others
            trouble = f"{type(error).__name__}: {error}"
            log.exception("job.broke", job=task.name, error=str(error))
        self._failures[task.name] = self._failures.get(task.name, 0) + 1
        return False, trouble

    async def _note(self, name: str, failures: int, trouble: str) -> None:
        try:
            await self._leases.ran(name, self._owner, self._clock.now(), failures, trouble[:500])
        except VoicebotError as error:
            log.warning("job.not_noted", job=name, code=error.code)

    def _first_pause(self, task: Task, lease: Lease) -> float:
        """Goes on with the rhythm of before; a clock set back never makes it longer than usual."""
        if lease.ran_at is None or task.every < NOTED:
            return 0.0
        left = (lease.ran_at + task.every - self._clock.now()).total_seconds()
        return min(max(left, 0.0), self._pause(task, lease.failures))

    def _pause(self, task: Task, failures: int) -> float:
        every = task.every.total_seconds()
        if not failures:
            return every
        tried: float = max(every, 1.0) * 2.0 ** min(failures - 1, 20)
        return min(tried, self._options.longest)

    def _notice_jump(self) -> None:
        """Says when the wall clock was set; nothing here depends on it."""
        wall, steady = self._clock.now(), self._clock.monotonic()
        passed = timedelta(seconds=steady - self._wall[1])
        gained = (wall - self._wall[0]) - passed
        self._wall = (wall, steady)
        if abs(gained) > JUMP:
            log.warning("clock.jumped", seconds=round(gained.total_seconds()))

    async def _give_back(self) -> None:
        try:
            async with asyncio.timeout(LAST_WORDS):
                await self._leases.release(self._owner)
        except (VoicebotError, TimeoutError) as error:
            log.warning("jobs.not_given_back", error=str(error))
