"""What a closed question lets one expect."""

import pytest

from voicebot.adapters.stt.answers import NO, YES, YES_NO, candidates, primer
from voicebot.core.utterance import Expect, ExpectKind


def texts(expect: Expect) -> tuple[str, ...]:
    return tuple(candidate.text for candidate in candidates(expect))


def test_yes_or_no() -> None:
    assert candidates(Expect(ExpectKind.YES_NO)) == YES_NO
    assert {c.meaning for c in YES_NO} == {"yes", "no"}
    assert not set(YES) & set(NO)


def test_a_choice_between_yes_and_no_is_heard_as_one() -> None:
    assert candidates(Expect(ExpectKind.CHOICE, choices=("是的", "不是"))) == YES_NO
    with_a_third = candidates(Expect(ExpectKind.CHOICE, choices=("是的", "不是", "改地址")))
    assert with_a_third[0].text == "改地址"
    assert with_a_third[1:] == YES_NO


def test_a_choice_is_named_or_counted() -> None:
    offered = candidates(Expect(ExpectKind.CHOICE, choices=("登记", "人工")))
    assert [c.text for c in offered] == ["登记", "人工", "第一个", "第二个"]
    assert [c.meaning for c in offered] == ["登记", "人工", "登记", "人工"]
    assert len(candidates(Expect(ExpectKind.CHOICE, choices=tuple("甲乙丙丁戊己庚")))) == 12


def test_a_score_has_words_too() -> None:
    assert {"五分", "满意", "不满意"} <= set(texts(Expect(ExpectKind.SCORE)))


@pytest.mark.parametrize("kind", [ExpectKind.OPEN, ExpectKind.ADDRESS, ExpectKind.PHONE, ExpectKind.NOTHING])
def test_an_open_question_has_none(kind: ExpectKind) -> None:
    assert candidates(Expect(kind, choices=("登记",))) == ()


def test_the_recogniser_is_primed_with_what_is_awaited() -> None:
    assert primer(Expect(), "热线。") == "热线。"
    assert primer(Expect(ExpectKind.CHOICE), "热线。") == "热线。"
    assert primer(Expect(ExpectKind.CHOICE, choices=("登记", "人工")), "") == "请选择。登记。人工。"
    assert "不是" in primer(Expect(ExpectKind.YES_NO), "热线。")
