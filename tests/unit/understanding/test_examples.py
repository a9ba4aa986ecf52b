"""Example files: mistakes are told with file and line, nothing is learnt of a bad file."""

import pytest

from voicebot.core.meaning import AppealType, Intent
from voicebot.core.problem import ContentError
from voicebot.understanding import load_departments
from voicebot.understanding.examples import load_examples

DEPARTMENTS = load_departments("d.tsv", "name\tshort\tkind\tduties\n市城市管理局\t城管\t政府部门\t路灯\n")
GOOD = """\
examples:
  - intent: ticket
    department: 市城市管理局
    appeal: 求助
    says:
      - 巷子里的灯黑了三天了
      - 楼下的灯一闪一闪
  - intent: ticket_status
    request: urge
    says: [都十天了还没人来]
"""


def test_every_sentence_carries_the_labels_of_its_group() -> None:
    first, _, third = load_examples({"a.yaml": GOOD}, DEPARTMENTS)
    assert (first.text, first.intent, first.department, first.appeal) == (
        "巷子里的灯黑了三天了",
        Intent.TICKET,
        "市城市管理局",
        AppealType.HELP,
    )
    assert third.request == "urge"
    assert third.department is None


class Shelf:
    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def get(self, key: str) -> bytes | None:
        return self.kept.get(key)

    def put(self, key: str, value: bytes) -> None:
        self.kept[key] = value


def test_a_file_that_is_kept_gives_the_same_as_when_it_was_read() -> None:
    shelf = Shelf()
    first = load_examples({"a.yaml": GOOD}, DEPARTMENTS, shelf)
    (key,) = shelf.kept
    assert load_examples({"a.yaml": GOOD}, DEPARTMENTS, shelf) == first
    shelf.kept[key] = b"[]"
    assert load_examples({"a.yaml": GOOD}, DEPARTMENTS, shelf) == first


def test_a_file_that_is_kept_is_held_against_the_others_and_the_directory() -> None:
    shelf = Shelf()
    load_examples({"a.yaml": GOOD}, DEPARTMENTS, shelf)
    load_examples({"b.yaml": GOOD}, DEPARTMENTS, shelf)
    with pytest.raises(ContentError) as caught:
        load_examples({"a.yaml": GOOD, "b.yaml": GOOD}, DEPARTMENTS, shelf)
    with pytest.raises(ContentError) as fresh:
        load_examples({"a.yaml": GOOD, "b.yaml": GOOD}, DEPARTMENTS)
    assert caught.value.problems == fresh.value.problems
    assert [problem.line for problem in caught.value.problems] == [6, 7, 10]
    with pytest.raises(ContentError, match=r"a\.yaml:3.*example\.unknown_department"):
        load_examples({"a.yaml": GOOD}, (), shelf)


@pytest.mark.parametrize(
    ("change", "line", "code"),
    [
        (("市城市管理局", "市月亮局"), 3, "example.unknown_department"),
        (("intent: ticket\n", "intent: tickets\n"), 2, "schema.enum"),
        (("楼下的灯一闪一闪", "巷子里的灯黑了三天了"), 7, "example.duplicate"),
        (("楼下的灯一闪一闪", "……"), 7, "example.empty"),
        (("request: urge", "request: hurry"), 9, "schema.enum"),
    ],
)
def test_a_mistake_has_its_place(change: tuple[str, str], line: int, code: str) -> None:
    with pytest.raises(ContentError) as caught:
        load_examples({"a.yaml": GOOD.replace(*change, 1)}, DEPARTMENTS)
    (problem,) = caught.value.problems
    assert (problem.path, problem.line) == ("a.yaml", line)
    assert problem.code == code


def test_a_sentence_may_stand_once_in_all_files() -> None:
    with pytest.raises(ContentError, match=r"a\.yaml:6"):
        load_examples({"a.yaml": GOOD, "b.yaml": GOOD}, DEPARTMENTS)
