"""YAML with places."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict

from voicebot.core.marked_yaml import read_yaml, validate
from voicebot.core.problem import ContentError


class Person(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str
    age: int = 0
    awake: bool = False


class Team(BaseModel):
    model_config = ConfigDict(extra="forbid")
    people: list[Person]


def problems(text: str) -> list[str]:
    with pytest.raises(ContentError) as caught:
        validate(read_yaml("t.yaml", text), Team)
    return [str(problem) for problem in caught.value.problems]


def test_every_scalar_is_text() -> None:
    value = read_yaml("t.yaml", "a: no\nb: 0110\nc: 8:30\nd: 1e3\ne:\nf: ''\n").value
    assert value == {"a": "no", "b": "0110", "c": "8:30", "d": "1e3", "e": None, "f": ""}


def test_the_schema_converts() -> None:
    team = validate(read_yaml("t.yaml", "people: [{name: '007', age: 44, awake: yes}]"), Team)
    assert team.people == [Person(name="007", age=44, awake=True)]


def test_all_mistakes_at_once_each_at_its_line() -> None:
    found = problems("people:\n  - name: 甲\n    agee: 3\n  - age: 老\n")
    assert [line.split(" ")[0] for line in found] == ["t.yaml:3:5", "t.yaml:4:5", "t.yaml:4:5"]
    assert "schema.unknown_key" in found[0]


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("a: 1\na: 2\n", "yaml.duplicate_key", 2),
        ("a: &x [1]\nb: *x\n", "yaml.alias", 1),
        ("a: [1\n", "yaml.syntax", 2),
        ("a: 1\n---\nb: 2\n", "yaml.syntax", 2),
        ("? [1, 2]\n: 3\n", "yaml.key", 1),
        ("a: &x [*x]\n", "yaml.alias", 1),
    ],
)
def test_refused(text: str, code: str, line: int) -> None:
    with pytest.raises(ContentError) as caught:
        read_yaml("t.yaml", text)
    assert (caught.value.problems[0].code, caught.value.problems[0].line) == (code, line)


def test_an_empty_file_is_no_team() -> None:
    assert "应为一组键值" in problems("")[0]


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(ContentError):
        read_yaml("t.yaml", text)
