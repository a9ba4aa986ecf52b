"""What a ticket is: who, what, where, until when."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from voicebot.operations.ticket_views import TicketView
from voicebot.tickets.ticket import Ticket
from voicebot.web.shell.lasting import button
from voicebot.web.shell.widgets import box, link, text
from voicebot.web.tickets.talk import LABELS
from voicebot.web.tickets.words import CHANNELS, LIGHTS, actor, left, moment

Show = Callable[[str], None]
"""Leads to the words of the call."""


def show_clocks(view: TicketView, now: datetime) -> None:
    """Every clock that runs, with its light in a word."""
    with box("clocks"):
        if not view.clocks:
            words = "计时暂停（退回待审）" if view.ticket.paused_at is not None else "没有在计时"
            text(words, "note")
        for clock in view.clocks:
            colour = clock.light(now)
            with box(f"clock {colour}"):
                text("", f"lamp {colour}").props["aria-hidden"] = "true"
                text(f"{clock.kind} {left(clock.due, now)}", "left")
                text(f"{LIGHTS[colour]} · {moment(clock.due, now)}", "note")


def show_facts(
    view: TicketView, now: datetime, *, reveal: Callable[[], Awaitable[None]], said: Show | None
) -> None:
    """The facts; `said` is None where the call is not shown."""
    ticket = view.ticket
    with box("facts-list", "dl"):
        _person(view, reveal)
        _fact("诉求类型", f"{ticket.appeal_type} · {ticket.category or '未分类'}")
        _fact("紧急程度", ticket.urgency.value, "alarm" if ticket.urgency != "一般" else "")
        _fact("地点", " ".join(filter(None, (ticket.district, ticket.address))) or "没有说")
        _fact("时间", ticket.occurred or "没有说")
        _fact("反映对象", ticket.object)
        _fact("主办", _unit(ticket))
        _fact("协办", "、".join(ticket.co_departments))
        came = CHANNELS.get(ticket.channel, ticket.channel)
        _fact("登记", f"{moment(ticket.accepted_at, now)} · {came}")
        _fact("答复", "要求答复" if ticket.want_reply else "不要求答复")
        _relations(ticket)
    text(ticket.content, "content", "p")
    if ticket.evidence and said is not None:
        _evidence(ticket, said)


def show_decisions(ticket: Ticket, now: datetime) -> None:
    """What awaits somebody's decision or holds until further notice."""
    if (watch := ticket.supervision) is not None:
        with box("decision red"):
            text(f"{watch.level}：{watch.note}", tag="b")
            text(f"{actor(watch.by)} · {moment(watch.since, now)}，{moment(watch.due, now)}前反馈", "note")
            if watch.feedback:
                text(f"已反馈：{watch.feedback}", tag="p")
    if (asked := ticket.extension) is not None:
        with box("decision"):
            text(f"申请延到{moment(asked.until, now)}：{asked.reason}", tag="b")
            text(f"{actor(asked.by)} · {moment(asked.asked_at, now)}", "note")
    for words in _reviews(ticket):
        with box("decision"):
            text(words, tag="b")
    if ticket.reply:
        with box("decision reply"):
            text(f"答复（{moment(ticket.replied_at, now)}）" if ticket.replied_at else "答复", tag="b")
            text(ticket.reply, tag="p")


def _reviews(ticket: Ticket) -> list[str]:
    found = []
    if ticket.disputed:
        found.append(f"退单待审：{ticket.return_ground}")
    if ticket.objection:
        found.append(f"诉求人异议：{ticket.objection}")
    if ticket.low_score:
        why = f"：{ticket.rating_reason}" if ticket.rating_reason else ""
        found.append(f"评分{ticket.rating or '低'}，待复核{why}")
    elif ticket.rating:
        found.append(f"诉求人评分 {ticket.rating} 分")
    return found


def _person(view: TicketView, reveal: Callable[[], Awaitable[None]]) -> None:
    ticket = view.ticket
    text("诉求人", tag="dt")
    with box("", "dd"):
        who = " ".join(filter(None, (ticket.name_mask, ticket.phone_mask)))
        text(who or ("不公开" if view.secret else "没有留"))
        if view.reveals:
            button("显示号码…", reveal, "small", "要写明理由，会记下来")


def _unit(ticket: Ticket) -> str:
    if ticket.department is None:
        return "未定"
    score = ticket.department_score
    if ticket.dispatches == 0:
        return f"{ticket.department}（建议{f'，把握{score:.0%}' if score is not None else ''}）"
    return f"{ticket.department}{'（指定，不能退单）' if ticket.designated else ''}"


def _relations(ticket: Ticket) -> None:
    numbers = (
        ("并入", (ticket.merge_parent,)),
        ("群诉主单", (ticket.group,)),
        ("拆自", (ticket.split_from,)),
        ("拆出", ticket.split_into),
    )
    for label, others in numbers:
        for other in filter(None, others):
            text(label, tag="dt")
            with box("", "dd"):
                link(other, f"/tickets/{other}")
    for ref in ticket.refs:
        _fact(ref.system, ref.number)


def _evidence(ticket: Ticket, said: Show) -> None:
    with box("evidence"):
        text("依据原话：", "note")
        for field, span in ticket.evidence[:8]:
            words = f"{LABELS.get(field, field)}「{span}」"
            button(words, lambda span=span: said(span), "small", "在通话里找到这句")


def _fact(label: str, words: str, classes: str = "") -> None:
    if words:
        text(label, tag="dt")
        text(words, classes, "dd")
