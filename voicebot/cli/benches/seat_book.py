"""What `bench seats` writes down beside the rows, so that rows do not vouch for themselves."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import fmean, median, pstdev
from typing import Any

from voicebot.core.ids import CallId, QueueName, SeatId


@dataclass(slots=True)
class Book:
    """Who rings where, who talks with whom, how long everybody waited.

    Args:
        rings, talks: call → seat, from offers and acceptances alone.
        double: offers of a call that rang or was talked with, or to a seat that had one.
        taken: (class, queue and need, waited in seconds, came at), in the order of taking.
        stale: offers made on rows read before, which the store refused.
        estimates: (told, real) seconds.
    """

    rings: dict[CallId, SeatId] = field(default_factory=dict)
    talks: dict[CallId, SeatId] = field(default_factory=dict)
    occupied: dict[SeatId, CallId] = field(default_factory=dict)
    double: int = 0
    offers: int = 0
    stale: int = 0
    events: Counter[str] = field(default_factory=Counter)
    taken: list[tuple[str, tuple[QueueName, str, str], float, float]] = field(default_factory=list)
    longest: dict[str, float] = field(default_factory=dict)
    waited: dict[str, list[float]] = field(default_factory=dict)
    picks: list[tuple[float, int, int]] = field(default_factory=list)
    estimates: list[tuple[float, float]] = field(default_factory=list)
    most_waiting: int = 0

    def offered(self, call_id: CallId, seat: SeatId) -> None:
        self.offers += 1
        self.double += call_id in self.rings or call_id in self.talks or seat in self.occupied
        self.rings[call_id] = seat
        self.occupied[seat] = call_id

    def accepted(self, call_id: CallId, seat: SeatId) -> None:
        self.double += self.rings.pop(call_id, None) != seat or call_id in self.talks
        self.talks[call_id] = seat

    def freed(self, call_id: CallId, seat: SeatId) -> None:
        self.rings.pop(call_id, None)
        self.talks.pop(call_id, None)
        self.occupied.pop(seat, None)

    def has_waited(self, kind: str, seconds: float) -> None:
        """Whatever became of them."""
        self.longest[kind] = max(self.longest.get(kind, 0.0), seconds)


def overtaken(taken: Iterable[tuple[str, tuple[QueueName, str, str], float, float]]) -> float:
    """The most seconds by which somebody who came later, with the same needs, was served before somebody who
    is no emergency; who came back to the queue counts on the other side only."""
    newest: dict[tuple[QueueName, str, str], float] = {}
    most = 0.0
    for kind, need, _, came in taken:
        if kind not in ("emergency", "front"):
            most = max(most, newest.get(need, came) - came)
            newest[need] = max(newest.get(need, came), came)
    return most


def spread(values: Sequence[float]) -> dict[str, float]:
    ordered = sorted(values)
    parts = {"p10": 0.1, "p50": 0.5, "p90": 0.9}
    return {name: round(ordered[int(part * (len(ordered) - 1))], 3) for name, part in parts.items()}


def timing(ms: Sequence[float]) -> dict[str, float]:
    ordered = sorted(ms)
    return {
        "p50": round(median(ordered), 2),
        "p99": round(ordered[int(0.99 * (len(ordered) - 1))], 2),
        "max": round(ordered[-1], 2),
    }


def waits(book: Book, target_s: float) -> dict[str, Any]:
    """By class: share within the target, mean and longest; the longest of all, also of who gave up."""
    by: dict[str, list[float]] = {}
    for kind, _, waited, _ in book.taken:
        by.setdefault(kind, []).append(waited)
    return {
        kind: {
            "served": len(values),
            "in_target": round(sum(value <= target_s for value in values) / len(values), 4),
            "mean_s": round(fmean(values), 1),
            "longest_s": round(book.longest[kind], 1),
        }
        for kind, values in sorted(by.items())
    }


def variation(groups: Iterable[Sequence[float]]) -> float:
    """Coefficient of variation within groups, weighted by their size."""
    kept = [values for values in groups if len(values) > 1 and fmean(values) > 0]
    if not kept:
        return 0.0
    total = sum(len(values) for values in kept)
    return round(sum(pstdev(values) / fmean(values) * len(values) for values in kept) / total, 3)
