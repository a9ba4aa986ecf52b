"""edge-tts: Microsoft's read-aloud service, when the operator chooses it and the network lets it.

It is never the only voice (403 waves, throttling). What its client does not notice is guarded
here: a stream that stalls for ever, and one that breaks off and is taken for complete.
"""

import asyncio
import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import miniaudio
import numpy as np

from voicebot.adapters.tts.engine import Sound
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import MANDARIN, LanguageTag

RATE: Final = 24_000
DEFAULT_VOICE: Final = "zh-CN-XiaoxiaoNeural"
_TICK: Final = 1e-7
"""Seconds; offsets and durations of boundaries are in 100 ns."""
_SLACK: Final = 0.25
"""Seconds the sound may be shorter than the boundaries say."""


def failed(why: str) -> VoicebotError:
    return VoicebotError("tts.failed", f"edge-tts：{why}", retryable=True)


@dataclass(slots=True)
class _Received:
    mp3: bytearray = field(default_factory=bytearray)
    promised: float = 0.0


class EdgeEngine:
    """A voice over the network; many clauses may be asked at once.

    Args:
        first: seconds until the first sound must have come.
        stall: seconds between pieces afterwards.
        limit: seconds for all of it.
    """

    name: Final = "edge"
    version: Final = "7"
    languages: Final[Mapping[LanguageTag, str]] = {MANDARIN: "", LanguageTag("en"): "en-US-AriaNeural"}

    def __init__(self, first: float = 1.5, stall: float = 0.8, limit: float = 2.5) -> None:
        self._limit = limit
        self._first = first
        self._stall = stall

    async def speak(self, text: str, voice: str, rate: float) -> Sound:
        """See `tts.engine.Engine.speak`.

        Raises:
            VoicebotError: ``tts.failed`` (retryable): refused, unreachable, stalled, broken off.
        """
        try:
            async with asyncio.timeout(self._limit):
                received = await self._receive(text, voice or DEFAULT_VOICE, f"{round((rate - 1) * 100):+d}%")
        except TimeoutError:
            raise failed(f"{self._limit:g} 秒没有送完") from None
        try:
            decoded = await asyncio.to_thread(
                miniaudio.decode,
                bytes(received.mp3),
                output_format=miniaudio.SampleFormat.FLOAT32,
                nchannels=1,
                sample_rate=RATE,
            )
        except miniaudio.MiniaudioError as error:
            raise failed(f"收到的声音无法解码：{error}") from error
        samples = np.frombuffer(decoded.samples, np.float32)
        seconds = samples.size / RATE
        if not received.promised or seconds + _SLACK < received.promised:
            raise failed(f"声音中途断了（{seconds:.1f} 秒，应有 {received.promised:.1f} 秒）")
        return Sound(samples, RATE)

    async def _receive(self, text: str, voice: str, rate: str) -> _Received:
        import aiohttp
        import edge_tts
        from edge_tts.exceptions import EdgeTTSException

        received = _Received()
        try:
            stream = edge_tts.Communicate(text, voice, rate=rate).stream()
            async with contextlib.aclosing(stream):
                while True:
                    # its own time limits do not cover a stall in mid-stream
                    async with asyncio.timeout(self._stall if received.mp3 else self._first):
                        piece = await anext(stream, None)
                    if piece is None:
                        return received
                    if piece["type"] == "audio":
                        received.mp3 += piece["data"]
                    else:
                        end = (piece["offset"] + piece["duration"]) * _TICK
                        received.promised = max(received.promised, end)
        except TimeoutError:
            raise failed("没有声音送来") from None
        except (aiohttp.ClientError, EdgeTTSException, OSError, ValueError) as error:
            raise failed(f"{type(error).__name__} {error}") from error
