"""G.711 (ITU-T Rec. G.711) to and from s16, by tables. Pure."""

from typing import Final

import numpy as np
import numpy.typing as npt

Table = npt.NDArray[np.int16]


def _alaw_values() -> Table:
    code = np.arange(256) ^ 0x55
    segment, step = (code & 0x70) >> 4, (code & 0x0F) << 4
    magnitude = np.where(segment == 0, step + 8, (step + 0x108) << np.maximum(segment - 1, 0))
    return np.where(code & 0x80, magnitude, -magnitude).astype(np.int16)


def _ulaw_values() -> Table:
    code = ~np.arange(256) & 0xFF
    magnitude = ((((code & 0x0F) << 3) + 0x84) << ((code & 0x70) >> 4)) - 0x84
    return np.where(code & 0x80, -magnitude, magnitude).astype(np.int16)


def _nearest(values: Table) -> npt.NDArray[np.uint8]:
    """Code of the nearest value, for each s16 value from -32768 on; of two, the one above (silence
    is then +0, as in the standard)."""
    order = np.argsort(values, kind="stable")
    ordered = values[order].astype(np.int64)
    borders = (ordered[1:] + ordered[:-1]) / 2
    return order[np.searchsorted(borders, np.arange(-32768, 32768), side="right")].astype(np.uint8)


_VALUES: Final = {"pcma": _alaw_values(), "pcmu": _ulaw_values()}
_CODES: Final = {law: _nearest(values) for law, values in _VALUES.items()}

PAYLOAD_TYPES: Final = {"pcmu": 0, "pcma": 8}
"""RFC 3551 §6."""


def encode(pcm: bytes, law: str) -> bytes:
    """s16 little-endian → G.711, one byte a sample. `law` is ``pcma`` or ``pcmu``."""
    samples = np.frombuffer(pcm, "<i2").astype(np.int64)
    return _CODES[law][samples + 32768].tobytes()


def decode(payload: bytes, law: str) -> bytes:
    """G.711 → s16 little-endian."""
    return _VALUES[law][np.frombuffer(payload, np.uint8)].astype("<i2").tobytes()
