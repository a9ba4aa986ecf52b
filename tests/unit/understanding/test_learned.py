"""What examples teach: the same each time, kept and found again, and good for sentences never seen."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.core.meaning import AppealType, Intent
from voicebot.understanding import load_departments
from voicebot.understanding.examples import Example
from voicebot.understanding.learned import FORMAT, Learned, learn_from, learned_of
from voicebot.understanding.reading import read

DEPARTMENTS = load_departments("d.tsv", "name\tshort\tkind\tduties\n市城市管理局\t城管\t政府部门\t路灯\n")
PLACES = ("小区门口", "巷子里", "学校旁边", "我家楼下", "公园里", "桥头", "菜场边上", "车站对面")
LAMPS = [
    Example(f"{place}的路灯不亮了", Intent.TICKET, DEPARTMENTS[0].name, AppealType.HELP) for place in PLACES
]
CARDS = [Example(f"{place}办社保卡要带什么", Intent.FAQ) for place in PLACES]
THANKS = [Example(text, Intent.CHITCHAT) for text in ("谢谢你", "好的谢谢", "谢谢再见", "那谢谢了")]
EXAMPLES = (*LAMPS, *CARDS, *THANKS)


class Shelf:
    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def get(self, key: str) -> bytes | None:
        return self.kept.get(key)

    def put(self, key: str, value: bytes) -> None:
        self.kept[key] = value

    @property
    def learnt(self) -> list[str]:
        """Keys of what was learnt; the example files as read are kept beside it."""
        return [key for key in self.kept if key.startswith(FORMAT)]


@pytest.fixture(scope="module")
def learned() -> Learned:
    return learn_from(EXAMPLES)


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("我们村口的路灯不亮了", Intent.TICKET),
        ("路登不亮了", Intent.TICKET),
        ("社保卡要带什么", Intent.FAQ),
        ("谢谢", Intent.CHITCHAT),
    ],
)
def test_new_sentences_are_judged_by_what_is_alike(learned: Learned, text: str, intent: Intent) -> None:
    purposes = learned.of(read(text)).purposes()
    assert max(purposes, key=lambda each: purposes[each]) is intent
    assert sum(purposes.values()) == pytest.approx(1, abs=1e-5)


def test_department_and_appeal_come_from_the_examples_that_have_them(learned: Learned) -> None:
    judged = learned.of(read("路灯不亮"))
    assert judged.departments() == {DEPARTMENTS[0].name: pytest.approx(1.0)}
    assert judged.appeals() == {AppealType.HELP: pytest.approx(1.0)}


def test_nothing_alike_says_nothing(learned: Learned) -> None:
    assert learned.of(read("xyz")).purposes() == {}
    assert learned.of(read("")).purposes() == {}


def test_nothing_learnt_says_nothing() -> None:
    judged = learn_from(()).of(read("路灯不亮了"))
    assert (judged.purposes(), judged.departments(), judged.appeals(), judged.requests()) == ({}, {}, {}, {})


def test_the_same_examples_teach_the_same(learned: Learned) -> None:
    assert learn_from(EXAMPLES).to_bytes() == learned.to_bytes()


def test_bytes_give_the_same_again(learned: Learned) -> None:
    again = Learned.from_bytes(learned.to_bytes())
    for text in ("路灯不亮了", "社保卡", "你好"):
        assert again.of(read(text)).purposes() == learned.of(read(text)).purposes()


def test_what_was_learnt_is_found_on_the_shelf() -> None:
    text = "examples:\n  - intent: human\n    says: [转人工, 找个人来, 转人工啊]\n"
    shelf = Shelf()
    first = learned_of({"a.yaml": text}, EXAMPLES, DEPARTMENTS, shelf)
    (key,) = shelf.learnt
    assert learned_of({"a.yaml": text}, EXAMPLES, DEPARTMENTS, shelf).to_bytes() == first.to_bytes()
    learned_of({"a.yaml": text}, EXAMPLES[1:], DEPARTMENTS, shelf)
    assert len(shelf.learnt) == 2
    shelf.kept[key] = b"of another version"
    assert learned_of({"a.yaml": text}, EXAMPLES, DEPARTMENTS, shelf).to_bytes() == first.to_bytes()


def test_a_directory_without_a_department_is_never_given_it(learned: Learned) -> None:
    assert learned.among(DEPARTMENTS) is learned
    left = learned.among(())
    assert left.of(read("路灯不亮")).departments() == {}
    assert left.of(read("路灯不亮")).purposes() == learned.of(read("路灯不亮")).purposes()


@given(st.text(max_size=200))
def test_any_text_gets_probabilities(text: str) -> None:
    purposes = learn_from(THANKS).of(read(text)).purposes()
    assert all(np.isfinite(p) and 0 <= p <= 1 for p in purposes.values())
