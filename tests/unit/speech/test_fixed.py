"""What is the same in every call, and nothing else."""

from hypothesis import given
from hypothesis import strategies as st

from voicebot.core.ids import LanguageTag
from voicebot.speech.clauses import plan
from voicebot.speech.fixed import fixed_clauses

FILED = "已经登记，工单号{ticket_no}，请您记一下，{due}前答复您。"


def test_a_sentence_without_holes_is_all_fixed() -> None:
    text = "您好，云江12345智能助手，请问您要办什么事？"
    assert fixed_clauses([text]) == tuple(c.text for c in plan(text))


def test_of_a_sentence_with_holes_only_the_clauses_without_one() -> None:
    assert fixed_clauses([FILED]) == ("已经登记，", "请您记一下，")
    assert fixed_clauses(["您反映的{title}，{status}。"]) == ()


def test_in_another_language_too() -> None:
    texts = ["Thank you. We will call you back at {phone}. Goodbye."]
    assert fixed_clauses(texts, LanguageTag("en")) == ("Thank you.", "Goodbye.")


def test_each_once_in_order() -> None:
    assert fixed_clauses(["好的，请稍等。", "请稍等。"]) == ("好的，", "请稍等。")


@given(st.sampled_from(["20261124000072", "13800138000", "张三", "幸福路3号", "3栋1单元"]))
def test_what_is_filled_in_is_never_fixed(value: str) -> None:
    said = [c.text for c in plan(FILED.replace("{ticket_no}", value).replace("{due}", value))]
    fixed = set(fixed_clauses([FILED]))
    assert [c for c in said if c in fixed] == ["已经登记，", "请您记一下，"]
    assert len(said) > 2
