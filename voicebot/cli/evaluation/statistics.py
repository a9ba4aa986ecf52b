"""Figures of samples: shares with their interval, F1, calibration, percentiles. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

Z: Final = 1.959964
"""Of 95 %."""
BINS: Final = 10


def wilson(right: int, n: int) -> tuple[float, float]:
    """95 % interval of a share (Wilson's score interval, 1927); (0, 1) of nothing.

    >>> tuple(round(x, 3) for x in wilson(10, 10))
    (0.722, 1.0)
    """
    if n == 0:
        return 0.0, 1.0
    p, z2 = right / n, Z * Z
    middle = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = Z * math.sqrt(p * (1 - p) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return max(0.0, middle - half), min(1.0, middle + half)


@dataclass(frozen=True, slots=True)
class Share:
    right: int
    n: int

    @property
    def value(self) -> float | None:
        """None of nothing."""
        return self.right / self.n if self.n else None

    def told(self) -> dict[str, Any]:
        """{"value","n","right","low","high"}; low and high are the 95 % interval."""
        low, high = wilson(self.right, self.n)
        value = None if self.value is None else round(self.value, 4)
        return {
            "value": value,
            "n": self.n,
            "right": self.right,
            "low": round(low, 4),
            "high": round(high, 4),
        }


def share(judged: Sequence[bool]) -> Share:
    return Share(sum(judged), len(judged))


def f1(wanted: Sequence[str | None], found: Sequence[str | None]) -> dict[str, Any]:
    """Precision, recall and F1 of values that must be equal; None where there is none. A value that
    differs counts as one too many and one missing."""
    pairs = list(zip(wanted, found, strict=True))
    hits = sum(w is not None and w == f for w, f in pairs)
    there = sum(w is not None for w, _ in pairs)
    claimed = sum(f is not None for _, f in pairs)
    return {
        "precision": _ratio(hits, claimed),
        "recall": _ratio(hits, there),
        "f1": _ratio(2 * hits, there + claimed),
    }


def _ratio(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def calibration(stated: Sequence[float], right: Sequence[bool], bins: int = BINS) -> dict[str, Any]:
    """Expected calibration error over bins of equal width (Guo et al., 2017), and the bins.

    {"ece","n","bins":[{"from","to","n","confidence","right"}]}; empty bins are left out.
    """
    rows: list[dict[str, Any]] = []
    gap = 0.0
    cases = list(zip(stated, right, strict=True))
    for i in range(bins):
        inside = [(p, r) for p, r in cases if min(int(p * bins), bins - 1) == i]
        if not inside:
            continue
        mean = sum(p for p, _ in inside) / len(inside)
        hit = sum(r for _, r in inside) / len(inside)
        gap += abs(mean - hit) * len(inside)
        rows.append(
            {
                "from": i / bins,
                "to": (i + 1) / bins,
                "n": len(inside),
                "confidence": round(mean, 3),
                "right": round(hit, 3),
            }
        )
    return {"ece": round(gap / len(cases), 4) if cases else None, "n": len(cases), "bins": rows}


def percentile(values: Sequence[float], q: float) -> float | None:
    """The nearest-rank percentile, q 0-1; None of nothing."""
    if not values:
        return None
    ordered = sorted(values)
    return ordered[max(0, math.ceil(q * len(ordered)) - 1)]
