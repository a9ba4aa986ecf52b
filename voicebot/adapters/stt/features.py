"""Log-mel features as Whisper was trained on (Radford et al. 2022, section 2.2), in numpy.

16 kHz, windows of 25 ms every 10 ms, 80 Slaney mel bands, log10 within 8 of the loudest.
"""

from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

RATE: Final = 16_000
HOP: Final = 160
_FFT: Final = 400
_FRAME: Final = 320
BANDS: Final = 80
LONGEST: Final = 3000
"""Frames: the model's window of 30 s."""

Floats = NDArray[np.float32]


LEVEL: Final = -20.0
"""dBFS to which speech is brought: the features are not independent of the level."""
MOST_GAIN: Final = 16.0
"""dB; what is softer still is hardly speech."""


def levelled(samples: Floats) -> Floats:
    """`samples` (±1 at 16 kHz) with their speech at `LEVEL`, clipped at full scale."""
    frames = samples[: samples.size // _FRAME * _FRAME].reshape(-1, _FRAME)
    powers = np.mean(frames**2, axis=1)
    if not powers.size or powers.max() <= 0:
        return samples
    # frames within 20 dB of the loudest are speech, the rest is pauses and noise (after ITU-T P.56)
    active = 10 * float(np.log10(np.mean(powers[powers > powers.max() * 1e-2])))
    gain = min(MOST_GAIN, LEVEL - active)
    return np.asarray(np.clip(samples * np.float32(10 ** (gain / 20)), -1, 1), np.float32)


def log_mel(samples: Floats, margin: int) -> Floats:
    """Features of `samples` followed by `margin` frames of silence.

    Args:
        samples: ±1 at 16 kHz.
        margin: frames of silence after the speech. Less than about 300 makes the model collapse,
            the whole 30 s cost three times the work (findings.md).

    Returns:
        (80, n) float32, n even and at most 3000.
    """
    samples = samples[: LONGEST * HOP]
    padded = np.pad(samples, _FFT // 2)
    windows = np.lib.stride_tricks.sliding_window_view(padded, _FFT)[: max(HOP, samples.size) : HOP]
    power = np.abs(np.fft.rfft(windows * _hann(), axis=1).astype(np.complex64)) ** 2
    # not `@`: the threads of its BLAS go on spinning after it, which took two fifths of a decode's CPU
    mel = np.log10(np.maximum(np.einsum("bk,tk->bt", _filters(), power), 1e-10), dtype=np.float32)
    floor = float(mel.max()) - 8.0
    frames = min(LONGEST, (mel.shape[1] + margin) // 2 * 2)
    out = np.full((BANDS, frames), floor, np.float32)
    used = min(frames, mel.shape[1])
    out[:, :used] = np.maximum(mel[:, :used], floor)
    return np.asarray((out + 4) / 4, np.float32)


@cache
def _hann() -> Floats:
    return np.asarray(np.hanning(_FFT + 1)[:-1], np.float32)


def _to_mel(hertz: NDArray[np.float64]) -> NDArray[np.float64]:
    """Slaney's scale: linear below 1 kHz, logarithmic above."""
    linear = hertz * 3 / 200
    return np.where(hertz < 1000, linear, 15 + np.log(np.maximum(hertz, 1) / 1000) * 27 / np.log(6.4))


def _to_hertz(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(mel < 15, mel * 200 / 3, 1000 * np.exp((mel - 15) * np.log(6.4) / 27))


@cache
def _filters() -> Floats:
    """(80, 201) triangles of equal area."""
    bins = np.linspace(0, RATE / 2, _FFT // 2 + 1)
    edges = _to_hertz(np.linspace(0, _to_mel(np.array([RATE / 2]))[0], BANDS + 2))
    widths = np.diff(edges)
    slopes = edges[:, None] - bins[None, :]
    rising = -slopes[:-2] / widths[:-1, None]
    falling = slopes[2:] / widths[1:, None]
    triangles = np.maximum(0, np.minimum(rising, falling))
    return (triangles * (2 / (edges[2:] - edges[:-2]))[:, None]).astype(np.float32)
