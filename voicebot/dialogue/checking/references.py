"""Names of things outside a flow, and slots that nobody declared."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from voicebot.core.catalogue import Catalogue
from voicebot.core.ids import FlowName
from voicebot.core.marked_yaml import Location
from voicebot.core.problem import Problem
from voicebot.dialogue.checking.source import Source, item_of, nearest, shown
from voicebot.dialogue.facts import FACTS
from voicebot.dialogue.flows import SMS_TARGET, SYSTEM_VARIABLES, TICKET_RESULTS, VARIABLE
from voicebot.dialogue.schema import (
    AskStep,
    BranchStep,
    CallStep,
    NotifyStep,
    SetStep,
    Step,
    TransferStep,
)

FIXED_QUEUES: Final = ("紧急", "外语")
"""Every city has them, staffed or not."""
_NAMED: Final = ("department", "article", "appeal_type", "intent", "caller_class")
_YES_NO: Final = {
    "是": "yes",
    "有": "yes",
    "true": "yes",
    "否": "no",
    "不是": "no",
    "没有": "no",
    "false": "no",
}
EMERGENCY_LINES: Final = ("110", "119", "120", "122")


@dataclass(frozen=True)
class World:
    """What names may refer to.

    Args:
        flows: readable files by the name of their flow; hidden: names of flows whose files are not,
            None when nobody knows them.
    """

    catalogue: Catalogue
    flows: Mapping[FlowName, Source]
    hidden: Collection[FlowName] | None


def check_references(source: Source, place: Location, step: Step, world: World) -> Iterator[Problem]:
    match step:
        case TransferStep():
            yield from _transfer(source, place, step, world.catalogue)
        case CallStep():
            yield from _call(source, place, step, world)
        case BranchStep():
            yield from _branch(source, place, step, world.catalogue)
        case AskStep(slot=slot, corrects=corrects):
            yield from _slots(source, [((*place, "slot"), slot)] if slot else [])
            yield from _slots(source, [((*place, "corrects", i), name) for i, name in enumerate(corrects)])
        case SetStep(slots=values):
            yield from _slots(source, [((*place, "slots", name), name) for name in values])
            yield from _values(source, (*place, "slots"), values)
        case NotifyStep():
            yield from _notify(source, place, step, world.catalogue)
        case _:
            pass


def check_inputs(source: Source) -> Iterator[Problem]:
    """`inputs` and `outputs` of the file."""
    for field, names in (("inputs", source.file.inputs), ("outputs", source.file.outputs)):
        for i, name in enumerate(names):
            yield from _slots(source, [(item_of(source, (field,), i), name)])


def check_names(source: Source) -> Iterator[Problem]:
    """Slots whose names already mean something else."""
    for name in source.file.slots:
        if name in FACTS or name in SYSTEM_VARIABLES:
            what = FACTS[name].what if name in FACTS else "系统变量"
            message = f"「{name}」是系统已有的名字（{what}），不能用作 slots"
            yield source.error(("slots", name), "flow.reserved_name", message, "请换一个名字")


def undeclared_variables(source: Source, place: Location, text: str) -> Iterator[Problem]:
    """Variables of a text that mean nothing."""
    if not source.sure("slots"):
        return
    declared = SYSTEM_VARIABLES | TICKET_RESULTS | source.file.slots.keys()
    for name in dict.fromkeys(VARIABLE.findall(text)):
        if name not in declared:
            hint = nearest(name, declared) or "先写进 slots"
            message = f"变量「{{{shown(name)}}}」没有声明"
            yield source.error(place, "flow.undeclared_variable", message, hint)


def _slots(source: Source, names: Collection[tuple[Location, str]]) -> Iterator[Problem]:
    for at, name in names if source.sure("slots") else ():
        if name not in source.file.slots:
            hint = nearest(name, source.file.slots) or "在文件开头的 slots 里加一行"
            message = f"「{shown(name)}」没有在 slots 里声明"
            yield source.error(at, "flow.undeclared_slot", message, hint)


def _values(source: Source, place: Location, values: Mapping[str, str]) -> Iterator[Problem]:
    for key, text in values.items():
        yield from undeclared_variables(source, (*place, key), text)


def _transfer(source: Source, place: Location, step: TransferStep, catalogue: Catalogue) -> Iterator[Problem]:
    known_queues = (*catalogue.queues, *FIXED_QUEUES)
    if step.queue is not None and step.queue not in known_queues:
        hint = _one_of(step.queue, known_queues)
        yield source.error((*place, "queue"), "flow.unknown_queue", f"没有队列「{shown(step.queue)}」", hint)
    skills = catalogue.city.skills
    if step.skill is not None and skills and step.skill not in skills:
        hint = _one_of(step.skill, skills)
        yield source.error((*place, "skill"), "flow.unknown_skill", f"没有技能「{shown(step.skill)}」", hint)
    numbers = catalogue.numbers
    if step.number is not None and numbers == ():
        message, hint = "还没有配置任何转接号码，这里转不出去", "请管理员写进 seat.numbers"
        yield source.warning((*place, "number"), "flow.no_number", message, hint)
    elif step.number is not None and numbers is not None and step.number not in numbers:
        hint = _one_of(step.number, numbers)
        message = f"没有配置转接号码「{shown(step.number)}」"
        yield source.error((*place, "number"), "flow.unknown_number", message, hint)
    if step.emergency is not None:
        yield from undeclared_variables(source, (*place, "emergency"), step.emergency)
        if not VARIABLE.search(step.emergency) and step.emergency not in EMERGENCY_LINES:
            message, hint = f"「{shown(step.emergency)}」不是紧急电话", f"可用：{'、'.join(EMERGENCY_LINES)}"
            yield source.error((*place, "emergency"), "flow.unknown_emergency_line", message, hint)


def _one_of(word: str, known: Collection[str]) -> str:
    return nearest(word, known) or (f"可用：{'、'.join(sorted(known)[:8])}" if known else "")


def _call(source: Source, place: Location, step: CallStep, world: World) -> Iterator[Problem]:
    called = world.flows.get(step.flow)
    if called is None and world.hidden is not None and step.flow not in world.hidden:
        at, hint = (*place, "flow"), _one_of(step.flow, world.flows)
        yield source.error(at, "flow.unknown_flow", f"没有流程「{shown(step.flow)}」", hint)
    yield from _slots(source, [((*place, "outputs", name), name) for name in step.outputs])
    yield from _values(source, (*place, "inputs"), step.inputs)
    if called is None or not called.sure("slots", "inputs", "outputs"):
        return
    theirs: tuple[tuple[str, Mapping[str, str], Callable[[str, str], str], Collection[str]], ...] = (
        ("inputs", step.inputs, lambda key, _: key, called.file.inputs),
        ("outputs", step.outputs, lambda _, value: value, called.file.outputs),
    )
    for field, pairs, name_of, offered in theirs:
        for key, value in pairs.items():
            name = name_of(key, value)
            if name not in offered:
                message = f"流程「{shown(step.flow)}」的 {field} 里没有「{shown(name)}」"
                hint = nearest(name, offered) or f"在 {called.path} 的 {field} 里加上它"
                yield source.error((*place, field, key), f"flow.unknown_{field[:-1]}", message, hint)


def _branch(source: Source, place: Location, step: BranchStep, catalogue: Catalogue) -> Iterator[Problem]:
    on, slots = step.on, source.file.slots
    if on not in FACTS and on not in slots and on not in TICKET_RESULTS and source.sure("slots"):
        hint = nearest(on, {*FACTS, *slots}) or f"可用：{'、'.join((*slots, *FACTS))[:80]}"
        yield source.error((*place, "on"), "flow.undeclared_slot", f"「{shown(on)}」没有声明", hint)
    fact = FACTS.get(on)
    known = fact.values(catalogue) if fact else None
    if not fact or not known:  # nothing is known of it, e.g. of articles while the knowledge base is broken
        return
    for i, case in enumerate(step.cases):
        for j, value in enumerate(case.is_):
            if value not in ("*", "", *known):
                at = item_of(source, (*place, "cases", i, "is"), j)
                message = (
                    f"没有{fact.what}「{shown(value)}」" if on in _NAMED else f"{on} 不会是「{shown(value)}」"
                )
                meant = _YES_NO.get(value, "")
                hint = f'应写成 "{meant}"' if meant in known else _one_of(value, known)
                yield source.error(at, f"flow.unknown_{on}", message, hint)


def _notify(source: Source, place: Location, step: NotifyStep, catalogue: Catalogue) -> Iterator[Problem]:
    known = catalogue.notify_targets
    if step.to == SMS_TARGET and any(
        isinstance(other, BranchStep) and other.on == "can_text" for other in source.nodes.values()
    ):
        known = None  # the author has seen to it that there may be none
    if known == ():
        message, hint = "还没有配置任何通知对象，这一步会当作没办成", "请管理员写进 notify.targets"
        yield source.warning((*place, "to"), "flow.no_notify_target", message, hint)
    elif known is not None and step.to not in known:
        hint = _one_of(step.to, known)
        yield source.error((*place, "to"), "flow.unknown_notify", f"没有通知对象「{shown(step.to)}」", hint)
    own = [(i, name) for i, name in enumerate(step.slots) if name not in SYSTEM_VARIABLES | TICKET_RESULTS]
    yield from _slots(source, [(item_of(source, (*place, "slots"), i), name) for i, name in own])
    yield from undeclared_variables(source, (*place, "phone"), step.phone or "")
    yield from undeclared_variables(source, (*place, "text"), step.text)
