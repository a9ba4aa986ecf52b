"""The line process's end of recognition: implements `calls.ports.Recogniser` over the worker link."""

import contextlib
import itertools
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from voicebot.adapters.stt.expectation import to_wire
from voicebot.adapters.worker.frames import Frame
from voicebot.adapters.worker.link import WorkerLink
from voicebot.core.audio import AudioChunk
from voicebot.core.ids import CallId
from voicebot.core.utterance import Expect, Utterance

LONGEST: Final = 60.0
"""Seconds of one turn that are kept for sending again to a restarted worker."""
BATCH: Final = 0.1
"""Seconds of sound that go to a streaming engine at a time: a message for each 20 ms costs both ends more
than all else that is done with it. What is left goes along with the request for the text; for an engine
that decodes whole turns, that is all of it."""


@dataclass(frozen=True, slots=True)
class SttStatus:
    """What the worker says of itself; `note` is ``fallback, not Vosk`` or empty.

    Args:
        connected: there is a worker now.
        backlog: seconds a new utterance would wait.
        decode: seconds a decode takes at present.
    """

    connected: bool
    engine: str = ""
    model: str = ""
    note: str = ""
    streaming: bool = False
    backlog: float = 0.0
    waiting: int = 0
    decode: float = 0.0


class WorkerRecogniser:
    """Recognition by the worker at `socket_path`; survives the worker's restarts.

    Args:
        patience: seconds a request waits for a worker that is being restarted.
        timeout: seconds a text may take.
    """

    def __init__(self, socket_path: Path, *, patience: float = 2.0, timeout: float = 6.0) -> None:
        self._link = WorkerLink(socket_path, "stt", patience=patience, on_event=self._on_event)
        self._timeout = timeout
        self._numbers = itertools.count(1)
        self._last: dict[str, Any] = {}

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator["WorkerRecogniser"]:
        """Keeps the connection to the worker while the block runs."""
        async with self._link.running():
            yield self

    async def ready(self) -> None:
        """Waits until the worker is there; raises ``stt.lost`` after the patience."""
        await self._link.ready()

    def _on_event(self, frame: Frame) -> None:
        if frame.header.get("event") == "status":
            self._last = dict(frame.header)

    def open(self, call_id: CallId, rate: int) -> "WorkerHearing":
        return WorkerHearing(self._link, next(self._numbers), rate, self._timeout, self.status)

    def backlog(self) -> float:
        return float(self._last.get("backlog", 0.0))

    def spent(self) -> float:
        """Seconds in which the whole of the worker was busy since it was started; grows slower than
        time as long as there is room for more calls."""
        return float(self._last.get("busy_s", 0.0))

    def status(self) -> SttStatus:
        """As last told by the worker."""
        last = self._last
        return SttStatus(
            connected=self._link.connected,
            engine=str(last.get("engine", "")),
            model=str(last.get("model", "")),
            note=str(last.get("note", "")),
            streaming=bool(last.get("streaming")),
            backlog=float(last.get("backlog", 0.0)),
            waiting=int(last.get("waiting", 0)),
            decode=float(last.get("decode_s", 0.0)),
        )


class WorkerHearing:
    """Implements `calls.ports.Hearing`.

    Sound is kept here until the turn is over, so that a turn outlives the worker: a request after a
    restart sends it again.

    Args:
        status: of the worker, at the moment.
    """

    def __init__(
        self, link: WorkerLink, number: int, rate: int, timeout: float, status: Callable[[], SttStatus]
    ) -> None:
        self._link = link
        self._number = number
        self._rate = rate
        self._timeout = timeout
        self._status = status
        self._pcm = bytearray()
        self._generation = 0
        self._sent = 0
        self._closed = False

    @property
    def streaming(self) -> bool:
        return self._status().streaming

    def feed(self, chunk: AudioChunk) -> None:
        if chunk.rate != self._rate:
            raise ValueError(f"stream of {self._rate} Hz fed with {chunk.rate} Hz")
        if self._closed or len(self._pcm) > LONGEST * self._rate * 2:
            return
        self._pcm += chunk.pcm
        if len(self._pcm) - self._sent >= BATCH * self._rate * 2 and self.streaming:
            self._send()

    def _send(self) -> None:
        """Brings the worker up to date with the turn."""
        if not self._link.connected:
            return
        if self._generation != self._link.generation:
            self._link.post({"op": "open", "stream": self._number, "rate": self._rate})
            self._generation, self._sent = self._link.generation, 0
        if self._sent < len(self._pcm):
            self._link.post({"op": "feed", "stream": self._number}, bytes(self._pcm[self._sent :]))
            self._sent = len(self._pcm)

    async def transcribe(self, expect: Expect, *, final: bool) -> Utterance:
        if self._closed or not self._pcm:
            return Utterance("", 0.0, engine="none")
        await self._link.ready()
        self._send()
        answer = await self._link.request(
            {
                "op": "transcribe",
                "stream": self._number,
                "final": final,
                "expect": to_wire(expect),
            },
            timeout=self._timeout,
        )
        return Utterance(
            text=str(answer.header["text"]),
            confidence=float(answer.header["confidence"]),
            engine=str(answer.header["engine"]),
        )

    def restart(self) -> None:
        self._pcm.clear()
        self._sent = 0
        if self._generation == self._link.generation:
            self._link.post({"op": "restart", "stream": self._number})

    def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        self._pcm.clear()
        if self._generation == self._link.generation:
            self._link.post({"op": "close", "stream": self._number})
