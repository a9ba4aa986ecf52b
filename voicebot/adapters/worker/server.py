"""The worker's end: accepts connections and hands their frames to a service."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, Protocol

import structlog

from voicebot.adapters.worker.frames import Decoder, Frame, encode
from voicebot.adapters.worker.link import RETIRING
from voicebot.core.errors import VoicebotError

_log = structlog.get_logger(__name__)

LAST_ANSWERS: Final = 5.0
"""Seconds a worker that has to stop goes on with what it was asked."""
SLOW: Final = 4 * 1024 * 1024
"""Bytes that may wait for a client that does not read; then it is cut off."""


Announce = Callable[[str], contextlib.AbstractAsyncContextManager[object]]
"""Told what the worker runs (a note for people) once it can work; left when it stops."""


def unannounced(_note: str) -> contextlib.AbstractAsyncContextManager[object]:
    """For a worker that nobody asks after."""
    return contextlib.nullcontext()


class Client:
    """One connection, as the service sees it."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self._asked: set[object] = set()

    @property
    def waits(self) -> bool:
        """For an answer, or for its bytes to be sent."""
        return bool(self._asked) or self._writer.transport.get_write_buffer_size() > 0

    def close(self) -> None:
        """Ends the connection once everything is sent."""
        self._writer.close()

    def heard(self, header: Mapping[str, Any]) -> None:
        """Notes what is asked or called off."""
        if (number := header.get("id")) is not None:
            self._asked.add(number)
        elif header.get("op") == "cancel":
            self._asked.discard(header.get("target"))

    def send(self, header: Mapping[str, Any], payload: bytes = b"") -> None:
        """Queues a frame; nothing happens when the client is gone."""
        if self._writer.is_closing():
            return
        self._asked.discard(header.get("id"))
        self._writer.write(encode(Frame(header, payload)))
        if self._writer.transport.get_write_buffer_size() > SLOW:
            self._writer.transport.abort()

    def refuse(self, number: object, error: VoicebotError) -> None:
        """Answers request `number` with `error`."""
        self.send({"id": number, "error": error.code, "message": error.message, "retryable": error.retryable})


class Service(Protocol):
    """What a worker does; called on the event loop, must not block."""

    def joined(self, client: Client) -> None: ...

    def receive(self, client: Client, frame: Frame) -> None: ...

    def left(self, client: Client) -> None: ...


async def serve(service: Service, path: Path, stop: asyncio.Event | None = None) -> None:
    """Listens at `path` until cancelled, or until `stop` is set and everything asked is answered.

    A socket file that is there is replaced: it was left over by a killed worker, or belongs to the one
    whose successor we are, whose connections go on until it is told to stop.
    """
    clients: set[Client] = set()

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        client = Client(writer)
        clients.add(client)
        decoder = Decoder()
        service.joined(client)
        client.send({"event": "hello", "pid": os.getpid()})
        try:
            while data := await reader.read(65536):
                for frame in decoder.feed(data):
                    client.heard(frame.header)
                    service.receive(client, frame)
        except OSError as error:  # it is gone, as processes go that are stopped or killed
            _log.info("worker.client_gone", error=str(error))
        # a frame without a member it needs, or with one of the wrong type
        except (VoicebotError, KeyError, TypeError, ValueError) as error:
            _log.warning("worker.client_dropped", error=str(error))
        finally:
            clients.discard(client)
            service.left(client)
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    _make_room(path)
    server = await asyncio.start_unix_server(converse, path=str(path))
    async with server:
        await (stop or asyncio.Event()).wait()
        server.close()
        for client in clients:
            client.send({"event": RETIRING})
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LAST_ANSWERS):
                while any(client.waits for client in clients):  # noqa: ASYNC110 - many causes end it
                    await asyncio.sleep(0.02)
        for client in clients:
            client.close()


LONGEST_PATH: Final = 107


def _make_room(path: Path) -> None:
    """The socket's folder is ours alone, so that no other user of the machine can connect.

    Raises:
        VoicebotError: ``worker.socket``: the kernel takes about 107 bytes, and says so in riddles.
    """
    if len(os.fsencode(path)) > LONGEST_PATH:
        raise VoicebotError(
            "worker.socket", f"套接字的路径太长：{path}。处理办法：把数据目录放在短一些的路径下"
        )
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.unlink(missing_ok=True)


PARENT_CHECK: Final = 1.0
"""Seconds between looks whether the supervisor still lives."""


async def until_stopped(service: Service, path: Path) -> None:
    """`serve` until SIGTERM or SIGINT (what was asked is still answered), or until the process that
    started us is gone."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with asyncio.TaskGroup() as group:
        tasks = {
            group.create_task(serve(service, path, stop), name="worker-serve"),
            group.create_task(_orphaned(os.getppid()), name="worker-parent"),
        }
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()


async def _orphaned(parent: int) -> None:
    while os.getppid() == parent:  # noqa: ASYNC110 - the kernel tells nobody's child of it
        await asyncio.sleep(PARENT_CHECK)


def lower_priority(nice: int) -> None:
    """Steps behind the line process, whose packets must not wait for a decode."""
    with contextlib.suppress(OSError):
        os.nice(nice)
