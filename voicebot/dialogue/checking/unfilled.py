"""What is known where it is read: slots that cannot be filled yet, and those that may be empty."""

from collections import deque
from collections.abc import Collection, Iterator, Mapping

from voicebot.core.marked_yaml import Location
from voicebot.core.problem import Problem
from voicebot.dialogue.checking.source import Source, item_of, shown
from voicebot.dialogue.facts import FACTS
from voicebot.dialogue.flows import SYSTEM_VARIABLES, TICKET_RESULTS, VARIABLE
from voicebot.dialogue.schema import (
    AskStep,
    BranchStep,
    CallStep,
    NotifyStep,
    SetStep,
    Step,
    TicketStep,
    TransferStep,
    prompts,
    targets,
)

Graph = Mapping[str, Collection[str]]
Files = Mapping[str, Source]


def check_unfilled(source: Source, graph: Graph, reached: set[str], files: Files) -> Iterator[Problem]:
    """Args: graph, reached: of `source`; files: all, by the name of their flow."""
    given = SYSTEM_VARIABLES | set(source.file.inputs)
    given |= TICKET_RESULTS if source.file.anchors is not None else set()
    known = _may_know(source, graph, reached, files, given)
    surely = _must_know(source, reached, files, given)
    declared = source.file.slots.keys() | TICKET_RESULTS | SYSTEM_VARIABLES
    for name in sorted(reached):
        step = source.nodes[name]
        for field, variable in reads(step):
            if variable not in declared:
                continue
            if variable not in known[name]:
                message = f"用到「{shown(variable)}」，但走到这里之前没有节点会填写它"
                hint = "先用 ask 或 set 填写，或写进 inputs"
                yield source.error(("steps", name, *field), "flow.unfilled_slot", message, hint)
            elif variable not in surely[name] and field[0] not in ("on", "slots", "inputs", "phone"):
                message = f"「{shown(variable)}」在有的走法里是空的，话会说不完整"
                hint = f"先用 branch 看 {shown(variable)} 有没有内容"
                yield source.warning(("steps", name, *field), "flow.maybe_empty", message, hint)


def check_outputs(source: Source, files: Files) -> Iterator[Problem]:
    """What a flow promises to hand back, and nobody fills."""
    filled = set(source.file.inputs) | TICKET_RESULTS
    for step in source.nodes.values():
        filled |= fills(source, step, files)
    for i, name in enumerate(source.file.outputs):
        if name in source.file.slots and name not in filled:
            at = item_of(source, ("outputs",), i)
            message = f"没有节点填写「{shown(name)}」，调用者拿到的是空的"
            yield source.warning(
                at, "flow.unfilled_output", message, "用 ask 或 set 填写，或从 outputs 里删除"
            )


def reads(step: Step) -> Iterator[tuple[Location, str]]:
    """(field, variable) of everything a step looks at."""
    for at, prompt in prompts(step):
        yield from ((at, name) for _, _, text in prompt.all_lines() for name in VARIABLE.findall(text))
    match step:
        case BranchStep(on=on) if on not in FACTS:
            yield ("on",), on
        case SetStep(slots=values):
            yield from _in_values("slots", values)
        case CallStep(inputs=values):
            yield from _in_values("inputs", values)
        case TransferStep(emergency=str() as text):
            yield from ((("emergency",), name) for name in VARIABLE.findall(text))
        case NotifyStep(slots=names):
            yield from ((("phone",), name) for name in VARIABLE.findall(step.phone or ""))
            yield from ((("text",), name) for name in VARIABLE.findall(step.text))
            yield from ((("slots", i), name) for i, name in enumerate(names))
        case _:
            pass


def _in_values(field: str, values: Mapping[str, str]) -> Iterator[tuple[Location, str]]:
    for key, text in values.items():
        yield from (((field, key), name) for name in VARIABLE.findall(text))


# ── on some way ─────────────────────────────────────────────────────────────────────────────


def fills(source: Source, step: Step, files: Files) -> set[str]:
    """What a step may fill, on any way out."""
    match step:
        case AskStep(corrects=corrects, slot=slot):
            everything = source.file.slots if step.is_open else ()
            return {*corrects, *everything, *([slot] if slot else [])}
        case SetStep(slots=slots):
            return {name for name, text in slots.items() if text}
        case TicketStep():
            return set(TICKET_RESULTS)
        case CallStep(flow=flow, outputs=outputs):
            return {*outputs, *_left_by(files.get(flow))}
        case _:
            return set()


def _left_by(source: Source | None) -> set[str]:
    """What a called flow may leave filled."""
    if source is None:
        return set()
    has_tickets = any(isinstance(step, TicketStep) for step in source.nodes.values())
    return {*source.file.slots, *(TICKET_RESULTS if has_tickets else ())}


def _may_know(
    source: Source, graph: Graph, reached: set[str], files: Files, given: Collection[str]
) -> dict[str, set[str]]:
    known = {name: set(given) for name in graph}
    waiting = deque(sorted(reached))
    while waiting:
        name = waiting.popleft()
        after = known[name] | fills(source, source.nodes[name], files)
        for target in graph[name]:
            if not after <= known[target]:
                known[target] |= after
                waiting.append(target)
    return known


# ── on every way ────────────────────────────────────────────────────────────────────────────


def _must_know(
    source: Source, reached: set[str], files: Files, given: Collection[str]
) -> dict[str, frozenset[str]]:
    """What every way has filled (the meet is the intersection)."""
    everything = frozenset({*source.file.slots, *TICKET_RESULTS, *SYSTEM_VARIABLES})
    anchors = source.file.anchors.model_dump(exclude_none=True) if source.file.anchors else {}
    begin = [source.file.start, *anchors.values()]
    known = dict.fromkeys(reached, everything) | dict.fromkeys(begin, everything.intersection(given))
    waiting = deque(begin)
    while waiting:
        name = waiting.popleft()
        step = source.nodes[name]
        for field, target in targets(step):
            before = known[name] - _emptied(step)
            after = (before | _surely_fills(step, field, files)) & known[target]
            if after != known[target]:
                known[target] = after
                waiting.append(target)
    return known


def _emptied(step: Step) -> set[str]:
    return {name for name, text in step.slots.items() if not text} if isinstance(step, SetStep) else set()


def _surely_fills(step: Step, field: Location, files: Files) -> set[str]:
    """What is filled behind one way out."""
    match step, field:
        case AskStep(slot=str() as slot, optional=False), ("next",):
            return {slot}
        case BranchStep(on=on, cases=cases), ("cases", int(i), "next") if all(cases[i].is_):
            return {on}
        case SetStep(slots=slots), _:
            return {name for name, text in slots.items() if text}
        case TicketStep(), ("done" | "appended" | "many" | "none",):
            return set(TICKET_RESULTS)
        case CallStep(flow=flow, outputs=outputs), _:
            return {*outputs, *_left_by(files.get(flow))}
        case _:
            return set()
