"""Timed work on virtual time: one node at a time, again after failures and deaths, whatever clocks do."""

import asyncio
from datetime import datetime, timedelta

import pytest
from structlog.testing import capture_logs

from tests.fakes.due_clocks import DictLeases
from tests.virtual_time import SHANGHAI_MORNING, VirtualClock, on_virtual_time
from voicebot.core.errors import VoicebotError
from voicebot.operations.periodic import JobOptions, Periodic, Task

PACE = JobOptions(beat=5, still=20, longest=300)
SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)


class Work:
    """Counts its runs; may fail, last, or have more to do."""

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock
        self.runs: list[datetime] = []
        self.by: list[str] = []
        self.failing: Exception | None = None
        self.lasts = 0.0
        self.more = 0
        self.running = 0
        self.most = 0

    def task(self, name: str, every: timedelta, **more: object) -> Task:
        return Task(name, every, self.run, **more)  # type: ignore[arg-type]

    async def run(self) -> bool:
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            self.runs.append(self._clock.now())
            await asyncio.sleep(self.lasts)
            if self.failing is not None:
                raise self.failing
            self.more -= 1
            return self.more > 0
        finally:
            self.running -= 1


class SetClock:
    """A wall clock that somebody sets; the steady one goes on."""

    def __init__(self) -> None:
        self._real = VirtualClock(SHANGHAI_MORNING)
        self.offset = timedelta(0)

    def now(self) -> datetime:
        return self._real.now() + self.offset

    def monotonic(self) -> float:
        return self._real.monotonic()


class Node:
    """A process with a runner; it may stop, or die without a word."""

    def __init__(self, leases: DictLeases, name: str, *tasks: Task, clock: object = None) -> None:
        self.periodic = Periodic(tasks, leases, clock or VirtualClock(SHANGHAI_MORNING), name, PACE)  # type: ignore[arg-type]
        self._leases = leases
        self._running = asyncio.create_task(self.periodic.run())

    async def stop(self) -> None:
        self._running.cancel()
        await asyncio.gather(self._running, return_exceptions=True)

    async def die(self) -> None:
        """`kill -9`: nothing more is written."""
        self._leases.failing = VoicebotError("db.unreachable", "没有了")
        self._running.cancel()
        await asyncio.gather(self._running, return_exceptions=True)
        self._leases.failing = None


@on_virtual_time
async def test_a_task_is_run_again_and_again() -> None:
    work = Work(VirtualClock(SHANGHAI_MORNING))
    node = Node(DictLeases(), "a", work.task("sweep", 10 * SECOND))
    await asyncio.sleep(35)
    await node.stop()
    assert [(at - SHANGHAI_MORNING).total_seconds() for at in work.runs] == [0, 10, 20, 30]


@on_virtual_time
async def test_one_node_runs_each_task() -> None:
    work, leases = Work(VirtualClock(SHANGHAI_MORNING)), DictLeases()
    nodes = [Node(leases, name, work.task("sweep", 10 * SECOND)) for name in "abc"]
    await asyncio.sleep(101)
    assert len(work.runs) == 11
    assert sum(bool(node.periodic.held) for node in nodes) == 1
    for node in nodes:
        await node.stop()


@on_virtual_time
async def test_after_a_stop_another_node_goes_on_at_once() -> None:
    work, leases = Work(VirtualClock(SHANGHAI_MORNING)), DictLeases()
    first = Node(leases, "a", work.task("sweep", SECOND))
    await asyncio.sleep(10.5)
    second = Node(leases, "b", work.task("sweep", SECOND))
    await asyncio.sleep(1)
    await first.stop()
    before = len(work.runs)
    await asyncio.sleep(PACE.beat)
    assert second.periodic.held == {"sweep"}
    assert len(work.runs) > before
    await second.stop()


@on_virtual_time
async def test_after_a_kill_another_node_goes_on_when_the_beat_stands_still() -> None:
    work, leases = Work(VirtualClock(SHANGHAI_MORNING)), DictLeases()
    first = Node(leases, "a", work.task("sweep", SECOND))
    second = Node(leases, "b", work.task("sweep", SECOND))
    await asyncio.sleep(10.5)
    with capture_logs() as logs:
        await first.die()
        before = len(work.runs)
        await asyncio.sleep(PACE.still - PACE.beat)
        assert len(work.runs) == before
        await asyncio.sleep(3 * PACE.beat)
    assert len(work.runs) > before
    assert [log["event"] for log in logs if log["event"].startswith("job.")] == ["job.taken_over"]
    assert work.most == 1
    await second.stop()


@on_virtual_time
async def test_a_restarted_node_takes_its_own_work_up_again() -> None:
    work, leases = Work(VirtualClock(SHANGHAI_MORNING)), DictLeases()
    first = Node(leases, "a1", work.task("sweep", SECOND))
    await asyncio.sleep(3.5)
    await first.die()
    second = Node(leases, "a2", work.task("sweep", SECOND))
    await asyncio.sleep(PACE.still + 2 * PACE.beat)
    assert second.periodic.held == {"sweep"}
    await second.stop()


@on_virtual_time
async def test_failures_are_tried_again_with_longer_pauses_and_stop_nobody() -> None:
    clock, leases = VirtualClock(SHANGHAI_MORNING), DictLeases()
    bad, good = Work(clock), Work(clock)
    bad.failing = RuntimeError("kaputt")
    with capture_logs() as logs:
        node = Node(leases, "a", bad.task("bad", SECOND), good.task("good", 10 * SECOND))
        await asyncio.sleep(64)
    pauses = [(b - a).total_seconds() for a, b in zip(bad.runs, bad.runs[1:], strict=False)]
    assert pauses == [1, 2, 4, 8, 16, 32]
    assert len(good.runs) == 7
    assert sum(log["event"] == "job.broke" for log in logs) == 7
    assert (await leases.all())["bad"].trouble == "RuntimeError: kaputt"
    bad.failing = None
    await asyncio.sleep(70)
    assert (await leases.all())["bad"].failures == 0
    assert 'voicebot_job_failures_total{job="bad"} 7' in node.periodic.metrics()
    await node.stop()


@on_virtual_time
async def test_a_run_that_hangs_is_given_up() -> None:
    work = Work(VirtualClock(SHANGHAI_MORNING))
    work.lasts = 1e6
    node = Node(DictLeases(), "a", work.task("sweep", SECOND, limit=timedelta(seconds=30)))
    await asyncio.sleep(65)
    assert len(work.runs) == 3
    assert work.most == 1
    await node.stop()


@on_virtual_time
async def test_more_work_is_done_at_once() -> None:
    work = Work(VirtualClock(SHANGHAI_MORNING))
    work.more = 5
    node = Node(DictLeases(), "a", work.task("sweep", HOUR))
    await asyncio.sleep(1)
    assert len(work.runs) == 5
    await node.stop()


@on_virtual_time
async def test_a_restart_does_not_bring_a_daily_task_forward() -> None:
    clock, leases = VirtualClock(SHANGHAI_MORNING), DictLeases()
    work = Work(clock)
    for name in "abcd":
        node = Node(leases, name, work.task("purge", DAY), clock=clock)
        await asyncio.sleep(5 * 3600)
        await node.stop()
    assert len(work.runs) == 1
    node = Node(leases, "e", work.task("purge", DAY), clock=clock)
    await asyncio.sleep(5 * 3600)
    await node.stop()
    assert [at - SHANGHAI_MORNING for at in work.runs] == [timedelta(0), DAY]


@on_virtual_time
async def test_every_node_runs_what_is_for_everyone() -> None:
    clock, leases = VirtualClock(SHANGHAI_MORNING), DictLeases()
    each = [Work(clock) for _ in range(3)]
    nodes = [
        Node(leases, str(n), work.task("measure", 10 * SECOND, everywhere=True))
        for n, work in enumerate(each)
    ]
    await asyncio.sleep(25)
    assert [len(work.runs) for work in each] == [3, 3, 3]
    assert await leases.all() == {}
    for node in nodes:
        await node.stop()


@on_virtual_time
async def test_a_node_that_cannot_reach_the_leases_stops_before_another_begins() -> None:
    work, leases = Work(VirtualClock(SHANGHAI_MORNING)), DictLeases()
    node = Node(leases, "a", work.task("sweep", SECOND))
    await asyncio.sleep(3)
    leases.failing = VoicebotError("db.unreachable", "断了", retryable=True)
    await asyncio.sleep(PACE.still)
    assert node.periodic.held == frozenset()
    before = len(work.runs)
    await asyncio.sleep(60)
    assert len(work.runs) == before
    leases.failing = None
    await asyncio.sleep(2 * PACE.beat)
    assert node.periodic.held == {"sweep"}
    await node.stop()


@on_virtual_time
async def test_a_node_that_was_robbed_while_it_slept_stops() -> None:
    work, leases = Work(VirtualClock(SHANGHAI_MORNING)), DictLeases()
    work.lasts = 1e6
    node = Node(leases, "a", work.task("sweep", SECOND))
    await asyncio.sleep(3)
    lease = (await leases.all())["sweep"]
    assert await leases.take("sweep", "b", lease)
    await asyncio.sleep(PACE.beat)
    assert node.periodic.held == frozenset()
    assert work.running == 0
    await node.stop()


@pytest.mark.parametrize("jump", [DAY, -HOUR, -400 * DAY])
def test_a_clock_that_is_set_neither_doubles_nor_stops_anything(jump: timedelta) -> None:
    @on_virtual_time
    async def scene() -> None:
        clock, leases = SetClock(), DictLeases()
        often, seldom = Work(VirtualClock(SHANGHAI_MORNING)), Work(VirtualClock(SHANGHAI_MORNING))
        tasks = (often.task("often", 10 * SECOND), seldom.task("seldom", HOUR))
        other = Node(leases, "z", *tasks)
        await asyncio.sleep(0)
        node = Node(leases, "a", *tasks, clock=clock)
        await asyncio.sleep(95)
        with capture_logs() as logs:
            clock.offset = jump
            await asyncio.sleep(100)
        told = [log for log in logs if log["event"] == "clock.jumped"]
        assert [log["seconds"] for log in told] == [jump.total_seconds()]
        assert len(often.runs) == 20
        assert len(seldom.runs) == 1
        await other.stop()
        await asyncio.sleep(2 * 3600 + 300)  # the node whose clock was set goes on
        assert len(seldom.runs) in (3, 4)
        await node.stop()

    scene()
