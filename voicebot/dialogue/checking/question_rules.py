"""Findings about what a step lacks; above all, a question has an answer for everything a caller may do."""

from collections.abc import Iterator

from voicebot.core.marked_yaml import Location
from voicebot.core.problem import Problem
from voicebot.core.utterance import ExpectKind
from voicebot.dialogue.checking.source import Source
from voicebot.dialogue.checking.wording import alike
from voicebot.dialogue.fields import Anywhere
from voicebot.dialogue.flows import WAITING
from voicebot.dialogue.schema import (
    AskStep,
    BranchStep,
    EndStep,
    MenuStep,
    NotifyStep,
    RateStep,
    Step,
    TicketStep,
    TransferStep,
)

KEPT = (Anywhere.HUMAN, Anywhere.EMERGENCY)
"""What works at every step, whatever its author would like."""


def check_question(source: Source, place: Location, step: Step) -> Iterator[Problem]:
    """Args: step: whole; what it lacks is a mistake."""
    match step:
        case AskStep():
            yield from _ways_out(source, place, step)
            yield from alike(source, place, step.choices)
            yield from _answered(source, place, step)
        case MenuStep():
            if not step.choices:
                yield source.error(place, "flow.no_choices", "菜单没有选项", "写 choices：label、key、next")
            yield from alike(source, place, step.choices)
            yield from _answered(source, place, step)
            if source.file.holds and source.sure("holds"):
                hint = "直接转接，或用 yes_no 提问"
                yield source.error(place, "flow.menu_in_emergency", "紧急流程里不用按键菜单", hint)
        case RateStep() if source.file.holds and source.sure("holds"):
            yield source.error(place, "flow.rate_in_emergency", "紧急流程里不要求评分", "请删除这个节点")
        case TicketStep(do="find", many=None) | TicketStep(do="find", none=None):
            hint = "many：查到几件；none：没有查到"
            yield source.error(place, "flow.missing_target", "do 为 find 时要写 many 和 none", hint)
        case TicketStep(do="change", request=None) | TicketStep(do="change", none=None):
            hint = "request：urge、supplement、withdraw 或 objection；none：没有办成"
            yield source.error(place, "flow.missing_target", "do 为 change 时要写 request 和 none", hint)
        case TransferStep(queue=None, number=None, emergency=None):
            hint = "写 queue、number 或 emergency，例如 queue: 综合"
            yield source.error(place, "flow.no_destination", "没有写转给谁", hint)
        case TransferStep(queue=None, skill=str()):
            hint = "技能是队列里的一部分坐席"
            yield source.error((*place, "skill"), "flow.no_queue", "写了 skill 就要写 queue", hint)
        case NotifyStep(slots=(), text=text) if not text.strip():
            yield source.error(place, "flow.empty_message", "通知没有内容", "写 text，或写 slots")
        case EndStep(then="call_back" | "leave" as then) if source.file.flow != WAITING:
            hint = f"只有流程 {WAITING} 里的来电人在排队"
            yield source.error((*place, "then"), "flow.not_waiting", f"这里不能写 {then}", hint)
        case BranchStep(cases=()):
            yield source.error(place, "flow.no_cases", "branch 没有 cases", "不分路时直接写 next 到那个节点")
        case _:
            pass
    yield from _kept(source, place, step)


def _kept(source: Source, place: Location, step: Step) -> Iterator[Problem]:
    for i, ignored in enumerate(getattr(step, "ignores", ())):
        if ignored in KEPT:
            message = f"不能忽略 {ignored}：转人工和紧急情况在任何一步都有效"
            at = (*place, "ignores", i)
            yield source.error(at, "flow.never_ignored", message, "请从 ignores 里删除")


def _answered(source: Source, place: Location, step: AskStep | MenuStep) -> Iterator[Problem]:
    if not source.sure("defaults"):
        return
    if isinstance(step, AskStep) and source.file.holds and source.sure("holds"):
        for field in ("on_no_input", "on_no_match"):
            if getattr(step, field) is None:
                hint = "紧急情况下不能停在这里"
                yield source.error(place, "flow.missing_target", f"没有 {field}", hint)
    for field in ("no_input", "no_match"):
        if getattr(step, field) is None and getattr(source.file.defaults, field) is None:
            message, hint = f"没有 {field} 的说法", f"写在节点里，或写在 defaults.{field}"
            yield source.error(place, f"flow.missing_{field}", message, hint)


def _ways_out(source: Source, place: Location, step: AskStep) -> Iterator[Problem]:
    match step.expect:
        case ExpectKind.YES_NO if step.yes is None or step.no is None:
            hint = "yes：肯定时去哪个节点；no：否定时去哪个节点"
            yield source.error(place, "flow.missing_target", "expect 为 yes_no 时要写 yes 和 no", hint)
        case ExpectKind.CHOICE if not step.choices:
            hint = "每个选项写 label、key、next"
            yield source.error(place, "flow.no_choices", "expect 为 choice 时要写 choices", hint)
        case ExpectKind.YES_NO | ExpectKind.CHOICE | ExpectKind.OPEN:
            pass
        case ExpectKind.NOTHING:
            yield source.error(
                (*place, "expect"), "flow.no_answer", "ask 不能什么都不等", "只说话请用 kind: say"
            )
        case _ if step.slot is None:
            hint = "slot：回答记在哪项内容里"
            yield source.error(place, "flow.no_slot", f"expect 为 {step.expect.value} 时要写 slot", hint)
        case _:
            pass
    if step.slot is not None and step.next is None:
        hint = "next：回答之后去哪个节点"
        yield source.error(place, "flow.missing_target", "写了 slot 就要写 next", hint)
