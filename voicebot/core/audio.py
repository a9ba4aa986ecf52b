"""Sound as it moves between the rooms."""

from dataclasses import dataclass
from typing import Final

BYTES_PER_SAMPLE: Final = 2


@dataclass(frozen=True, slots=True)
class AudioChunk:
    """Mono signed 16-bit little-endian PCM.

    Args:
        pcm: samples; length is a multiple of 2 bytes.
        rate: samples per second (8000 on SIP, 16000 from browsers, 24000 from synthesis).
    """

    pcm: bytes
    rate: int

    def __post_init__(self) -> None:
        if len(self.pcm) % BYTES_PER_SAMPLE or self.rate <= 0:
            raise ValueError(f"not s16 mono: {len(self.pcm)} bytes at {self.rate} Hz")

    @property
    def samples(self) -> int:
        return len(self.pcm) // BYTES_PER_SAMPLE

    @property
    def seconds(self) -> float:
        return self.samples / self.rate


def silence(seconds: float, rate: int) -> AudioChunk:
    """Digital silence of about `seconds` (rounded to whole samples)."""
    return AudioChunk(bytes(BYTES_PER_SAMPLE * round(seconds * rate)), rate)
