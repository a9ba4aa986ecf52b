"""Development tables: intent, department, appeal type and address over many utterances.

The tables were written before tuning but tuned on afterwards: they guard what was reached, they do
not estimate what a stranger would measure (that is the work of `voicebot eval`).
"""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import pytest

from voicebot.core.meaning import Meaning
from voicebot.understanding import Understander

NOW = datetime(2026, 11, 24, 10, 0)
TABLES = Path(__file__).parent / "tables"
DEV = ("dev.tsv", "dev2.tsv", "dev3.tsv", "dev4.tsv")


class Row(NamedTuple):
    intent: str
    departments: str
    appeal: str
    address: str
    text: str


def rows() -> Iterator[Row]:
    for name in DEV:
        for line in (TABLES / name).read_text(encoding="utf-8").splitlines():
            if line and not line.startswith("#"):
                yield Row(*line.split("\t"))


@pytest.fixture(scope="module")
def results(understander: Understander) -> list[tuple[Row, Meaning]]:
    return [(row, understander.understand(row.text, now=NOW)) for row in rows()]


def _share(wrong: list[str], total: int, least: float) -> None:
    share = 1 - len(wrong) / total
    assert share >= least, f"{share:.3f} of {total}: " + "; ".join(wrong)


def test_intents(results: list[tuple[Row, Meaning]]) -> None:
    assert len(results) >= 400
    wrong = [f"{r.text} {r.intent}→{m.intent}" for r, m in results if r.intent != m.intent]
    _share(wrong, len(results), 0.97)


def test_departments(results: list[tuple[Row, Meaning]]) -> None:
    judged = [(r, m) for r, m in results if r.departments != "-"]
    wrong = [f"{r.text} →{m.department}" for r, m in judged if m.department not in r.departments.split("|")]
    _share(wrong, len(judged), 0.95)


def test_one_of_three_departments_is_right(results: list[tuple[Row, Meaning]]) -> None:
    judged = [(r, m) for r, m in results if r.departments != "-"]
    wrong = [
        r.text
        for r, m in judged
        if not {str(guess.name) for guess in m.departments} & set(r.departments.split("|"))
    ]
    _share(wrong, len(judged), 0.98)


def test_appeal_types(results: list[tuple[Row, Meaning]]) -> None:
    judged = [(r, m) for r, m in results if r.appeal != "-" and r.intent == m.intent]
    wrong = [f"{r.text} →{m.appeal_type}" for r, m in judged if m.appeal_type not in r.appeal.split("|")]
    _share(wrong, len(judged), 0.93)


def test_addresses(results: list[tuple[Row, Meaning]]) -> None:
    judged = [(r, m) for r, m in results if r.address != "-"]
    found = [(r, m.slots["address"].span if "address" in m.slots else "0") for r, m in judged]
    _share([f"{r.text} →{span}" for r, span in found if span != r.address], len(judged), 0.95)


def test_no_emergency_among_everyday_matters(results: list[tuple[Row, Meaning]]) -> None:
    assert [r.text for r, m in results if m.intent.emergency_number] == []


def test_every_guess_names_its_reason(results: list[tuple[Row, Meaning]]) -> None:
    for _, meaning in results:
        assert all(guess.reason and 0 < guess.score <= 1 for guess in meaning.departments)
        assert [g.score for g in meaning.departments] == sorted(
            (g.score for g in meaning.departments), reverse=True
        )


def test_sure_decisions_are_right_more_often(results: list[tuple[Row, Meaning]]) -> None:
    sure = [r.intent == m.intent for r, m in results if m.confidence >= 0.9]
    assert len(sure) > len(results) / 2
    assert sum(sure) / len(sure) >= 0.98
