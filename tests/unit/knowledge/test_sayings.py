"""What callers say: more ways to ask for an article, and what no article answers draws its like away."""

import pytest

from tests.unit.knowledge.evaluation import TODAY, shipped_texts
from tests.unit.knowledge.test_keeping import DictShelf
from voicebot.core.ids import ArticleId
from voicebot.core.shelf import NoShelf
from voicebot.knowledge import load_knowledge
from voicebot.knowledge.sayings import sayings

FILE = """\
examples:
  - intent: faq
    unanswered: true
    says: [狗能不能坐公交车, 行驶证丢了怎么补]
  - intent: chitchat
    says: [你好呀]
  - intent: faq
    says: [社保卡怎么办]
  - intent: faq
    article: KB001
    says: [那张卡找不见了]
  - intent: ticket
    article: KB001
    second: faq
    says: [卡坏了你们修不修顺便问下多少钱]
"""


def test_what_an_article_answers_and_what_none_does() -> None:
    found = sayings({"a.yaml": FILE}, NoShelf())
    assert found.unanswered == ("狗能不能坐公交车", "行驶证丢了怎么补", "你好呀")
    assert found.answered == {"KB001": ("那张卡找不见了",)}


@pytest.mark.parametrize("text", ["", "[", "examples: 3", "examples: [3, {intent: chitchat}]", "- a"])
def test_broken_files_are_passed_over(text: str) -> None:
    assert sayings({"a.yaml": text, "b.yaml": FILE}, NoShelf()) == sayings({"b.yaml": FILE}, NoShelf())


@pytest.mark.parametrize("damage", [b"", b"3", b"[]", b'["other key", ["a"]]', b"[1, 2]", b"null"])
def test_kept_rivals_are_the_same_and_damage_is_noticed(damage: bytes) -> None:
    shelf = DictShelf()
    first = sayings({"a.yaml": FILE}, shelf)
    assert sayings({"a.yaml": FILE}, shelf) == first
    assert shelf.puts == 1
    shelf.kept = dict.fromkeys(shelf.kept, damage)
    assert sayings({"a.yaml": FILE}, shelf) == first


def test_a_rival_takes_the_probability_of_its_like() -> None:
    said = "公交卡掉了能退钱吗"
    example = f"examples: [{{intent: faq, unanswered: true, says: [{said}]}}]"
    alone = load_knowledge(shipped_texts()).rank(said, TODAY, 1)[0]
    beside = load_knowledge(shipped_texts(), examples={"a.yaml": example}).rank(said, TODAY, 1)[0]
    assert beside.score < min(alone.score, 0.2)


def test_what_callers_asked_for_an_article_finds_it() -> None:
    said = "那个刷脸证明人还在的东西上哪儿弄"
    example = f"examples: [{{intent: faq, article: KB008, says: [{said}]}}]"
    taught = load_knowledge(shipped_texts(), examples={"a.yaml": example})
    assert taught.rank(said, TODAY, 1)[0].article == "KB008"
    assert taught.articles[ArticleId("KB008")].heard == (said,)
    assert said not in taught.articles[ArticleId("KB008")].questions
