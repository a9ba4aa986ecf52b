"""The virtual loop: jumps over waiting, never over work."""

import asyncio
import threading
import time
from datetime import datetime, timedelta
from pathlib import Path

import aiosqlite
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from tests.virtual_time import (
    SHANGHAI_MORNING,
    Deadlock,
    VirtualClock,
    assert_no_leaked_tasks,
    on_virtual_time,
)
from voicebot.adapters.virtual_time import run_virtual


@on_virtual_time
async def test_half_a_minute_takes_no_time() -> None:
    real = time.monotonic()
    clock = VirtualClock(SHANGHAI_MORNING)
    await asyncio.sleep(30)
    assert clock.now() == SHANGHAI_MORNING + timedelta(seconds=30)
    assert clock.now().utcoffset() == timedelta(hours=8)
    assert time.monotonic() - real < 1


@given(st.lists(st.floats(0, 1000), min_size=1, max_size=20))
def test_timers_fire_in_order_and_on_time(delays: list[float]) -> None:
    async def main() -> list[tuple[float, float]]:
        start = asyncio.get_running_loop().time()
        fired: list[tuple[float, float]] = []

        async def one(delay: float) -> None:
            await asyncio.sleep(delay)
            fired.append((delay, asyncio.get_running_loop().time() - start))

        async with asyncio.TaskGroup() as group:
            for delay in delays:
                group.create_task(one(delay))
        return fired

    fired = run_virtual(main())
    assert [delay for delay, _ in fired] == pytest.approx(sorted(delays))
    assert [at for _, at in fired] == pytest.approx(sorted(delays), abs=1e-6)


@on_virtual_time
async def test_a_timeout_cannot_overtake_work_in_a_thread() -> None:
    assert await asyncio.wait_for(asyncio.to_thread(_slow, 7), timeout=0.001) == 7
    assert asyncio.get_running_loop().time() == pytest.approx(1000.0)


def _slow(value: int) -> int:
    threading.Event().wait(0.05)
    return value


@on_virtual_time
async def test_a_timeout_cannot_overtake_aiosqlite(tmp_path: Path) -> None:
    async with asyncio.timeout(0.000001), aiosqlite.connect(tmp_path / "a.db") as db:
        await db.execute("create table t (x)")
        await db.execute("insert into t values (1)")
        await db.commit()
    assert asyncio.get_running_loop().time() == 1000.0


@on_virtual_time
async def test_a_timeout_cannot_overtake_sqlalchemy(tmp_path: Path) -> None:
    engine = create_async_engine(f"sqlite+aiosqlite:///{tmp_path / 'b.db'}")
    async with asyncio.timeout(0.000001):
        async with engine.begin() as connection:
            await connection.execute(text("create table t (x)"))
            assert (await connection.execute(text("select count(*) from t"))).scalar() == 0
    await engine.dispose()
    assert asyncio.get_running_loop().time() == 1000.0


@on_virtual_time
async def test_held_time_stands_still_until_a_foreign_thread_answers() -> None:
    clock = VirtualClock(SHANGHAI_MORNING)
    loop = asyncio.get_running_loop()
    answered = asyncio.Event()
    ticks: list[datetime] = []
    loop.call_later(5, lambda: ticks.append(clock.now()))
    with clock.hold():
        threading.Timer(0.05, loop.call_soon_threadsafe, [answered.set]).start()
        await answered.wait()
        assert not ticks
    await asyncio.sleep(6)
    assert ticks == [SHANGHAI_MORNING + timedelta(seconds=5)]


@on_virtual_time
async def test_cancelled_work_lets_time_go_on(tmp_path: Path) -> None:
    async with aiosqlite.connect(tmp_path / "c.db") as db:
        query = asyncio.ensure_future(db.execute("select 1"))
        await asyncio.sleep(0)
        query.cancel()
        with pytest.raises(asyncio.CancelledError):
            await query
    await asyncio.sleep(1)


@on_virtual_time
async def test_settled_returns_before_the_next_timer() -> None:
    clock = VirtualClock(SHANGHAI_MORNING)
    queue: asyncio.Queue[int] = asyncio.Queue()
    seen: list[int] = []

    async def relay() -> None:
        seen.append(await queue.get())
        await asyncio.to_thread(_slow, 0)
        seen.append(await queue.get())
        await asyncio.sleep(1)
        seen.append(3)

    task = asyncio.ensure_future(relay())
    queue.put_nowait(1)
    queue.put_nowait(2)
    await clock.settled()
    assert seen == [1, 2]
    assert clock.now() == SHANGHAI_MORNING
    await task
    assert seen == [1, 2, 3]


def test_a_deadlock_is_named() -> None:
    async def forever() -> None:
        await asyncio.get_running_loop().create_future()

    with pytest.raises(Deadlock, match="forever"):
        run_virtual(forever())


def test_an_unknown_thread_may_still_wake_an_idle_loop() -> None:
    async def main() -> bool:
        loop = asyncio.get_running_loop()
        event = asyncio.Event()
        threading.Timer(0.05, loop.call_soon_threadsafe, [event.set]).start()
        await event.wait()
        event.clear()
        threading.Timer(0.05, loop.call_soon_threadsafe, [event.set]).start()
        return await event.wait()

    assert run_virtual(main())


@on_virtual_time
async def test_sockets_are_refused() -> None:
    with pytest.raises(NotImplementedError, match="no sockets"):
        await asyncio.open_connection("127.0.0.1", 9)


def test_leaked_tasks_fail_a_test() -> None:
    async def leak() -> None:
        task = asyncio.ensure_future(asyncio.sleep(1000))
        try:
            await assert_no_leaked_tasks(frozenset())
        finally:
            task.cancel()

    with pytest.raises(AssertionError, match="sleep"):
        run_virtual(leak())


async def test_the_virtual_clock_wants_its_loop() -> None:
    with pytest.raises(TypeError):
        VirtualClock(SHANGHAI_MORNING)
    with pytest.raises(ValueError, match="time zone"):
        VirtualClock(datetime(2026, 1, 1))
