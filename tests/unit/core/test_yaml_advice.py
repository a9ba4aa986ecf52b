"""What YAML cannot read is explained: where, why, what to do."""

import re

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from voicebot.core import marked_yaml
from voicebot.core.marked_yaml import read_marked, read_yaml
from voicebot.core.problem import ContentError

ADVICE = [
    ("a: 1\nb:\n\tc: 1\n", "3:1", "Tab 缩进"),
    ("a:\n  b: 1\n\tc: 1\n\td: 1\n", "3:1", "另有 1 行也是"),
    ("a:\r\n\tb: 1\r\n", "2:1", "Tab 缩进"),
    ('a: "abc\nb: 1\n', "1:4", '引号「"」没有闭合'),
    ("a: 'abc\nb: 1\n", "1:4", "引号「'」没有闭合"),
    ('a: "abc\nb: "1"\nc: 2\n', "1:4", '引号「"」没有闭合'),
    ("a: '你好' 请说\n", "1:9", "引号后面还有文字"),
    ("a:\n  b: 1\n c: 2\n", "3:2", "缩进 1 格"),
    ("a:\n  b: 1\n   c: 2\n", "3:4", "缩进 3 格"),
    ("a: x\n  b: 1\n", "2:3", "并且已经有内容"),
    ("a:\n  - b\n - c\n", "3:2", "缩进不一致"),
    ("a: 你好: 请说\n", "1:4", "文字里有「: 」"),
    ("- 你好: 请: 说\n", "1:7", "文字里有「: 」"),
    ("a: 1\nkind:ask\nb: 2\n", "2:5", "冒号后面少了空格"),
    ("a:\n  kind:ask\n  next: b\n", "2:7", "冒号后面少了空格"),
    ("a:\n  kind：ask\n  next: b\n", "2:7", "冒号是全角的"),
    ("a:\n  next: b\n  kind：ask\n", "3:7", "冒号是全角的"),
    ("你好\nb: 1\n", "1:1", "缺少冒号"),
    ("a: {x}您好\nb: 1\n", "1:4", "以「{」开头"),
    ("- [1]您好\n", "1:3", "以「[」开头"),
    ("a: [好, 您{x}好]\n", "1:8", "列表里带「{…}」的句子"),
    ("a: [好, {x}您好]\n", "1:8", "列表里带「{…}」的句子"),
    ("a: *\n", "1:4", "不能用「*」开头"),
    ("a: & b\n", "1:4", "不能用「&」开头"),
    ("a: @b\n", "1:4", "不能用「@」开头"),
    ("a: %b\n", "1:4", "不能用「%」开头"),
    ("a: `b\n", "1:4", "不能用「`」开头"),
    ("a: |好\n  x\n", "1:4", "「|」后面要换行"),
    ("a: [1, 2\nb: 3\n", "2:2", "第 1 行的「[」没有闭合"),
    ("a: {b: 1\nc: 2\n", "2:2", "第 1 行的「{」没有闭合"),
    ("a: 1\n]\n", "2:1", "多了「]」"),
    ("a: 1\n---\nb: 1\n", "2:1", "一个文件里只能有一份内容"),
    ("a: 1\n...\nb: 1\n", "3:1", "表示文件到此结束"),
    ('a: "x\\q"\n', "1:5", "双引号里的「\\」"),
    ("a: - b\n", "1:4", "「- 」不能和键写在同一行"),
    ("a:\n  b: 1\n  - c\n", "3:3", "不能再写列表"),
    ("a:\n　　b: 1\n", "2:1", "全角空格"),
    ("a: x\u2028y\n", "1:5", "看不见的字符"),
    ("%YAML 3\n---\na: 1\n", "1:1", "不能用「%」开头"),
]


@pytest.mark.parametrize(("text", "place", "words"), ADVICE)
def test_the_first_mistake_has_its_place_and_cause(text: str, place: str, words: str) -> None:
    first = read_marked("x.yaml", text).problems[0]
    assert f"{first.line}:{first.column}" == place
    assert words in first.message
    assert first.suggestion


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (
            "a:你好\nb：请说\nc: 1: 2\nd: {x}好\ne: [好, 您{x}]\nf: @g\n",
            ["你好", "请说", "1: 2", "{x}好", "@g"],
        ),
        ("a: *\nb: 好: \"不\\好\"\n", ["*", '好: "不\\好"']),
        ("a:\n　b: 1\n", None),
    ],
)  # fmt: skip
def test_reading_goes_on_behind_mistakes_of_one_line(text: str, value: list[str] | None) -> None:
    document = read_marked("x.yaml", text)
    assert document.readable
    if value is not None:
        assert isinstance(document.value, dict)
        assert [text for text in document.value.values() if isinstance(text, str)] == value
        assert [p.line for p in document.problems] == list(range(1, text.count("\n") + 1))


def test_what_is_left_of_a_refused_file_is_known() -> None:
    document = read_marked("x.yaml", "a: &x 1\nb: *x\nc: !y 2\nd: 3\nd: 4\n")
    assert document.value == {"a": "1", "b": None, "c": None, "d": "3"}
    assert document.refused == {("b",), ("c",)}
    assert {p.code for p in document.problems} == {"yaml.alias", "yaml.tag", "yaml.duplicate_key"}


def test_a_byte_order_mark_is_nothing() -> None:
    assert read_yaml("x.yaml", "\ufeffa: 1\n").value == {"a": "1"}


@pytest.mark.parametrize(
    "text", ["[" * 900 + "]" * 900, "a: [1, 2\n", "a: b: c\n", "a:\n\tb: 1\n", "a: @b\n"]
)
def test_without_the_fast_reader(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """PyYAML may have been built without libyaml: its own parser has other words and a recursion limit."""
    monkeypatch.setattr(marked_yaml, "_LOADER", yaml.SafeLoader)
    problems = read_marked("x.yaml", text).problems
    assert problems
    assert all(re.search("[一-鿿]", problem.message) for problem in problems)


PIECES = st.sampled_from(
    ["a", "kind", ":", ": ", "：", "\n", "\n  ", "\n\t", "- ", "[", "]", "{", "}", ",", '"', "'", "#", " ",
     "你好", "&x", "*x", "|", ">", "---\n", "\r", "\\", "　", "%", "@", "!", "?", "~"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=30).map("".join))
def test_every_explanation_is_chinese_and_inside_the_text(text: str) -> None:
    lines = re.split(r"\r\n|\n|\r", text)
    document = read_marked("x.yaml", text)
    for problem in document.problems:
        assert 1 <= problem.line <= len(lines)
        assert 1 <= problem.column <= len(lines[problem.line - 1]) + 1
        assert re.search("[一-鿿]", problem.message)
    assert document.readable or document.problems
    if document.problems:
        with pytest.raises(ContentError) as caught:
            read_yaml("x.yaml", text)
        assert caught.value.problems == tuple(sorted(document.problems))
    else:
        assert read_yaml("x.yaml", text).value == document.value
