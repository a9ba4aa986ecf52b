"""Emergencies and what only looks like one: every line of the table is a test of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.understanding.conftest import ROOT, lexicon_texts
from voicebot.core.meaning import Urgency
from voicebot.understanding import Understander, load_departments, load_understander

TABLE = Path(__file__).parent / "tables" / "emergencies.tsv"


def rows() -> Iterator[tuple[str, str]]:
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            expected, text = line.split("\t")
            yield expected, text


@pytest.mark.parametrize(("expected", "text"), list(rows()), ids=lambda value: value[:24])
def test_emergency(understander: Understander, expected: str, text: str) -> None:
    meaning = understander.understand(text)
    number = meaning.intent.emergency_number
    if expected == "-":
        assert number is None, (meaning.intent, meaning.confidence)
        return
    assert number == expected.rstrip("!")
    assert meaning.department is None
    assert meaning.urgency is Urgency.CRITICAL
    if expected.endswith("!"):
        assert meaning.emergency_is_certain
        assert meaning.confidence >= 0.85
    if not meaning.emergency_is_certain:
        assert meaning.confidence < 0.85


def test_the_table_is_large_enough() -> None:
    expected = [number for number, _ in rows()]
    assert len(expected) >= 400
    assert expected.count("-") >= 200


@pytest.mark.parametrize(
    "text",
    ["路登着火了快来", "我嫁着火了", "有人晕到了叫不醒", "孩子走丢乐五岁", "梅气泄漏了", "有人要跳搂"],
)
def test_a_wrong_character_does_not_hide_an_emergency(understander: Understander, text: str) -> None:
    assert understander.understand(text).intent.emergency_number is not None


@pytest.mark.parametrize(
    ("text", "number"), [("着火了快来人", "119"), ("有人晕倒叫不醒", "120"), ("我要跳楼", "110")]
)
def test_words_alone_are_enough_where_nothing_was_learnt(text: str, number: str) -> None:
    """A city that ships no examples yet."""
    departments = load_departments("departments.tsv", (ROOT / "departments.tsv").read_text(encoding="utf-8"))
    bare = load_understander(lexicon_texts(), departments)
    meaning = bare.understand(text)
    assert meaning.intent.emergency_number == number
    assert meaning.emergency_is_certain
    assert bare.understand("社保卡怎么办").intent.emergency_number is None
