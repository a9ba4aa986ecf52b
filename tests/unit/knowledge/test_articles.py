"""The articles of this repository: complete, spoken, tied to the city's directory."""

import pytest

from tests.unit.knowledge.evaluation import ROOT, TODAY, shipped
from voicebot.core.answer import Answer
from voicebot.core.problem import Severity
from voicebot.knowledge import Aspect, Scope, lint


def test_every_topic_has_its_article() -> None:
    assert sorted(shipped().articles) == [f"KB{number:03}" for number in range(1, 179)]


def test_every_article_may_be_spoken_today() -> None:
    assert all(isinstance(shipped().answer(key, TODAY), Answer) for key in shipped().articles)


def test_every_article_names_a_department_of_the_city() -> None:
    directory = ROOT / "knowledge_base" / "departments.tsv"
    if not directory.exists():
        pytest.skip("knowledge_base/departments.tsv is not there yet")
    names = {line.split("\t")[0] for line in directory.read_text("utf-8").splitlines()[1:]}
    assert {article.department for article in shipped().articles.values()} <= names


def test_lint_finds_no_error() -> None:
    assert [str(p) for p in lint(shipped(), TODAY) if p.severity is Severity.ERROR] == []


def test_life_events_tell_their_steps() -> None:
    events = [article for article in shipped().articles.values() if article.life_event]
    assert len(events) >= 5
    assert all(Aspect.STEPS in article.aspects for article in events)


def test_local_matters_say_who_decides() -> None:
    codes = [p for p in lint(shipped(), TODAY) if p.code in ("kb.local", "kb.not_spoken")]
    assert [str(p) for p in codes] == []
    assert any(article.scope is Scope.LOCAL for article in shipped().articles.values())
