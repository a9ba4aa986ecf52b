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
