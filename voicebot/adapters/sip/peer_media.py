"""The sound of our test caller: RTP at absolute deadlines, each packet on the tape."""

import asyncio
import contextlib
import secrets
import time
from dataclasses import dataclass, field
from typing import Final

from voicebot.adapters.sip import g711
from voicebot.adapters.sip.datagrams import Datagrams
from voicebot.adapters.sip.messages import Media
from voicebot.adapters.sip.rtp import RtpPacket, event_payload
from voicebot.core.audio import BYTES_PER_SAMPLE

RATE: Final = 8000
PRESS: Final = 0.1
"""Seconds a key is down, and up until the next one."""


@dataclass(frozen=True, slots=True)
class Stamped:
    """A packet and `time.monotonic()` when it was sent or had come in."""

    at: float
    packet: RtpPacket


@dataclass(slots=True)
class Tape:
    """All packets of a call."""

    law: str = "pcma"
    sent: list[Stamped] = field(default_factory=list)
    received: list[Stamped] = field(default_factory=list)

    def heard(self) -> list[tuple[float, bytes]]:
        """(time of arrival, s16 sound) of each sound packet that came in."""
        wanted = g711.PAYLOAD_TYPES[self.law]
        return [
            (each.at, g711.decode(each.packet.payload, self.law))
            for each in self.received
            if each.packet.payload_type == wanted
        ]

    def pcm(self) -> bytes:
        """What came in, joined; what the far end did not send leaves no gap here."""
        return b"".join(pcm for _, pcm in self.heard())


class MediaStream:
    """Packet `k` of ours leaves at ``began + k * step``, silence when nothing is to be played.

    Args:
        socket: opened, owned by us from now on.
        ptime: ms per packet.
    """

    def __init__(self, socket: Datagrams, ptime: int) -> None:
        self._socket = socket
        self.step: Final = ptime / 1000
        self._samples = RATE * ptime // 1000
        self._ssrc = secrets.randbits(32)
        self._sequence = 0
        self._script: dict[int, bytes] = {}
        """Packet number → s16 sound."""
        self._keys: asyncio.Queue[str] = asyncio.Queue(maxsize=50)
        self.began = 0.0
        self.muted = False
        """Send nothing at all."""
        self.media: Media | None = None
        self.tape = Tape()

    def start(self, media: Media) -> None:
        """The far end's address and codec are known; `send` runs from now on."""
        self.media = media
        self.tape.law = media.codec
        self.began = time.monotonic()

    def play(self, pcm: bytes, at: float | None) -> float:
        """Plans s16 sound; returns when its first packet leaves."""
        size = self._samples * BYTES_PER_SAMPLE
        soonest = int((time.monotonic() - self.began) / self.step) + 2
        wanted = 0 if at is None else -int((self.began - at) // self.step)
        first = max(soonest, wanted)
        for number, start in enumerate(range(0, len(pcm), size), first):
            self._script[number] = pcm[start : start + size].ljust(size, b"\0")
        return self.began + first * self.step

    def press(self, keys: str) -> None:
        for key in keys:
            self._keys.put_nowait(key)

    def send_raw(self, data: bytes) -> None:
        assert self.media is not None
        self._socket.send(data, (self.media.host, self.media.port))

    async def send(self) -> None:
        """Sends until cancelled."""
        assert self.media is not None
        law = self.media.codec
        quiet = g711.encode(bytes(self._samples * BYTES_PER_SAMPLE), law)
        number = 0
        while True:
            if self.media.telephone_event is not None and not self._keys.empty():
                await self._send_event(self._keys.get_nowait(), number * self._samples)
                number = int((time.monotonic() - self.began) / self.step) + 1
            else:
                pcm = self._script.pop(number, None)
                payload = quiet if pcm is None else g711.encode(pcm, law)
                if not self.muted:
                    self._send_packet(g711.PAYLOAD_TYPES[law], number * self._samples, payload)
                number += 1
            await asyncio.sleep(max(0.0, self.began + number * self.step - time.monotonic()))

    async def _send_event(self, key: str, timestamp: int) -> None:
        assert self.media is not None
        assert self.media.telephone_event is not None
        steps = max(1, round(PRESS / self.step))
        for index in range(steps + 3):  # the end goes out three times (RFC 4733 §2.5.1.4)
            duration = self._samples * min(index + 1, steps)
            payload = event_payload(key, end=index >= steps, duration=duration)
            self._send_packet(self.media.telephone_event, timestamp, payload, marker=index == 0)
            if index < steps:
                await asyncio.sleep(self.step)
        await asyncio.sleep(PRESS)

    def _send_packet(
        self, payload_type: int, timestamp: int, payload: bytes, *, marker: bool = False
    ) -> None:
        packet = RtpPacket(payload_type, self._sequence, timestamp, self._ssrc, payload, marker)
        self._sequence += 1
        self.send_raw(packet.encode())
        self.tape.sent.append(Stamped(time.monotonic(), packet))

    async def receive(self) -> None:
        """Puts all that comes in on the tape, until cancelled."""
        while True:
            at, data = await self._socket.incoming.get()
            with contextlib.suppress(ValueError):
                self.tape.received.append(Stamped(at, RtpPacket.parse(data)))
