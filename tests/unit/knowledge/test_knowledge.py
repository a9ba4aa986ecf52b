"""What may be spoken, to whom and when."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.core.answer import Answer, NoAnswer
from voicebot.core.ids import ArticleId, DepartmentName
from voicebot.knowledge import Article, Aspect, Audience, Knowledge, Status

DAY = date(2026, 11, 24)
KEY = ArticleId("KB901")
DOG = Article(
    id=KEY,
    category="户政",
    title="狗证怎么办",
    department=DepartmentName("市公安局"),
    answer="带狗去登记点办证。",
    questions=("养狗登记", "给狗办证"),
    valid_from=date(2026, 1, 1),
    reviewed=date(2026, 2, 1),
    more="先打疫苗。",
    basis="养犬管理条例",
    aspects={Aspect.COST: "不收费。"},
)


def asked(article: Article, audience: Audience = Audience.PUBLIC, on: date = DAY) -> tuple[bool, bool]:
    """(is it ranked, is it answered)"""
    knowledge = Knowledge([article])
    hits = knowledge.rank("狗证怎么办", on, audience=audience)
    return bool(hits), isinstance(knowledge.answer(KEY, on, audience=audience), Answer)


def test_an_answer_carries_its_source() -> None:
    answer = Knowledge([DOG]).answer(KEY, DAY, score=0.8)
    assert isinstance(answer, Answer)
    assert (answer.text, answer.more, answer.department) == (DOG.answer, DOG.more, DOG.department)
    assert (answer.source, answer.as_of, answer.score) == ("养犬管理条例", date(2026, 2, 1), 0.8)
    assert answer.aspects == (("cost", "不收费。"),)


@pytest.mark.parametrize(
    ("change", "heard"),
    [
        ({}, True),
        ({"status": Status.DRAFT}, False),
        ({"audience": Audience.SEAT}, False),
        ({"valid_from": DAY + timedelta(1)}, False),
        ({"valid_from": DAY}, True),
        ({"valid_to": DAY}, True),
        ({"valid_to": DAY - timedelta(1)}, False),
    ],
)
def test_only_current_public_articles_reach_a_caller(change: dict[str, object], heard: bool) -> None:
    assert asked(replace(DOG, **change)) == (heard, heard)  # type: ignore[arg-type]


def test_seats_also_see_what_is_theirs() -> None:
    assert asked(replace(DOG, audience=Audience.SEAT), Audience.SEAT) == (True, True)
    assert asked(replace(DOG, status=Status.DRAFT), Audience.SEAT) == (False, False)


def test_no_answer_names_what_would_have_answered() -> None:
    answer = Knowledge([replace(DOG, status=Status.DRAFT)]).answer(KEY, DAY)
    assert isinstance(answer, NoAnswer)
    assert answer.best is not None
    assert answer.best.article == KEY


def test_an_unknown_article_is_no_answer() -> None:
    assert Knowledge([DOG]).answer(ArticleId("KB999"), DAY) == NoAnswer()


@pytest.mark.parametrize(
    ("article", "aspect", "text"),
    [
        ("KB901", "cost", "不收费。"),
        ("KB901", "where", None),
        ("KB901", "price", None),
        ("KB999", "cost", None),
    ],
)
def test_follow_ups(article: str, aspect: str, text: str | None) -> None:
    assert Knowledge([DOG]).aspect(ArticleId(article), aspect) == text


days = st.dates(date(2020, 1, 1), date(2032, 1, 1))


@given(
    start=days,
    end=st.none() | days,
    on=days,
    status=st.sampled_from(Status),
    audience=st.sampled_from(Audience),
)
def test_ranking_and_answering_agree(
    start: date, end: date | None, on: date, status: Status, audience: Audience
) -> None:
    article = replace(DOG, valid_from=start, valid_to=end, status=status, audience=audience)
    for listener in Audience:
        ranked, answered = asked(article, listener, on)
        assert ranked == answered == article.speakable(on, listener)
