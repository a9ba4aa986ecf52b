"""What things are called on the pages, and times as people say them."""

from datetime import datetime, timedelta
from typing import Final

from voicebot.tickets.clocks import Light
from voicebot.tickets.ticket import TicketAction as A

LIGHTS: Final = {Light.GREEN: "正常", Light.YELLOW: "将到期", Light.RED: "超期"}

ROLES: Final = {
    "admin": "管理员",
    "supervisor": "班长",
    "dispatcher": "派单员",
    "handler": "承办",
    "seat": "坐席",
    "system": "外部系统",
}
_MACHINES: Final = {"caller": "诉求人", "bot": "语音助手", "clock": "系统", "system": "系统"}

FIELDS: Final = {
    "state": "状态",
    "appeal_type": "诉求类型",
    "title": "标题",
    "content": "内容",
    "urgency": "紧急程度",
    "department": "主办单位",
    "co_departments": "协办单位",
    "department_score": "派单把握",
    "address": "地点",
    "district": "区县",
    "occurred": "发生时间",
    "object": "反映对象",
    "confidential": "保密",
    "anonymous": "匿名",
    "want_reply": "要求答复",
    "sign_due": "签收期限",
    "due_at": "答复期限",
    "close_due": "办结期限",
    "return_due": "退单期限",
    "round": "办理轮次",
    "paused_at": "计时暂停",
    "extended": "已延期",
    "urged": "催办次数",
    "reply": "答复",
    "merge_parent": "并入工单",
    "rating": "评分",
    "rating_reason": "评分说明",
    "category": "分类",
    "designated": "指定办理",
    "extension": "延期申请",
    "supervision": "督办",
    "difficult": "疑难标记",
    "disputed": "退单待审",
    "return_ground": "退单依据",
    "reject_code": "不予受理原因",
    "group": "群诉主单",
    "split_from": "拆自工单",
    "split_into": "拆出工单",
    "solved": "诉求人认为解决",
    "objection": "异议",
    "low_score": "低分待复核",
    "refs": "外部单号",
    "name_mask": "称呼",
    "phone_mask": "电话",
    "evidence": "原话",
    "channel": "渠道",
}
"""Fields of a ticket that people are shown; the rest is bookkeeping."""

REASONS: Final = {
    A.SUPPLEMENT: "补充的情况",
    A.OBJECT: "诉求人的异议",
    A.REJECT: "说明",
    A.CANCEL: "撤单理由",
    A.RETURN: "退单理由",
    A.REDO: "为什么重办",
    A.KEEP: "为什么维持",
    A.MERGE: "为什么是同一件事",
    A.SPLIT: "为什么拆开",
}
"""How the reason of an action is called; else 理由."""

SURE: Final = {
    A.CANCEL: "撤单后不能恢复，确定吗？",
    A.REJECT: "不予受理会告诉诉求人，不能恢复，确定吗？",
    A.ARCHIVE: "归档后不能再改，确定吗？",
    A.ANSWER: "直接答复后工单就办结了，确定吗？",
    A.SPLIT: "拆出的工单不能再合回来，确定吗？",
    A.MERGE: "并单后这件工单到此结束，由另一件继续，确定吗？",
}
"""What is asked before something that cannot be taken back, or not easily."""

CHANNELS: Final = {
    "phone": "电话",
    "web": "网页",
    "app": "手机应用",
    "wechat": "微信",
    "sms": "短信",
    "mail": "信件",
    "walk-in": "来访",
}


def span(time: timedelta) -> str:
    """The largest unit that fits, cut off: nobody is promised a minute more."""
    minutes = int(time.total_seconds() // 60)
    if minutes >= 48 * 60:
        return f"{minutes // (24 * 60)}天"
    return f"{minutes // 60}小时" if minutes >= 60 else f"{minutes}分钟"


def left(due: datetime, now: datetime) -> str:
    """How long until a deadline, or since it."""
    if now >= due:
        return f"超期{span(now - due)}"
    return f"还剩{span(due - now)}"


def moment(at: datetime, now: datetime) -> str:
    """Day and time, without what is plain: the year of now, the day of today."""
    local = at.astimezone(now.tzinfo)
    if local.date() == now.date():
        return f"今天 {local:%H:%M}"
    return f"{local:%m-%d %H:%M}" if local.year == now.year else f"{local:%Y-%m-%d %H:%M}"


def actor(who: str) -> str:
    """``handler:lihua`` as 承办 lihua."""
    kind, _, name = who.partition(":")
    return f"{ROLES.get(kind, kind)} {name}" if name else _MACHINES.get(kind, kind)
