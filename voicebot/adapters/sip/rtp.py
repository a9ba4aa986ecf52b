"""RTP packets (RFC 3550 §5.1) and telephone-events (RFC 4733 §2.3). Pure."""

import struct
from dataclasses import dataclass
from typing import Final, Self

_HEADER: Final = struct.Struct("!BBHII")
EVENTS: Final = "0123456789*#"


@dataclass(frozen=True, slots=True)
class RtpPacket:
    """One packet without extensions or contributing sources."""

    payload_type: int
    sequence: int
    timestamp: int
    ssrc: int
    payload: bytes
    marker: bool = False

    def encode(self) -> bytes:
        second = self.payload_type | (0x80 if self.marker else 0)
        head = _HEADER.pack(0x80, second, self.sequence & 0xFFFF, self.timestamp & 0xFFFFFFFF, self.ssrc)
        return head + self.payload

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Raises ValueError for what is no RTP of version 2."""
        if len(data) < _HEADER.size or data[0] >> 6 != 2:
            raise ValueError("no RTP")
        first, second, sequence, timestamp, ssrc = _HEADER.unpack_from(data)
        start = _HEADER.size + 4 * (first & 0x0F)
        if first & 0x10:
            if len(data) < start + 4:
                raise ValueError("RTP extension is cut off")
            start += 4 + 4 * int.from_bytes(data[start + 2 : start + 4])
        end = len(data) - (data[-1] if first & 0x20 else 0)
        return cls(second & 0x7F, sequence, timestamp, ssrc, data[start:end], bool(second & 0x80))


def event_payload(key: str, *, end: bool, duration: int) -> bytes:
    """A telephone-event; `duration` in timestamp units so far."""
    return struct.pack("!BBH", EVENTS.index(key), (0x80 if end else 0) | 10, duration)
