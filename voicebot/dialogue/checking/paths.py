"""Ways through the graph: what is reached, and what comes to an end."""

from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from voicebot.core.ids import FlowName
from voicebot.core.problem import Problem
from voicebot.dialogue.checking.circles import check_circles, components, passed
from voicebot.dialogue.checking.source import Source, shown
from voicebot.dialogue.checking.unfilled import check_outputs, check_unfilled
from voicebot.dialogue.schema import AskStep, CallStep, EndStep, MenuStep, Step, TransferStep, targets

Graph = Mapping[str, Collection[str]]


def check_paths(sources: Sequence[Source]) -> Iterator[Problem]:
    """Findings of all files; a file with a broken step or target is left out (the mistake that is
    already reported would cause others)."""
    sound = [s for s in sources if s.whole and _closed(s)]
    circles = list(check_circles(sound))
    yield from circles
    looping = {p.path for p in circles if p.code in ("flow.loop", "flow.retry_loop")}
    ending = _Ending(sound)
    files: dict[str, Source] = {s.file.flow: s for s in sources}
    for source in sound:
        graph = {name: [t for _, t in targets(step)] for name, step in source.nodes.items()}
        reached = reach(graph, entries(source))
        yield from _unreachable(source, graph, reached)
        if source.path not in looping:
            yield from _no_end(source, reached, ending)
        yield from _menu_in_menu(source)
        yield from _hang_up_by_silence(source)
        if source.sure("slots", "inputs"):
            yield from check_unfilled(source, graph, reached, files)
            yield from check_outputs(source, files) if source.sure("outputs") else ()


def _closed(source: Source) -> bool:
    names = source.nodes.keys()
    return all(t in names for step in source.nodes.values() for _, t in targets(step)) and all(
        entry in names for entry in entries(source)
    )


def entries(source: Source) -> list[str]:
    """Steps that calls come to from outside."""
    anchors = source.file.anchors.model_dump(exclude_none=True) if source.file.anchors else {}
    return [source.file.start, *anchors.values()]


def reach(graph: Graph, begin: Iterable[str]) -> set[str]:
    """What can be come to, the beginning included."""
    reached: set[str] = set()
    waiting = list(begin)
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting.extend(graph.get(name, ()))
    return reached


def _unreachable(source: Source, graph: Graph, reached: set[str]) -> Iterator[Problem]:
    """One finding for each group that hangs together: its first step."""
    lost = {("", name): [("", t) for t in graph[name] if t not in reached] for name in graph.keys() - reached}
    targeted = {target for node, following in lost.items() for target in following if target != node}
    told: set[str] = set()
    order = sorted(lost, key=lambda node: (node in targeted, source.document.mark(("steps", node[1]))))
    for _, name in order:
        if name in told:
            continue
        group = reach({n: [t for _, t in following] for (_, n), following in lost.items()}, [name]) - told
        told |= group
        others = "、".join(shown(n) for n in graph if n in group and n != name)
        message = "走不到这个节点" + (f"，也走不到 {others[:60]}" if others else "")
        yield source.error(("steps", name), "flow.unreachable", message, "删除它，或让别的节点指向它")


class _Ending:
    """Which flows come back to their caller, and which end a call or lead it home."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self._known = {s.file.flow: s for s in sources}
        self.returning: set[FlowName] = set()
        self.leaving: set[FlowName] = set()
        callers: dict[FlowName, set[FlowName]] = {}
        for source in sources:
            for step in source.nodes.values():
                if isinstance(step, CallStep):
                    callers.setdefault(step.flow, set()).add(source.file.flow)
        waiting = deque(self._known)
        while waiting:
            name = waiting.popleft()
            before = (name in self.returning, name in self.leaving)
            self._judge(self._known[name])
            if before != (name in self.returning, name in self.leaving):
                waiting.extend(callers.get(name, ()))

    def _judge(self, source: Source) -> None:
        graph = {name: self.ways(step) for name, step in source.nodes.items()}
        for name in reach(graph, [source.file.start]):
            step = source.nodes[name]
            if isinstance(step, EndStep) and step.then == "return":
                self.returning.add(source.file.flow)
            elif self.ends(step):
                self.leaving.add(source.file.flow)

    def ways(self, step: Step) -> list[str]:
        """Steps that follow in time: behind a call only when its flow comes back."""
        if isinstance(step, CallStep) and step.flow in self._known and step.flow not in self.returning:
            return []
        return [target for _, target in targets(step)]

    def ends(self, step: Step) -> bool:
        """A call may end here, or go on elsewhere: at the open question the caller may say anything."""
        match step:
            case EndStep():
                return True
            case AskStep():
                return step.is_open
            case CallStep(flow=flow):
                return flow in self.leaving
            case _:
                return False

    def calls_itself(self, flow: FlowName) -> bool:
        """It never ends, and comes to itself through the flows that it calls."""
        seen: set[FlowName] = set()
        waiting = [flow]
        while waiting:
            source = self._known.get(waiting.pop())
            for step in source.nodes.values() if source else ():
                if isinstance(step, CallStep) and step.flow not in seen:
                    seen.add(step.flow)
                    waiting.append(step.flow)
        return flow in seen


def _no_end(source: Source, reached: set[str], ending: _Ending) -> Iterator[Problem]:
    """One finding for each dead end: not for all that lead into it."""
    back: dict[str, list[str]] = {name: [] for name in source.nodes}
    for name, step in source.nodes.items():
        for target in ending.ways(step):
            back[target].append(name)
    fine = reach(back, [name for name, step in source.nodes.items() if ending.ends(step)])
    stuck = {("", n): [("", t) for t in ending.ways(source.nodes[n])] for n in reached - fine}
    for part in components(stuck):
        if any(target not in part for node in part for target in stuck[node]):
            continue
        name = min((n for _, n in part), key=lambda n: source.document.mark(("steps", n)))
        step = source.nodes[name]
        if not isinstance(step, CallStep):
            hint = "让某一支通向 kind: end"
            yield source.error(("steps", name), "flow.no_end", "从这里走不到任何结束", hint)
        elif ending.calls_itself(step.flow):
            message = f"流程「{shown(step.flow)}」会再走到这里，永远不会结束"
            yield source.error(
                ("steps", name, "flow"), "flow.endless_call", message, "让它有一支通向 kind: end"
            )


def _passing(step: Step) -> list[str]:
    """Ways that need nobody."""
    return [] if isinstance(step, AskStep) else passed(step)


def _menu_in_menu(source: Source) -> Iterator[Problem]:
    """A menu has one level: behind a key comes no other menu."""
    graph = {name: _passing(step) for name, step in source.nodes.items()}
    for name, step in source.nodes.items():
        for i, choice in enumerate(step.choices if isinstance(step, MenuStep) else ()):
            behind = sorted(reach(graph, [choice.next]) - {name})
            inner = next((n for n in behind if isinstance(source.nodes[n], MenuStep)), None)
            if inner is not None:
                place = ("steps", name, "choices", i, "next")
                message = f"按键之后又是菜单「{shown(inner)}」，菜单只能有一层"
                yield source.error(
                    place, "flow.nested_menu", message, "改用 ask 提问，或把选项合并到一个菜单"
                )


def _hang_up_by_silence(source: Source) -> Iterator[Problem]:
    """In an emergency the call is not ended because nothing was heard, or nobody was reached."""
    if not source.file.holds or not source.sure("holds"):
        return
    graph = {name: _passing(step) for name, step in source.nodes.items()}
    for name, step in source.nodes.items():
        fields = ("failed",) if isinstance(step, TransferStep) else ("on_no_input", "on_no_match")
        for field in fields:
            away = getattr(step, field, None)
            behind = (source.nodes[n] for n in reach(graph, [away])) if away else ()
            if any(isinstance(s, EndStep) and s.then == "hang_up" for s in behind):
                message = "紧急情况下，不出声、没听清、转不通都不能挂机"
                hint = "通向 transfer 或再问一次"
                yield source.error(("steps", name, field), "flow.emergency_hangs_up", message, hint)
