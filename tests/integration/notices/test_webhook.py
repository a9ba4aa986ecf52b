"""Messages over HTTP to a real server that is slow, broken, then well; kept over a restart."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from tests.fakes.clocks import MORNING, HandClock
from voicebot.adapters.db.database import Database
from voicebot.adapters.db.notices import SqlNotices
from voicebot.adapters.db.outbox import Outbox
from voicebot.adapters.webhook.courier import WebhookCourier
from voicebot.adapters.webhook.options import NotifyOptions, NotifyTarget
from voicebot.core.errors import VoicebotError
from voicebot.operations import notices
from voicebot.operations.notices import Notice, NoticeDesk

pytestmark = pytest.mark.integration

SECRET = "only-for-tests"
SMS = Notice("c1-1", "短信", MORNING, "c1", "move.tell", "13800000000", "请挪车", (("plate", "云A12345"),))


@dataclass
class Receiver:
    """An HTTP server that answers each request with the next of `answers`; 0 never answers."""

    answers: list[int]
    port: int = 0
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = {k.lower(): v for k, v in (line.split(": ", 1) for line in head[1:] if line)}
            body = await reader.readexactly(int(headers["content-length"]))
            self.got.append((headers, body))
            status = self.answers.pop(0) if self.answers else 200
            if status:
                writer.write(
                    f"HTTP/1.1 {status} x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode()
                )
                await writer.drain()
            else:
                await reader.read()  # until the other side gives up
        finally:
            writer.close()


@asynccontextmanager
async def receiving(*answers: int) -> AsyncIterator[Receiver]:
    receiver = Receiver(list(answers))
    server = await asyncio.start_server(receiver.take, "127.0.0.1", 0)
    receiver.port = server.sockets[0].getsockname()[1]
    async with server:
        yield receiver


def options(port: int, **more: float) -> NotifyOptions:
    target = NotifyTarget(f"http://127.0.0.1:{port}/sms", SECRET, timeout=0.3)
    return NotifyOptions({"短信": replace(target, **more)})  # type: ignore[arg-type]


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    made = await Database.open(tmp_path / "hotline.sqlite3")
    yield made
    await made.close()


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notices, "FIRST_PAUSE", 0.01)


Ask = Callable[[NoticeDesk], Awaitable[object]]


async def with_desk(database: Database, settings: NotifyOptions, ask: Ask) -> None:
    clock = HandClock()
    async with WebhookCourier(settings, clock).running() as courier:
        desk = NoticeDesk(courier, SqlNotices(database, clock), clock)
        task = asyncio.create_task(desk.run())
        try:
            await ask(desk)
            await desk.drain(5.0)
        finally:
            task.cancel()
            await asyncio.wait([task])


async def told(database: Database) -> list[str]:
    return [row.subject for row in await Outbox(database).pending(100)]


async def test_no_answer_then_500_then_taken(database: Database) -> None:
    async with receiving(0, 500, 204) as receiver:

        async def ask(desk: NoticeDesk) -> None:
            assert await desk.give(SMS) == ""

        await with_desk(database, options(receiver.port), ask)
    assert len(receiver.got) == 3
    headers, body = receiver.got[-1]
    assert json.loads(body) == {
        "id": "c1-1",
        "at": MORNING.isoformat(),
        "call_id": "c1",
        "step": "move.tell",
        "phone": "13800000000",
        "text": "请挪车",
        "slots": {"plate": "云A12345"},
    }
    covered = headers["x-voicebot-timestamp"].encode() + b"." + body
    expected = hmac.new(SECRET.encode(), covered, hashlib.sha256).hexdigest()
    assert headers["x-voicebot-signature"] == f"sha256={expected}"
    assert {h["idempotency-key"] for h, _ in receiver.got} == {"c1-1"}
    assert await told(database) == ["notify.accepted", "notify.sent"]


async def test_failures_are_told_without_personal_data(database: Database) -> None:
    async with receiving(503, 503) as receiver:

        async def ask(desk: NoticeDesk) -> None:
            assert await desk.give(SMS) == "notify.refused"

        await with_desk(database, options(receiver.port, tries=2), ask)
    assert await told(database) == ["notify.accepted", "notify.failed"]
    rows = await Outbox(database).pending(100)
    written = json.dumps([dict(row.body) for row in rows], ensure_ascii=False)
    assert "13800000000" not in written
    assert "云A12345" not in written


async def test_a_refusal_is_final(database: Database) -> None:
    async with receiving(400) as receiver:

        async def ask(desk: NoticeDesk) -> None:
            assert await desk.give(SMS) == "notify.refused"

        await with_desk(database, options(receiver.port), ask)
    assert len(receiver.got) == 1


async def test_what_a_crash_interrupts_is_sent_after_the_restart(database: Database) -> None:
    await SqlNotices(database, HandClock()).accepted(SMS)  # and then the process was gone
    async with receiving() as receiver:

        async def ask(desk: NoticeDesk) -> None:
            assert await desk.give(replace(SMS, id="c2-1")) == ""

        await with_desk(database, options(receiver.port), ask)
        await with_desk(database, options(receiver.port), lambda desk: asyncio.sleep(0))
    assert sorted(headers["idempotency-key"] for headers, _ in receiver.got) == ["c1-1", "c2-1"]


async def test_nobody_listens_there() -> None:
    async with receiving() as receiver:
        pass
    async with WebhookCourier(options(receiver.port), HandClock()).running() as courier:
        with pytest.raises(VoicebotError) as raised:
            await courier.send(SMS)
    assert (raised.value.code, raised.value.retryable) == ("notify.unreachable", True)
    assert "127.0.0.1" not in raised.value.message


def test_addresses_are_checked() -> None:
    with pytest.raises(ValueError, match="http"):
        NotifyTarget("ftp://x")
    assert SECRET not in repr(NotifyTarget("http://x", SECRET))
