"""What may be written in a flow, for the editor's completion (``static/flows/helper.js``)."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any, Final, Literal, get_args, get_origin

from pydantic import BaseModel

from voicebot.dialogue.flow_file import Anchors, FlowFile
from voicebot.dialogue.hints import KEYS, KINDS
from voicebot.dialogue.schema import STEP_MODELS, TARGETS

Vocabulary = dict[str, Any]

_ENTRY: Final = ("start",)


def vocabulary(flows: Iterable[tuple[str, str]]) -> Vocabulary:
    """Kinds, keys of each kind with what they mean, fixed values, keys whose value is a step.

    Args:
        flows: (name, title) of what a `call` may name.
    """
    return {
        "kinds": dict(KINDS),
        "root": _keys(FlowFile, ""),
        "steps": {kind: _keys(model, kind) for kind, model in STEP_MODELS.items()},
        "targets": sorted({*TARGETS, *_ENTRY, *Anchors.model_fields}),
        "values": dict(_fixed_values()),
        "flows": [list(flow) for flow in flows],
    }


def _keys(model: type[BaseModel], kind: str) -> dict[str, str]:
    """Key → what it means there."""
    names = (field.alias or name for name, field in model.model_fields.items())
    return {name: KEYS.get(f"{kind}.{name}") or KEYS.get(name, "") for name in names}


def _fixed_values() -> Iterable[tuple[str, list[str]]]:
    """``kind.key`` → the values it may have, where those are a fixed list."""
    for kind, model in STEP_MODELS.items():
        for name, field in model.model_fields.items():
            values = list(_choices(field.annotation))
            if values and name != "kind":
                yield f"{kind}.{field.alias or name}", values


def _choices(annotation: object) -> Iterable[str]:
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        yield from (member.value for member in annotation)
    elif get_origin(annotation) is Literal:
        yield from (str(value) for value in get_args(annotation))
    else:
        for part in get_args(annotation):
            yield from _choices(part)
