"""Demands as a dialogue hands them over."""

from typing import Any

from voicebot.core.demand import Demand
from voicebot.core.ids import CallId, DepartmentName
from voicebot.core.meaning import AppealType

PHONE = "13800008000"
OTHER = "13911112222"


def lamp(**changed: Any) -> Demand:
    """A broken street lamp in 云江路12号, reported from `PHONE`."""
    fields: dict[str, Any] = {
        "appeal_type": AppealType.HELP,
        "title": "路灯不亮",
        "content": "云江路12号门口的路灯坏了，晚上一片漆黑，要求维修",
        "channel": "phone",
        "department": DepartmentName("市城市管理局"),
        "address": "云江路12号",
        "occurred": "昨天晚上",
        "object": "路灯",
        "caller_name": "王小明",
        "phone": PHONE,
        "call_id": CallId("20261124-093011-7f3a"),
        "evidence": (("address", "云江路12号"),),
    } | changed
    return Demand(**fields)
