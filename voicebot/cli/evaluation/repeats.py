"""`voicebot eval --split repeats`: are two demands one matter? Precision, recall, errors by kind."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from voicebot.cli.evaluation.statistics import Share, calibration, share
from voicebot.core.demand import Demand
from voicebot.core.errors import VoicebotError
from voicebot.core.meaning import AppealType
from voicebot.tickets.matter import Matter, matter_of
from voicebot.tickets.repeats import SAME_CALLER, SAME_EVENT, likeness

SPLIT: Final = "repeats"
FILES: Final = ("dev", "test")
"""Pairs of odd numbers are dev; weights are fitted on nothing else."""
HIDDEN: Final = frozenset({"test"})
"""Errors of these are counted by kind, never shown."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two demands, and whether they are one matter. `kind`: in what way they are alike or differ."""

    id: str
    kind: str
    a: Matter
    b: Matter
    texts: tuple[str, str]
    same: bool
    same_caller: bool


@dataclass(frozen=True, slots=True)
class Judged:
    pair: Pair
    score: float
    reasons: tuple[str, ...]


def read_pairs(path: Path) -> list[Pair]:
    """The pairs of a file.

    Raises:
        VoicebotError: ``eval.unreadable`` with file and line.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise VoicebotError("eval.no_set", f"没有标注集 {path}") from error
    pairs = []
    for number, line in enumerate(lines, 1):
        try:
            pairs.append(_pair(json.loads(line)))
        except (ValueError, KeyError, TypeError) as error:
            raise VoicebotError("eval.unreadable", f"{path.name}:{number} 读不懂：{error}") from error
    return pairs


def evaluate_repeats(folder: Path, examples: int) -> dict[str, Any]:
    """Figures of dev and test; shares are as in `Share.told`."""
    return {
        "split": SPLIT,
        "files": {
            name: _figures(_judge(folder / f"{name}.jsonl"), 0 if name in HIDDEN else examples)
            for name in FILES
        },
    }


def repeat_lines(result: dict[str, Any]) -> Iterator[str]:
    """The figures for people."""
    for name, part in result["files"].items():
        yield f"{name}：{part['n']} 对，其中同一件事 {part['same']} 对；校准误差 {part['calibration']['ece']}"
        for use in ("same_event", "same_caller"):
            at = part[use]
            yield f"  {use} ≥ {at['threshold']}：召回 {_told(at['recall'])}，准确 {_told(at['precision'])}"
        for kind, found in part["errors"].items():
            yield f"  错误 {kind}：{found['wrong']} / {found['n']}"
        for example in part["examples"]:
            yield f"    {example['id']} {example['score']}：{example['a']} ‖ {example['b']}"


def _pair(row: dict[str, Any]) -> Pair:
    a, b = row["a"], row["b"]
    texts = (str(a["content"]), str(b["content"]))
    return Pair(row["id"], row["kind"], _matter(a), _matter(b), texts, row["same"], row["same_caller"])


def _matter(fields: dict[str, str]) -> Matter:
    demand = Demand(
        appeal_type=AppealType(fields["appeal_type"]),
        title="",
        channel="phone",
        content=fields["content"],
        address=fields["address"],
        object=fields["object"],
        occurred=fields["occurred"],
        district=fields["district"],
    )
    return matter_of(demand, datetime.fromisoformat(fields["accepted_at"]))


def _judge(path: Path) -> list[Judged]:
    found = ((pair, likeness(pair.a, pair.b, pair.same_caller)) for pair in read_pairs(path))
    return [Judged(pair, alike.score, alike.reasons) for pair, alike in found]


def _figures(judged: Sequence[Judged], examples: int) -> dict[str, Any]:
    wrong = [j for j in judged if (j.score >= SAME_EVENT) != j.pair.same]
    each, missed = Counter(j.pair.kind for j in judged), Counter(j.pair.kind for j in wrong)
    own = [j for j in judged if j.pair.same_caller]
    return {
        "n": len(judged),
        "same": sum(j.pair.same for j in judged),
        "same_event": _at(judged, SAME_EVENT),
        "same_caller": _at(own, SAME_CALLER),
        "calibration": calibration([j.score for j in judged], [j.pair.same for j in judged], 5),
        "errors": {kind: {"wrong": missed[kind], "n": n} for kind, n in sorted(each.items())},
        "examples": [
            {
                "id": j.pair.id,
                "kind": j.pair.kind,
                "score": j.score,
                "a": j.pair.texts[0],
                "b": j.pair.texts[1],
                "reasons": j.reasons,
            }
            for j in wrong[:examples]
        ],
    }


def _at(judged: Sequence[Judged], least: float) -> dict[str, Any]:
    said = [j for j in judged if j.score >= least]
    return {
        "threshold": least,
        "recall": share([j.score >= least for j in judged if j.pair.same]).told(),
        "precision": share([j.pair.same for j in said]).told(),
        "false": Share(sum(not j.pair.same for j in said), sum(not j.pair.same for j in judged)).told(),
    }


def _told(share_: dict[str, Any]) -> str:
    return f"{share_['value']} [{share_['low']}, {share_['high']}] n={share_['n']}"
