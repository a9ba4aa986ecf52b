"""The raw caller, for tests; it ships with the product, since the benchmarks are commands of it."""

from voicebot.adapters.sip.raw_peer import PeerOptions, PeerRefused, RawPeer, Stamped, Tape

__all__ = ["PeerOptions", "PeerRefused", "RawPeer", "Stamped", "Tape", "loudness"]


def loudness(pcm: bytes) -> float:
    """Mean of the absolute values of s16 sound."""
    if not pcm:
        return 0.0
    values = memoryview(pcm).cast("h")
    return sum(abs(value) for value in values) / len(values)
