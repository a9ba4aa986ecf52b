"""Mistakes in lexicons are refused with file and line."""

import pytest

from tests.unit.understanding.conftest import lexicon_texts
from voicebot.core.problem import ContentError
from voicebot.language.patterns import PatternError, parse
from voicebot.understanding import load_city, load_departments, load_understander

DEPARTMENTS = load_departments("d.tsv", "name\tshort\tkind\tduties\n市城市管理局\t城管\t政府部门\t路灯\n")
TOPICS = "knowledge_base/lexicons/topics.yaml"


def refused(texts: dict[str, str]) -> list[str]:
    with pytest.raises(ContentError) as caught:
        load_understander(texts, DEPARTMENTS)
    return [str(problem) for problem in caught.value.problems]


def test_an_unknown_department_is_named_with_its_line() -> None:
    texts = lexicon_texts() | {TOPICS: "topics:\n  - id: 路灯\n    to: 城管 火星\n    words: 路灯\n"}
    assert refused(texts) == [
        f"{TOPICS}:3:5 [lexicon.unknown_department] 部门目录里没有「火星」",
    ]


def test_all_mistakes_come_at_once() -> None:
    texts = lexicon_texts() | {
        TOPICS: "topics:\n  - id: 甲\n    to: 城管\n    words: (路灯\n"
        "  - id: 甲\n    to: 城管\n    trouble: 坏~\n"
    }
    found = refused(texts)
    assert len(found) == 3
    assert any(":4:" in line and "括号" in line for line in found)
    assert any(":5:" in line and "重复" in line for line in found)
    assert any(":7:" in line and "空" in line for line in found)


def test_schema_and_files_are_checked() -> None:
    assert "schema.unknown_key" in refused(lexicon_texts() | {TOPICS: "topics: []\nmore: 1\n"})[0]
    assert "lexicon.unknown_file" in refused(lexicon_texts() | {"x/other.yaml": "a: 1"})[0]
    texts = lexicon_texts()
    del texts[TOPICS]
    assert "lexicon.missing_file" in refused(texts)[0]


def test_patterns() -> None:
    assert parse("(孩子|老人)~走(丢|失)了").pieces == (("孩子", "老人"), ("走丢了", "走失了"))
    assert parse("路灯(坏|)").pieces == (("路灯坏", "路灯"),)
    with pytest.raises(PatternError, match="超过"):
        parse("(a|b|c|d|e|f|g|h)" * 4)


def test_the_directory() -> None:
    with pytest.raises(ContentError) as caught:
        load_departments("d.tsv", "name\tshort\tkind\tduties\n甲\t乙\n丙\t丁\t戊\t己\n丙\t丁\t戊\t己\n")
    assert [problem.line for problem in caught.value.problems] == [2, 4]
    with pytest.raises(ContentError, match="空的"):
        load_departments("d.tsv", "name\tshort\tkind\tduties\n")


def test_the_city() -> None:
    head = "name: 云江市\nhotline: 云江12345\nowner: 某局\n"
    city = load_city("city.yaml", head + 'hotlines: {"12315": 消费}\n')
    assert city.hotlines["12315"] == "消费"
    with pytest.raises(ContentError, match=r"city\.yaml:4"):
        load_city("city.yaml", head + "hotlines: {abc: 消费}\n")
