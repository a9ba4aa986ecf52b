"""Test calls in YAML: each mistake at its place, each unmet expectation at its line, coverage by ways."""

import re

import pytest

from tests.flows.caller import (
    AT,
    FAQ,
    SOCIAL_CARD,
    TICKET,
    YES,
    catalogue,
    meaning,
    shipped_flows,
    shipped_texts,
)
from voicebot.core.answer import Answer, NoAnswer
from voicebot.core.ids import FlowName
from voicebot.core.marked_yaml import read_yaml
from voicebot.core.meaning import Intent, Meaning
from voicebot.core.problem import ContentError, Problem
from voicebot.core.utterance import Utterance
from voicebot.dialogue import load_flows
from voicebot.dialogue.facts import FACTS as FACT_NAMES
from voicebot.dialogue.trying.coverage import Report, line_of, try_flows
from voicebot.dialogue.trying.script_file import flow_of, load_scripts
from voicebot.dialogue.trying.script_shape import FactsShape
from voicebot.dialogue.ways import ways

FLOWS = shipped_flows()
PATH = "ivr_flows/ticket.test.yaml"
MARK = re.compile(r"#\s*<-\s*([\w.]+(?:\s+[\w.]+)*)")
MEANINGS = {
    "对": YES,
    "社保卡丢了": meaning(FAQ),
    "幸福小区路灯昨天坏了": meaning(TICKET, slots={"address": "幸福小区", "time": "昨天"}),
    "转人工": meaning(Intent.HUMAN),
}


def comprehend(said: Utterance, expect: object, at: object) -> tuple[Meaning, Answer | NoAnswer]:
    known = MEANINGS.get(said.text, meaning(confidence=0.2))
    return known, SOCIAL_CARD if known.intent is FAQ else NoAnswer()


def tried(text: str, path: str = PATH) -> Report:
    return try_flows(FLOWS, comprehend, {path: text}, AT, flow_of(path))


def expected(text: str) -> list[tuple[int, str]]:
    return sorted(
        (number, code)
        for number, line in enumerate(text.splitlines(), 1)
        if (mark := MARK.search(line))
        for code in mark[1].split()
    )


def places(problems: tuple[Problem, ...]) -> list[tuple[int, str]]:
    return sorted((problem.line, problem.code) for problem in problems)


BROKEN = [
    """\
name: 不是列表   # <- schema.type
""",
    """\
- 不是键值   # <- schema.type
""",
    """\
- steps: []   # <- schema.missing
""",
    """\
- name: 键写错
  stepps: []   # <- schema.unknown_key
""",
    """\
- name: 没有写做什么
  steps:
    - says: 您好   # <- schema.one_input
    - caller: 对   # <- schema.one_input
      keys: "1"
""",
    """\
- name: 取值不对
  channel: fax   # <- schema.literal_error
  now: 昨天   # <- schema.datetime_parsing
  world:
    ticket: gone   # <- schema.enum
  steps:
    - keys: 1a   # <- schema.keys
    - silence: 很久   # <- schema.float_parsing
    - caller: 对
      state: sleeping   # <- schema.enum
      effects: {rate: 9, mail: yes}   # <- schema.less_than_equal schema.unknown_key
""",
    """\
- name: 指错
  flow: tickett   # <- test.no_flow
  steps:
    - caller: 对
      step: confrim   # <- test.no_step
      slots:
        adress: 幸福小区   # <- test.no_slot
- name: 指错   # <- test.duplicate
""",
]


@pytest.mark.parametrize("text", BROKEN)
def test_a_mistake_is_told_at_its_place(text: str) -> None:
    with pytest.raises(ContentError) as caught:
        load_scripts({PATH: text}, FLOWS)
    assert places(caught.value.problems) == expected(text)
    assert all(re.search(r"[\u4e00-\u9fff]", problem.message) for problem in caught.value.problems)


def test_a_suggestion_for_what_is_nearly_right() -> None:
    with pytest.raises(ContentError, match="confirm"):
        load_scripts({PATH: BROKEN[-1]}, FLOWS)
    with pytest.raises(ContentError, match="steps"):
        load_scripts({PATH: BROKEN[3]}, FLOWS)


def test_test_calls_of_no_flow() -> None:
    text = "- name: 谁的\n  steps: [{caller: 对}]\n"
    with pytest.raises(ContentError, match="没有流程「tikcet」"):
        load_scripts({"ivr_flows/tikcet.test.yaml": text}, FLOWS)


def test_an_empty_file_has_no_calls() -> None:
    assert load_scripts({PATH: "# 以后再写\n"}, FLOWS) == ()


def test_what_is_expected_and_comes_is_green() -> None:
    report = tried(
        """\
- name: 登记
  greeting: {says: [您好, 录音], action: greet, effects: {end: no, find: no}}
  steps:
    - caller: 幸福小区路灯昨天坏了
      action: confirm
      state: confirming
      step: ticket.confirm
      slots: {address: 幸福小区, time: "*", phone: "*", object: }
    - caller: 对
      says: 工单号20261124000001
      effects: {ticket: {title: 路灯, object: , callback: no}}
    - silence: 5
      action: repair
    - caller: 转人工
      queue: 综合
      effects: {transfer: 综合, end: yes}
"""
    )
    assert report.failures == ()
    assert 0 < report.percent < 100


WRONG = """\
- name: 处处不对
  greeting:
    says: 再见   # <- test.says
    exactly: 再见   # <- test.exactly
    action: close   # <- test.action
    state: ended   # <- test.state
    step: confirm   # <- test.step
    queue: 综合   # <- test.queue
    slots:
      address: 幸福小区   # <- test.slots
    effects:
      ticket: {title: 路灯}   # <- test.effects
      find: yes   # <- test.effects
      change: urge   # <- test.effects
      transfer: 综合   # <- test.effects
      emergency: "110"   # <- test.effects
      rate: 5   # <- test.effects
      end: yes   # <- test.effects
  steps:
    - caller: 幸福小区路灯昨天坏了
    - caller: 对
      effects:
        ticket:
          title: 井盖   # <- test.effects
          address:    # <- test.effects
          callback: yes   # <- test.effects
    - hangup: yes
    - caller: 喂   # <- test.over
"""


def test_each_unmet_expectation_is_told_at_its_line() -> None:
    report = tried(WRONG)
    assert places(report.failures) == expected(WRONG)
    told = str(report.failures[0])
    for part in ("处处不对", "应说「再见」", "您好，云江12345"):
        assert part in told


def test_the_world_the_time_and_failures_are_chosen() -> None:
    report = tried(
        """\
- name: 都不顺
  caller:
  now: 2026-12-24 09:30
  world:
    ticket: [failed, filed]
    tickets: [{title: 井盖, state: 已答复, reply: 修好了, department: , number: "20261101000001", days: -1}]
  steps:
    - failure: stt.lost
      says: 没有听到
    - caller: 幸福小区路灯昨天坏了
      step: phone
    - keys: 13912345678#
      step: confirm
    - caller: 对
      says: [再试一次, "20261224000001"]
"""
    )
    assert report.failures == ()


def test_coverage_counts_the_ways_of_the_calls_of_its_own_file() -> None:
    text = "- name: 五分\n  flow: rating\n  steps: [{keys: '5'}]\n"
    own, other = "ivr_flows/rating.test.yaml", "ivr_flows/human.test.yaml"
    (rating,) = tried(text, own).coverage
    assert (rating.flow, rating.ways, len(rating.missing)) == (FlowName("rating"), 6, 4)
    assert rating.percent == pytest.approx(33.3, abs=0.1)
    (human,) = tried(text, other).coverage
    assert human.percent == 0
    everything = try_flows(FLOWS, comprehend, {own: text}, AT)
    assert [c.flow for c in everything.coverage] == list(FLOWS.flows)


def test_a_way_stands_at_its_line() -> None:
    path = FLOWS.flows[FlowName("rating")].path
    text = shipped_texts()[path]
    lines = text.splitlines()
    document = read_yaml(path, text)
    told = {str(way): lines[line_of(way, document) - 1].strip() for way in ways(FLOWS, FlowName("rating"))}
    assert told["rate.next"] == "next: thanks"
    assert told["rate.no_match"] == "rate:"


FACTS = """\
flow: x
title: 试验
start: mode
numbers: ["96000"]
defaults:
  no_input: [请说话。, 请您说话。]
  no_match: [没听清。, 请再说一遍。]
steps:
  mode: {kind: branch, on: emergency_mode, cases: [{is: "yes", next: crisis}], otherwise: closed}
  crisis: {kind: say, prompt: 现在是应急状态。, next: bye}
  closed: {kind: branch, on: business_hours, cases: [{is: "no", next: night}], otherwise: crowd}
  night: {kind: branch, on: night, cases: [{is: "yes", next: dark}], otherwise: shut}
  dark: {kind: say, prompt: 现在是夜间。, next: bye}
  shut: {kind: say, prompt: 人工已经下班。, next: bye}
  crowd: {kind: branch, on: overload, cases: [{is: "yes", next: many}], otherwise: feast}
  many: {kind: say, prompt: 现在来电较多。, next: bye}
  feast: {kind: branch, on: day, cases: [{is: holiday, next: free}], otherwise: works}
  free: {kind: say, prompt: 今天放假。, next: bye}
  works: {kind: branch, on: outage, cases: [{is: "yes", next: dry}], otherwise: bye}
  dry: {kind: say, prompt: 有停水通告。, next: bye}
  bye: {kind: end, then: hang_up, prompt: 再见。}
"""

CALLS = """\
- {name: 应急, dialled: "96000", facts: {emergency_mode: yes}, greeting: {says: 应急状态}}
- {name: 夜里, dialled: "96000", facts: {business_hours: no, night: yes}, greeting: {says: 夜间}}
- {name: 下班, dialled: "96000", facts: {business_hours: no, night: no}, greeting: {says: 下班}}
- {name: 太多, dialled: "96000", facts: {business_hours: yes, overload: yes}, greeting: {says: 来电较多}}
- {name: 放假, dialled: "96000", facts: {business_hours: yes, day: holiday}, greeting: {says: 放假}}
- {name: 停水, dialled: "96000", facts: {business_hours: yes, day: workday, outage: 水}, greeting: {says: 水}}
- {name: 平常, dialled: "96000", facts: {business_hours: yes, day: workday}, greeting: {exactly: 再见。}}
"""


def test_every_fact_can_be_brought_about() -> None:
    """By `facts`, by other keys of the call, or by what the caller says."""
    of_the_call = {"caller_known", "channel", "dialled", "line", "can_text"}
    by_saying = {"caller_language", "caller_manner", "department", "appeal_type", "intent", "article", "why"}
    by_saying |= {"answer_doubtful", "parts_left"}
    queued = {"queue_ahead", "queue_minutes"}
    assert set(FACT_NAMES) == set(FactsShape.model_fields) | of_the_call | by_saying | queued


def test_facts_of_the_city_and_the_hour_are_chosen() -> None:
    flows = load_flows({**shipped_texts(), "ivr_flows/x.yaml": FACTS}, catalogue())
    report = try_flows(flows, comprehend, {"ivr_flows/x.test.yaml": CALLS}, AT, FlowName("x"))
    assert report.failures == ()
    assert report.percent == 100
