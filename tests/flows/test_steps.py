"""Steps and keys of the language, each in a flow of its own."""

from dataclasses import replace

import pytest

from tests.flows.caller import (
    AT,
    CITY,
    HUMAN,
    NO,
    PERSON,
    UNCLEAR,
    YES,
    Caller,
    catalogue,
    meaning,
    shipped_texts,
)
from voicebot.core.catalogue import Catalogue
from voicebot.core.handover import HandoverOutcome
from voicebot.core.hours import Outage
from voicebot.core.ids import LanguageTag
from voicebot.core.meaning import Command, Intent
from voicebot.core.problem import ContentError
from voicebot.core.utterance import ExpectKind
from voicebot.dialogue import Flows, Label, load_flows
from voicebot.dialogue.effects import HandOver, Notify
from voicebot.dialogue.events import Notified
from voicebot.dialogue.state import Waiting

HEAD = """flow: x
title: 试验
numbers: ["999"]
start: a
slots: {name: 称呼, plate: 车牌, place: 地点}
defaults:
  no_input: [请说话。, 还在吗？]
  no_match: [没听清。, 还是没听清。]
"""


MADE: dict[object, Flows] = {}


def made(steps: str, *more: str, known: Catalogue | None = None) -> Flows:
    texts = {f"ivr_flows/x{i}.yaml": text for i, text in enumerate((steps, *more))}
    key = (steps, more, id(known))
    if key not in MADE:
        MADE[key] = load_flows({**shipped_texts(), **texts}, known or catalogue())
    return MADE[key]


def begun(steps: str, *more: str, known: Catalogue | None = None, caller: str = "13800000000") -> Caller:
    return Caller(made(steps, *more, known=known), dialled="999", caller=caller)


# ── questions ───────────────────────────────────────────────────────────────────────────────────

FOUR_LINES = (
    HEAD.replace("defaults:\n", "defaults:\n  max_tries: 3\n  on_no_input: gone\n  on_no_match: lost\n")
    + """steps:
  a:
    kind: ask
    slot: plate
    prompt: 请说车牌号。
    next: b
  b:
    kind: ask
    slot: name
    prompt: 请问您贵姓？
    optional: true
    max_tries: 1
    next: done
  done: {kind: end, prompt: 好的。, then: hang_up}
  gone: {kind: end, prompt: 没有人说话。, then: hang_up}
  lost: {kind: ask, prompt: 请再说说看。, yes: done}
"""
)


def test_a_question_of_four_lines_has_every_way_out() -> None:
    assert begun(FOUR_LINES).is_silent(1).said == "请说话。"
    silent = begun(FOUR_LINES).is_silent(1).is_silent(2)
    assert not silent.over
    assert silent.is_silent(3).said == "没有人说话。"
    call = begun(FOUR_LINES).says("嗯", YES).says("嗯", YES)
    assert call.state.node == "a"
    assert call.says("嗯", YES).said == "请再说说看。"


def test_what_may_be_skipped_is_not_led_astray_by_the_defaults() -> None:
    call = begun(FOUR_LINES).says("云A12345", UNCLEAR)
    assert call.state.node == "b"
    assert call.says("嗯", YES).over
    assert call.said == "好的。"


def test_a_question_does_not_lead_to_itself() -> None:
    flows = made(FOUR_LINES)
    step = flows.flows[flows.for_number("999")].nodes["lost"]
    assert getattr(step, "on_no_match", "") is None
    assert getattr(step, "max_tries", 0) == 3


def test_defaults_lead_to_a_step_that_exists() -> None:
    with pytest.raises(ContentError) as raised:
        made(FOUR_LINES.replace("on_no_match: lost", "on_no_match: lots"))
    found = [p for p in raised.value.problems if p.path == "ivr_flows/x0.yaml" and p.line == 9]
    assert found


MENU = (
    HEAD
    + """steps:
  a:
    kind: menu
    prompt: 路灯按1，井盖按2。
    help: 请按1或者按2。
    max_tries: 1
    on_no_match: other
    on_no_input: other
    no_input: [请按键。]
    choices:
      - {label: 路灯, key: 1, next: other}
      - {label: 井盖, key: 2, next: other}
  other: {kind: end, prompt: 再见。, then: hang_up}
"""
)


def test_a_menu_has_the_same_ways_out() -> None:
    assert begun(MENU).presses("7").said == "再见。"
    assert begun(MENU).is_silent(1).is_silent(2).said == "再见。"
    assert begun(MENU).says("怎么弄", meaning(command=Command.HELP)).said == "请按1或者按2。"
    assert begun(MENU).presses("2").over


def test_back_leads_to_a_menu_too() -> None:
    flow = MENU.replace(
        "  other: {kind: end",
        "  other: {kind: ask, slot: name, prompt: 您贵姓？, next: end}\n  end: {kind: end",
    )
    call = begun(flow).presses("1")
    assert call.said == "您贵姓？"
    assert call.says("上一步", meaning(command=Command.BACK)).said == "路灯按1，井盖按2。"


IGNORING = (
    HEAD
    + """steps:
  a: {kind: ask, slot: name, prompt: 请问您贵姓？, next: b}
  b:
    kind: ask
    slot: place
    prompt: 请把这句话念一遍。
    ignores: [back, repeat, slower, language]
    next: done
  done: {kind: end, prompt: 好的。, then: hang_up}
"""
)


def test_words_that_steer_work_unless_a_step_says_otherwise() -> None:
    there = begun(IGNORING).says("我姓王", meaning(slots={"name": "王"}))
    assert there.state.node == "b"
    assert there.says("回到上一步", meaning(command=Command.BACK)).over
    assert there.state.slot("place") == "回到上一步"
    again = begun(IGNORING).says("我姓王", meaning(slots={"name": "王"}))
    assert again.says("说英语", meaning(language=LanguageTag("en"))).state.slot("place") == "说英语"
    back = begun(IGNORING).says("回到上一步", meaning(command=Command.BACK))
    assert back.state.node == "a"


def test_keys_are_ignored_likewise_but_a_person_and_danger_are_always_reached() -> None:
    there = begun(IGNORING).says("我姓王", meaning(slots={"name": "王"}))
    assert there.presses("*").state.node == "b"
    assert there.said != "请把这句话念一遍。"
    assert begun(IGNORING).says("我姓王", meaning(slots={"name": "王"})).presses("0").handover
    assert begun(IGNORING).says("我姓王", meaning(slots={"name": "王"})).says("转人工", PERSON).handover
    fire = meaning(Intent.EMERGENCY_119, certain=True)
    call = begun(IGNORING).says("我姓王", meaning(slots={"name": "王"})).says("着火了", fire)
    assert call.handover.emergency == "119"


@pytest.mark.parametrize("word", ["human", "emergency"])
def test_a_person_and_danger_cannot_be_switched_off(word: str) -> None:
    with pytest.raises(ContentError):
        made(IGNORING.replace("ignores: [back", f"ignores: [{word}, back"))


# ── flows that call each other ──────────────────────────────────────────────────────────────────

CALLING = (
    HEAD
    + """steps:
  a: {kind: ask, slot: plate, prompt: 请说车牌号。, next: b}
  b:
    kind: call
    flow: y
    inputs: {subject: "车牌{plate}"}
    outputs: {place: where}
    next: c
  c: {kind: say, prompt: "在{place}，好的。", next: d}
  d: {kind: end, then: hang_up}
"""
)
CALLED = """flow: y
title: 问地点
start: a
slots: {subject: 事情, where: 地点}
inputs: [subject]
outputs: [where]
defaults: {no_input: 请说话。, no_match: 没听清。}
steps:
  a: {kind: ask, slot: where, expect: address, prompt: "{subject}停在哪里？", next: b}
  b: {kind: end}
"""


def test_slots_are_handed_into_a_flow_and_back() -> None:
    call = begun(CALLING, CALLED).says("云A12345", UNCLEAR)
    assert call.said == "车牌云A12345停在哪里？"
    call.says("幸福路", meaning(slots={"address": "幸福路"}))
    assert call.said == "在幸福路，好的。"
    assert call.over


def test_a_second_time_the_inputs_are_new() -> None:
    twice = CALLING.replace("next: d}", "next: again}").replace(
        "  d: {kind", "  again: {kind: ask, prompt: 还有吗？, yes: clear, no: d}\n"
        "  clear: {kind: set, slots: {plate: 云B67890, place: ''}, next: b}\n  d: {kind",
    )  # fmt: skip
    call = begun(twice, CALLED.replace("slot: where", "slot: where, again: true")).says("云A12345", UNCLEAR)
    call.says("幸福路", meaning(slots={"address": "幸福路"})).says("有", YES)
    assert call.said == "车牌云B67890停在哪里？"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("inputs: {subject", "inputs: {matter"),
        ("place: where", "place: subject"),
        ("place: where", "spot: where"),
        ("车牌{plate}", "车牌{plaet}"),
    ],
)
def test_what_is_not_declared_is_not_handed_over(old: str, new: str) -> None:
    with pytest.raises(ContentError):
        made(CALLING.replace(old, new), CALLED)


# ── people ──────────────────────────────────────────────────────────────────────────────────────

TRANSFER = (
    HEAD
    + """steps:
  a: {kind: transfer, TO, prompt: 请稍候。, returned: back, failed: nobody}
  back: {kind: end, prompt: 谢谢。, then: hang_up}
  nobody: {kind: end, prompt: 没有接通。, then: hang_up}
"""
)
SKILLED = replace(catalogue(), city=replace(CITY, skills=("手语",)), numbers=("12333",))


@pytest.mark.parametrize(
    ("to", "queue", "skill", "number", "emergency"),
    [
        ("queue: 综合", "综合", "", "", None),
        ("queue: 综合, skill: 手语", "综合", "手语", "", None),
        ('number: "12333"', "", "", "12333", None),
        ("queue: 综合, number: 12333", "综合", "", "12333", None),
        ('emergency: "119"', "紧急", "", "", "119"),
    ],
)
def test_a_call_is_given_to_a_queue_a_skill_a_number_an_emergency_line(
    to: str, queue: str, skill: str, number: str, emergency: str | None
) -> None:
    call = begun(TRANSFER.replace("TO", to), known=SKILLED)
    asked = call.only(HandOver)
    assert (asked.queue, asked.skill, asked.number, asked.emergency) == (queue, skill, number, emergency)
    assert call.person(HandoverOutcome.NO_ANSWER).said == "没有接通。"


@pytest.mark.parametrize("to", ["label: waiting", "skill: 手语", "queue: 综合, skill: 唱歌", "number: 12344"])
def test_nobody_is_no_destination(to: str) -> None:
    with pytest.raises(ContentError):
        made(TRANSFER.replace("TO", to), known=SKILLED)


# ── messages ────────────────────────────────────────────────────────────────────────────────────

NOTIFY = (
    HEAD
    + """steps:
  a: {kind: ask, slot: plate, prompt: 请说车牌号。, next: b}
  b:
    kind: notify
    to: 短信
    phone: "{caller}"
    text: "请挪车{plate}"
    slots: [plate]
    prompt: 正在通知车主。
    next: done
    failed: sorry
  done: {kind: end, prompt: 已经通知。, then: hang_up}
  sorry: {kind: end, prompt: 没有通知到。, then: hang_up}
"""
)
TARGETS = replace(catalogue(), notify_targets=("短信",))


def test_a_message_holds_what_the_step_names_and_no_more() -> None:
    call = begun(NOTIFY, known=TARGETS).says("云A12345", UNCLEAR)
    message = call.only(Notify)
    assert message == Notify(
        "短信", "x.b", "13800000000", "请挪车云A12345", (("plate", "云A12345"),), waits=True
    )
    assert call.state.waiting is Waiting.NOTICE
    assert call.stands(Label.WAITING)
    assert call.said == "正在通知车主。"


def test_the_result_decides_where_failed_is_written() -> None:
    sent = begun(NOTIFY, known=TARGETS).says("云A12345", UNCLEAR)
    assert sent.give(Notified(AT)).said == "已经通知。"
    assert sent.over
    assert begun(NOTIFY, known=TARGETS).says("云A12345", UNCLEAR).fails("notify.late").said == "没有通知到。"


def test_without_it_the_flow_goes_on_at_once() -> None:
    unwaited = NOTIFY.replace("    failed: sorry\n", "").replace("  sorry:", "  #")
    call = begun(unwaited, known=TARGETS).says("云A12345", UNCLEAR)
    assert call.only(Notify).waits is False
    assert call.over
    assert call.give(Notified(AT)).effects


def test_while_a_message_is_awaited_the_caller_is_told_so() -> None:
    call = begun(NOTIFY, known=TARGETS).says("云A12345", UNCLEAR).says("喂", YES)
    assert call.state.waiting is Waiting.NOTICE
    assert call.said
    assert call.fails("tts.lost").state.waiting is Waiting.NOTICE
    assert call.give(Notified(AT)).over


def test_a_target_that_nobody_configured() -> None:
    with pytest.raises(ContentError) as raised:
        made(NOTIFY.replace("to: 短信", "to: 短讯"), known=TARGETS)
    (problem,) = [p for p in raised.value.problems if p.severity == "error"]
    assert problem.line == 13
    assert "短信" in problem.suggestion


# ── facts ───────────────────────────────────────────────────────────────────────────────────────

BRANCH = (
    HEAD
    + """steps:
  a:
    kind: branch
    on: outage
    cases: [{is: yes, next: told}]
    otherwise: class
  told: {kind: say, prompt: "{outages}", next: end}
  class:
    kind: branch
    on: caller_class
    cases: [{is: elder, next: slowly}]
    otherwise: end
  slowly: {kind: say, prompt: 我慢慢说。, next: end}
  end: {kind: end, prompt: 再见。, then: hang_up}
"""
)


def test_branches_look_at_the_city_and_the_caller() -> None:
    plain = AT.replace(tzinfo=None)
    outage = Outage(plain.replace(hour=8), plain.replace(hour=18), "幸福路停水。")
    city = replace(CITY, callers={"elder": frozenset({"13800000000"}), "enterprise": frozenset()})
    told, elders = (
        replace(catalogue(), city=replace(city, outages=(outage,))),
        replace(catalogue(), city=city),
    )
    assert begun(BRANCH, known=told).said == "幸福路停水。再见。"
    assert begun(BRANCH, known=elders).said == "我慢慢说。再见。"
    assert begun(BRANCH, known=elders, caller="13900000000").said == "再见。"


def test_closed_questions_by_yes_and_no() -> None:
    flow = (
        HEAD
        + "steps:\n  a: {kind: ask, expect: yes_no, prompt: 对吗？, yes: b, no: b}\n"
        + ("  b: {kind: end, prompt: 好的。, then: hang_up}\n")
    )
    assert begun(flow).waits_for(ExpectKind.YES_NO)
    assert begun(flow).says("不是", NO).said == "好的。"
    assert begun(flow).says("你好", meaning(HUMAN, confidence=0.1)).state.node == "a"


def test_where_nothing_is_configured_yet_a_flow_is_warned_of_not_refused() -> None:
    """Else an example that names a target would keep a new hotline from starting."""
    bare = replace(catalogue(), notify_targets=(), numbers=())
    codes = {p.code for p in made(NOTIFY, known=bare).warnings}
    codes |= {p.code for p in made(TRANSFER.replace("TO", "number: 12333"), known=bare).warnings}
    assert {"flow.no_notify_target", "flow.no_number"} <= codes
