"""The recognition worker: one engine, some threads, a queue.

Messages, all with ``stream`` (a number of the client's own): ``open`` (``rate``), ``feed``
(payload: sound), ``restart``, ``close``, ``transcribe`` (``id``, ``final``, ``expect``; answered by
``text``, ``confidence``) and ``cancel`` (``target``: an id). ``status`` (``id``) is answered by
what the engine is; after each change of the backlog every client gets ``{"event": "status", …}``.
"""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Final

import structlog

from voicebot.adapters.stt.engine import Decoded, Engine, Stream
from voicebot.adapters.stt.expectation import from_wire
from voicebot.adapters.stt.jobs import Job, JobQueue, Rank, StreamKey
from voicebot.adapters.worker.frames import Frame
from voicebot.adapters.worker.server import Client
from voicebot.core.errors import VoicebotError

_log = structlog.get_logger(__name__)

STREAMS: Final = 256
"""Open streams a client may have; more are not opened, and asking them is ``stt.failed``."""
LONGEST: Final = 60
"""Seconds of one turn that are kept for an engine that does not stream."""


def busy() -> VoicebotError:
    return VoicebotError("stt.busy", "语音识别忙，请稍后", retryable=True)


@dataclass(slots=True)
class _Open:
    """A stream as the event loop sees it; `stream` belongs to the decoding threads."""

    stream: Stream
    rate: int
    pending: bytearray = field(default_factory=bytearray)
    fresh: bool = False
    fed: int = 0


class RecognitionService:
    """Implements `worker.server.Service`.

    Args:
        engine: loaded and warm.
        workers: threads that decode.
        queue: decodes that may wait.
    """

    def __init__(self, engine: Engine, *, workers: int, queue: int) -> None:
        self._engine = engine
        self._workers = workers
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="stt")
        self._jobs = JobQueue(queue)
        self._running: dict[Job, float] = {}
        self._clients: dict[Client, int] = {}
        self._count = 0
        self._streams: dict[StreamKey, _Open] = {}
        self._told: dict[str, Any] = {}
        self._busy = 0.0
        """Seconds of work done, all threads together."""
        self._decoded = 0
        self._cost = 0.3
        """Seconds a decode takes, smoothed; a guess until the first is measured."""

    # ── messages ────────────────────────────────────────────────────────────────────────────

    def joined(self, client: Client) -> None:
        self._count += 1
        self._clients[client] = self._count
        client.send(self._status() | self._wear())

    def left(self, client: Client) -> None:
        connection = self._clients.pop(client)
        for key in [k for k in self._streams if k[0] == connection]:
            self._close(key)

    def receive(self, client: Client, frame: Frame) -> None:
        header = frame.header
        match header.get("op"):
            case "status":
                client.send({**self._status(), "id": header.get("id")})
            case "cancel":
                self._cancel(self._clients[client], int(header["target"]))
            case "open" | "feed" | "restart" | "close" | "transcribe" as op:
                key = (self._clients[client], int(header["stream"]))
                if op == "open":
                    self._open(key, int(header["rate"]))
                elif (stream := self._streams.get(key)) is not None:
                    self._on_stream(op, client, key, stream, frame)
                elif op == "transcribe":
                    client.refuse(header.get("id"), VoicebotError("stt.failed", "没有这路声音"))
            case other:
                raise VoicebotError("worker.protocol", f"不认识的消息 {other}")

    def _on_stream(self, op: str, client: Client, key: StreamKey, stream: _Open, frame: Frame) -> None:
        match op:
            case "feed":
                stream.fed += len(frame.payload)
                if self._engine.streaming:
                    self._put(client, Job(key, Rank.FEED, frame.payload, self._fresh(stream)))
                elif len(stream.pending) < LONGEST * stream.rate * 2:
                    stream.pending += frame.payload
            case "restart":
                for job in self._jobs.forget(key):
                    client.refuse(job.number, busy())
                stream.pending.clear()
                stream.fresh, stream.fed = True, 0
            case "close":
                self._close(key)
            case _:
                self._transcribe(client, key, stream, frame.header)

    def _open(self, key: StreamKey, rate: int) -> None:
        if not 8_000 <= rate <= 48_000:
            raise VoicebotError("worker.protocol", f"采样率 {rate} 不对")
        if key in self._streams:
            self._close(key)
        if sum(k[0] == key[0] for k in self._streams) >= STREAMS:
            # a leak of one call must not cost the others their connection
            _log.error("stt.too_many_streams", connection=key[0], limit=STREAMS)
            return
        self._streams[key] = _Open(self._engine.open(rate), rate)

    def _transcribe(self, client: Client, key: StreamKey, stream: _Open, header: Any) -> None:
        job = Job(
            key,
            Rank.FINAL if header.get("final") else Rank.SPECULATIVE,
            bytes(stream.pending),
            self._fresh(stream),
            int(header["id"]),
            from_wire(header.get("expect") or {}),
            stream.fed / 2 / stream.rate,
        )
        stream.pending.clear()
        self._put(client, job)

    @staticmethod
    def _fresh(stream: _Open) -> bool:
        """The next job must begin with a reset; asked once for each restart."""
        fresh, stream.fresh = stream.fresh, False
        return fresh

    def _cancel(self, connection: int, number: int) -> None:
        self._jobs.cancel(connection, number)
        for job in self._running:
            if job.key[0] == connection and job.number == number:
                job.cancelled = True

    def _close(self, key: StreamKey) -> None:
        self._jobs.forget(key)
        if (stream := self._streams.pop(key, None)) is not None and not self._in_use(key):
            stream.stream.close()

    def _in_use(self, key: StreamKey) -> bool:
        return any(job.key == key for job in self._running)

    # ── work ────────────────────────────────────────────────────────────────────────────────

    def _put(self, client: Client, job: Job) -> None:
        for dropped in self._jobs.put(job):
            client_of = next((c for c, n in self._clients.items() if n == dropped.key[0]), client)
            client_of.refuse(dropped.number, busy())
        self._start()

    def _start(self) -> None:
        loop = asyncio.get_running_loop()
        while len(self._running) < self._workers and (job := self._jobs.take()) is not None:
            if (stream := self._streams.get(job.key)) is None:
                self._jobs.done(job.key)
                continue
            self._running[job] = time.monotonic()
            future = loop.run_in_executor(self._pool, self._work, stream.stream, job)
            future.add_done_callback(self._finisher(job, stream.stream))
        self._announce()

    def _work(self, stream: Stream, job: Job) -> Decoded | VoicebotError | None:
        """Runs in a decoding thread."""
        try:
            if job.fresh:
                stream.reset()
            if job.pcm:
                stream.feed(job.pcm)
            if job.rank is Rank.FEED or job.cancelled:
                return None
            return stream.decode(job.expect, final=job.rank is Rank.FINAL, cancelled=lambda: job.cancelled)
        except VoicebotError as error:
            return error
        # the job loop of a worker: engines raise bare, and one bad utterance must not end the others
        except Exception as error:
            _log.exception("stt.failed")
            return VoicebotError("stt.failed", f"识别失败：{error}", retryable=True)

    def _finisher(self, job: Job, stream: Stream) -> Callable[[asyncio.Future[Any]], None]:
        def finish(future: asyncio.Future[Decoded | VoicebotError | None]) -> None:
            took = time.monotonic() - self._running.pop(job)
            self._jobs.done(job.key)
            self._busy += took
            if job.rank is not Rank.FEED and not job.cancelled:
                self._cost += (took - self._cost) * 0.2
                self._decoded += 1
            opened = self._streams.get(job.key)
            if opened is None or opened.stream is not stream:
                stream.close()
            elif not future.cancelled():
                self._answer(job, future.result(), took)
            self._start()

        return finish

    def _answer(self, job: Job, result: Decoded | VoicebotError | None, took: float) -> None:
        client = next((c for c, n in self._clients.items() if n == job.key[0]), None)
        if client is None or job.number is None or result is None or job.cancelled:
            return
        if isinstance(result, VoicebotError):
            client.refuse(job.number, result)
            return
        client.send(
            {
                "id": job.number,
                "text": result.text,
                "confidence": result.confidence,
                "engine": self._engine.name,
                "ms": round(took * 1000),
            }
        )

    # ── status ──────────────────────────────────────────────────────────────────────────────

    def backlog(self) -> float:
        """Seconds until a decode that comes now could begin."""
        now = time.monotonic()
        left = sum(max(0.0, self._cost - (now - begun)) for begun in self._running.values())
        if not self._jobs and len(self._running) < self._workers:
            return 0.0
        return (left + self._cost * len(self._jobs)) / self._workers

    def _status(self) -> dict[str, Any]:
        return {
            "event": "status",
            "engine": self._engine.name,
            "model": self._engine.model,
            "note": self._engine.note,
            "streaming": self._engine.streaming,
            "backlog": round(self.backlog(), 3),
            "waiting": len(self._jobs),
            "running": len(self._running),
            "decode_s": round(self._cost, 3),
            "busy_s": round(self._busy / self._workers, 3),
        }

    def _wear(self) -> dict[str, Any]:
        """How much it has done, and for how many seconds the oldest job has been running."""
        now = time.monotonic()
        oldest = max((now - begun for begun in self._running.values()), default=0.0)
        return {"decoded": self._decoded, "stuck_s": round(oldest, 3)}

    def _announce(self) -> None:
        status = self._status()
        if status == self._told:
            return
        self._told = status
        for client in self._clients:
            client.send(status)
