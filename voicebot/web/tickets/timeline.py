"""The history of a ticket: who, when, why, and what changed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from nicegui.element import Element

from voicebot.tickets.rules import RULES
from voicebot.tickets.ticket import TicketEvent
from voicebot.web.shell.lasting import button
from voicebot.web.shell.widgets import box, text
from voicebot.web.tickets import values
from voicebot.web.tickets.words import actor, moment

_SHOWN: Final = 30
"""Entries at first; a ticket that somebody urges daily has hundreds."""


class Timeline:
    """Newest first."""

    def __init__(self, room: Element) -> None:
        self._room = room
        self._whole = False

    def show(self, events: Sequence[TicketEvent], now: datetime) -> None:
        self._room.clear()
        newest = events[::-1]
        with self._room:
            with box("timeline", "ol"):
                for event in newest if self._whole else newest[:_SHOWN]:
                    _entry(event, now)
            if len(newest) > _SHOWN and not self._whole:
                button(f"还有更早的 {len(newest) - _SHOWN} 条", lambda: self._all(events, now), "small")

    def _all(self, events: Sequence[TicketEvent], now: datetime) -> None:
        self._whole = True
        self.show(events, now)


def _entry(event: TicketEvent, now: datetime) -> None:
    with box("", "li"):
        with box("line"):
            text(moment(event.at, now), "at")
            text(RULES[event.action].name, "what", "b")
            text(actor(event.actor), "by")
            if event.before is not None and event.before is not event.after:
                text(f"{event.before.label} → {event.after.label}", "move")
        if event.reason:
            text(event.reason, "why", "p")
        if event.before is not None:  # at birth everything is new, and stands on the left
            show_changes(event, now)


def show_changes(event: TicketEvent, now: datetime) -> None:
    """Fields before and after, without the state, which has been told."""
    found = [each for each in values.changes(event.changes, now) if each[0] not in ("状态", "异议")]
    if not found:
        return
    with box("changed", "ul"):
        for field, before, after in found:
            with box("", "li"):
                text(f"{field}：")
                if before != "无":
                    text(before, "", "del")
                    text(" → ")
                text(after, "", "ins")
