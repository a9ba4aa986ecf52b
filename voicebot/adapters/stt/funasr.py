"""A FunASR runtime server as an engine: streaming texts while the caller speaks, a better one at the end.

Protocol (FunASR ``runtime/docs/websocket_protocol.md``, mode 2pass): a JSON message that opens the
turn, sound as binary messages of 60 ms, ``{"is_speaking": false}`` at the end. The server answers with
``2pass-online`` texts, each the newest piece, and ``2pass-offline`` texts, each replacing the pieces of
its segment. Its servers disagree on what ``is_final`` means, so the last text is the one after which
nothing comes for a moment.

One connection a turn, opened with the first sound, so that nothing of one turn gets into the next;
a turn whose connection breaks is sent again from its beginning.
"""

import time
from collections.abc import Callable
from typing import Any, Final

import numpy as np
import soxr
import structlog
from websockets.exceptions import WebSocketException

from voicebot.adapters.stt.engine import NOTHING, UNRATED, Decoded
from voicebot.adapters.stt.funasr_exchange import RATE, Exchange
from voicebot.adapters.stt.level import is_loud
from voicebot.adapters.stt.options import FunasrOptions
from voicebot.adapters.stt.text import join_hanzi
from voicebot.core.errors import VoicebotError
from voicebot.core.utterance import Expect

_log = structlog.get_logger(__name__)

PIECE: Final = RATE * 60 // 1000 * 2
"""Bytes of one message: 60 ms, a tenth of the 600 ms that ``chunk_size`` asks for."""
LONGEST: Final = 60
"""Seconds of a turn that are kept for sending again."""
TRIES: Final = 2
FINISHED: Final = 0.85
"""Confidence of a text of the second pass; the server does not rate its texts."""
UNFINISHED: Final = UNRATED


class FunasrEngine:
    """Implements `stt.engine.Engine`.

    Raises:
        VoicebotError: ``stt.unreachable`` (no server), ``stt.remote`` (not ours, and not allowed).
    """

    name: Final = "funasr"
    note: Final = ""
    streaming: Final = True

    def __init__(self, options: FunasrOptions) -> None:
        check_funasr(options)
        self.model: Final = options.url
        self.options: Final = options
        self._quiet_until = 0.0

    def open(self, rate: int) -> "FunasrTurn":
        return FunasrTurn(self, rate)

    def dial(self, *, urgent: bool) -> "Exchange | None":
        """A connection with the turn opened, or None while a server that failed is left alone.

        Args:
            urgent: try even so; a caller waits for the text.
        """
        if not urgent and time.monotonic() < self._quiet_until:
            return None
        try:
            return Exchange(self.options)
        except (OSError, WebSocketException) as error:
            self._quiet_until = time.monotonic() + self.options.retry
            _log.warning("stt.funasr_unreachable", url=self.options.url, error=str(error))
            return None


def check_funasr(options: FunasrOptions) -> None:
    """Connects once.

    Raises:
        VoicebotError: ``stt.unreachable``, ``stt.remote``.
    """
    try:
        Exchange(options).drop()
    except (OSError, WebSocketException) as error:
        raise VoicebotError(
            "stt.unreachable",
            f"连不上 FunASR 服务器 {options.url}：{error}。处理办法：启动该服务器，或改正设置 stt.funasr.url",
            retryable=True,
        ) from error


class FunasrTurn:
    """Implements `stt.engine.Stream`."""

    def __init__(self, engine: FunasrEngine, rate: int) -> None:
        self._engine = engine
        self._rate = rate
        self._exchange: Exchange | None = None
        self._resampler: Any = None
        self._pcm = bytearray()
        """The turn at 16 kHz since the last final text."""
        self._sent = 0
        self._loud = False
        """There was more than silence since then."""
        self._said = ""
        """Texts of the turn that were final before the caller went on."""

    def feed(self, pcm: bytes) -> None:
        samples = np.frombuffer(pcm, "<i2")
        self._loud = self._loud or is_loud(samples)
        self._keep(samples)
        self._forward(urgent=False)

    def _keep(self, samples: Any, *, last: bool = False) -> None:
        if self._resampler is None:
            self._resampler = soxr.ResampleStream(self._rate, RATE, 1, dtype="int16")
        if len(self._pcm) < LONGEST * RATE * 2:
            self._pcm += self._resampler.resample_chunk(samples, last=last).tobytes()

    def _forward(self, *, urgent: bool) -> bool:
        """Sends what the server has not had, in whole pieces; False without a connection."""
        try:
            if self._exchange is None:
                self._exchange, self._sent = self._engine.dial(urgent=urgent), 0
            if self._exchange is None:
                return False
            end = len(self._pcm) if urgent else len(self._pcm) // PIECE * PIECE
            while self._sent < end:
                piece = bytes(self._pcm[self._sent : min(end, self._sent + PIECE)])
                self._exchange.send(piece)
                self._sent += len(piece)
        except (OSError, WebSocketException) as error:
            self._lost(error)
            return False
        return True

    def _lost(self, error: Exception) -> None:
        _log.warning("stt.funasr_lost", url=self._engine.options.url, error=str(error))
        self._drop()

    def _drop(self) -> None:
        if self._exchange is not None:
            self._exchange.drop()
        self._exchange = None

    def decode(self, expect: Expect, *, final: bool, cancelled: Callable[[], bool]) -> Decoded:
        """See `Stream.decode`.

        Raises:
            VoicebotError: ``stt.failed`` (retryable): no answer from the server.
        """
        if final:
            return self._finish(cancelled) if self._loud else self._decoded("", FINISHED)
        text = ""
        if self._exchange is not None:
            try:
                self._exchange.take_all()
                text = self._exchange.text
            except (OSError, WebSocketException) as error:
                self._lost(error)
        return self._decoded(text, UNFINISHED)

    def _decoded(self, text: str, confidence: float) -> Decoded:
        whole = join_hanzi(f"{self._said} {text}")
        return Decoded(whole, confidence) if whole else NOTHING

    def _finish(self, cancelled: Callable[[], bool]) -> Decoded:
        """The turn's last text; afterwards a caller who goes on begins another exchange."""
        if self._resampler is not None:
            self._keep(np.zeros(0, np.int16), last=True)
            self._resampler = None
        deadline = time.monotonic() + self._engine.options.answer
        best = ""
        for _ in range(TRIES):
            if not self._forward(urgent=True) or (exchange := self._exchange) is None:
                continue
            try:
                exchange.finish()
                finished = exchange.last_text(deadline, cancelled)
            except (OSError, WebSocketException) as error:
                best = exchange.text or best
                self._lost(error)
                continue
            if cancelled():
                self._drop()
                return NOTHING
            best = exchange.text or best
            if finished or best or exchange.alive():
                return self._end(best, FINISHED if finished else UNFINISHED)
            break
        self._drop()
        if best:
            return self._end(best, UNFINISHED)
        raise VoicebotError(
            "stt.failed", f"FunASR 服务器 {self._engine.options.url} 没有回答", retryable=True
        )

    def _end(self, text: str, confidence: float) -> Decoded:
        decoded = self._decoded(text, confidence)
        self._drop()
        self._said = decoded.text
        self._pcm.clear()
        self._sent, self._loud = 0, False
        return decoded

    def reset(self) -> None:
        self._drop()
        self._resampler = None
        self._said = ""
        self._pcm.clear()
        self._sent, self._loud = 0, False

    def close(self) -> None:
        self.reset()
