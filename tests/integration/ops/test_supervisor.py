"""The supervisor with real processes."""

import asyncio
import contextlib
import os
import select
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.integration.ops.parts import alive, dummy, healthy
from voicebot.adapters.supervisor import Backoff, DataLock, Happening, Part, PartEvent, Supervisor, keeper
from voicebot.core.errors import VoicebotError

pytestmark = pytest.mark.integration


class Run:
    """A running supervisor and what it reported."""

    def __init__(self, parts: list[Part], backoff: Backoff) -> None:
        self.events: asyncio.Queue[PartEvent] = asyncio.Queue()
        self.seen: list[PartEvent] = []
        self.stop, self.hurry, self.ready = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self.supervisor = Supervisor(parts, self.events.put_nowait, backoff)

    async def run(self) -> None:
        async def when_ready() -> None:
            self.ready.set()

        await self.supervisor.run(self.stop, self.hurry, when_ready)

    async def until(self, part: str, what: Happening) -> PartEvent:
        while True:
            event = await asyncio.wait_for(self.events.get(), 20)
            self.seen.append(event)
            if (event.part, event.what) == (part, what):
                return event


@contextlib.asynccontextmanager
async def running(parts: list[Part], backoff: Backoff | None = None) -> AsyncIterator[Run]:
    """Yields once all parts are ready; stops them at the end."""
    run = Run(parts, backoff or Backoff(first=0.02, most=0.1, healthy=60))
    task = asyncio.create_task(run.run())
    ready = asyncio.create_task(run.ready.wait())
    await asyncio.wait([task, ready], return_when=asyncio.FIRST_COMPLETED)
    ready.cancel()
    try:
        if task.done():
            task.result()
        yield run
    finally:
        run.stop.set()
        await task


async def test_a_dead_part_is_started_again(tmp_path: Path) -> None:
    async with running([dummy("a", tmp_path), dummy("b", tmp_path)]) as run:
        first = await run.until("a", Happening.READY)
        os.kill(first.pid, signal.SIGKILL)
        ended = await run.until("a", Happening.ENDED)
        assert ended.code == -signal.SIGKILL
        second = await run.until("a", Happening.READY)
        assert second.pid != first.pid
    assert not any(event.part == "b" and event.what is Happening.ENDED for event in run.seen)


async def test_restarts_wait_longer_and_longer(tmp_path: Path) -> None:
    async with running([dummy("a", tmp_path, "once")]) as run:
        first = await run.until("a", Happening.READY)
        os.kill(first.pid, signal.SIGTERM)
        waits = [(await run.until("a", Happening.WAITING)).seconds for _ in range(5)]
    assert waits == pytest.approx([0.02, 0.04, 0.08, 0.1, 0.1])


async def test_the_line_ends_before_anything_else_is_told_to(tmp_path: Path) -> None:
    parts = [dummy("web", tmp_path, stops=1), dummy("line", tmp_path, "slow", stops=0)]
    async with running(parts) as run:
        run.stop.set()
        ended = await run.until("line", Happening.STOPPED)
        assert ended.code == 0
        assert not any(event.part == "web" and event.what is Happening.STOPPING for event in run.seen)
        await run.until("web", Happening.STOPPED)
    assert (tmp_path / "log").read_text() == "line ended\nweb ended\n"


async def test_a_part_that_will_not_stop_is_killed(tmp_path: Path) -> None:
    part = dummy("a", tmp_path, "stubborn")
    async with running([part]) as run:
        run.stop.set()
        await run.until("a", Happening.STOPPING)
        run.hurry.set()  # a second Ctrl-C
        await run.until("a", Happening.KILLED)
        assert (await run.until("a", Happening.STOPPED)).code == -signal.SIGKILL


async def test_a_part_that_cannot_start_stops_everything(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(VoicebotError, match="line 启动后退出（退出码 1）") as caught:
        async with running([dummy("web", tmp_path), dummy("line", tmp_path, "refuse")]):
            pytest.fail("started all the same")
    assert caught.value.code == "serve.part_failed"
    assert capfd.readouterr().err == "line: port 5060 is taken\n"
    assert not alive(tmp_path / "web.ready")


async def test_a_part_that_is_never_ready(tmp_path: Path) -> None:
    with pytest.raises(VoicebotError, match="没有及时就绪"):
        async with running([dummy("a", tmp_path, "mute", start_within=0.3)]):
            pytest.fail("started all the same")


async def test_a_program_that_does_not_exist(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    async def never() -> bool:
        return False

    with pytest.raises(VoicebotError, match="退出码 1"):
        async with running([Part("a", ("/no/such/program",), never)]):
            pytest.fail("started all the same")
    assert capfd.readouterr().err == "/no/such/program: No such file or directory\n"


async def test_stop_while_starting(tmp_path: Path) -> None:
    run = Run([dummy("a", tmp_path, "mute")], Backoff())
    task = asyncio.create_task(run.run())
    await run.until("a", Happening.STARTING)
    run.stop.set()
    await task
    assert not run.ready.is_set()
    await run.until("a", Happening.STOPPED)


def test_kill_9_of_the_supervisor_leaves_no_orphans(tmp_path: Path) -> None:
    root = Path(__file__).parents[3]
    argv = [sys.executable, "-m", "tests.integration.ops.supervise_dummies", str(tmp_path)]
    with subprocess.Popen(argv, cwd=root, stdout=subprocess.PIPE) as supervisor:
        assert supervisor.stdout is not None
        assert supervisor.stdout.readline() == b"ready\n"
        pids = [int((tmp_path / f"{name}.ready").read_text()) for name in "ab"]
        handles = [os.pidfd_open(pid) for pid in pids]
        supervisor.kill()
        for handle in handles:
            _wait_for_end(handle)


def _wait_for_end(handle: int) -> None:
    readable, _, _ = select.select([handle], [], [], 10)
    assert readable, "an orphan lives on"
    os.close(handle)


def test_two_hotlines_cannot_share_a_data_directory(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with DataLock(data):
        with pytest.raises(VoicebotError, match=str(os.getpid())) as caught, DataLock(data):
            pytest.fail("locked twice")
        assert caught.value.code == "serve.locked"
    with DataLock(data):
        pass


def test_a_data_directory_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(VoicebotError, match="不可写"), DataLock(tmp_path / "file" / "data"):
        pytest.fail("written all the same")


@pytest.mark.parametrize("how", ["silent", "stuck"])
async def test_a_hung_part_is_killed_and_started_again(
    tmp_path: Path, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeper, "CHECK", 0.05)
    async with running([healthy("a", tmp_path, "stubborn")]) as run:
        first = await run.until("a", Happening.READY)
        (tmp_path / "a.health").write_text(how)
        assert (await run.until("a", Happening.HUNG)).pid == first.pid
        assert (await run.until("a", Happening.ENDED)).code == -signal.SIGKILL
        (tmp_path / "a.health").unlink()
        assert (await run.until("a", Happening.READY)).pid != first.pid


async def test_a_tired_part_is_replaced_only_when_its_successor_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeper, "CHECK", 0.05)
    async with running([healthy("a", tmp_path)]) as run:
        first = await run.until("a", Happening.READY)
        (tmp_path / "a.health").write_text("tired")
        await run.until("a", Happening.RENEWING)
        second = await run.until("a", Happening.READY)
        assert not any(event.what is Happening.ENDED for event in run.seen)
        assert second.pid != first.pid
        os.kill(second.pid, signal.SIGKILL)
        assert (await run.until("a", Happening.ENDED)).pid == second.pid
    # tired still, but one successor in five minutes is enough
    assert [event.what for event in run.seen].count(Happening.RENEWING) == 1


async def test_a_successor_that_cannot_start_leaves_the_running_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeper, "CHECK", 0.05)
    async with running([healthy("a", tmp_path, "once")]) as run:
        first = await run.until("a", Happening.READY)
        run.supervisor.renew("a")
        late = await run.until("a", Happening.LATE)
        assert late.pid != first.pid
        assert alive(tmp_path / "a.ready")
    assert not any(event.what is Happening.ENDED for event in run.seen)
