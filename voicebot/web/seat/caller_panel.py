"""The screen pop: who calls, why, what the hotline heard, what came of earlier calls."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from voicebot.calls.records import CallView
from voicebot.core.handover import HandoverReason
from voicebot.core.ids import MANDARIN, TicketNo
from voicebot.seats.contact import Contact
from voicebot.tickets.state import OPEN
from voicebot.tickets.ticket import Ticket
from voicebot.tickets.visibility import as_seen
from voicebot.web.seat import words
from voicebot.web.seat.desk import SeatPages
from voicebot.web.seat.screen import SURE, slot_rows, waited
from voicebot.web.shell.lasting import button
from voicebot.web.shell.widgets import box, text
from voicebot.web.tickets.rows import NO_TITLE, due_words
from voicebot.web.tickets.words import LIGHTS

Look = Callable[[TicketNo], Awaitable[None]]
LAST: Final = 3
MOODS: Final = {"upset": "不满", "angry": "激动"}


@dataclass(frozen=True, slots=True)
class Pop:
    """Everything of one call that does not change while it rings."""

    contact: Contact
    view: CallView | None
    tickets: tuple[Ticket, ...]
    mood: str = ""
    risks: tuple[str, ...] = ()


def in_order(tickets: Sequence[Ticket]) -> tuple[Ticket, ...]:
    """Open ones first, then the last three of the others."""
    open_ones = [ticket for ticket in tickets if ticket.state in OPEN]
    return (*open_ones, *[t for t in tickets if t.state not in OPEN][:LAST])


async def earlier(pages: SeatPages, role: str, contact: Contact) -> tuple[Ticket, ...]:
    """The caller's tickets, masked as this account may see them."""
    found = await pages.callers.tickets(contact.call_id)
    return in_order([as_seen(role, ticket) for ticket in found])


def show(pop: Pop, now: datetime, lead: Callable[[str], None], look: Look) -> None:
    """Args: lead: brings a line of the transcript into view. look: opens a ticket."""
    contact = pop.contact
    with box("caller-head"):
        text(contact.caller or "号码不显示", "number", "h2")
        text(words.waited(waited(contact, now)), "waited").props["title"] = "从要求人工到现在（或接通）的时间"
    with box("marks"):
        for word, kind in marks(pop):
            text(word, f"mark {kind}")
    if contact.emergency:
        text(f"紧急：{contact.emergency}。先问清地点，再转接 {contact.emergency}。", "alarm", "p").props[
            "role"
        ] = "alert"
    text(contact.summary or "热线没有留下摘要", "summary", "p")
    _slots(pop, lead)
    _tickets(pop.tickets, now, look)


def marks(pop: Pop) -> list[tuple[str, str]]:
    """What matters before a word is said, the gravest first."""
    contact = pop.contact
    found = [(f"紧急 {contact.emergency}", "red")] if contact.emergency else []
    why = "red" if contact.why in (HandoverReason.ANGRY, HandoverReason.EMERGENCY) else "blue"
    found.append((words.WHY[contact.why], why))
    if pop.mood:
        found.append((f"情绪{MOODS.get(pop.mood, pop.mood)}", "red" if pop.mood == "angry" else "amber"))
    found += [(f"提到「{word}」", "red") for word in pop.risks[:3]]
    if contact.elder:
        found.append(("老年人，请慢一些", "amber"))
    if contact.enterprise:
        found.append(("企业", "blue"))
    if contact.repeat:
        found.append((f"近期来电 {contact.repeat} 次", "amber"))
    if contact.front:
        found.append(("断线重排", "amber"))
    if contact.language != MANDARIN:
        found.append((words.LANGUAGES.get(contact.language, contact.language), "blue"))
    if contact.skill:
        found.append((contact.skill, "plain"))
    return found


def _slots(pop: Pop, lead: Callable[[str], None]) -> None:
    rows = slot_rows(pop.contact, pop.view)
    if not rows:
        return
    text("热线听到的", tag="h3")
    with box("slots", "dl"):
        for row in rows:
            text(row["name"], tag="dt")
            with box("", "dd"):
                if row["evidence"]:
                    button(row["words"], lambda key=row["evidence"]: lead(key), "as-text", "看原话")
                else:
                    text(row["words"])
                sure = row["confidence"]
                if sure is not None:
                    kind = "sure" if sure >= SURE else "unsure"
                    text(f"{sure:.0%}" if sure >= SURE else f"{sure:.0%} 请核对", f"confidence {kind}")


def _tickets(tickets: Sequence[Ticket], now: datetime, look: Look) -> None:
    text("以前的工单", tag="h3")
    if not tickets:
        text("没有", "note", "p")
        return
    with box("past-tickets", "ul"):
        for ticket in tickets:
            light, due, _ = due_words(ticket, now)
            with box("is-open" if ticket.state in OPEN else "", "li"):
                button(ticket.title or NO_TITLE, lambda no=ticket.ticket_no: look(no), "as-text", "打开")
                with box("note", "span"):
                    text(ticket.state.label, "state")
                    text(f"…{ticket.ticket_no[-6:]}")
                    text(ticket.department or "", "unit")
                    text(due, f"due {light or ''}").props["title"] = LIGHTS[light] if light else ""
