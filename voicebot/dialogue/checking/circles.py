"""Circles that a call would run round in: without anybody doing anything, or with nobody at the other end."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from voicebot.core.problem import Problem
from voicebot.dialogue.checking.source import Source, shown
from voicebot.dialogue.schema import (
    AskStep,
    CallStep,
    EndStep,
    MenuStep,
    NotifyStep,
    RateStep,
    Step,
    TicketStep,
    TransferStep,
    targets,
)

Node = tuple[str, str]
"""Flow and step."""
Edges = Mapping[Node, Sequence[Node]]
Ways = Callable[[Step], Sequence[str]]
"""Which ways out of a step count."""

NAMED_AT_MOST = 6


def check_circles(sources: Sequence[Source]) -> Iterator[Problem]:
    """Args: sources: whole files whose targets all exist."""
    told: set[Node] = set()
    for ways, code, what, hint in (
        (_nobody, "flow.loop", "死循环：{}，其间没有等待来电人", "加一个 ask，或改 next"),
        (
            _world,
            "flow.retry_loop",
            "一直重试：{}，办不成时来电人插不上话",
            "让 failed 通向一个问题或别的办法",
        ),
        (_silent, "flow.silence_loop", "没人说话时会一直转下去：{}", "让 on_no_input 通向结束或人工"),
        (_unheard, "flow.no_match_loop", "一直听不懂时会转下去：{}", "让 on_no_match 通向人工或结束"),
    ):
        calm = [s for s in sources if ways in (_nobody, _world) or not s.file.holds]
        by_flow = {s.file.flow: s for s in calm}
        for circle in parts(edges_of(calm, ways)):
            if told.isdisjoint(circle):
                told.update(circle)
                flow, name = min(circle, key=lambda node: _place(by_flow[node[0]], node))  # type: ignore[index]
                names = [shown(node) for _, node in circle]
                around = " → ".join(names[:NAMED_AT_MOST]) + (" …" if len(names) > NAMED_AT_MOST else "")
                source = by_flow[flow]  # type: ignore[index]
                yield source.error(("steps", name), code, what.format(around), hint)


def _place(source: Source, node: Node) -> tuple[str, int, int]:
    return (source.path, *source.document.mark(("steps", node[1])))


# ── which ways count ────────────────────────────────────────────────────────────────────────


def passed(step: Step) -> list[str]:
    """Ways that are taken without the caller or the world doing anything."""
    match step:
        case AskStep(slot=str(), again=False, next=str() as following):
            return [following]  # its slot is filled already
        case AskStep() | MenuStep() | RateStep() | TicketStep() | TransferStep() | EndStep():
            return []
        case NotifyStep(failed=str()):
            return []
        case _:
            return [target for _, target in targets(step)]


def _nobody(step: Step) -> list[str]:
    return passed(step)


def _world(step: Step) -> list[str]:
    """Also what happens when tickets, people or messages answer."""
    if isinstance(step, TicketStep | TransferStep | NotifyStep):
        return [target for _, target in targets(step)]
    return passed(step)


def _silent(step: Step) -> list[str]:
    match step:
        case AskStep(on_no_input=str() as away) | MenuStep(on_no_input=str() as away):
            return [away]
        case AskStep() | MenuStep():
            return []  # the call is closed
        case RateStep(next=following):
            return [following]
        case _:
            return _world(step)


def _unheard(step: Step) -> list[str]:
    match step:
        case AskStep(on_no_match=str() as away) | MenuStep(on_no_match=str() as away):
            return [away]
        case AskStep(optional=True, next=str() as following):
            return [following]
        case AskStep() | MenuStep():
            return []  # a person takes over
        case RateStep(next=following):
            return [following]
        case _:
            return _world(step)


def edges_of(sources: Sequence[Source], ways: Ways) -> Edges:
    """Steps of all flows with the ways that count; sub-flows count as passed and as entered."""
    starts: dict[str, Node] = {s.file.flow: (s.file.flow, s.file.start) for s in sources}
    homes = [(s.file.flow, s.file.anchors.home) for s in sources if s.file.anchors]
    edges: dict[Node, list[Node]] = {}
    for source in sources:
        flow = source.file.flow
        for name, step in source.nodes.items():
            edges[flow, name] = [(flow, target) for target in ways(step)]
            match step:
                case CallStep(flow=called) if called in starts:
                    edges[flow, name].append(starts[called])
                case EndStep(then="home"):
                    edges[flow, name] += homes
                case _:
                    pass
    return edges


# ── strongly connected parts ────────────────────────────────────────────────────────────────


def parts(edges: Edges) -> Iterator[list[Node]]:
    """Each strongly connected part that holds a circle."""
    for part in components(edges):
        if len(part) > 1 or part[0] in edges[part[0]]:
            yield part


def components(edges: Edges) -> Iterator[list[Node]]:
    """All strongly connected parts, those that lead nowhere else first (Tarjan 1972, without recursion)."""
    index: dict[Node, int] = {}
    low: dict[Node, int] = {}
    stack: list[Node] = []
    waiting: set[Node] = set()
    for root in edges:
        if root in index:
            continue
        index[root] = low[root] = len(index)
        stack.append(root)
        waiting.add(root)
        work = [(root, iter(edges[root]))]
        while work:
            node, rest = work[-1]
            following = next(rest, None)
            if following is None:
                work.pop()
                if work:
                    above = work[-1][0]
                    low[above] = min(low[above], low[node])
                if low[node] == index[node]:
                    part = [stack.pop()]
                    while part[-1] != node:
                        part.append(stack.pop())
                    waiting.difference_update(part)
                    yield part[::-1]
            elif following not in index:
                index[following] = low[following] = len(index)
                stack.append(following)
                waiting.add(following)
                work.append((following, iter(edges.get(following, ()))))
            elif following in waiting:
                low[node] = min(low[node], index[following])
