"""Ways through the graph: what is reached, what ends, what loops, what is known when it is read."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from voicebot.core.problem import Problem
from voicebot.dialogue.facts import FACTS
from voicebot.dialogue.flows import SYSTEM_VARIABLES, TICKET_RESULTS, VARIABLE
from voicebot.dialogue.schema import (
    AskStep,
    BranchStep,
    CallStep,
    EndStep,
    SetStep,
    Step,
    TicketStep,
    TransferStep,
    prompts,
    targets,
)
from voicebot.dialogue.source import Source

Graph = Mapping[str, frozenset[str]]


def check_paths(sources: Sequence[Source]) -> Iterator[Problem]:
    """Findings of all files; a file with a broken step or target is left out (the mistake that is
    already reported would cause others)."""
    sound = [s for s in sources if s.whole and _closed(s)]
    fills: dict[str, frozenset[str]] = {s.file.flow: _all_fills(s) for s in sources}
    for source in sound:
        graph = {name: frozenset(t for _, t in targets(step)) for name, step in source.nodes.items()}
        reached = _reach(graph, _entries(source))
        for name in graph.keys() - reached:
            yield source.error(
                ("steps", name), "flow.unreachable", "走不到这个节点", "删除它，或让别的节点指向它"
            )
        yield from _no_end(source, graph, reached)
        yield from _unfilled(source, graph, reached, fills)
    yield from _loops(sound)


def _closed(source: Source) -> bool:
    names = source.nodes.keys()
    return all(t in names for step in source.nodes.values() for _, t in targets(step)) and all(
        entry in names for entry in _entries(source)
    )


def _entries(source: Source) -> list[str]:
    anchors = source.file.anchors.model_dump(exclude_none=True) if source.file.anchors else {}
    return [source.file.start, *anchors.values()]


def _reach(graph: Graph, entries: Iterable[str]) -> set[str]:
    reached: set[str] = set()
    waiting = list(entries)
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting.extend(graph[name])
    return reached


def _no_end(source: Source, graph: Graph, reached: set[str]) -> Iterator[Problem]:
    """A way to an end: an `end`, or the open question, where the caller may say anything."""
    back: dict[str, set[str]] = {name: set() for name in graph}
    for name, following in graph.items():
        for target in following:
            back[target].add(name)
    ends = [
        name
        for name, step in source.nodes.items()
        if isinstance(step, EndStep) or (isinstance(step, AskStep) and step.is_open)
    ]
    ending = _reach({name: frozenset(before) for name, before in back.items()}, ends)
    for name in sorted(reached - ending):
        yield source.error(("steps", name), "flow.no_end", "从这里走不到任何结束", "让某一支通向 kind: end")


def _passes(step: Step) -> bool:
    """True when a step may be passed without the caller or the world doing anything."""
    match step:
        case AskStep(slot=slot, again=again):
            return slot is not None and not again
        case TicketStep() | TransferStep() | EndStep():
            return False
        case _:
            return step.__class__.__name__ not in ("MenuStep", "RateStep", "AnswerStep")


def _loops(sources: Sequence[Source]) -> Iterator[Problem]:
    """Circles of steps that never wait; sub-flows count as passed and as entered."""
    starts = {s.file.flow: (s.file.flow, s.file.start) for s in sources}
    edges: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for source in sources:
        for name, step in source.nodes.items():
            here = (source.file.flow, name)
            edges[here] = set()
            if not _passes(step):
                continue
            edges[here] = {(source.file.flow, t) for t in _passing(step)}
            if isinstance(step, CallStep) and step.flow in starts:
                edges[here].add(starts[step.flow])
    by_flow = {s.file.flow: s for s in sources}
    for circle in _circles(edges):
        flow, name = min(circle)
        around = " → ".join(node for _, node in circle)
        yield by_flow[flow].error(  # type: ignore[index]
            ("steps", name), "flow.loop", f"死循环：{around}，其间没有等待来电人", "加一个 ask，或改 next"
        )


def _passing(step: Step) -> list[str]:
    """Ways out that need no answer: of a question only the one taken when its slot is filled."""
    if isinstance(step, AskStep):
        return [step.next] if step.next else []
    return [target for _, target in targets(step)]


def _circles(edges: Mapping[tuple[str, str], set[tuple[str, str]]]) -> Iterator[list[tuple[str, str]]]:
    """Each strongly connected part that holds a circle (Tarjan, without recursion)."""
    index: dict[tuple[str, str], int] = {}
    low: dict[tuple[str, str], int] = {}
    stack: list[tuple[str, str]] = []
    for root in edges:
        if root in index:
            continue
        work = [(root, iter(sorted(edges[root])))]
        index[root] = low[root] = len(index)
        stack.append(root)
        while work:
            node, rest = work[-1]
            following = next(rest, None)
            if following is None:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    part = stack[stack.index(node) :]
                    del stack[stack.index(node) :]
                    if len(part) > 1 or node in edges[node]:
                        yield part
            elif following not in index:
                index[following] = low[following] = len(index)
                stack.append(following)
                work.append((following, iter(sorted(edges.get(following, ())))))
            elif following in stack:
                low[node] = min(low[node], index[following])


def _fills(source: Source, step: Step, flows: Mapping[str, frozenset[str]]) -> frozenset[str]:
    match step:
        case AskStep(corrects=corrects, slot=slot):
            everything = source.file.slots if step.is_open else ()
            return frozenset({*corrects, *everything, *([slot] if slot else [])})
        case SetStep(slots=slots):
            return frozenset(slots)
        case TicketStep():
            return TICKET_RESULTS
        case CallStep(flow=flow):
            return flows.get(flow, frozenset())
        case _:
            return frozenset()


def _all_fills(source: Source) -> frozenset[str]:
    steps = source.nodes.values()
    own = TICKET_RESULTS if any(isinstance(s, TicketStep) for s in steps) else frozenset[str]()
    return own | source.file.slots.keys()


def _reads(step: Step) -> Iterator[tuple[tuple[str | int, ...], str]]:
    for field, prompt in prompts(step):
        yield from ((field, name) for _, _, text in prompt.all_lines() for name in VARIABLE.findall(text))
    match step:
        case BranchStep(on=on) if on not in FACTS:
            yield ("on",), on
        case SetStep(slots=slots):
            for slot, text in slots.items():
                yield from ((("slots", slot), name) for name in VARIABLE.findall(text))
        case TransferStep(emergency=str() as emergency):
            yield from ((("emergency",), name) for name in VARIABLE.findall(emergency))


def _unfilled(
    source: Source, graph: Graph, reached: set[str], fills: Mapping[str, frozenset[str]]
) -> Iterator[Problem]:
    """A slot that no way to here can have filled."""
    anchored = source.file.anchors is not None
    given = SYSTEM_VARIABLES | set(source.file.inputs) | (TICKET_RESULTS if anchored else frozenset())
    known = {name: set(given) for name in graph}
    changed = True
    while changed:
        changed = False
        for name in reached:
            after = known[name] | _fills(source, source.nodes[name], fills)
            for target in graph[name]:
                if not after <= known[target]:
                    known[target] |= after
                    changed = True
    declared = source.file.slots.keys() | TICKET_RESULTS | SYSTEM_VARIABLES
    for name in sorted(reached):
        for field, variable in _reads(source.nodes[name]):
            if variable in declared and variable not in known[name]:
                yield source.error(
                    ("steps", name, *field),
                    "flow.unfilled_slot",
                    f"用到「{variable}」，但走到这里之前没有节点会填写它",
                    "先用 ask 或 set 填写，或写进 inputs",
                )
