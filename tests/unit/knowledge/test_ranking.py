"""Ranking: who is found by characters and by sound, and that any text gives a valid result."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.knowledge.evaluation import TODAY, shipped
from voicebot.knowledge import ANSWER_AT, Knowledge

PLAIN = ["社保卡丢了怎么补办", "路灯坏了找谁", "离婚冷静期多久", "12345几点有人接"]


def first(text: str) -> str:
    hits = shipped().rank(text, TODAY)
    return hits[0].article if hits else ""


@pytest.mark.parametrize(
    ("said", "article"),
    [
        ("射保卡补办", "KB001"),
        ("社保卡丢了怎么补办", "KB001"),
        ("嗯那个我社保卡不见了咋整", "KB001"),
        ("我家门口路灯坏了三天没人修", "KB126"),
        ("路登坏了照谁修", "KB126"),
        ("公鸡金租房提取", "KB037"),
        ("社保卡丟了怎麼補辦", "KB001"),
    ],
)
def test_the_right_article_is_first(said: str, article: str) -> None:
    assert first(said) == article


@pytest.mark.parametrize("question", PLAIN)
def test_a_question_of_an_article_is_answered_surely(question: str) -> None:
    assert shipped().rank(question, TODAY)[0].score >= ANSWER_AT


@pytest.mark.parametrize("text", ["", " ", "。。。", "😀", "\x00", "qwrtz"])
def test_nothing_known_gives_nothing_or_doubt(text: str) -> None:
    assert all(hit.score < 0.1 for hit in shipped().rank(text, TODAY))


def test_the_number_of_hits_is_what_was_asked_for() -> None:
    assert len(shipped().rank("社保卡", TODAY, k=3)) == 3
    assert shipped().rank("社保卡", TODAY, k=0) == ()


def test_an_empty_knowledge_base_ranks_nothing() -> None:
    assert Knowledge(()).rank("社保卡丢了", TODAY) == ()


ANY = st.one_of(
    st.text(max_size=400),
    st.text(alphabet="社保卡路灯坏了医生户口怎么办的123 a，。", max_size=400),
    st.builds(lambda piece, n: piece * n, st.text(min_size=1, max_size=12), st.integers(1, 1000)),
)


@given(ANY)
def test_any_text_gives_a_valid_ranking_in_bounded_time(text: str) -> None:
    begun = time.process_time()
    hits = shipped().rank(text, TODAY)
    assert time.process_time() - begun < 0.1
    scores = [hit.score for hit in hits]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)
    assert len({hit.article for hit in hits}) == len(hits) <= 5
    assert shipped().rank(text, TODAY) == hits


def test_a_ranking_is_quick_and_so_is_the_load() -> None:
    """2 ms and 0.5 s are the bars; asserted threefold because the machine is shared."""
    begun = time.process_time()
    Knowledge(shipped().articles.values(), shipped().vocabulary)
    assert time.process_time() - begun < 1.5
    shipped().rank("热身", TODAY)
    begun = time.process_time()
    for _ in range(50):
        for question in PLAIN:
            shipped().rank(question, TODAY)
    assert (time.process_time() - begun) / (50 * len(PLAIN)) < 0.006
