"""A flow as a drawing: its boxes and arrows, and as Mermaid text."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from voicebot.core.ids import FlowName
from voicebot.dialogue.flows import Flow
from voicebot.dialogue.schema import (
    AskStep,
    BranchStep,
    CallStep,
    EndStep,
    MenuStep,
    Step,
    TicketStep,
    TransferStep,
    targets,
)
from voicebot.dialogue.ways import Way

SHAPES = {"ask": ("([", "])"), "menu": ("([", "])"), "branch": ("{", "}"), "end": ("((", "))")}
WORDS = {
    "next": "",
    "yes": "是",
    "no": "否",
    "on_no_input": "不出声",
    "on_no_match": "没听懂",
    "done": "办好",
    "appended": "并单",
    "many": "多件",
    "none": "没有",
    "failed": "失败",
    "returned": "转回",
    "call_back": "要回电",
    "otherwise": "其余",
    "low": "低分",
    "rest": "没念完",
}
ENDS: Final = {
    "return": "回到进入的地方",
    "home": "回到还有什么事",
    "hang_up": "挂机",
    "call_back": "不排队了，等回电",
    "leave": "不排队了",
}
KINDS: Final = {
    "say": "说",
    "ask": "问",
    "menu": "按键",
    "answer": "回答",
    "ticket": "工单",
    "transfer": "转接",
    "branch": "分岔",
    "call": "进入流程",
    "set": "记下",
    "notify": "通知",
    "rate": "评分",
    "end": "结束",
}


@dataclass(frozen=True, slots=True)
class Box:
    """A step: its name, its kind (as in the file), and what it says or does."""

    name: str
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Arrow:
    """All ways from one step to another.

    Args:
        label: what leads there, "" for plainly on.
        missing: a way among them is not taken by the test calls.
    """

    source: str
    target: str
    label: str
    missing: bool = False


@dataclass(frozen=True, slots=True)
class Drawing:
    """Boxes in the order of the file."""

    title: str
    start: str
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]


def drawing_of(flow: Flow, missing: Collection[Way] = ()) -> Drawing:
    """Args: missing: ways no test call takes, see `coverage.Coverage`."""
    boxes = tuple(Box(name, _kind(step), _text(step)) for name, step in flow.nodes.items())
    labels: dict[tuple[str, str], list[str]] = {}
    untaken: set[tuple[str, str]] = set()
    for name, step in flow.nodes.items():
        for field, target in targets(step):
            labels.setdefault((name, target), []).append(_label(step, field).strip())
            if Way(FlowName(flow.name), name, field) in missing:
                untaken.add((name, target))
    arrows = tuple(
        Arrow(*ends, " / ".join(filter(None, dict.fromkeys(words))), ends in untaken)
        for ends, words in labels.items()
    )
    return Drawing(flow.title, flow.start, boxes, arrows)


def mermaid(flow: Flow) -> str:
    """The graph, one line a step or way."""
    ids = {name: f"n{i}" for i, name in enumerate(flow.nodes)}
    lines = [f"%% {flow.title}（{flow.path}）", "flowchart TD"]
    for name, step in flow.nodes.items():
        left, right = SHAPES.get(_kind(step), ("[", "]"))
        lines.append(f'  {ids[name]}{left}"{_caption(name, step)}"{right}')
    for name, step in flow.nodes.items():
        for field, target in targets(step):
            label = _label(step, field).replace('"', "'")
            words = f'|"{label}"|' if label else ""
            lines.append(f"  {ids[name]} -->{words} {ids[target]}")
    return "\n".join(lines)


def _kind(step: Step) -> str:
    return str(getattr(step, "kind", ""))


def _caption(name: str, step: Step) -> str:
    text = _text(step)
    return f"{name}<br/>{text}".replace('"', "'") if text else name


def _text(step: Step) -> str:
    prompt = getattr(step, "prompt", None)
    text = prompt.lines[0] if prompt else ""
    match step:
        case CallStep(flow=flow):
            text = f"流程 {flow}"
        case TicketStep(do=do):
            text = f"工单 {do}"
        case TransferStep(queue=queue):
            text = f"转接 {queue}"
        case EndStep(then=then):
            text = ENDS.get(then, then)
        case BranchStep(on=on):
            text = f"看 {on}"
    return text


def _label(step: Step, field: tuple[str | int, ...]) -> str:
    match step, field:
        case ((AskStep() | MenuStep()), ("choices", int(i), _)):
            return f"{step.choices[i].label} {step.choices[i].key}"
        case BranchStep(), ("cases", int(i), _):
            return "、".join("有" if value == "*" else value for value in step.cases[i].is_)
        case _, (str(word),):
            return WORDS[word]
        case _:
            return ""
