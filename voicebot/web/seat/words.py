"""What seats read: states, reasons, queues, in the words they know."""

from typing import Final

from voicebot.core.handover import HandoverReason
from voicebot.seats.contact import ContactState
from voicebot.seats.seat import SeatState

STATES: Final = {
    SeatState.OFFLINE: "签出",
    SeatState.READY: "示闲",
    SeatState.OFFERED: "响铃",
    SeatState.TALKING: "通话中",
    SeatState.HELD: "保持",
    SeatState.WRAP_UP: "话后整理",
    SeatState.BREAK: "小休",
    SeatState.BUSY: "示忙",
}
CONTACTS: Final = {
    ContactState.WAITING: "排队中",
    ContactState.OFFERED: "响铃",
    ContactState.TAKEN: "通话中",
    ContactState.DONE: "已结束",
    ContactState.LEFT: "来电人挂机",
    ContactState.CALL_BACK: "等待回拨",
    ContactState.ELSEWHERE: "转到别处",
}
WHY: Final = {
    HandoverReason.ASKED: "来电人要求人工",
    HandoverReason.NOT_UNDERSTOOD: "热线没有听懂",
    HandoverReason.ANGRY: "来电人情绪激动",
    HandoverReason.EMERGENCY: "紧急情况",
    HandoverReason.NO_ANSWER_KNOWN: "知识库没有答案",
    HandoverReason.FAILURE: "系统出错转来",
    HandoverReason.POLICY: "按规定转人工",
}
LANGUAGES: Final = {"zh": "普通话", "zh-CN": "普通话", "en": "英语", "yue": "粤语"}


def waited(seconds: float) -> str:
    """A time as it is said: ``8 秒``, ``1 分 05 秒``."""
    whole = max(0, int(seconds))
    return f"{whole} 秒" if whole < 60 else f"{whole // 60} 分 {whole % 60:02} 秒"
