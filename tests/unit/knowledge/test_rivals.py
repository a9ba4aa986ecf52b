"""What no article answers draws its like away from the articles."""

import pytest

from tests.unit.knowledge.evaluation import TODAY, shipped_texts
from tests.unit.knowledge.test_keeping import DictShelf
from voicebot.core.shelf import NoShelf
from voicebot.knowledge import load_knowledge
from voicebot.knowledge.rivals import rivals

FILE = """\
examples:
  - intent: faq
    unanswered: true
    says: [狗能不能坐公交车, 行驶证丢了怎么补]
  - intent: chitchat
    says: [你好呀]
  - intent: faq
    says: [社保卡怎么办]
"""


def test_only_what_no_article_answers_is_taken() -> None:
    assert rivals({"a.yaml": FILE}, NoShelf()) == ("狗能不能坐公交车", "行驶证丢了怎么补", "你好呀")


@pytest.mark.parametrize("text", ["", "[", "examples: 3", "examples: [3, {intent: chitchat}]", "- a"])
def test_broken_files_are_passed_over(text: str) -> None:
    assert rivals({"a.yaml": text, "b.yaml": FILE}, NoShelf()) == rivals({"b.yaml": FILE}, NoShelf())


@pytest.mark.parametrize("damage", [b"", b"3", b"[]", b'["other key", ["a"]]', b"[1, 2]", b"null"])
def test_kept_rivals_are_the_same_and_damage_is_noticed(damage: bytes) -> None:
    shelf = DictShelf()
    first = rivals({"a.yaml": FILE}, shelf)
    assert rivals({"a.yaml": FILE}, shelf) == first
    assert shelf.puts == 1
    shelf.kept = dict.fromkeys(shelf.kept, damage)
    assert rivals({"a.yaml": FILE}, shelf) == first


def test_a_rival_takes_the_probability_of_its_like() -> None:
    said = "公交卡掉了能退钱吗"
    example = f"examples: [{{intent: faq, unanswered: true, says: [{said}]}}]"
    alone = load_knowledge(shipped_texts()).rank(said, TODAY, 1)[0]
    beside = load_knowledge(shipped_texts(), examples={"a.yaml": example}).rank(said, TODAY, 1)[0]
    assert beside.score < min(alone.score, 0.2)
