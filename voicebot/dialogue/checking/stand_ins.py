"""Values in the place of those that are missing or wrong, so that the rest of a step can be checked."""

import copy
from collections.abc import Iterable, Mapping
from typing import Any, Final

from pydantic import BaseModel

from voicebot.core.marked_yaml import Location

STAND_INS: Final[Mapping[str, object]] = {
    "title": "", "prompt": "好", "say": "好", "choices": [], "cases": [], "is": [], "label": "", "key": "1",
    "on": "channel", "do": "create",
}  # fmt: skip
"""Values that no rule objects to, for required ones that are missing or wrong."""


def without(raw: dict[str, Any], places: Iterable[Location], model: type[BaseModel]) -> dict[str, Any]:
    """`raw` without the values at `places`; stand-ins for those that must be there."""
    kept = copy.deepcopy(raw)
    for at in places:
        field = next((f for k, f in model.model_fields.items() if (f.alias or k) == at[0]), None)
        holder: Any = kept
        for part in at[:-1]:
            inner = holder[part] if has(holder, part) else None
            if not isinstance(inner, dict | list):
                break
            holder = inner
        else:
            if isinstance(holder, dict):
                holder.pop(at[-1], None)
                if at[-1] in STAND_INS:
                    holder[at[-1]] = STAND_INS[str(at[-1])]
                if len(at) > 1 or field is None or not field.is_required() or at[0] in STAND_INS:
                    continue
        kept.pop(str(at[0]), None)
        if field is not None and field.is_required() and at[0] in STAND_INS:
            kept[str(at[0])] = STAND_INS[str(at[0])]
    return kept


def has(holder: Any, part: str | int) -> bool:
    if isinstance(holder, list):
        return isinstance(part, int) and part < len(holder)
    return isinstance(holder, dict) and part in holder
