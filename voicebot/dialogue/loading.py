"""YAML texts → checked flows, or every mistake at once with its place."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from voicebot.core.catalogue import Catalogue
from voicebot.core.marked_yaml import MarkedYaml, read_yaml, validate
from voicebot.core.problem import ContentError, Problem, Severity
from voicebot.dialogue import flow_file, schema
from voicebot.dialogue.checks import check
from voicebot.dialogue.fields import Strict
from voicebot.dialogue.flows import MAIN, Flow, Flows
from voicebot.dialogue.questions import inherited
from voicebot.dialogue.source import Source, nearest

_FIELD = re.compile(r"^字段 (\S+)：")
_KEYS = frozenset(
    name
    for model in (*vars(schema).values(), *vars(flow_file).values())
    if isinstance(model, type) and issubclass(model, Strict)
    for name in (field.alias or key for key, field in model.model_fields.items())
)


def load_flows(texts: Mapping[str, str], catalogue: Catalogue) -> Flows:
    """Builds the graph of all files.

    Args:
        texts: path as the author knows it → content.
        catalogue: what flows may refer to by name.

    Raises:
        ContentError: every mistake of every file; warnings are in it too.
    """
    problems: list[Problem] = []
    sources: list[Source] = []
    for path, text in sorted(texts.items()):
        try:
            document = read_yaml(path, text)
        except ContentError as error:
            problems += error.problems
            continue
        read = read_flow(document)
        problems += read.problems
        if read.source:
            sources.append(read.source)
    # A file that cannot be read would make every reference to it look like a mistake.
    problems += check(sources, catalogue, complete=len(sources) == len(texts))
    problems = list(dict.fromkeys(problems))
    if any(p.severity is Severity.ERROR for p in problems):
        raise ContentError(problems)
    main = next(s.file for s in sources if s.file.flow == MAIN)
    assert main.phrases is not None  # the checker has seen to it
    flows = {s.file.flow: _flow(s) for s in sources}
    return Flows(MappingProxyType(flows), catalogue.city, main.phrases, tuple(sorted(problems)))


def _flow(source: Source) -> Flow:
    file = source.file
    return Flow(
        name=file.flow,
        title=file.title,
        path=source.path,
        start=file.start,
        nodes=MappingProxyType(source.nodes),
        numbers=file.numbers,
        intents=file.intents,
        slots=MappingProxyType(file.slots),
        inputs=file.inputs,
        outputs=file.outputs,
        holds=file.holds,
        languages=file.languages,
        serves=MappingProxyType(file.serves),
        defaults=file.defaults,
        anchors=file.anchors,
        declines=file.declines,
    )


@dataclass(frozen=True)
class Shape:
    """A file as far as its shape goes; `source` None when the file around the steps is wrong."""

    source: Source | None
    problems: tuple[Problem, ...]


def read_flow(document: MarkedYaml) -> Shape:
    """The shape stage: types and keys, without a look at what they refer to."""
    try:
        file = validate(document, flow_file.FlowFile)
    except ContentError as error:
        shape = list(explained(error.problems))
        steps = document.value.get("steps") if isinstance(document.value, dict) else None
        if isinstance(steps, dict):  # an author wants to see the mistakes of the steps too
            shape += _steps(document, steps)[1]
        return Shape(None, tuple(shape))
    nodes, problems = _steps(document, file.steps)
    nodes = {name: inherited(step, name, file.defaults, file.steps) for name, step in nodes.items()}
    return Shape(Source(document, file, nodes, whole=not problems), tuple(problems))


def _steps(document: MarkedYaml, steps: Mapping[str, object]) -> tuple[dict[str, schema.Step], list[Problem]]:
    nodes: dict[str, schema.Step] = {}
    problems: list[Problem] = []
    for name, raw in steps.items():
        place = ("steps", name)
        kind = raw.get("kind") if isinstance(raw, dict) else None
        if not isinstance(raw, dict):
            problems.append(document.problem(place, "schema.type", f"节点 {name}：应为一组键值"))
        elif not isinstance(kind, str):
            problems.append(document.problem(place, "flow.no_kind", f"节点 {name}：缺少 kind", _one_of()))
        elif kind not in schema.STEP_MODELS:
            message = f"节点 {name} → 字段 kind：没有「{kind}」这种步骤"
            hint = nearest(kind, schema.STEP_MODELS) or _one_of()
            problems.append(document.problem((*place, "kind"), "flow.unknown_kind", message, hint))
        else:
            try:
                nodes[name] = validate(document, schema.STEP_MODELS[kind], place)
            except ContentError as error:
                problems += explained(error.problems, f"节点 {name} → ")
    return nodes, problems


def _one_of() -> str:
    return "可用：" + "、".join(schema.STEP_MODELS)


def explained(
    problems: Iterable[Problem], where: str = "", keys: frozenset[str] = _KEYS
) -> Iterator[Problem]:
    """Pydantic's findings in words an author knows; `keys`: those that an unknown one may stand for."""
    for problem in problems:
        field = _FIELD.match(problem.message)
        key = field[1].rsplit(".", 1)[-1] if field else ""
        message, suggestion = problem.message, problem.suggestion
        match problem.code:
            case "schema.unknown_key":
                suggestion = nearest(key, keys - {key})
            case "schema.enum" | "schema.literal_error":
                allowed = re.findall(r"'([^']*)'", problem.message)
                message, suggestion = f"字段 {key}：取值不对", "可用：" + "、".join(allowed)
            case "schema.missing" | "schema.type" | "schema.value_error":
                pass
            case _:
                message = f"字段 {key}：取值不对（{problem.message.split('：', 1)[-1]}）"
        yield replace(problem, message=where + message, suggestion=suggestion)
