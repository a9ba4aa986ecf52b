"""One broken flow per mistake: `# <- code` marks the line where the finding must stand, and there
must be no other."""

import re

import pytest

from tests.flows.caller import catalogue, shipped_flows, shipped_texts
from voicebot.core.ids import LanguageTag
from voicebot.core.problem import ContentError, Problem, Severity
from voicebot.dialogue import load_flows

PATH = "ivr_flows/x.yaml"
MARK = re.compile(r"#\s*<-\s*([\w.]+(?:\s+[\w.]+)*)")


def findings(text: str, path: str = PATH) -> list[Problem]:
    try:
        flows = load_flows({**shipped_texts(), path: text}, catalogue())
    except ContentError as error:
        return [p for p in error.problems if p.path == path]
    return [p for p in flows.warnings if p.path == path]


def expected(text: str) -> list[tuple[int, str]]:
    return sorted(
        (number, code)
        for number, line in enumerate(text.splitlines(), 1)
        if (mark := MARK.search(line))
        for code in mark[1].split()
    )


HEAD = """flow: x
title: 试验
start: a
slots: {name: 称呼, note: 备注}
defaults:
  no_input: [请说话。]
  no_match: [没听清。]
steps:
"""

BROKEN = {
    "syntax": "flow: x\ntitle: [a\nstart: b # <- yaml.syntax\n",
    "duplicate key": HEAD + "  a:\n    kind: end\n  a: # <- yaml.duplicate_key\n    kind: end\n",
    "alias": HEAD + "  a: &one\n    kind: end\n  b: *one\n",
    "missing title": "flow: x # <- schema.missing\nstart: a\nsteps:\n  a: {kind: end}\n",
    "unknown key of the file": HEAD.replace("title:", "titel: x # <- schema.unknown_key\ntitle:")
    + "  a: {kind: end}\n",
    "no kind": HEAD + "  a: # <- flow.no_kind\n    prompt: 好\n",
    "unknown kind": HEAD + "  a:\n    kind: aks # <- flow.unknown_kind\n    next: b\n",
    "unknown key": HEAD + "  a:\n    kind: say\n    promt: 好 # <- schema.unknown_key\n"
    "    prompt: 好\n    next: b\n  b: {kind: end}\n",
    "missing key": HEAD + "  a: # <- schema.missing\n    kind: say\n    next: b\n  b: {kind: end}\n",
    "not a value of the list": HEAD + "  a:\n    kind: ask\n    prompt: 好\n"
    "    expect: adress # <- schema.enum\n    slot: name\n    next: b\n  b: {kind: end}\n",
    "not a number": HEAD + "  a:\n    kind: ask\n    prompt: 好\n"
    "    max_tries: 两次 # <- schema.int_parsing\n    slot: name\n    next: b\n  b: {kind: end}\n",
    "step is no mapping": HEAD + "  a: 你好 # <- schema.type\n",
    "no such start": HEAD.replace("start: a", "start: aa # <- flow.unknown_target") + "  a: {kind: end}\n",
    "no such target": HEAD + "  a:\n    kind: say\n    prompt: 好\n    next: ednd # <- flow.unknown_target\n"
    "  end: {kind: end}\n",
    "no such target of a choice": HEAD + "  a:\n    kind: menu\n    prompt: 选\n    choices:\n"
    "      - {label: 甲, key: '1', next: b}\n      - label: 乙\n        key: '2'\n"
    "        next: c # <- flow.unknown_target\n  b: {kind: end}\n",
    "unreachable": HEAD + "  a: {kind: end}\n  b: # <- flow.unreachable\n    kind: end\n",
    "no way to an end": HEAD + "  a: # <- flow.no_end\n    kind: ask\n    slot: name\n    again: true\n"
    "    prompt: 谁\n    next: a\n",
    "loop": HEAD + "  a: # <- flow.loop\n    kind: branch\n    on: channel\n    cases: [{is: web, next: b}]\n"
    "    otherwise: c\n  b:\n    kind: say\n    prompt: 好\n    next: a\n  c: {kind: end}\n",
    "loop of filled slots": HEAD + "  a: # <- flow.loop\n    kind: ask\n    slot: name\n    prompt: 谁\n"
    "    next: b\n    on_no_match: c\n  b:\n    kind: say\n    prompt: 好\n    next: a\n  c: {kind: end}\n",
    "flow that calls itself": HEAD + "  a: # <- flow.loop\n    kind: call\n    flow: x\n    next: b\n"
    "  b: {kind: end}\n",
    "no words for silence": HEAD.replace("  no_input: [请说话。]\n", "")
    + "  a: # <- flow.missing_no_input\n    kind: ask\n    slot: name\n    prompt: 谁\n    next: b\n"
    "  b: {kind: end}\n",
    "no words for a misunderstanding": HEAD.replace("  no_match: [没听清。]\n", "")
    + "  a: # <- flow.missing_no_match\n    kind: ask\n    slot: name\n    prompt: 谁\n    next: b\n"
    "  b: {kind: end}\n",
    "read before it is filled": HEAD + "  a:\n    kind: say\n    prompt: 您好{name} # <- flow.unfilled_slot\n"
    "    next: b\n  b:\n    kind: ask\n    slot: name\n    prompt: 谁\n    next: c\n  c: {kind: end}\n",
    "branch on what nobody fills": HEAD + "  a:\n    kind: branch\n    on: note # <- flow.unfilled_slot\n"
    "    cases: [{is: '*', next: b}]\n    otherwise: b\n  b: {kind: end}\n",
    "number spoken before the ticket": HEAD + "  a:\n    kind: say\n"
    "    prompt: 工单号{ticket_no} # <- flow.unfilled_slot\n    next: b\n  b: {kind: end}\n",
    "undeclared variable": HEAD + "  a:\n    kind: say\n    prompt: 您好{nam} # <- flow.undeclared_variable\n"
    "    next: b\n  b: {kind: end}\n",
    "undeclared slot": HEAD + "  a:\n    kind: ask\n    slot: nane # <- flow.undeclared_slot\n"
    "    prompt: 谁\n    next: b\n  b: {kind: end}\n",
    "undeclared slot set": HEAD
    + "  a:\n    kind: set\n    slots:\n      nota: 一 # <- flow.undeclared_slot\n"
    "    next: b\n  b: {kind: end}\n",
    "undeclared fact": HEAD + "  a:\n    kind: branch\n    on: chanel # <- flow.undeclared_slot\n"
    "    cases: [{is: web, next: b}]\n    otherwise: b\n  b: {kind: end}\n",
    "unknown department": HEAD + "  a:\n    kind: branch\n    on: department\n    cases:\n      - is:\n"
    "          - 市教育局\n          - 市教肓局 # <- flow.unknown_department\n        next: b\n"
    "    otherwise: b\n  b: {kind: end}\n",
    "unknown article": HEAD + "  a:\n    kind: branch\n    on: article\n    cases:\n"
    "      - is: [KB999] # <- flow.unknown_article\n        next: b\n    otherwise: b\n  b: {kind: end}\n",
    "unknown appeal type": HEAD + "  a:\n    kind: branch\n    on: appeal_type\n    cases:\n"
    "      - is: [表杨] # <- flow.unknown_appeal_type\n        next: b\n    otherwise: b\n  b: {kind: end}\n",
    "unknown queue": HEAD + "  a:\n    kind: transfer\n    queue: 综和 # <- flow.unknown_queue\n"
    "    returned: b\n    failed: b\n  b: {kind: end}\n",
    "unknown flow": HEAD + "  a:\n    kind: call\n    flow: tiket # <- flow.unknown_flow\n    next: b\n"
    "  b: {kind: end}\n",
    "too long to speak": HEAD.replace("slots: {name: 称呼, note: 备注}\n", "")
    + "  a:\n    kind: say\n    prompt: "
    + "很长的一句话" * 11
    + " # <- flow.long_prompt\n    next: b\n  b: {kind: end}\n",
    "empty prompt": HEAD + "  a:\n    kind: say\n    prompt: [''] # <- flow.empty_prompt\n    next: b\n"
    "  b: {kind: end}\n",
    "sound alike": HEAD + "  a:\n    kind: menu\n    prompt: 选\n    choices:\n"
    "      - {label: 公证, key: '1', next: b}\n"
    "      - {label: 公正, key: '2', next: b} # <- flow.sounds_alike\n  b: {kind: end}\n",
    "sound alike over the phone": HEAD + "  a:\n    kind: menu\n    prompt: 选\n    choices:\n"
    "      - {label: 住宿, key: '1', next: b}\n"
    "      - {label: 祖宿, key: '2', next: b} # <- flow.sounds_alike\n  b: {kind: end}\n",
    "one holds the other": HEAD + "  a:\n    kind: menu\n    prompt: 选\n    choices:\n"
    "      - {label: 登记, key: '1', next: b}\n"
    "      - {label: 不登记, key: '2', next: b} # <- flow.sounds_alike\n  b: {kind: end}\n",
    "key twice": HEAD + "  a:\n    kind: menu\n    prompt: 选\n    choices:\n"
    "      - {label: 路灯, key: '1', next: b}\n"
    "      - {label: 井盖, key: '1', next: b} # <- flow.duplicate_key\n  b: {kind: end}\n",
    "key of the person": HEAD + "  a:\n    kind: menu\n    prompt: 选\n    choices:\n"
    "      - {label: 路灯, key: '0', next: b} # <- flow.reserved_key\n  b: {kind: end}\n",
    "no key at all": HEAD + "  a:\n    kind: menu\n    prompt: 选\n    choices:\n"
    "      - {label: 路灯, key: '12', next: b} # <- flow.bad_key\n  b: {kind: end}\n",
    "menu without choices": HEAD + "  a: # <- flow.no_choices flow.no_end\n    kind: menu\n    prompt: 选\n"
    "    choices: []\n",
    "yes without no": HEAD + "  a: # <- flow.missing_target\n    kind: ask\n    expect: yes_no\n"
    "    prompt: 对吗\n    yes: b\n  b: {kind: end}\n",
    "choice without choices": HEAD
    + "  a: # <- flow.no_choices\n    kind: ask\n    expect: choice\n    prompt: 选\n    next: b\n"
    "  b: {kind: end}\n",
    "question that waits for nothing": HEAD
    + "  a:\n    kind: ask\n    expect: nothing # <- flow.no_answer\n    prompt: 选\n    next: b\n"
    "  b: {kind: end}\n",
    "slot without next": HEAD + "  a: # <- flow.missing_target flow.no_end\n    kind: ask\n"
    "    slot: name\n    prompt: 谁\n",
    "address without slot": HEAD + "  a: # <- flow.no_slot\n    kind: ask\n    expect: address\n"
    "    prompt: 哪里\n    next: b\n  b: {kind: end}\n",
    "find without none": HEAD + "  a: # <- flow.missing_target\n    kind: ticket\n    do: find\n"
    "    done: b\n    failed: b\n  b: {kind: end}\n",
    "change without request": HEAD + "  a: # <- flow.missing_target\n    kind: ticket\n    do: change\n"
    "    done: b\n    failed: b\n    none: b\n  b: {kind: end}\n",
    "emergency that can stall": HEAD.replace("title:", "holds: true\ntitle:")
    + "  a: # <- flow.missing_target flow.missing_target\n    kind: ask\n    slot: name\n    prompt: 谁\n"
    "    next: b\n  b: {kind: end}\n",
    "rating in an emergency": HEAD.replace("title:", "holds: true\ntitle:")
    + "  a: # <- flow.rate_in_emergency\n    kind: rate\n    prompt: 打分\n    next: b\n  b: {kind: end}\n",
    "input that is no slot": HEAD.replace("steps:", "inputs: [nope] # <- flow.undeclared_slot\nsteps:")
    + "  a: {kind: end}\n",
    "number of another flow": HEAD.replace("steps:", 'numbers: ["12345"] # <- flow.duplicate_numbers\nsteps:')
    + "  a: {kind: end}\n",
    "intent of another flow": HEAD.replace("steps:", "intents: [ticket] # <- flow.duplicate_intents\nsteps:")
    + "  a: {kind: end}\n",
    "language nobody speaks": HEAD + "  a:\n    kind: say\n    next: b\n    prompt:\n      zh: 好\n"
    "      enn: Good # <- flow.unknown_language\n  b: {kind: end}\n",
    "misspelt manner": HEAD + "  a:\n    kind: say\n    next: b\n    prompt:\n      zh: 好\n"
    "      patent: 好 # <- flow.unknown_language\n  b: {kind: end}\n",
    "prompt without a language of the flow": HEAD.replace("title:", "languages: [zh, en]\ntitle:")
    .replace("[请说话。]", "{zh: 请说话。, en: Hello?}")
    .replace("[没听清。]", "{zh: 没听清。, en: Pardon?}")
    + "  a:\n    kind: say\n    prompt: 好 # <- flow.missing_language\n    next: b\n  b: {kind: end}\n",
    "defaults without a language of the flow": HEAD.replace("title:", "languages: [zh, en]\ntitle:")
    .replace("[请说话。]", "[请说话。] # <- flow.missing_language")
    .replace("[没听清。]", "{zh: 没听清。, en: Pardon?}")
    + "  a: {kind: end}\n",
    "call of a flow without the language": HEAD.replace("title:", "languages: [zh, en]\ntitle:")
    .replace("[请说话。]", "{zh: 请说话。, en: Hello?}")
    .replace("[没听清。]", "{zh: 没听清。, en: Pardon?}")
    + "  a:\n    kind: call\n    flow: ticket # <- flow.missing_language\n    next: b\n  b: {kind: end}\n",
    "chinese in english": HEAD + "  a:\n    kind: say\n    next: b\n    prompt:\n      zh: 好\n"
    "      en: Good 好 # <- flow.wrong_language\n  b: {kind: end}\n",
    "wish for a language that nobody serves": HEAD + "  a:\n    kind: set\n"
    "    language: xx # <- flow.unknown_language\n    next: b\n  b: {kind: end}\n",
    "language of another flow": HEAD.replace(
        "steps:", "serves: {en: 英语} # <- flow.duplicate_serves\nsteps:"
    )
    + "  a: {kind: end}\n",
    "no such manner": HEAD + "  a:\n    kind: set\n    manner: slow # <- schema.enum\n    next: b\n"
    "  b: {kind: end}\n",
    "nothing to say in one language": HEAD + "  a:\n    kind: say\n    next: b\n"
    "    prompt: {zh: 好, en: []} # <- flow.empty_prompt\n  b: {kind: end}\n",
    "name of another flow": HEAD.replace("flow: x", "flow: ticket # <- flow.duplicate_flow")
    + "  a: {kind: end}\n",
}


@pytest.mark.parametrize("name", [n for n in BROKEN if n != "alias"])
def test_each_mistake_is_found_at_its_line_and_no_other(name: str) -> None:
    found = findings(BROKEN[name])
    assert sorted((p.line, p.code) for p in found) == expected(BROKEN[name]), "\n".join(map(str, found))
    assert all(p.column > 0 and re.search("[一-鿿]", p.message) for p in found)


def test_aliases_are_refused() -> None:
    assert {p.code for p in findings(BROKEN["alias"])} == {"yaml.alias"}


def test_shipped_flows_are_clean() -> None:
    assert shipped_flows().warnings == ()


def test_all_mistakes_of_all_files_at_once() -> None:
    texts = {
        **shipped_texts(),
        "ivr_flows/x.yaml": BROKEN["unknown kind"],
        "ivr_flows/y.yaml": BROKEN["syntax"],
        "ivr_flows/z.yaml": BROKEN["unknown queue"].replace("flow: x", "flow: z"),
    }
    with pytest.raises(ContentError) as caught:
        load_flows(texts, catalogue())
    assert {p.code for p in caught.value.problems} == {
        "flow.unknown_kind",
        "yaml.syntax",
        "flow.unknown_queue",
    }


def test_a_mistake_is_told_with_place_field_and_suggestion() -> None:
    (problem,) = findings(BROKEN["no such target"])
    assert str(problem) == (
        "ivr_flows/x.yaml:12:5 [flow.unknown_target] 节点 a → 字段 next：找不到节点「ednd」，是否指 end？"
    )


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("unknown kind", "ask"),
        ("unknown key", "prompt"),
        ("unknown queue", "综合"),
        ("unknown flow", "ticket"),
        ("unknown department", "市教育局"),
        ("undeclared variable", "name"),
        ("not a value of the list", "address"),
        ("no such start", "a"),
    ],
)
def test_suggestions(name: str, hint: str) -> None:
    (problem,) = findings(BROKEN[name])
    assert hint in problem.suggestion


def test_a_long_prompt_is_only_a_warning() -> None:
    (problem,) = findings(BROKEN["too long to speak"])
    assert problem.severity is Severity.WARNING


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("  close: rating\n", "", "schema.missing"),
        ("  close: rating\n", "  close: ratting\n", "flow.unknown_target"),
        ("    default:\n      zh: [抱歉", "    other:\n      zh: [抱歉", "flow.no_default"),
        ("  wait:\n", "  weit:\n", "schema.unknown_key"),
        ("  - say: 这件事不在", "  - words: [x]\n    say: 这件事不在", "flow.incomplete_main"),
        (
            "      - 您好，{hotline}智能",
            "      - 您好，欢迎您来电，" + "这里是" * 10 + "{hotline}智能",
            "flow.long_greeting",
        ),
    ],
)
def test_the_main_flow(old: str, new: str, code: str) -> None:
    text = shipped_texts()["ivr_flows/main.yaml"]
    assert old in text
    assert code in {p.code for p in findings(text.replace(old, new), "ivr_flows/main.yaml")}


@pytest.mark.parametrize(
    ("missing", "code"), [("main", "flow.no_main"), ("emergency", "flow.unserved_intent")]
)
def test_a_missing_file(missing: str, code: str) -> None:
    texts = {p: t for p, t in shipped_texts().items() if p != f"ivr_flows/{missing}.yaml"}
    with pytest.raises(ContentError) as caught:
        load_flows(texts, catalogue())
    assert code in {p.code for p in caught.value.problems}


def test_main_without_its_parts() -> None:
    text = shipped_texts()["ivr_flows/main.yaml"]
    start, end = text.index("anchors:"), text.index("steps:")
    found = findings(text[:start] + text[end:], "ivr_flows/main.yaml")
    assert "flow.incomplete_main" in {p.code for p in found}


def test_no_files_at_all() -> None:
    with pytest.raises(ContentError) as caught:
        load_flows({}, catalogue())
    assert [p.code for p in caught.value.problems] == ["flow.no_main"]


def test_an_emergency_has_every_language() -> None:
    text = shipped_texts()["ivr_flows/emergency.yaml"]
    assert "languages: [zh, en]" in text
    found = findings(text.replace("languages: [zh, en]", "languages: [zh]"), "ivr_flows/emergency.yaml")
    assert "flow.missing_language" in {p.code for p in found}


def test_the_policy_has_every_language() -> None:
    text = shipped_texts()["ivr_flows/main.yaml"]
    line = "    en: I'm an automatic assistant.\n"
    assert line in text
    found = findings(text.replace(line, ""), "ivr_flows/main.yaml")
    assert {p.code for p in found} == {"flow.missing_language"}


def test_a_city_without_foreign_languages_needs_no_word_of_them() -> None:
    texts = {p: t for p, t in shipped_texts().items() if "foreign" not in p}
    main = texts["ivr_flows/main.yaml"]
    english = main[main.index("  english:\n") : main.index("  ask_question:")]
    plain = main.replace(english, "").replace('      - {label: English, key: "9", next: english}\n', "")
    flows = load_flows({**texts, "ivr_flows/main.yaml": plain}, catalogue())
    assert flows.for_language(LanguageTag("en")) is None


@pytest.mark.parametrize("name", ["flow: lost\n", ""])
def test_a_file_that_cannot_be_read_makes_no_reference_to_it_a_mistake(name: str) -> None:
    call = HEAD + "  a:\n    kind: call\n    flow: lost\n    next: b\n  b: {kind: end}\n"
    texts = {
        **shipped_texts(),
        "ivr_flows/x.yaml": call,
        "ivr_flows/lost.yaml": name + "title: [a\nstart: b\n",
    }
    with pytest.raises(ContentError) as caught:
        load_flows(texts, catalogue())
    assert {(p.path, p.code) for p in caught.value.problems if p.severity is Severity.ERROR} == {
        ("ivr_flows/lost.yaml", "yaml.syntax")
    }


def test_a_file_that_cannot_be_read_hides_no_other_unknown_flow() -> None:
    call = (
        HEAD + "  a:\n    kind: call\n    flow: tiket # <- flow.unknown_flow\n    next: b\n  b: {kind: end}\n"
    )
    texts = {**shipped_texts(), "ivr_flows/x.yaml": call, "ivr_flows/lost.yaml": "flow: lost\ntitle: [a\n"}
    with pytest.raises(ContentError) as caught:
        load_flows(texts, catalogue())
    assert {p.code for p in caught.value.problems} == {"yaml.syntax", "flow.unknown_flow"}


def test_a_mistake_in_the_emergency_flow_is_told_once_and_not_by_main() -> None:
    text = shipped_texts()["ivr_flows/emergency.yaml"].replace("[emergency_110,", "[emergncy_110,")
    with pytest.raises(ContentError) as caught:
        load_flows({**shipped_texts(), "ivr_flows/emergency.yaml": text}, catalogue())
    (problem,) = caught.value.problems
    assert (problem.code, problem.suggestion) == ("schema.enum", "是否指 emergency_110？")
