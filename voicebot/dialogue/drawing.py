"""A flow as a Mermaid drawing."""

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
    "otherwise": "其余",
    "low": "低分",
    "rest": "没念完",
}


def mermaid(flow: Flow) -> str:
    """The graph, one line a step or way."""
    ids = {name: f"n{i}" for i, name in enumerate(flow.nodes)}
    lines = [f"%% {flow.title}（{flow.path}）", "flowchart TD"]
    for name, step in flow.nodes.items():
        kind = getattr(step, "kind", "")
        left, right = SHAPES.get(kind, ("[", "]"))
        lines.append(f'  {ids[name]}{left}"{_caption(name, step)}"{right}')
    for name, step in flow.nodes.items():
        for field, target in targets(step):
            label = _label(step, field)
            lines.append(f"  {ids[name]} -->{f'|{label}|' if label else ''} {ids[target]}")
    return "\n".join(lines)


def _caption(name: str, step: Step) -> str:
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
            text = then
    return f"{name}<br/>{text}".replace('"', "'") if text else name


def _label(step: Step, field: tuple[str | int, ...]) -> str:
    match step, field:
        case ((AskStep() | MenuStep()), ("choices", int(i), _)):
            return f"{step.choices[i].label} {step.choices[i].key}"
        case BranchStep(), ("cases", int(i), _):
            return "、".join(step.cases[i].is_)
        case _, (str(word),):
            return WORDS[word]
        case _:
            return ""
