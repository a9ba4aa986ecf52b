"""One line of a list."""

from datetime import datetime
from typing import Final, TypedDict

from voicebot.core.meaning import Urgency
from voicebot.operations.demo import MARK as DEMO
from voicebot.tickets.clocks import Light, light, running
from voicebot.tickets.parts import Difficulty
from voicebot.tickets.state import FINAL, FINISHED
from voicebot.tickets.ticket import Ticket
from voicebot.tickets.visibility import is_secret
from voicebot.web.tickets.words import LIGHTS, left, moment


class Mark(TypedDict):
    """A word beside the title; `kind`: red, amber, blue, plain."""

    word: str
    kind: str
    hint: str


class Row(TypedDict):
    """As ``parts/rows.js`` takes it; all texts, shown as texts."""

    no: str
    light: str
    lightWord: str
    title: str
    place: str
    unit: str
    state: str
    due: str
    dueHint: str
    marks: list[Mark]


NO_TITLE: Final = "（没有标题）"


def row(ticket: Ticket, now: datetime) -> Row:
    worst, words, hint = due_words(ticket, now)
    return Row(
        no=ticket.ticket_no,
        light=worst.value if worst else "none",
        lightWord=LIGHTS[worst] if worst else "—",
        title=ticket.title or NO_TITLE,
        place=" ".join(dict.fromkeys(filter(None, (ticket.district, ticket.address)))),
        unit=ticket.department or "未定",
        state=ticket.state.label,
        due=words,
        dueHint=hint,
        marks=marks(ticket),
    )


def due_words(ticket: Ticket, now: datetime) -> tuple[Light | None, str, str]:
    """Worst light (None: no clock runs), the nearest deadline in words, and all of them in full."""
    clocks = running(ticket)
    if not clocks:
        return None, ended(ticket, now), ""
    hint = "；".join(f"{clock.kind} {moment(clock.due, now)} {left(clock.due, now)}" for clock in clocks)
    return light(ticket, now), f"{clocks[0].kind}{left(clocks[0].due, now)}", hint


def ended(ticket: Ticket, now: datetime) -> str:
    """What stands where no clock runs."""
    if ticket.paused_at is not None:
        return "计时暂停"
    if ticket.closed_at is not None and ticket.state in FINISHED:
        return f"{moment(ticket.closed_at, now)} 办结"
    return "—" if ticket.state in FINAL or ticket.state in FINISHED else "不限时"


def marks(ticket: Ticket) -> list[Mark]:
    """What makes it an exception, the gravest first."""
    found: list[Mark] = []

    def put(word: str, kind: str, hint: str = "") -> None:
        found.append(Mark(word=word, kind=kind, hint=hint))

    if ticket.origin_hotline == DEMO:
        put(DEMO, "plain", "演示数据，不是真实诉求")
    if ticket.urgency is not Urgency.NORMAL:
        put("特急" if ticket.urgency is Urgency.CRITICAL else "急", "red", f"紧急程度：{ticket.urgency}")
    if ticket.supervision is not None:
        put("督办", "red", f"{ticket.supervision.level}：{ticket.supervision.note}")
    if ticket.group is not None:
        put("群诉", "amber", f"群诉主单 {ticket.group}")
    if ticket.round > 1:
        put(f"第{ticket.round}轮", "amber", "重新办理")
    if ticket.disputed:
        put("退单待审", "amber", ticket.return_ground)
    if ticket.extension is not None:
        put("申请延期", "amber", ticket.extension.reason)
    if ticket.objection:
        put("异议", "amber", ticket.objection)
    if ticket.low_score:
        put("低分", "amber", ticket.rating_reason or "评价待复核")
    if ticket.urged:
        put(f"催{ticket.urged}", "blue", f"诉求人催办{ticket.urged}次")
    if ticket.difficult is not Difficulty.NORMAL:
        put(ticket.difficult.value, "blue")
    if is_secret(ticket):
        put("密", "plain", "举报、保密或者匿名：不公开诉求人")
    return found
