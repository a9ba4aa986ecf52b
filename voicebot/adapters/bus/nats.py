"""The bus between processes, on NATS.

NATS only carries: its acknowledgements are not durable (findings.md), truth is in the database.
"""

import asyncio
import functools
from collections.abc import AsyncIterator, Awaitable
from dataclasses import dataclass
from typing import Final, TypeVar

import nats.errors
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

from voicebot.adapters.bus.answers import Reply, Workers, answer
from voicebot.adapters.bus.mailbox import Mailbox
from voicebot.core.errors import VoicebotError
from voicebot.operations.bus import Handler

log = structlog.get_logger(__name__)

T = TypeVar("T")

CODE_HEADER: Final = "Voicebot-Error"
RETRYABLE_HEADER: Final = "Voicebot-Retryable"


@dataclass(frozen=True, slots=True)
class BusOptions:
    """Where the bus is.

    Args:
        url: ``nats://host:port``; empty: `voicebot serve` starts a server of its own on loopback.
        token: secret that the server asks for; may be empty.
    """

    url: str = ""
    token: str = ""


class NatsBus:
    """Made by `connect`. Reconnects for ever; what is published meanwhile waits (up to 2 MB), then
    fails with ``bus.lost``; subscriptions and servers live on across reconnects.

    A request is answered by one of the servers of its subject, at most 64 at a time each.
    """

    def __init__(self, client: Client, watch: "_Watch") -> None:
        self._client = client
        self._watch = watch
        self._mailboxes: set[Mailbox] = set()
        self._attaching: set[asyncio.Task[None]] = set()
        self._workers = Workers()

    @classmethod
    async def connect(cls, options: BusOptions, name: str, timeout: float = 10.0) -> "NatsBus":
        """Args:
            name: shown in the server's list of clients.
            timeout: seconds for the first connection.

        Raises:
            VoicebotError: ``bus.unreachable`` (retryable).
        """
        client = Client()

        watch = _Watch()
        try:
            async with asyncio.timeout(timeout):
                await client.connect(
                    options.url,
                    name=name,
                    token=options.token or None,
                    error_cb=watch.trouble,
                    disconnected_cb=watch.lost,
                    reconnected_cb=watch.back,
                    connect_timeout=2,
                    reconnect_time_wait=1,
                    max_reconnect_attempts=-1,
                    ping_interval=10,
                )
        except (OSError, TimeoutError, nats.errors.Error) as error:
            await client.close()
            message = f"连不上消息总线 {options.url}：{str(error) or type(error).__name__}"
            raise VoicebotError("bus.unreachable", message, retryable=True) from error
        return cls(client, watch)

    async def publish(self, subject: str, body: bytes) -> None:
        await self._attached()
        await _converted(self._client.publish(subject, body))

    def subscribe(self, subject: str) -> AsyncIterator[tuple[str, bytes]]:
        mailbox = Mailbox()
        self._mailboxes.add(mailbox)
        subscribed: asyncio.Future[Subscription] = asyncio.get_running_loop().create_future()
        task = asyncio.create_task(self._attach(subject, mailbox, subscribed))
        self._attaching.add(task)  # publish and request wait for it, so nothing of ours is missed
        task.add_done_callback(self._attaching.discard)
        return self._read(mailbox, subscribed)

    async def _attach(self, subject: str, mailbox: Mailbox, done: asyncio.Future[Subscription]) -> None:
        async def on_message(message: Msg) -> None:
            mailbox.put(message.subject, message.data)

        try:
            done.set_result(await _converted(self._client.subscribe(subject, cb=on_message)))
        except VoicebotError as error:
            done.set_exception(error)

    async def _read(
        self, mailbox: Mailbox, subscribed: asyncio.Future[Subscription]
    ) -> AsyncIterator[tuple[str, bytes]]:
        subscription = await subscribed
        try:
            while (message := await mailbox.get()) is not None:
                yield message
        finally:
            self._mailboxes.discard(mailbox)
            if not self._client.is_closed:
                await _converted(subscription.unsubscribe())

    async def serve(self, subject: str, handler: Handler) -> None:
        async def on_message(message: Msg) -> None:
            await self._workers.start(functools.partial(_reply_to, self._client, message, handler))

        await _converted(self._client.subscribe(subject, queue="servers", cb=on_message))
        await _converted(self._client.flush(2))

    async def request(self, subject: str, body: bytes, timeout: float) -> bytes:
        await self._attached()
        try:
            message = await _converted(self._client.request(subject, body, timeout=timeout))
        except (nats.errors.TimeoutError, nats.errors.NoRespondersError) as error:
            raise VoicebotError("bus.timeout", f"无人应答消息 {subject}", retryable=True) from error
        headers = message.headers or {}
        reply = Reply(message.data, headers.get(CODE_HEADER, ""), RETRYABLE_HEADER in headers)
        return reply.unwrap()

    def expect_end(self) -> None:
        """A connection that is lost from now on is nothing to tell about."""
        self._watch.quiet = True

    async def close(self) -> None:
        self.expect_end()
        await self._attached()
        await self._workers.close()
        await self._client.close()
        for mailbox in self._mailboxes:
            mailbox.close()

    async def _attached(self) -> None:
        if self._attaching:
            await asyncio.wait(self._attaching)


class _Watch:
    """Tells the log how the connection is."""

    quiet = False

    async def trouble(self, error: Exception) -> None:
        if not self.quiet:
            log.warning("bus.trouble", error=repr(error))

    async def lost(self) -> None:
        if not self.quiet:
            log.warning("bus.disconnected")

    async def back(self) -> None:
        log.info("bus.reconnected")


async def _reply_to(client: Client, message: Msg, handler: Handler) -> None:
    reply = await answer(message.subject, handler, message.data)
    if not message.reply:
        return
    headers = {CODE_HEADER: reply.code} if reply.code else {}
    if reply.retryable:
        headers[RETRYABLE_HEADER] = "1"
    try:
        await client.publish(message.reply, reply.body, headers=headers)
    except nats.errors.Error as error:
        log.warning("bus.reply_lost", subject=message.subject, error=repr(error))


async def _converted(work: Awaitable[T]) -> T:
    """Awaits `work`; a closed or full connection becomes a `VoicebotError`."""
    try:
        return await work
    except (nats.errors.ConnectionClosedError, nats.errors.ConnectionDrainingError) as error:
        raise VoicebotError("bus.closed", "消息总线已关闭") from error
    except (nats.errors.OutboundBufferLimitError, nats.errors.FlushTimeoutError) as error:
        raise VoicebotError("bus.lost", "消息总线暂时中断", retryable=True) from error
