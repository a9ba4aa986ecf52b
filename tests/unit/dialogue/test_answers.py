"""Each kind of question, answered by words (understood as shipped) and by keys."""

import re
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.flows.caller import ROOT
from voicebot.adapters.files.content import read_content
from voicebot.bootstrap.brain import QUEUES
from voicebot.core.answer import ArticleHit, NoAnswer
from voicebot.core.catalogue import Catalogue
from voicebot.core.ids import ArticleId, CallId, FlowName
from voicebot.core.meaning import Slot
from voicebot.core.utterance import Expect, Utterance
from voicebot.dialogue import Flows, load_flows, start, step
from voicebot.dialogue.days import When, keyed_day, spoken_day
from voicebot.dialogue.effects import Listen
from voicebot.dialogue.events import CallStarted, Heard, Keyed
from voicebot.understanding import Understander, load_city, load_departments, load_understander

AT = datetime(2026, 11, 24, 9, 30)
TODAY = AT.date()
FLOW = """
flow: ask
title: 提问
start: question
slots: {got: 内容}
defaults: {no_input: 请说话。, no_match: 没听清。}
steps:
  question: {kind: ask, slot: got, prompt: 请问？, next: end, EXTRA}
  end: {kind: end, then: hang_up}
"""


@pytest.fixture(scope="module")
def world() -> tuple[dict[str, str], Catalogue, Understander]:
    content = read_content(ROOT)
    departments = load_departments(*content.departments)
    titles = {ArticleId(name): "" for text in content.flows.values() for name in re.findall(r"KB\d+", text)}
    catalogue = Catalogue(load_city(*content.city), departments, titles, QUEUES)
    return dict(content.flows), catalogue, load_understander(content.lexicons, departments)


@pytest.fixture(scope="module")
def asked(world: tuple[dict[str, str], Catalogue, Understander]) -> "Asked":
    return Asked(*world)


class Asked:
    """Asks one question of a kind and tells what the answer put into the slot."""

    def __init__(self, flows: dict[str, str], catalogue: Catalogue, understander: Understander) -> None:
        self._texts = flows
        self._catalogue = catalogue
        self._understander = understander
        self._made: dict[str, Flows] = {}

    def flows(self, extra: str) -> Flows:
        if extra not in self._made:
            texts = self._texts | {"ivr_flows/ask.yaml": FLOW.replace("EXTRA", extra)}
            self._made[extra] = load_flows(texts, self._catalogue)
        return self._made[extra]

    def __call__(self, extra: str, said: str = "", keys: str = "") -> str:
        flows = self.flows(extra)
        begun = step(flows, start(flows, FlowName("ask")), CallStarted(CallId("c"), "", "12345", "phone", AT))
        (listen,) = [e for e in begun.effects if isinstance(e, Listen)]
        if keys:
            assert len(keys.rstrip("#")) <= listen.expect.digits
            return step(flows, begun.state, Keyed(keys, AT)).state.slot("got")
        return step(flows, begun.state, self._heard(said, listen.expect)).state.slot("got")

    def _heard(self, said: str, expect: Expect) -> Heard:
        what = self._understander.understand(said, expect=expect, now=AT)
        return Heard(Utterance(said), what, NoAnswer(ArticleHit(ArticleId("KB1"), "x", None, 0.0)), AT)


@pytest.mark.parametrize(
    ("extra", "said", "got"),
    [
        ("expect: open", "楼下有人放音响", "楼下有人放音响"),
        ("expect: address", "幸福路十二号", "幸福路十二号"),
        ("expect: address", "在幸福小区门口", "幸福小区门口"),
        ("expect: phone", "我的电话是幺三九幺二三四五六七八", "13912345678"),
        ("expect: phone", "13912345678", "13912345678"),
        ("expect: phone", "一二三", ""),
        ("expect: digits", "二零二六零八", "202608"),
        ("expect: digits", "三零二", ""),
        ("expect: digits, digits: 3", "三零二", "302"),
        ("expect: digits, digits: 3", "三零二五", ""),
        ("expect: date", "明天", "2026-11-25"),
        ("expect: date", "下周三下午三点", "2026-12-02"),
        ("expect: date", "十二月三号", "2026-12-03"),
        ("expect: date, when: past", "十二月三号", "2025-12-03"),
        ("expect: date, when: coming", "一月五号", "2027-01-05"),
        ("expect: date, when: coming", "十号", "2026-12-10"),
        ("expect: date, when: past", "十号", "2026-11-10"),
        ("expect: date, when: coming", "昨天", ""),
        ("expect: date", "每天晚上", ""),
        ("expect: date", "随便吧", ""),
        ("expect: time", "昨天晚上八点", "昨天晚上八点"),
        ("expect: name", "我姓王", "王"),
        ("expect: score", "五分", "5"),
    ],
)
def test_by_words(asked: Asked, extra: str, said: str, got: str) -> None:
    assert asked(extra, said) == got


@pytest.mark.parametrize(
    ("extra", "keys", "got"),
    [
        ("expect: phone", "13912345678", "13912345678"),
        ("expect: phone", "13912345678#", "13912345678"),
        ("expect: digits", "20260812", "20260812"),
        ("expect: digits, digits: 3", "302", "302"),
        ("expect: digits, digits: 3", "30", ""),
        ("expect: date", "1203", "2026-12-03"),
        ("expect: date, when: past", "1203", "2025-12-03"),
        ("expect: date", "20270105", "2027-01-05"),
        ("expect: date", "0230", ""),
        ("expect: score", "4", "4"),
        ("expect: score", "9", ""),
    ],
)
def test_by_keys(asked: Asked, extra: str, keys: str, got: str) -> None:
    assert asked(extra, keys=keys) == got


@given(st.dates(date(2020, 1, 1), date(2030, 12, 31)), st.sampled_from([None, *When]))
def test_a_day_said_without_its_year_lies_on_the_right_side(day: date, when: When | None) -> None:
    said = Slot(day.isoformat(), f"{day.month}月{day.day}号")
    found = spoken_day(said, when, TODAY)
    keyed = keyed_day(day.strftime("%m%d"), when, TODAY)
    for each in (found, keyed):
        assert each is not None
        assert (each.month, each.day) == (day.month, day.day)
        assert when is not When.COMING or each >= TODAY
        assert when is not When.PAST or each <= TODAY


@given(st.dates(date(2026, 11, 23), date(2026, 11, 29)), st.sampled_from(When))
def test_a_weekday_is_the_last_or_the_next_one(day: date, when: When) -> None:
    found = spoken_day(Slot(day.isoformat(), "周" + "一二三四五六日"[day.weekday()]), when, TODAY)
    assert found is not None
    assert found.weekday() == day.weekday()
    assert abs(found - TODAY) <= timedelta(days=7)
    assert found == TODAY or (found > TODAY) == (when is When.COMING)
