"""What lint finds."""

from dataclasses import replace
from datetime import date

import pytest

from tests.unit.knowledge.test_knowledge import DAY, DOG
from voicebot.core.catalogue import Department
from voicebot.core.ids import ArticleId, DepartmentName
from voicebot.core.problem import Severity
from voicebot.knowledge import Aspect, Knowledge, Scope, check, lint

GOOD = replace(DOG, owner="治安支队")


@pytest.mark.parametrize(
    ("change", "code", "severity"),
    [
        ({"owner": " "}, "kb.no_owner", Severity.ERROR),
        ({"reviewed": date(2027, 1, 1)}, "kb.dates", Severity.ERROR),
        ({"reviewed": date(2025, 1, 1)}, "kb.stale", Severity.WARNING),
        ({"valid_to": date(2026, 6, 1)}, "kb.expired", Severity.WARNING),
        ({"valid_to": date(2026, 12, 10)}, "kb.expiring", Severity.WARNING),
        (
            {"scope": Scope.LOCAL, "answer": "交二百元，三天拿证。", "more": "以当地为准。"},
            "kb.certain_figure",
            Severity.WARNING,
        ),
        (
            {"scope": Scope.LOCAL, "answer": "补贴15%。", "more": "以当地为准。"},
            "kb.certain_figure",
            Severity.WARNING,
        ),
        ({"more": "材料（身份证）带上。"}, "kb.not_spoken", Severity.WARNING),
        ({"aspects": {Aspect.WHERE: "看 www.example.cn 网站。"}}, "kb.not_spoken", Severity.WARNING),
        ({"more": "长" * 61}, "kb.long_sentence", Severity.WARNING),
        ({"scope": Scope.LOCAL}, "kb.local", Severity.WARNING),
    ],
)
def test_each_carelessness_is_found(change: dict[str, object], code: str, severity: Severity) -> None:
    (found,) = lint(Knowledge([replace(GOOD, **change)]), DAY)  # type: ignore[arg-type]
    assert (found.code, found.severity) == (code, severity)


@pytest.mark.parametrize("answer", ["一般三天拿证。", "三天，以当地答复为准。", "第一步去窗口，打12345。"])
def test_figures_that_may_vary_are_left_alone(answer: str) -> None:
    article = replace(GOOD, scope=Scope.LOCAL, answer=answer, more="以当地答复为准。")
    assert lint(Knowledge([article]), DAY) == ()


def test_the_same_question_twice_is_named_with_both_places() -> None:
    twin = replace(
        GOOD, id=ArticleId("KB902"), title="猫证怎么办", questions=("养猫登记", f"{GOOD.questions[0]}？")
    )
    found = [p for p in lint(Knowledge([GOOD, twin]), DAY) if p.code == "kb.duplicate_question"]
    assert ["KB902" in p.message and GOOD.id in p.message for p in found] == [True]


def test_a_good_article_passes() -> None:
    assert lint(Knowledge([GOOD]), DAY) == ()


def test_near_duplicates_and_better_articles_are_named() -> None:
    twin = replace(GOOD, id=ArticleId("KB902"), title="猫证怎么办", questions=("养猫登记", "给狗办证"))
    found = {(p.code, "KB902" in p.message) for p in lint(Knowledge([GOOD, twin]), DAY)}
    assert ("kb.near_duplicate", True) in found


def test_departments_must_be_in_the_directory() -> None:
    known = Department(DepartmentName("市公安局"), "公安", "政府部门")
    assert check(Knowledge([GOOD]), [known]) == ()
    (found,) = check(Knowledge([GOOD]), [])
    assert found.code == "kb.unknown_department"
