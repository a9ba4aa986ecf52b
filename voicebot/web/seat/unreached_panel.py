"""Between calls: people whom the hotline could not reach. One click has them rung again, another says that
somebody has spoken with them."""

from collections.abc import Awaitable, Callable
from typing import Final

from nicegui.element import Element

from voicebot.core.errors import VoicebotError
from voicebot.core.ids import TicketNo
from voicebot.operations.unreached import NotReached
from voicebot.web.seat.who import SeatVisit
from voicebot.web.shell.lasting import button
from voicebot.web.shell.widgets import box, tell, text
from voicebot.web.tickets.words import moment

SHOWN: Final = 8


class UnreachedPanel:
    """Drawn into a room that others clear. Args: look: opens a ticket."""

    def __init__(self, visit: SeatVisit, look: Callable[[TicketNo], Awaitable[None]]) -> None:
        self._visit = visit
        self._look = look

    async def show(self, room: Element) -> None:
        unreached = self._visit.pages.unreached
        if unreached is None:
            return
        people = await unreached.people(self._visit.account, SHOWN)
        if room.is_deleted:  # a call has come meanwhile
            return
        room.clear()
        with room:
            text("没有联系上的来电人", tag="h3")
            if not people:
                text("没有", "note", "p")
                return
            with box("past-tickets", "ul"):
                for each in people:
                    self._one(each, room)

    def _one(self, person: NotReached, room: Element) -> None:
        now = self._visit.pages.clock.now()
        name = person.title or person.mask or "来电人"
        with box("is-open", "li"):
            number = person.ticket_no
            if number is not None:
                button(name, lambda: self._look(number), "as-text", "打开工单")
            else:
                text(name)
            with box("note"):
                text(person.mask)
                text(f"打过 {len(person.tries)} 次，{moment(person.at, now)}")
            with box("row-buttons"):
                again = button("再回拨", lambda: self._ask(person, room, again=True), "small")
                again.props["aria-label"] = f"再回拨 {name}"
                done = button("已联系", lambda: self._ask(person, room, again=False), "small")
                done.props["aria-label"] = f"已联系 {name}"

    async def _ask(self, person: NotReached, room: Element, *, again: bool) -> None:
        unreached, who = self._visit.pages.unreached, self._visit.account
        if unreached is None or not await self._visit.may_act():
            return
        try:
            asked = unreached.ring_again if again else unreached.handled
            looked = await asked(who, [person.key])
        except VoicebotError as error:
            tell(error.message, "warning")
            return
        told = "热线会再打给这位来电人" if again else "已记下"
        tell(told if looked.done else looked.refused[0][1], "positive" if looked.done else "warning")
        await self.show(room)
