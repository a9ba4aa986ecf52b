"""Silence is not worth a decode, and makes some models write."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

QUIET: Final = 10 ** (-60 / 20)
"""Full scale is 1; the quietest peak that can be speech."""


def is_loud(samples: NDArray[np.integer[Any]]) -> bool:
    """s16 `samples` hold more than silence."""
    return samples.size > 0 and int(np.abs(samples.astype(np.int32)).max()) >= QUIET * 32768
