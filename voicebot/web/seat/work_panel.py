"""The right half: next steps, the call's one ticket, knowledge, phrases, the note after the call."""

from collections.abc import Mapping
from typing import Any, Final

from voicebot.calls.records import CallView
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import CallId
from voicebot.operations.talks import TalkAction
from voicebot.seats.contact import Contact, ContactState
from voicebot.web.seat import filing
from voicebot.web.seat.acting import order
from voicebot.web.seat.desk import Help
from voicebot.web.seat.drafts import SUMMARY, TICKET, draft, keep_note, key_of
from voicebot.web.seat.elements import Lines, SeatForm
from voicebot.web.seat.knowledge_panel import KnowledgePanel, Phrases, show_advice
from voicebot.web.seat.screen import begun_ticket, ticket_fields
from voicebot.web.seat.who import SeatVisit
from voicebot.web.shell.tabs import Tabs
from voicebot.web.shell.widgets import box, tell, text

CODES: Final = (
    ("answered", "已解答"),
    ("filed", "已立单"),
    ("passed", "已转办"),
    ("ring_back", "需要回拨"),
    ("nothing", "无效来电"),
    ("abuse", "骚扰来电"),
)
"""How a call ended, as the seat sees it."""


class WorkPanel:
    """Everything one writes or looks up; one call at a time."""

    def __init__(self, visit: SeatVisit, lines: Lines) -> None:
        self._visit = visit
        self._lines = lines
        self._contact: Contact | None = None
        self._form: SeatForm | None = None
        self._summary: SeatForm | None = None
        self._help = Help()
        self._advice = box("advices")
        self._tabs = Tabs("工作区")
        with self._tabs.add("ticket", "工单"):
            self._ticket_room = box("room")
        with self._tabs.add("knowledge", "知识"), box("room"):
            self._knowledge = KnowledgePanel(visit.pages, self._say, self._put)
        with self._tabs.add("phrases", "常用语"), box("room"):
            Phrases(visit.pages, self._say)
        with self._tabs.add("summary", "小结"):
            self._summary_room = box("room")
        self.clear()

    def seek(self) -> None:
        """Knowledge is looked for now."""
        self._tabs.show("knowledge")
        self._knowledge.focus()

    def clear(self) -> None:
        """No call."""
        self._contact = self._form = self._summary = None
        self._help = Help()
        self._advice.clear()
        for room in (self._ticket_room, self._summary_room):
            room.clear()
            with room:
                text("接到电话以后，这里是这通电话的内容。", "note", "p")
        self._tabs.show("ticket")

    async def show(self, contact: Contact, view: CallView | None, help_: Help) -> None:
        """A new call."""
        self._contact, self._help = contact, help_
        self._show_advice()
        await self._show_ticket(contact, view)
        await self._show_summary(contact)
        self._tabs.show("ticket")

    def helped(self, help_: Help) -> None:
        """What was found out meanwhile."""
        if help_ == self._help:
            return
        self._help = help_
        self._show_advice()
        if self._form is not None:
            unit = {"department": help_.department} if help_.department else {}
            self._form.offer(unit | dict(help_.values))
        if self._summary is not None and help_.summary:
            self._summary.offer({"note": help_.summary})

    async def wrap_up(self, call_id: CallId) -> None:
        """The call has the 小结 as it stands; what is changed from now on follows."""
        self._tabs.show("summary")
        pages, who = self._visit.pages, self._visit.account.name
        kept = await draft(pages.notes, who, SUMMARY, call_id)
        await keep_note(pages.desk, self._visit.seat, call_id, kept)

    def _show_advice(self) -> None:
        self._advice.clear()
        with self._advice:
            show_advice(self._help.advice, self._say, self._put)

    async def _show_ticket(self, contact: Contact, view: CallView | None) -> None:
        visit = self._visit
        number = await filing.filed(visit.pages, visit.account, contact.call_id)
        values = begun_ticket(contact, dict(self._help.values))
        if number is not None:
            values |= filing.shown((await visit.pages.work.look(visit.account, number)).ticket)
        elif self._help.department:
            values["department"] = self._help.department
        values |= await draft(visit.pages.notes, visit.account.name, TICKET, contact.call_id)
        score = self._help.department_score
        note = f"建议，把握 {score:.0%}" if score is not None and self._help.department else ""
        fields = ticket_fields(contact, view, visit.pages.directory(), note)
        if number is not None:
            fields = [field for field in fields if field["name"] in filing.FORM]
        self._ticket_room.clear()
        with self._ticket_room:
            if number is not None:
                text(f"这通电话的工单：{number}（热线或您已经立单，改完提交就是更正）", "note known", "p")
            submit = "更正工单" if number is not None else "立单"
            self._form = SeatForm(
                contact.call_id, TICKET, "工单", submit, fields, values, done=self._file, show=self._lead
            )

    async def _show_summary(self, contact: Contact) -> None:
        notes, who = self._visit.pages.notes, self._visit.account.name
        kept = await draft(notes, who, SUMMARY, contact.call_id)
        filed = await filing.filed(self._visit.pages, self._visit.account, contact.call_id)
        begun = {"code": "filed" if filed else "answered", "note": self._help.summary or contact.summary}
        if not kept:  # what stands when the time runs out and nobody chose
            await notes.put(who, key_of(SUMMARY, contact.call_id), {"values": begun})
        fields = [
            {"name": "code", "label": "结果", "kind": "select", "options": list(CODES), "wide": True},
            {"name": "note", "label": "小结", "kind": "area", "rows": 6, "wide": True},
        ]
        self._summary_room.clear()
        with self._summary_room:
            text("通话中就可以写，写的内容随时保存；到时间没写完，按这里的结果记下。", "note", "p")
            self._summary = SeatForm(
                contact.call_id,
                SUMMARY,
                "小结",
                "整理完毕",
                fields,
                begun | dict(kept),
                done=self._done,
                show=self._lead,
            )

    async def _file(self, event: Mapping[str, Any]) -> None:
        contact, form, visit = self._contact, self._form, self._visit
        if contact is None or form is None or not await visit.may_act():
            return
        try:
            ticket, how = await filing.file(visit.pages, visit.account, contact, event.get("values") or {})
        except VoicebotError as error:
            form.said(error.message, good=False)
            return
        form.said(f"{how} {ticket.ticket_no}", good=True)
        if self._summary is not None:
            self._summary.run_method("set", "code", "filed")

    async def _done(self, _: Mapping[str, Any]) -> None:
        if self._contact is None or self._summary is None:
            return
        seat = await self._visit.pages.desk.seat(self._visit.seat)
        if seat.state == "wrap_up":
            await self._visit.do(self._visit.pages.desk.finish_wrap_up(self._visit.seat, seat.tab))
        self._summary.said("已保存", good=True)

    async def _lead(self, event: Mapping[str, Any]) -> None:
        self._lines.show(str(event.get("key", "")))

    async def _say(self, words: str) -> None:
        if self._contact is None or self._contact.state not in (ContactState.OFFERED, ContactState.TAKEN):
            tell("现在没有通话", "warning")
            return
        if await order(self._visit, self._contact, TalkAction.SAY, words):
            tell("正在念给来电人", "positive")

    async def _put(self, words: str) -> None:
        if self._form is None:
            tell("现在没有通话", "warning")
            return
        self._form.put("content", words)
        self._tabs.show("ticket")

    def follow(self, contact: Contact) -> None:
        """The same call, further on."""
        self._contact = contact
