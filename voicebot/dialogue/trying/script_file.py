"""Test calls of a flow (``ivr_flows/NAME.test.yaml``): text → checked scripts, or every mistake."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from pydantic import BaseModel

from voicebot.core.ids import FlowName
from voicebot.core.marked_yaml import Location, MarkedYaml, read_yaml, validate
from voicebot.core.problem import ContentError, Problem
from voicebot.dialogue.checking.source import nearest
from voicebot.dialogue.flows import TICKET_RESULTS, Flows
from voicebot.dialogue.loading import explained
from voicebot.dialogue.trying import script_shape
from voicebot.dialogue.trying.script_shape import CallShape, Wanted

SUFFIX: Final = ".test.yaml"
_KEYS: Final = frozenset(
    name
    for model in vars(script_shape).values()
    if isinstance(model, type) and issubclass(model, BaseModel)
    for name in model.model_fields
)


@dataclass(frozen=True)
class Script:
    """One test call.

    Args:
        flow: whose file it stands in (the call may begin in another, see ``shape.flow``).
        place: in `document`.
    """

    flow: FlowName
    shape: CallShape
    document: MarkedYaml
    place: Location

    @property
    def name(self) -> str:
        return self.shape.name

    def problem(self, place: Location, code: str, message: str, suggestion: str = "") -> Problem:
        """A finding at a place in the call."""
        return self.document.problem((*self.place, *place), code, message, suggestion)


def flow_of(path: str) -> FlowName:
    """Whose test calls a file holds: ``ivr_flows/ticket.test.yaml`` → ``ticket``."""
    return FlowName(path.rsplit("/", 1)[-1].removesuffix(SUFFIX))


def load_scripts(texts: Mapping[str, str], flows: Flows) -> tuple[Script, ...]:
    """Reads test calls in the order of their files.

    Args:
        texts: path → content.
        flows: what they refer to.

    Raises:
        ContentError: every mistake of every file.
    """
    problems: list[Problem] = []
    scripts: list[Script] = []
    for path, text in sorted(texts.items()):
        try:
            document = read_yaml(path, text)
        except ContentError as error:
            problems += error.problems
            continue
        for found in _read(document):
            if isinstance(found, Problem):
                problems.append(found)
            else:
                scripts.append(found)
    for script in scripts:
        problems += _check(script, flows)
    if problems:
        raise ContentError(problems)
    return tuple(scripts)


def _read(document: MarkedYaml) -> Iterator[Script | Problem]:
    """The calls whose shape is right, and what is wrong with the others."""
    if document.value is None:
        return
    if not isinstance(document.value, list):
        yield document.problem((), "schema.type", "应为列表，每通试打以 - name: 开头")
        return
    names: set[str] = set()
    for index, raw in enumerate(document.value):
        if not isinstance(raw, dict):
            yield document.problem((index,), "schema.type", "应为一组键值，以 name: 开头")
            continue
        try:
            shape = validate(document, CallShape, (index,))
        except ContentError as error:
            name = raw.get("name")
            yield from explained(error.problems, f"试打 {name or index + 1} → ", _KEYS)
            continue
        if shape.name in names:
            yield document.problem((index, "name"), "test.duplicate", f"试打「{shape.name}」有两通")
        names.add(shape.name)
        yield Script(flow_of(document.path), shape, document, (index,))


def _check(script: Script, flows: Flows) -> Iterator[Problem]:
    """What a call refers to."""
    shape = script.shape
    if script.flow not in flows.flows:
        file = script.flow + SUFFIX
        hint = nearest(script.flow, flows.flows)
        yield script.problem((), "test.no_flow", f"没有流程「{script.flow}」，{file} 试的是谁？", hint)
    if shape.flow and shape.flow not in flows.flows:
        hint = nearest(shape.flow, flows.flows)
        yield script.problem(("flow",), "test.no_flow", f"没有流程「{shape.flow}」", hint)
    expected: list[tuple[Location, Wanted]] = [(("steps", i), step) for i, step in enumerate(shape.steps)]
    if shape.greeting:
        expected.append((("greeting",), shape.greeting))
    slots = {*TICKET_RESULTS, *(name for flow in flows.flows.values() for name in flow.labels)}
    for place, wanted in expected:
        yield from _check_wanted(script, flows, place, wanted, slots)


def _check_wanted(
    script: Script, flows: Flows, place: Location, wanted: Wanted, slots: Collection[str]
) -> Iterator[Problem]:
    if wanted.step is not None:
        flow, _, node = wanted.step.rpartition(".")
        known = flows.flows.get(FlowName(flow) if flow else script.flow)
        if known is None or node not in known.nodes:
            hint = nearest(node, known.nodes if known else ())
            yield script.problem((*place, "step"), "test.no_step", f"没有节点「{wanted.step}」", hint)
    for name in wanted.slots.keys() - slots:
        message, hint = f"没有流程登记过「{name}」", nearest(name, slots)
        yield script.problem((*place, "slots", name), "test.no_slot", message, hint)
