"""What the list can be narrowed to."""

from typing import Final

from voicebot.core.meaning import AppealType, Urgency
from voicebot.tickets.state import State
from voicebot.web.tickets.fields import Field
from voicebot.web.tickets.who import Visit

_OFFERED: Final = tuple(state for state in State if state is not State.DRAFT)


def selects(visit: Visit) -> list[Field]:
    """Selects of the page's filters, in the order they stand in."""
    directory = visit.desk.directory()
    districts = sorted(set(directory.streets.values()))
    firsts = dict.fromkeys(path.partition("/")[0] for path in (c.path for c in directory.categories))
    found = [
        _select("state", "状态", [(state.value, state.label) for state in _OFFERED]),
        _select("unit", "单位", [(unit, unit) for unit in directory.units]),
        _select("district", "区县", [(name, name) for name in districts]),
        _select("category", "分类", [(name, name) for name in firsts]),
        _select("appeal", "诉求类型", [(each.value, each.value) for each in AppealType]),
        _select("urgency", "紧急程度", [(each.value, each.value) for each in Urgency]),
    ]
    own = visit.account.department is not None  # a unit sees its own alone
    return [one for one in found if len(one["options"]) > 1 and not (own and one["name"] == "unit")]


def _select(name: str, label: str, options: list[tuple[str, str]]) -> Field:
    return {"name": name, "label": label, "options": [("", f"{label}：全部"), *options]}
