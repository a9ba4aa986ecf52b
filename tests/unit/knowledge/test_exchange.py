"""Articles go out and come in the same, in every format; mistakes are told with their place."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import examples
from voicebot.adapters.sheets.xlsx import from_xlsx, to_xlsx
from voicebot.core.marked_yaml import read_marked
from voicebot.core.problem import ContentError
from voicebot.knowledge.exchange import (
    LABELS,
    LISTS,
    Record,
    Value,
    by_category,
    escaped,
    records_in,
    unescaped,
)
from voicebot.knowledge.exchange_markdown import from_markdown, to_markdown
from voicebot.knowledge.exchange_table import from_csv, from_rows, to_csv, to_rows
from voicebot.knowledge.exchange_yaml import to_yaml

TEXTS = (
    st.text(
        st.characters(exclude_categories=("Cc", "Cs", "Cn", "Zl", "Zp"), exclude_characters="\ufeff"),
        min_size=1,
    )
    | st.text("社保=+-@'\"\\\n:#- ，。[]{}|>&*!%`~?,0110yesno", min_size=1, max_size=20)
    | st.sampled_from(
        ["=1+1", "'=1", "\\n", "null", "~", "2026-01-31", "0110", "- a", "a: b", " 边 ", "行\n行"]
    )
)


def records(texts: st.SearchStrategy[str]) -> st.SearchStrategy[list[Record]]:
    fitting = texts.filter(lambda text: not read_marked("x", to_yaml("类", [Record({"id": text})])).problems)
    values = {
        name: st.lists(fitting, min_size=1, max_size=3).map(tuple) if name in LISTS else fitting
        for name in LABELS
    }
    needed = {name: values.pop(name) for name in ("id", "category")}
    one: st.SearchStrategy[dict[str, Value]] = st.fixed_dictionaries(needed, optional=values)
    return st.lists(one, min_size=1, max_size=3).map(lambda found: [Record(dict(value)) for value in found])


def through_csv(given_: list[Record]) -> list[Record]:
    return from_csv("x.csv", to_csv(given_))


def through_markdown(given_: list[Record]) -> list[Record]:
    return from_markdown("x.md", to_markdown(given_))


def through_xlsx(given_: list[Record]) -> list[Record]:
    return from_rows("x.xlsx", from_xlsx("x.xlsx", to_xlsx(to_rows(given_), "条目")))


def through_yaml(given_: list[Record]) -> list[Record]:
    return [
        r for name, held in by_category(given_).items() for r in records_in("x.yaml", to_yaml(name, held))
    ]


WAYS = [through_csv, through_markdown, through_xlsx, through_yaml]


@pytest.mark.parametrize("way", WAYS)
@settings(max_examples=examples(25, 60), deadline=None)
@given(data=st.data())
def test_nothing_is_lost(way: Callable[[list[Record]], list[Record]], data: st.DataObject) -> None:
    out = data.draw(records(TEXTS.filter(lambda text: bool(text.strip()))))
    back = way(out)
    assert sorted_values(back) == sorted_values(out)


def sorted_values(records_: list[Record]) -> list[str]:
    """YAML comes back category by category."""
    return sorted(str(sorted(record.values.items())) for record in records_)


@given(st.text())
def test_one_line_and_back(text: str) -> None:
    assert unescaped(escaped(text)) == text
    assert "\n" not in escaped(text)


def test_a_table_for_spreadsheets_holds_no_formula() -> None:
    text = to_csv([Record({"id": "KB1", "title": "=cmd()", "questions": ("+1", "@a")})])
    assert "'=cmd()" in text
    assert "'+1" in text
    rows = from_xlsx("x", to_xlsx([["标题"], ["=1+1"]], "a"))
    assert rows[1] == (2, ["=1+1"])


def test_what_people_type_into_spreadsheets() -> None:
    from datetime import date, datetime
    from io import BytesIO

    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["编号", "生效日期", "核对日期", "问法", "一件事", None])
    sheet.append(["KB001", datetime(2026, 1, 31), date(2026, 2, 1), "甲\n\n乙", True])
    sheet.append([None, None])
    sheet.append([12, None, None, None])
    out = BytesIO()
    book.save(out)
    first, second = from_rows("x.xlsx", from_xlsx("x.xlsx", out.getvalue()))
    assert first.values == {
        "id": "KB001",
        "valid_from": "2026-01-31",
        "reviewed": "2026-02-01",
        "questions": ("甲", "乙"),
        "life_event": "true",
    }
    assert (second.values, second.line) == ({"id": "12"}, 4)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", 0, "没有内容"),
        ("标题\nx", 1, "缺少列「编号」"),
        ("编号,题目\nKB1,x", 1, "不认识的列「题目」"),
        ("编号,标题,title\nKB1,x,y", 1, "出现了两次"),
        ('编号,标题\nKB1,"甲\n乙"\nKB2,丙,丁', 4, "格子比列名多"),
        ('编号,标题\nKB1,"x', 2, "CSV"),
    ],
)
def test_mistakes_of_a_table(text: str, line: int, words: str) -> None:
    with pytest.raises(ContentError) as error:
        from_csv("x.csv", text)
    (problem,) = error.value.problems
    assert (problem.path, problem.line, words in problem.message) == ("x.csv", line, True)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("- 标题：x", 1, "第一个条目之前"),
        ("## KB1\n- 题目：x", 2, "不认识的字段「题目」"),
        ("## KB1\n- 标题：x\n- 标题：y", 3, "出现了两次"),
        ("## KB1\n随便写", 2, "看不懂"),
        ("## KB1\n### 想法\n- a", 2, "不认识的小标题"),
        ("## KB1\n- 问法：x", 2, "不认识的字段「问法」"),
    ],
)
def test_mistakes_of_a_document(text: str, line: int, words: str) -> None:
    with pytest.raises(ContentError) as error:
        from_markdown("x.md", text)
    assert (error.value.problems[0].line, words in error.value.problems[0].message) == (line, True)


@pytest.mark.parametrize("content", [b"", b"PK", b"not a zip", to_xlsx([["a"]], "a")[:200]])
def test_no_spreadsheet(content: bytes) -> None:
    with pytest.raises(ContentError) as error:
        from_xlsx("x.xlsx", content)
    assert error.value.problems[0].code == "kb.import_xlsx"


def test_a_formula_is_refused() -> None:
    from io import BytesIO

    from openpyxl import Workbook

    book = Workbook()
    assert book.active is not None
    book.active["A1"] = "=1+1"
    out = BytesIO()
    book.save(out)
    with pytest.raises(ContentError) as error:
        from_xlsx("x.xlsx", out.getvalue())
    assert (error.value.problems[0].line, "A1" in error.value.problems[0].message) == (1, True)
