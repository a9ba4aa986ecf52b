"""What things are called on the page."""

from typing import Final

from voicebot.core.meaning import Intent
from voicebot.dialogue.state import Label
from voicebot.operations.content import FILE_AUTHOR, Change

STATES: Final = {
    Label.GREETING: "问候",
    Label.LISTENING: "听取来意",
    Label.COLLECTING: "询问细节",
    Label.CONFIRMING: "核对",
    Label.WAITING: "等待办理",
    Label.CLOSING: "道别",
    Label.ENDED: "已结束",
}

INTENTS: Final = {
    Intent.FAQ: "咨询",
    Intent.TICKET: "要登记",
    Intent.HUMAN: "要人工",
    Intent.EMERGENCY_110: "紧急 110",
    Intent.EMERGENCY_119: "紧急 119",
    Intent.EMERGENCY_120: "紧急 120",
    Intent.EMERGENCY_122: "紧急 122",
    Intent.TICKET_STATUS: "问工单",
    Intent.RATING: "评分",
    Intent.CHITCHAT: "闲聊",
    Intent.OUT_OF_SCOPE: "超出范围",
    Intent.UNCLEAR: "没听懂",
}

SLOTS: Final = {
    "district": "区县",
    "score": "评分",
    "confidential": "保密",
    "anonymous": "匿名",
    "name": "姓名",
}
"""Slots that no flow gives a name to."""

FOLDER: Final = "文件夹"
"""Who publishes what is saved as a file."""


def author_words(author: str) -> str:
    return FOLDER if author == FILE_AUTHOR else author


CHANGES: Final = {
    Change.FILE: "文件保存",
    Change.PUBLISH: "发布",
    Change.TRIAL: "开始试用",
    Change.PROMOTE: "试用转为全部使用",
    Change.DROP: "撤回试用",
    Change.ROLLBACK: "退回旧版",
}
