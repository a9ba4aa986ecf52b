"""From the slots of a call to a ticket and to the whisper for the person who takes over."""

from typing import Final

from voicebot.core.demand import Demand
from voicebot.core.meaning import AppealType, Intent, Urgency
from voicebot.dialogue.notes import content, plain, shorten, third_person, title, without
from voicebot.dialogue.state import State

DETAILS: Final = (("address", "地点"), ("time", "时间"), ("object", "反映对象"))
SUMMARY: Final = (
    ("ticket_no", "工单"), ("address", "地点"), ("time", "时间"), ("object", "反映对象"),
    ("name", "称呼"), ("phone", "电话"), ("language", "语言"),
)  # fmt: skip
_PURPOSE: Final = {
    Intent.FAQ: "咨询",
    Intent.TICKET: "反映诉求",
    Intent.TICKET_STATUS: "查询工单",
    Intent.RATING: "评价服务",
    Intent.OUT_OF_SCOPE: "咨询其他事项",
}


def demand(state: State, callback_only: bool) -> Demand:
    """The ticket of what the slots hold now."""
    what = state.slot("what") or state.slot("question")
    details = tuple((label, state.slot(name)) for name, label in DETAILS)
    anonymous = bool(state.slot("anonymous"))
    phone = "" if anonymous and not callback_only else state.slot("phone") or state.caller
    if callback_only:
        subject, note = "请人工回电", f"来电人要求人工服务，当时未能接通，请回电。{summary(state)}"
    else:
        place, matter = state.slot("address"), without(plain(what), (state.slot("time"),))
        subject, note = title(matter, place), content(_verb(state), what, details)
    return Demand(
        appeal_type=state.appeal_type or (AppealType.CONSULT if callback_only else AppealType.HELP),
        title=subject,
        content=note,
        channel=state.channel,
        urgency=Urgency.URGENT if callback_only and state.slot("emergency") else state.urgency,
        department=None if callback_only else state.department,
        address=state.slot("address"),
        district=state.slot("district"),
        occurred=state.slot("time"),
        object=state.slot("object"),
        caller_name=state.slot("name"),
        phone=phone,
        confidential=bool(state.slot("confidential")),
        anonymous=anonymous,
        want_reply=bool(phone),
        call_id=state.call_id,
        origin_hotline=state.dialled or "12345",
        articles=state.articles,
        evidence=tuple((s.name, s.span) for s in state.slots if s.span),
        callback_only=callback_only,
        guesses=() if callback_only else state.guesses,
    )


def _verb(state: State) -> str:
    """How the note begins; a fault reported is 反映, whatever the caller wants done about it."""
    plain = (None, AppealType.HELP)
    return "反映" if state.appeal_type in plain else str(state.appeal_type)


def summary(state: State) -> str:
    """One Chinese sentence for the person who takes over: purpose, matter, details."""
    emergency = state.slot("emergency")
    matter = state.slot("what") or state.slot("question")
    purpose = _PURPOSE.get(state.intent, "") if state.intent else ""
    if emergency:
        parts = [f"紧急情况，需要{emergency}：{shorten(third_person(state.slot('danger_words')), 40)}"]
    elif matter:
        parts = [f"来电人{purpose or '反映'}：{shorten(third_person(plain(matter)), 40)}"]
    else:
        parts = ["来电人要求人工服务" if not purpose else f"来电人{purpose}"]
    parts += [f"{label}{state.slot(name)}" for name, label in SUMMARY if state.slot(name)]
    return "，".join(parts) + "。"
