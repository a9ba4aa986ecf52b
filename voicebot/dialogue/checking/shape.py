"""The shape stage: keys, types and values of one file, without a look at what they refer to.

What is wrong is told, and what is right is kept: a file or a step with a mistake goes on through the
checker without the part in which it stands, so that an author sees all mistakes at once and none that only
follows from another.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from voicebot.core.marked_yaml import Location, MarkedYaml, violations
from voicebot.core.problem import Problem
from voicebot.core.schema_words import field_name
from voicebot.dialogue import schema
from voicebot.dialogue.checking.shape_words import KEYS, MEANT_KINDS, STEP_KEYS, in_words, nearest_key, one_of
from voicebot.dialogue.checking.source import Source, nearest, shown
from voicebot.dialogue.checking.stand_ins import STAND_INS, has, without
from voicebot.dialogue.flow_file import FlowFile
from voicebot.dialogue.questions import inherited

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True)
class Shape:
    """A file as far as its shape goes; `source` None when nothing can be made of it."""

    source: Source | None
    problems: tuple[Problem, ...]


def read_flow(document: MarkedYaml) -> Shape:
    """Reads a file; its own mistakes of YAML are among the problems."""
    value = document.value
    if not document.readable:
        return Shape(None, document.problems)
    if not isinstance(value, dict):
        return Shape(None, (*document.problems, _no_file(document)))
    problems = list(document.problems)
    file, found, unsure = _forgiving_file(document, value)
    misplaced = [p for p in found if p.code == "flow.misplaced"]
    problems += found
    if file is None:
        steps = value.get("steps")
        if isinstance(steps, dict):  # an author wants to see the mistakes of the steps too
            problems += _steps(document, steps, file)[2]
        return Shape(None, tuple(problems))
    nodes, partial, shape = _steps(document, file.steps, file)
    problems = _without_poured(document, file.steps, [*problems, *shape])
    whole = not (shape or misplaced or document.problems or unsure & {"start", "anchors", "defaults"})
    places: list[tuple[Location, object]] = [((), value)]
    places += [(("steps", name), raw) for name, raw in file.steps.items()]
    astray = frozenset(key for place, raw in places for key in _astray(document, place, raw))
    return Shape(Source(document, file, nodes, whole, partial, frozenset(unsure), astray), tuple(problems))


def _astray(document: MarkedYaml, place: Location, raw: object) -> list[str]:
    """Members of the file or of a step that look like steps."""
    members = raw.items() if isinstance(raw, dict) else ()
    return [key for key, member in members if _is_step(document, (*place, key), member, raw)]


def _is_step(document: MarkedYaml, place: Location, member: object, holder: object) -> bool:
    """It has a kind, or is only the head of a step whose lines stand below it, not in it."""
    if isinstance(member, dict):
        return "kind" in member
    line = document.mark(place)[0]
    kind = holder.get("kind") if isinstance(holder, dict) else None
    own = STEP_KEYS.get(kind, KEYS) if isinstance(kind, str) else KEYS
    is_head = member is None and place[-1] not in own and line < len(document.lines)
    return is_head and document.lines[line].lstrip().startswith("kind:")


def _without_poured(
    document: MarkedYaml, steps: Mapping[str, object], problems: list[Problem]
) -> list[Problem]:
    """Without what is only wrong because the lines below a head that stands too far right are poured into
    the step before."""
    starts = sorted(document.mark(("steps", name))[0] for name in steps)
    poured: set[int] = set()
    for name, raw in steps.items():
        for key in _astray(document, ("steps", name), raw):
            head = document.mark(("steps", name, key))[0]
            end = next((line for line in starts if line > head), len(document.lines) + 1)
            poured |= set(range(head + 1, end)) if isinstance(raw, dict) and raw[key] is None else set()
    follows = ("yaml.duplicate_key", "schema.unknown_key")
    return [p for p in problems if not (p.code in follows and p.line in poured)]


def _no_file(document: MarkedYaml) -> Problem:
    hint = "至少要有 flow、title、start、steps"
    if document.value is None:
        return document.problem((), "schema.type", "文件是空的", hint)
    return document.problem((), "schema.type", "字段 文件：应为一组键值", hint)


# ── the file around the steps ───────────────────────────────────────────────────────────────


def _forgiving_file(
    document: MarkedYaml, value: dict[str, Any]
) -> tuple[FlowFile | None, list[Problem], set[str]]:
    """The file without what is wrong, every mistake, and which keys say less than they should."""
    try:
        return FlowFile.model_validate(value), [], set()
    except ValidationError as error:
        found = _of_the_author(document, (), violations(document, (), error))

    def misplaced(at: Location) -> Problem | None:
        return _misplaced_step(document, at, value)

    empty = any(misplaced(at) for at, _ in found)  # `steps` is, only because they stand beside it
    problems = in_words(
        [(at, p) for at, p in found if not (empty and at == ("steps",))],
        misplaced,
        "",
        set(FlowFile.model_fields),
    )
    kept, unsure = dict(value), set[str]()
    for at, _ in found:
        key = str(at[0]) if at else ""
        meant = nearest_key(key, FlowFile.model_fields)
        unsure |= {key, meant} - {""}
        field = FlowFile.model_fields.get(key)
        kept.pop(key, None)
        if field is not None and field.is_required():
            kept[key] = STAND_INS.get(key, _guess(key, document, value))
    try:
        file = FlowFile.model_validate(kept)
    except ValidationError:
        return None, problems, unsure
    return file, problems, unsure


def _guess(key: str, document: MarkedYaml, value: dict[str, Any]) -> object:
    steps = value.get("steps")
    match key:
        case "flow":
            return document.path.rsplit("/", 1)[-1].split(".", 1)[0]
        case "start":
            return next(iter(steps), "") if isinstance(steps, dict) else ""
        case _:
            return None


def _misplaced_step(document: MarkedYaml, at: Location, value: Mapping[str, Any]) -> Problem | None:
    """A step that stands beside `steps` instead of below it."""
    member = value.get(str(at[0])) if len(at) == 1 else None
    if not isinstance(member, dict) or "kind" not in member or at[0] in FlowFile.model_fields:
        return None
    message, hint = f"节点 {shown(at[0])} 不在 steps 里面", "请在它和它的每一行前面多加两个空格"
    return document.problem(at, "flow.misplaced", message, hint)


# ── the steps ───────────────────────────────────────────────────────────────────────────────


def _steps(
    document: MarkedYaml, steps: Mapping[str, object], file: FlowFile | None
) -> tuple[dict[str, schema.Step], dict[str, schema.Step], list[Problem]]:
    """Steps whose shape is right, what is right of the others, and all mistakes."""
    nodes: dict[str, schema.Step] = {}
    partial: dict[str, schema.Step] = {}
    problems: list[Problem] = []
    before = ""
    for name, raw in steps.items():
        place: Location = ("steps", name)
        if place in document.refused:
            continue
        if not isinstance(raw, dict):
            stray = name in KEYS and before
            problems.append(_no_step(document, name, before))
            if stray:  # what `before` lacks is what stands here
                problems = [
                    p for p in problems if not (p.code == "schema.missing" and f" {before} " in p.message)
                ]
                nodes.pop(before, None)
            continue
        before = name
        kind = raw.get("kind")
        if not isinstance(kind, str) or kind not in schema.STEP_MODELS:
            problems.append(_no_kind(document, name, raw, kind))
            continue
        model = schema.STEP_MODELS[kind]
        step, found = _forgiving_step(document, place, model, raw, f"节点 {shown(name)} → ")
        problems += found
        if step is not None and file is not None:
            step = inherited(step, name, file.defaults, file.steps)
            (partial if found else nodes)[name] = step
    return nodes, partial, problems


def _no_step(document: MarkedYaml, name: str, before: str) -> Problem:
    place = ("steps", name)
    if name in KEYS and before:
        message = f"「{name}」缩进不够，成了一个节点"
        return document.problem(
            place, "flow.misplaced", message, f"请和节点 {shown(before)} 的 kind 左边对齐"
        )
    return document.problem(place, "schema.type", f"节点 {shown(name)}：应为一组键值", "至少要有 kind")


def _no_kind(document: MarkedYaml, name: str, raw: Mapping[str, Any], kind: object) -> Problem:
    place: Location = ("steps", name)
    if isinstance(kind, str):
        message = f"节点 {shown(name)} → 字段 kind：没有「{shown(kind)}」这种步骤"
        meant = f"是否指 {MEANT_KINDS[kind]}？" if kind in MEANT_KINDS else ""
        hint = meant or nearest(kind, schema.STEP_MODELS) or one_of()
        return document.problem((*place, "kind"), "flow.unknown_kind", message, hint)
    near = next((key for key in raw if key not in KEYS and nearest(key, ["kind"])), None)
    hint = f"是否把 kind 写成了 {shown(near)}？" if near else one_of()
    return document.problem(place, "flow.no_kind", f"节点 {shown(name)}：缺少 kind", hint)


def _forgiving_step(
    document: MarkedYaml, place: Location, model: type[M], raw: dict[str, Any], where: str
) -> tuple[M | None, list[Problem]]:
    try:
        return model.model_validate(raw), []
    except ValidationError as error:
        found = _of_the_author(document, place, violations(document, place, error))
    keys = STEP_KEYS[str(raw["kind"])]
    told = in_words(found, lambda at: _nested_step(document, place, at, raw), where, keys)
    try:
        return model.model_validate(without(raw, [at for at, _ in found], model)), told
    except ValidationError:
        return None, told


def _nested_step(
    document: MarkedYaml, place: Location, at: Location, raw: Mapping[str, Any]
) -> Problem | None:
    """A step that is indented so far that it became a part of the one before."""
    if len(at) != 1 or not _is_step(document, (*place, *at), raw.get(str(at[0])), raw):
        return None
    message, hint = f"节点 {shown(at[0])} 缩进太多，成了节点 {shown(place[-1])} 的一部分", "请和它左边对齐"
    return document.problem((*place, *at), "flow.misplaced", message, hint)


def _of_the_author(
    document: MarkedYaml, place: Location, found: Iterable[tuple[Location, Problem]]
) -> list[tuple[Location, Problem]]:
    """Without what is only wrong because the reader of YAML refused it, and with a word on braces."""
    kept: dict[Location, Problem] = {}
    for at, problem in found:
        if (*place, *at) in document.refused:
            continue
        if at and _is_braced(document, (*place, *at[:-1])):
            text = f"{{{shown(at[-1])}}}"
            message, hint = f"字段 {field_name(at[:-1])}：以「{{」开头的句子要加引号", f'应写成 "{text}"'
            problem = document.problem((*place, *at[:-1]), "schema.type", message, hint)
            at = at[:-1]
        kept.setdefault(at, problem)
    return list(kept.items())


def _is_braced(document: MarkedYaml, place: Location) -> bool:
    """``prompt: {name}``: meant as text, read as a mapping."""
    value: object = document.value
    for part in place:
        value = value[part] if has(value, part) else None  # type: ignore[index]
    return isinstance(value, dict) and bool(place) and list(value.values()) == [None]
