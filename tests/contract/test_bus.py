"""What every bus does, on a real nats-server and within one process."""

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from voicebot.adapters.bus import BusOptions, InProcessBus, NatsBus
from voicebot.adapters.bus.mailbox import CAPACITY
from voicebot.adapters.supervisor import Happening, NatsServer, PartEvent
from voicebot.adapters.supervisor.keeper import Keeper
from voicebot.adapters.supervisor.part import Backoff
from voicebot.core.errors import VoicebotError
from voicebot.operations.bus import Bus


@contextlib.asynccontextmanager
async def nats_running(run: Path) -> AsyncIterator[tuple[NatsServer, Keeper]]:
    """A real server on a free loopback port."""
    server = NatsServer(run)
    keeper = Keeper(server.part(), lambda event: None, Backoff())
    await keeper.start()
    try:
        yield server, keeper
    finally:
        await keeper.stop(asyncio.Event())


@pytest.fixture(params=["in_process", pytest.param("nats", marks=pytest.mark.integration)])
async def bus(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Bus]:
    if request.param == "in_process":
        local = InProcessBus()
        yield local
        await local.close()
        return
    async with nats_running(tmp_path) as (server, _):
        remote = await NatsBus.connect(server.options, "test")
        yield remote
        await remote.close()


async def echo(body: bytes) -> bytes:
    return b"<" + body + b">"


async def test_messages_arrive_in_order_from_subscribe_on(bus: Bus) -> None:
    await bus.publish("call.closed", b"before")
    messages = bus.subscribe("call.closed")
    for n in range(5):
        await bus.publish("call.closed", str(n).encode())
    assert [await anext(messages) for _ in range(5)] == [("call.closed", str(n).encode()) for n in range(5)]


@pytest.mark.parametrize(
    ("pattern", "seen"),
    [
        ("call.*", ["call.opened", "call.closed"]),
        ("call.>", ["call.opened", "call.turn.ended", "call.closed"]),
        ("*.closed", ["call.closed", "ticket.closed"]),
        ("call.closed", ["call.closed"]),
    ],
)
async def test_patterns(bus: Bus, pattern: str, seen: list[str]) -> None:
    messages = bus.subscribe(pattern)
    for subject in ("call.opened", "call.turn.ended", "call.closed", "ticket.closed"):
        await bus.publish(subject, b"")
    assert [(await anext(messages))[0] for _ in seen] == seen


async def test_everyone_who_subscribed_gets_a_message(bus: Bus) -> None:
    first, second = bus.subscribe("a"), bus.subscribe("*")
    await bus.publish("a", b"1")
    assert await anext(first) == await anext(second) == ("a", b"1")


async def test_a_slow_reader_loses_the_oldest(bus: Bus) -> None:
    messages = bus.subscribe("flood")
    watcher = bus.subscribe("end")
    for n in range(CAPACITY + 10):
        await bus.publish("flood", str(n).encode())
    await bus.publish("end", b"")
    await anext(watcher)
    assert await anext(messages) == ("flood", b"10")


async def test_a_reader_may_stop(bus: Bus) -> None:
    async with contextlib.aclosing(bus.subscribe("a")) as messages:  # type: ignore[type-var]
        await bus.publish("a", b"1")
        async for subject, _ in messages:
            assert subject == "a"
            break
    await bus.publish("a", b"2")


async def test_request_and_reply(bus: Bus) -> None:
    await bus.serve("echo", echo)
    replies = await asyncio.gather(*(bus.request("echo", str(n).encode(), 5) for n in range(100)))
    assert replies == [f"<{n}>".encode() for n in range(100)]


async def test_a_big_body_goes_through(bus: Bus) -> None:
    await bus.serve("echo", echo)
    body = bytes(2_000_000)
    assert await bus.request("echo", body, 5) == b"<" + body + b">"


async def test_nobody_answers(bus: Bus) -> None:
    with pytest.raises(VoicebotError) as caught:
        await bus.request("nobody", b"", 0.2)
    assert (caught.value.code, caught.value.retryable) == ("bus.timeout", True)


async def test_an_answer_that_takes_too_long(bus: Bus) -> None:
    async def never(_body: bytes) -> bytes:
        await asyncio.Event().wait()
        raise AssertionError

    await bus.serve("slow", never)
    with pytest.raises(VoicebotError) as caught:
        await bus.request("slow", b"", 0.1)
    assert (caught.value.code, caught.value.retryable) == ("bus.timeout", True)


async def test_a_handlers_failure_reaches_who_asked(bus: Bus) -> None:
    async def busy(_body: bytes) -> bytes:
        raise VoicebotError("stt.busy", "识别忙", retryable=True)

    async def broken(_body: bytes) -> bytes:
        raise ZeroDivisionError

    await bus.serve("busy", busy)
    await bus.serve("broken", broken)
    with pytest.raises(VoicebotError) as caught:
        await bus.request("busy", b"", 5)
    assert (caught.value.code, caught.value.message, caught.value.retryable) == ("stt.busy", "识别忙", True)
    with pytest.raises(VoicebotError) as caught:
        await bus.request("broken", b"", 5)
    assert (caught.value.code, caught.value.retryable) == ("bus.handler_failed", False)


async def test_one_slow_request_does_not_hold_up_the_next(bus: Bus) -> None:
    release = asyncio.Event()

    async def handler(body: bytes) -> bytes:
        if body == b"slow":
            await release.wait()
        return body

    await bus.serve("work", handler)
    async with asyncio.TaskGroup() as group:
        slow = group.create_task(bus.request("work", b"slow", 5))
        assert await bus.request("work", b"quick", 5) == b"quick"
        release.set()
    assert slow.result() == b"slow"


async def test_each_request_is_answered_by_one_of_several_servers(bus: Bus) -> None:
    worked: list[int] = []

    def server(n: int) -> Callable[[bytes], asyncio.Future[bytes]]:
        async def handler(body: bytes) -> bytes:
            worked.append(n)
            return body

        return handler  # type: ignore[return-value]

    await bus.serve("work", server(1))
    await bus.serve("work", server(2))
    for _ in range(40):
        await bus.request("work", b"", 5)
    assert len(worked) == 40
    assert set(worked) == {1, 2}


async def test_close_ends_readers_and_refuses_more(bus: Bus) -> None:
    messages = bus.subscribe("a")
    await bus.publish("a", b"1")
    assert await anext(messages) == ("a", b"1")
    await bus.close()
    assert [message async for message in messages] == []
    with pytest.raises(VoicebotError) as caught:
        await bus.publish("a", b"2")
    assert caught.value.code == "bus.closed"


@pytest.mark.integration
async def test_nats_wants_the_token(tmp_path: Path) -> None:
    async with nats_running(tmp_path) as (server, _):
        with pytest.raises(VoicebotError) as caught:
            await NatsBus.connect(BusOptions(server.options.url, "wrong"), "test", timeout=1)
        assert caught.value.code == "bus.unreachable"


@pytest.mark.integration
async def test_nats_unreachable_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(VoicebotError) as caught:
        await NatsBus.connect(NatsServer(tmp_path).options, "test", timeout=0.5)
    assert caught.value.code == "bus.unreachable"


@pytest.mark.integration
async def test_subscriptions_and_servers_survive_a_killed_nats_server(tmp_path: Path) -> None:
    events: asyncio.Queue[PartEvent] = asyncio.Queue()
    server = NatsServer(tmp_path)
    keeper = Keeper(server.part(), events.put_nowait, Backoff(first=0.05))
    await keeper.start()
    keeping = asyncio.create_task(keeper.keep())
    bus = await NatsBus.connect(server.options, "test")
    try:
        await bus.serve("echo", echo)
        messages = bus.subscribe("a")
        assert await bus.request("echo", b"1", 5) == b"<1>"
        started = [events.get_nowait() for _ in range(events.qsize())]
        os.kill(started[-1].pid, signal.SIGKILL)
        while (await events.get()).what is not Happening.READY:
            pass
        await bus.publish("a", b"kept until reconnected")
        assert await anext(messages) == ("a", b"kept until reconnected")
        assert await bus.request("echo", b"2", 5) == b"<2>"
    finally:
        await bus.close()
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)
        await keeper.stop(asyncio.Event())
