"""`/tickets/{number}`: everything about one ticket on one screen."""

from typing import Final
from urllib.parse import urlencode

from nicegui import ui
from starlette.requests import Request

from voicebot.core.errors import VoicebotError
from voicebot.core.ids import TicketNo
from voicebot.operations.ticket_access import Looked
from voicebot.operations.ticket_views import TicketView
from voicebot.tickets.ticket import TicketAction as A
from voicebot.web.shell.lasting import button
from voicebot.web.shell.widgets import box, link, tell_of_faults, text
from voicebot.web.tickets import facts_panel, talk
from voicebot.web.tickets.actions import ActionsPanel
from voicebot.web.tickets.elements import Steps, Talk, page_style
from voicebot.web.tickets.fields import Around
from voicebot.web.tickets.help import TICKET_KEYS, Keys
from voicebot.web.tickets.revealing import ask_number, ask_to_listen
from voicebot.web.tickets.rows import NO_TITLE, marks
from voicebot.web.tickets.similar_panel import SimilarPanel
from voicebot.web.tickets.timeline import Timeline
from voicebot.web.tickets.watching import Watch
from voicebot.web.tickets.who import Visit
from voicebot.web.tickets.windows import show_for_party, show_looks
from voicebot.web.tickets.words import LIGHTS

_SENT: Final = frozenset({A.DISPATCH, A.DESIGNATE})
_JOINED: Final = frozenset({A.MERGE, A.GROUP})


def register() -> None:
    ui.page("/tickets/{number}")(_page)


async def _page(request: Request, number: str) -> None:
    visit = Visit.of(request)
    page_style()
    tell_of_faults()
    try:
        view = await visit.desk.work.look(visit.account, TicketNo(number[:20]))
    except VoicebotError as error:
        if error.retryable:
            raise
        _unknown(error.message)
        return
    ui.page_title(f"{view.ticket.title or number} · 工单 · 12345 热线")
    page = TicketPage(visit, view, await visit.keys_on())
    await ui.context.client.connected()
    await page.begin()


def _unknown(words: str) -> None:
    with box("flows tickets empty-page"):
        text(words, tag="h1")
        link("回到列表", "/tickets/")


class TicketPage:
    """One open ticket. Facts and history are drawn anew when it changes; what somebody types is not."""

    def __init__(self, visit: Visit, view: TicketView, keys_on: bool) -> None:
        self._visit = visit
        self._view = view
        self._no = view.ticket.ticket_no
        self._lines: list[talk.Line] = []
        self._talk: Talk | None = None
        with box("flows tickets ticket-page"):
            self._head = box("head", "header")
            with box("ticket-body", "main"):
                with box("column facts-column"):
                    self._clocks = box()
                    self._facts = box()
                with box("column work-column"):
                    with box("acting", "section"):
                        self._actions = ActionsPanel(visit, self._around, self.refresh)
                    self._decisions = box()
                    text("经过", tag="h2")
                    self._timeline = Timeline(box())
                with box("column call-column"):
                    self._call = box("call-room")
                    self._similar = SimilarPanel(visit, self._actions.open, self.refresh)
            self._keys = Keys(visit, keys_on, TICKET_KEYS)
        self._draw()

    async def begin(self) -> None:
        await self._show_call()
        await self._actions.resume()
        await self._similar.begin(self._view)
        Watch(self._visit, self._look_again, only=self._no)

    async def refresh(self) -> None:
        """As it is now; back to the list when it is no longer for these eyes."""
        try:
            self._view = await self._visit.desk.work.look(self._visit.account, self._no)
        except VoicebotError as error:
            if error.code != "ticket.unknown":
                raise
            ui.navigate.to("/tickets/")
            return
        self._draw()
        await self._similar.refresh(self._view)

    async def _look_again(self) -> None:
        if await self._visit.still():
            await self.refresh()

    # ── drawing ────────────────────────────────────────────────────────────────────────────

    def _draw(self) -> None:
        view, now = self._view, self._visit.desk.clock.now()
        self._draw_head(view)
        self._clocks.clear()
        with self._clocks:
            facts_panel.show_clocks(view, now)
        self._facts.clear()
        with self._facts:
            said = self._show_words if self._lines else None
            facts_panel.show_facts(view, now, reveal=self._reveal, said=said)
        self._decisions.clear()
        with self._decisions:
            facts_panel.show_decisions(view.ticket, now)
        self._timeline.show(view.events, now)
        self._actions.show(view)

    def _draw_head(self, view: TicketView) -> None:
        self._head.clear()
        with self._head:
            Steps(self._no)
            text(view.ticket.title or NO_TITLE, tag="h1")
            text(self._no, "name")
            with box("badges"):
                text(view.ticket.state.label, "badge state")
                if view.clocks:
                    text(LIGHTS[view.light], f"badge light-{view.light}")
                for mark in marks(view.ticket):
                    text(mark["word"], f"mark {mark['kind']}").props["title"] = mark["hint"]
            with box("actions"):
                button("给被反映方…", lambda: show_for_party(self._visit, self._no), "small")
                if self._visit.listens:
                    button("谁看过", lambda: show_looks(self._visit, self._no), "small")
                slip = link("打印交办单", f"/tickets/{self._no}/print", "as-button")
                slip.props.update({"target": "_blank", "rel": "noopener"})
                button("键盘 ?", lambda: self._keys.open(), "small")

    async def _show_call(self) -> None:
        call_id = self._view.ticket.call_id
        call = await self._visit.desk.calls.call(call_id) if call_id is not None else None
        with self._call:
            text("通话", tag="h2")
            if call is None:
                why = "举报、保密和匿名件不公开通话" if self._view.secret else "没有通话记录"
                text(why, "note", "p")
                return
            await self._visit.desk.work.hear(
                self._visit.account, call.call_id, (self._no,), Looked.TRANSCRIPT
            )
            self._lines = talk.lines(call, self._view.ticket.evidence)
            audio = f"/api/v1/calls/{call.call_id}/recording" if call.recording is not None else ""
            self._talk = self._show_talk(audio)
        self._draw()  # the evidence can be led to now

    def _show_talk(self, audio: str) -> Talk:
        """What was said; with sound for those who may hear it, of a secret matter for a reason."""
        if audio and not self._visit.listens:
            text("录音由管理员和班长听取", "note", "p")
            return Talk(self._lines, "")
        if not audio or not self._view.secret:
            return Talk(self._lines, audio)

        def listen(reason: str) -> None:
            made.listen(f"{audio}?{urlencode({'reason': reason})}")

        button("听录音…", lambda: ask_to_listen(self._visit, listen), "small")
        made = Talk(self._lines, "")
        return made

    def _show_words(self, span: str) -> None:
        turn = talk.turn_of(self._lines, span)
        if turn is not None and self._talk is not None:
            self._talk.show(turn)

    # ── asking ─────────────────────────────────────────────────────────────────────────────

    async def _reveal(self) -> None:
        if await self._visit.may_act():
            ask_number(self._visit, self._no)

    async def _around(self, action: A) -> Around:
        desk, ticket = self._visit.desk, self._view.ticket
        suggestions = await desk.suggest(ticket) if action in _SENT else ()
        others = self._similar.choices() if action in _JOINED else []
        return Around(ticket, desk.directory(), desk.deadlines(), desk.clock.now(), suggestions, others)
