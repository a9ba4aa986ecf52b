"""Habits of questions and branches: legal, but callers will not find their way."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from voicebot.core.ids import MANDARIN
from voicebot.core.marked_yaml import Location
from voicebot.core.problem import Problem
from voicebot.core.utterance import ExpectKind
from voicebot.dialogue.checking.circles import passed
from voicebot.dialogue.checking.paths import reach
from voicebot.dialogue.checking.source import Source, shown
from voicebot.dialogue.checking.wording import line_of
from voicebot.dialogue.prompt import PLAIN, Prompt
from voicebot.dialogue.schema import AskStep, BranchStep, CallStep, MenuStep, Step, TransferStep

MOST_KEYS: Final = 5
KEYED: Final = (ExpectKind.DIGITS, ExpectKind.PHONE, ExpectKind.DATE)
"""Answers of several keys."""
COMMANDS: Final[Mapping[str, str]] = {
    **dict.fromkeys(
        ("再说一遍", "再说一次", "再讲一遍", "重复", "重复一遍", "重说", "没听清", "重听"), "重复"
    ),
    **dict.fromkeys(("慢一点", "说慢一点", "慢点", "慢一点说"), "慢一点"),
    **dict.fromkeys(("大声一点", "大声点"), "大声一点"),
    **dict.fromkeys(("等一下", "等等", "稍等"), "等一下"),
    **dict.fromkeys(("返回", "上一步", "返回上一步", "回去", "重新来", "重来", "重新开始"), "返回"),
    **dict.fromkeys(("帮助", "怎么说", "怎么用"), "帮助"),
}
"""Labels that any step takes for a command (`policy.STEERING` comes before the choices)."""
PERSON: Final = re.compile(r"人工|人工服务|转人工|坐席|客服|人工客服")
SKIPPING: Final = re.compile(r"跳过|不留|不知道|不清楚|说不清|不方便|不想说|不用|没有")
_QUESTION: Final = re.compile(r"[？?]")
_KEY_WORDS: Final = re.compile(r"按\s*([0-9*#])|([0-9*#])\s*号?键")
_ENGLISH_KEY: Final = re.compile(r"press(?:ing)? ([0-9*#])", re.IGNORECASE)
WIDE_LIST: Final = re.compile(r"[，、；]")


def step_habits(source: Source, place: Location, step: Step) -> Iterator[Problem]:
    """Args: source: without errors."""
    match step:
        case AskStep():
            yield from _asking(source, place, step)
            yield from _choosing(source, place, step)
        case MenuStep():
            yield from _choosing(source, place, step)
        case BranchStep():
            yield from _branching(source, place, step)
        case _:
            pass


def _choosing(source: Source, place: Location, step: AskStep | MenuStep) -> Iterator[Problem]:
    if len(step.choices) > MOST_KEYS:
        message = f"有 {len(step.choices)} 个选项，来电人记不住"
        yield source.warning((*place, "choices"), "flow.long_menu", message, f"不要超过 {MOST_KEYS} 个")
    yield from _labels(source, place, step)
    yield from _keys(source, place, step)


def _asking(source: Source, place: Location, step: AskStep) -> Iterator[Problem]:
    inherited = source.file.defaults
    if not step.is_open and step.help is None and inherited.help is None:
        hint = "写在节点里，或写在 defaults.help"
        yield source.warning(place, "flow.no_help", "来电人问「怎么说」时没有 help 可说", hint)
    for i, text in enumerate(step.prompt.lines):
        if len(_QUESTION.findall(text)) > 1:
            at = line_of(source, (*place, "prompt"), MANDARIN, i)
            yield source.warning(at, "flow.two_questions", "一次问了两个问题", "拆成两个 ask，一次只问一件事")
    yield from _same_words(source, place, step)
    if step.optional and step.expect not in (ExpectKind.YES_NO, ExpectKind.CHOICE):
        told = [step.prompt, step.no_input, step.no_match, step.help]
        told += [inherited.no_input, inherited.no_match, inherited.help]
        if not any(SKIPPING.search(text) for prompt in told if prompt for text in prompt.lines):
            message = "可以跳过的问题，没有告诉来电人怎么跳过"
            hint = "例如：不方便可以说跳过"
            yield source.warning((*place, "prompt"), "flow.skip_unsaid", message, hint)
    if step.digits and step.expect not in KEYED:
        message, hint = f"expect 为 {step.expect.value} 时不收这么多按键", "删除 digits，或写 expect: digits"
        yield source.warning((*place, "digits"), "flow.idle_digits", message, hint)
    if step.when is not None and step.expect is not ExpectKind.DATE:
        message, hint = f"expect 为 {step.expect.value} 时 when 没有用处", "写 expect: date，或删除 when"
        yield source.warning((*place, "when"), "flow.idle_when", message, hint)
    if step.expect is ExpectKind.PHONE and 0 < step.digits < 11:
        message = f"手机号有 11 位，digits: {step.digits} 收不完"
        yield source.warning((*place, "digits"), "flow.few_digits", message, "删除 digits，或写 12")
    if step.yes is not None and step.yes == step.no and not step.choices and not source.file.holds:
        message = "肯定和否定通向同一个节点，不用问"
        yield source.warning((*place, "no"), "flow.idle_question", message, "改 yes 或 no，或改用 say")


def _same_words(source: Source, place: Location, step: AskStep) -> Iterator[Problem]:
    """The second time in other words: who did not understand the first does not understand it again."""
    said: dict[str, str] = {}
    for field in ("prompt", "no_match", "no_input"):
        prompt = getattr(step, field)
        for i, text in enumerate(prompt.lines if prompt else ()):
            if text and text in said and (field == "prompt" or said[text] == "prompt"):
                at = line_of(source, (*place, field), MANDARIN, i)
                yield source.warning(
                    at, "flow.same_words", "再问时和上一次说得一样", "换一种更短、更具体的说法"
                )
            said.setdefault(text, field)


def _labels(source: Source, place: Location, step: AskStep | MenuStep) -> Iterator[Problem]:
    for i, choice in enumerate(step.choices):
        at: Location = (*place, "choices", i, "label")
        label = choice.label.strip()
        if label in COMMANDS:
            message = f"来电人说「{shown(label)}」，会被当作口令「{COMMANDS[label]}」"
            yield source.warning(at, "flow.label_is_command", message, "请换一种说法")
        elif PERSON.fullmatch(label):
            graph = {name: passed(s) for name, s in source.nodes.items()}
            behind = (source.nodes[name] for name in reach(graph, [choice.next]))
            if not any(isinstance(s, TransferStep | CallStep) for s in behind):
                message = f"来电人说「{shown(label)}」总是转人工，不会走到 {shown(choice.next)}"
                yield source.warning(at, "flow.label_is_command", message, "请换一种说法，或通向转人工")


def _keys(source: Source, place: Location, step: AskStep | MenuStep) -> Iterator[Problem]:
    """Keys that are told are there, and those of a menu are told."""
    closed = isinstance(step, MenuStep) or step.expect is ExpectKind.CHOICE
    there = {choice.key for choice in step.choices} | {"0", "*"}
    told: set[str] = set()
    for field in ("prompt", "no_input", "no_match", "also"):
        prompt: Prompt | None = getattr(step, field, None)
        for key, i, text in prompt.all_lines() if prompt else ():
            pattern = _KEY_WORDS if key in (MANDARIN, PLAIN) else _ENGLISH_KEY
            named = {next(filter(None, found.groups())) for found in pattern.finditer(text)}
            told |= named
            for other in sorted(named - there) if closed else ():
                at = line_of(source, (*place, field), key, i)
                message = f"说到按 {other}，但选项里没有这个键"
                yield source.warning(at, "flow.no_such_key", message, "改提示语，或在 choices 里加上")
    for i, choice in enumerate(step.choices if isinstance(step, MenuStep) else ()):
        if choice.key not in told and len(choice.key) == 1:
            message = f"菜单没有告诉来电人「{shown(choice.label)}」按 {choice.key}"
            at = (*place, "choices", i, "key")
            yield source.warning(
                at, "flow.key_unsaid", message, f"在 prompt 里写：{shown(choice.label)}按{choice.key}"
            )


def _branching(source: Source, place: Location, step: BranchStep) -> Iterator[Problem]:
    seen: set[str] = set()
    for i, case in enumerate(step.cases):
        lost = [value for value in case.is_ if value in seen or ("*" in seen and value)]
        if lost and len(lost) == len(case.is_):
            before = lost[0] if lost[0] in seen else "*"
            message = f"前面已经有「{shown(before)}」，走不到这一条"
            hint = "删除这一条，或把它移到前面"
            yield source.warning((*place, "cases", i, "is"), "flow.dead_case", message, hint)
        wide = next((value for value in case.is_ if WIDE_LIST.search(value)), None)
        if wide is not None:
            hint = "每项之间用半角逗号，例如 [是, 不是]"
            message = f"「{shown(wide)}」是一个整体，不会分成几项"
            yield source.warning((*place, "cases", i, "is"), "flow.wide_comma", message, hint)
        half = next((value for value in case.is_ if value.count('"') % 2), None)
        if half is not None:
            message = f"「{shown(half)}」里的引号只有一半"
            yield source.warning(
                (*place, "cases", i, "is"), "flow.half_quoted", message, "补上另一半，或删除它"
            )
        seen |= set(case.is_)
    if step.cases and {case.next for case in step.cases} == {step.otherwise}:
        yield source.warning(
            place, "flow.idle_branch", "每一支都通向同一个节点", "改 next，或删除这个 branch"
        )
