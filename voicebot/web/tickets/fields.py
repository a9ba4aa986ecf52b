"""Which details a dialog asks for: of each action those that its rule takes, and no others."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from voicebot.core.meaning import AppealType, Urgency
from voicebot.tickets.deadlines import Deadlines
from voicebot.tickets.directory import Directory
from voicebot.tickets.dispatch import Suggestion
from voicebot.tickets.parts import Difficulty, SupervisionLevel
from voicebot.tickets.rejection import GROUNDS
from voicebot.tickets.rules import RULES
from voicebot.tickets.ticket import Ticket
from voicebot.tickets.ticket import TicketAction as A
from voicebot.web.tickets.words import REASONS, moment

Field = dict[str, Any]
"""As ``parts/form.js`` takes it: name, label, kind, required, options, offers, hint, rows."""

PART: Final = ("part_title", "part_content", "part_address", "part_appeal")
"""Fields of what is split off."""
_SILENT: Final = frozenset(
    {"sign_due", "return_due", "due_at", "close_due", "latest", "department_score", "articles", "part"}
)
"""Times come from the city's profile, scores from machines."""
_YES_NO: Final = [("yes", "是"), ("no", "否")]
CORRECTED: Final = (
    *("appeal_type", "urgency", "category", "title", "content"),
    *("address", "district", "occurred", "object", "confidential", "want_reply"),
)


@dataclass(frozen=True)
class Around:
    """What choices depend on.

    Args:
        suggestions: who may be in charge, best first.
        others: tickets that may be the same matter, for 并单 and 群诉: number, words, score in words.
    """

    ticket: Ticket
    directory: Directory
    deadlines: Deadlines
    now: datetime
    suggestions: Sequence[Suggestion] = ()
    others: Sequence[tuple[str, str, str]] = ()


def fields(action: A, around: Around) -> list[Field]:
    """What must be asked, then what may be, then the reason."""
    rule = RULES[action]
    names = [name for name in rule.takes if name not in _SILENT]
    asked = [one for name in names for one in _of(name, action, around, required=True)]
    optional = [name for name in rule.may if name not in _SILENT and name not in ("department",)]
    asked += [one for name in optional for one in _of(name, action, around, required=False)]
    if action is A.SPLIT:
        asked = _part(around.ticket) + asked
    if rule.reason:
        asked.append(_area("reason", REASONS.get(action, "理由"), rows=3, required=True))
    return asked


def begun(action: A, around: Around) -> dict[str, Any]:
    """What stands in the fields before anybody types."""
    ticket = around.ticket
    if action is A.CORRECT:
        return {name: _shown(getattr(ticket, name)) for name in CORRECTED}
    if action is A.ASK_EXTENSION:
        return {"until": _local(around.deadlines.longest_extension(ticket), around.now)}
    if action is A.ASSIGN:
        return {"co_departments": list(ticket.co_departments)}
    if action is A.SPLIT:
        return {"part_address": ticket.address, "part_appeal": ticket.appeal_type.value}
    if action in (A.DISPATCH, A.DESIGNATE) and around.suggestions:
        best = around.suggestions[0]
        return {"department": best.department, "co_departments": list(best.helpers)}
    return {}


def _of(name: str, action: A, around: Around, *, required: bool) -> list[Field]:
    match name:
        case "department":
            return [_department(around, required)]
        case "co_departments":
            units = _units(around.directory)
            return [{"name": name, "label": "协办单位", "kind": "units", "options": units}]
        case "reply":
            label = "给诉求人的答复"
            return [_area(name, label, rows=9, required=required, hint="说明查到了什么、怎么处理、结果如何")]
        case "return_ground":
            return [_ground(around.directory, required)]
        case "reject_code":
            options = [(code.value, ground.label) for code, ground in GROUNDS.items()]
            return [_select(name, "为什么不受理", options, required)]
        case "difficult":
            return [_select(name, "标记", [(each.value, each.value) for each in Difficulty], required)]
        case "until":
            latest = around.deadlines.longest_extension(around.ticket)
            label = f"延到（最晚{moment(latest, around.now)}）"
            return [{"name": name, "label": label, "kind": "moment", "required": required}]
        case "level":
            return [
                _select(name, "督办级别", [(each.value, each.value) for each in SupervisionLevel], required)
            ]
        case "note":
            return [_area(name, "督办要求（批示）", rows=3, required=required)]
        case "due":
            return [{"name": name, "label": "反馈期限（不填按规定）", "kind": "moment"}]
        case "feedback":
            return [_area(name, "督办反馈", rows=4, required=required)]
        case "reached":
            return [_select(name, "接通了", _YES_NO, required)]
        case "solved":
            return [_select(name, "诉求人认为解决了", _YES_NO, required)]
        case "rating":
            return [_select(name, "评分", [(str(n), f"{n}分") for n in range(5, 0, -1)], required)]
        case "rating_reason":
            return [_area(name, "评分说明", rows=2, required=required)]
        case "merge_parent":
            return [_other(name, "并入哪件工单", around)]
        case "group":
            return [_other(name, "群诉主单", around)]
        case "reference":
            system = {"name": "system", "label": "哪个系统", "kind": "text", "required": required}
            return [
                system | {"hint": "110、网格、信访……"},
                {"name": "number", "label": "在那边的编号", "kind": "text", "required": required},
            ]
        case "correction":
            return _correction(around)
        case _:
            raise AssertionError(f"{action}: nobody asks for {name}")


def _department(around: Around, required: bool) -> Field:
    offers = [
        {
            "value": each.department,
            "words": f"{each.department} {each.score:.0%}",
            "why": "；".join(each.reasons[:2]),
            "also": {"co_departments": list(each.helpers)},
        }
        for each in around.suggestions
    ]
    options = _units(around.directory)
    return _select("department", "主办单位", options, required) | {"offers": offers}


def _ground(directory: Directory, required: bool) -> Field:
    if not directory.grounds:
        return _area("return_ground", "退单依据", rows=2, required=required)
    options = [
        (ground.name, f"{ground.name}（{ground.basis}）" if ground.basis else ground.name)
        for ground in directory.grounds.values()
    ]
    return _select("return_ground", "退单依据", options, required)


def _other(name: str, label: str, around: Around) -> Field:
    offers = [{"value": no, "words": f"{no} {words}", "why": why} for no, words, why in around.others]
    hint = "14位工单号"
    return {"name": name, "label": label, "kind": "text", "required": True, "hint": hint, "offers": offers}


def _correction(around: Around) -> list[Field]:
    categories = [(each.path, each.path) for each in around.directory.categories]
    own = around.ticket.category
    if own and own not in dict(categories):
        categories.insert(0, (own, own))
    return [
        _select("appeal_type", "诉求类型", [(each.value, each.value) for each in AppealType], True),
        _select("urgency", "紧急程度", [(each.value, each.value) for each in Urgency], True),
        _select("category", "分类", categories, False),
        {"name": "title", "label": "标题", "kind": "text", "required": True},
        _area("content", "内容", rows=6, required=False),
        {"name": "address", "label": "地点", "kind": "text"},
        {"name": "district", "label": "区县", "kind": "text"},
        {"name": "occurred", "label": "发生时间", "kind": "text"},
        {"name": "object", "label": "反映对象", "kind": "text"},
        _select("confidential", "保密", _YES_NO, True),
        _select("want_reply", "要求答复", _YES_NO, True),
    ]


def _part(ticket: Ticket) -> list[Field]:
    return [
        {"name": "part_title", "label": "拆出的事项", "kind": "text", "required": True, "hint": "30字以内"},
        _area("part_content", "拆出的内容", rows=5, required=True),
        {"name": "part_address", "label": "地点", "kind": "text"},
        _select("part_appeal", "诉求类型", [(each.value, each.value) for each in AppealType], True),
    ]


def _units(directory: Directory) -> list[tuple[str, str]]:
    return [(unit.name, unit.name) for unit in directory.units.values()]


def _select(name: str, label: str, options: Sequence[tuple[str, str]], required: bool) -> Field:
    return {"name": name, "label": label, "kind": "select", "options": list(options), "required": required}


def _area(name: str, label: str, *, rows: int, required: bool, hint: str = "") -> Field:
    return {"name": name, "label": label, "kind": "area", "rows": rows, "required": required, "hint": hint}


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _local(at: datetime, now: datetime) -> str:
    return f"{at.astimezone(now.tzinfo):%Y-%m-%dT%H:%M}"
