"""What `bench turns` found, case by case and as one object."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from voicebot.cli.benches.tape import quantile
from voicebot.cli.benches.turn_cases import ASKED, TAKES_FLOOR, Case, Kind


@dataclass(slots=True)
class Outcome:
    """What one case showed; seconds. Members that do not apply to its kind stay as they are.

    Args:
        reply: our first sound after the end of the caller's speech; None for none, or a cut-in.
        cut_in: our voice began, or the turn was taken for ended, before the caller had finished.
        stopped: our voice ended early.
        full: from when our voice was at its old level again.
        said: what the turns of the case were recognised as.
    """

    case: Case
    reply: float | None = None
    cut_in: bool = False
    duck: float | None = None
    stop: float | None = None
    stopped: bool = False
    full: float | None = None
    said: list[str] = field(default_factory=list)


def report(engine: str, outcomes: Sequence[Outcome], decode: float) -> dict[str, Any]:
    """The JSON object; `decode` is what a decode took of virtual time, in seconds."""
    by_kind = {kind: [o for o in outcomes if o.case.kind is kind] for kind in Kind}
    asked = [o for o in outcomes if o.case.kind in ASKED]
    over = [o for o in outcomes if o.case.kind not in ASKED and o.case.kind not in TAKES_FLOOR]
    taken = [o for o in outcomes if o.case.kind in TAKES_FLOOR]
    return {
        "engine": engine,
        "decode_ms": round(decode * 1000),
        "false_cut_in": _share([o.cut_in for o in asked]),
        "false_stop": _share([o.stopped for o in over]),
        "missed_interruption": _share([not o.stopped for o in taken]),
        "kinds": {kind.value: _row(kind, found) for kind, found in by_kind.items() if found},
    }


def _row(kind: Kind, found: Sequence[Outcome]) -> dict[str, Any]:
    if kind in ASKED:
        replies = [o.reply for o in found if o.reply is not None]
        return {
            "n": len(found),
            "cut_in": _share([o.cut_in for o in found]),
            "no_reply": sum(o.reply is None and not o.cut_in for o in found),
            "v2v_p50": quantile(replies, 0.5),
            "v2v_p95": quantile(replies, 0.95),
        }
    stops = [o.stop for o in found if o.stop is not None]
    if kind in TAKES_FLOOR:
        ducks = [o.duck for o in found if o.duck is not None]
        return {
            "n": len(found),
            "missed": _share([not o.stopped for o in found]),
            "duck_p50": quantile(ducks, 0.5),
            "duck_p95": quantile(ducks, 0.95),
            "stop_p50": quantile(stops, 0.5),
            "stop_p95": quantile(stops, 0.95),
        }
    soft = [o.full for o in found if o.full is not None and not o.stopped]
    return {
        "n": len(found),
        "stopped": _share([o.stopped for o in found]),
        "soft_p50": quantile(soft, 0.5),
        "soft_max": quantile(soft, 1.0),
    }


def describe(outcome: Outcome) -> str:
    """One line for the person who tunes."""
    case = outcome.case
    marks = [name for name in ("cut_in", "stopped") if getattr(outcome, name)]
    times = [
        f"{name} {value * 1000:.0f}"
        for name in ("reply", "duck", "stop", "full")
        if (value := getattr(outcome, name)) is not None
    ]
    pauses = " ".join(f"{pause:.1f}" for pause in case.line.pauses) if case.line else ""
    said = " / ".join(outcome.said)
    return f"{case.kind:>12} {case.name} [{pauses}]: {' '.join(marks + times)} → {said}"


def _share(found: Sequence[bool]) -> float | None:
    return round(sum(found) / len(found), 3) if found else None
