"""What may be done to a ticket now: buttons, the dialog of one, and what became of it."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from nicegui.element import Element

from voicebot.core.errors import VoicebotError
from voicebot.operations.ticket_views import TicketView
from voicebot.tickets.rules import RULES
from voicebot.tickets.stale import StaleTicket
from voicebot.tickets.ticket import Ticket, TicketEvent
from voicebot.tickets.ticket import TicketAction as A
from voicebot.web.shell.lasting import button, hear
from voicebot.web.shell.widgets import box, tell, text
from voicebot.web.tickets import reading
from voicebot.web.tickets.drafts import draft_key, drafts
from voicebot.web.tickets.elements import ActForm
from voicebot.web.tickets.fields import Around, begun, fields
from voicebot.web.tickets.timeline import show_changes
from voicebot.web.tickets.who import Visit
from voicebot.web.tickets.words import SURE, actor, moment

ORDER: Final = (
    *(A.SIGN, A.START, A.REPLY, A.CLOSE, A.UPHOLD, A.DISPATCH, A.DESIGNATE, A.APPROVE_EXTENSION),
    *(A.REFUSE_EXTENSION, A.KEEP, A.REDO, A.RETURN, A.ASK_EXTENSION, A.FEED_BACK, A.SUPERVISE, A.ACCEPT),
    *(A.SUPPLEMENT, A.URGE, A.CORRECT, A.ASSIGN, A.QUEUE, A.CALL_BACK, A.CALLED_BACK, A.RATE, A.OBJECT),
    *(A.MERGE, A.GROUP, A.UNGROUP, A.UNMERGE, A.SPLIT, A.FLAG, A.RELEASE, A.LINK, A.ANSWER, A.REJECT),
    *(A.CANCEL, A.ARCHIVE),
)
"""The work that is due first, then what is rare."""
_SHOWN: Final = 6
"""Buttons in sight; the rest is below 更多."""
_NEXT: Final = frozenset(
    {A.SIGN, A.START, A.REPLY, A.CLOSE, A.UPHOLD, A.DISPATCH, A.APPROVE_EXTENSION, A.KEEP, A.REDO, A.ACCEPT}
)
"""What moves a ticket on; the first of these is the button that stands out."""
AT_ONCE: Final = frozenset(
    {A.SIGN, A.START, A.CLOSE, A.URGE, A.ACCEPT, A.APPROVE_EXTENSION, A.CALL_BACK, A.QUEUE}
)
"""Without a dialog: there is nothing to ask, and it can be gone on from."""

Around_ = Callable[[A], Awaitable[Around]]


class ActionsPanel:
    """Buttons and one dialog at a time, which stands beside the ticket and never over it.

    Args:
        around: what the choices of a dialog depend on.
        acted: called after something was carried out.
    """

    def __init__(self, visit: Visit, around: Around_, acted: Callable[[], Awaitable[None]]) -> None:
        self._visit = visit
        self._around = around
        self._acted = acted
        self._view: TicketView | None = None
        self._form: ActForm | None = None
        self._shown: tuple[A, ...] | None = None
        self._buttons: Element = box("action-buttons")
        self._buttons.props.update({"role": "group", "aria-label": "可以做的"})
        self._news = box("news")
        self._news.props["role"] = "status"
        self._room = box("form-room")

    def show(self, view: TicketView) -> None:
        """The buttons; a dialog that is open stays, and is told what has changed meanwhile."""
        self._view = view
        possible = tuple(action for action in ORDER if action in view.actions)
        if possible != self._shown:
            self._shown = possible
            self._buttons.clear()
            with self._buttons:
                self._show_buttons(possible)
        if self._form is not None and view.ticket.version != self._form.version:
            self._show_meanwhile(self._form, view.ticket, view.events[self._form.version :])

    async def resume(self) -> None:
        """Opens the newest draft about this ticket again."""
        assert self._view is not None
        kept = await drafts(self._visit.desk.notes, self._visit.account.name, self._view.ticket.ticket_no)
        for draft in kept:
            if draft.action in self._view.actions:
                at = draft.note.at.astimezone(self._visit.desk.clock.now().tzinfo)
                await self._open(draft.action, draft.values, draft.version, f"{at:%m-%d %H:%M}")
                break
        for draft in kept:
            if draft.action not in self._view.actions:
                self._show_stranded(draft.action, draft.values)

    async def open(self, action: A, values: Mapping[str, Any] | None = None) -> None:
        """Opens the dialog of an action, with what was begun before, or carries it out at once."""
        assert self._view is not None
        if not await self._visit.may_act():
            return
        if action in AT_ONCE:
            await self._carry_out(action, {}, self._view.ticket.version, "")
            return
        no = self._view.ticket.ticket_no
        kept = await self._visit.desk.notes.get(self._visit.account.name, draft_key(no, action))
        if kept is None:
            await self._open(action, values or {}, self._view.ticket.version, "")
            return
        at = kept.at.astimezone(self._visit.desk.clock.now().tzinfo)
        stood = dict(kept.body.get("values", {})) | dict(values or {})
        await self._open(action, stood, int(kept.body.get("version", 0)), f"{at:%m-%d %H:%M}")

    # ── drawing ────────────────────────────────────────────────────────────────────────────

    def _show_buttons(self, possible: tuple[A, ...]) -> None:
        if not possible:
            text("现在没有要您做的", "note")
        for place, action in enumerate(possible[:_SHOWN]):
            self._button(action, "primary" if place == 0 and action in _NEXT else "")
        if len(possible) > _SHOWN:
            with box("more", "details"):
                text("更多 ▾", tag="summary")
                with box("more-buttons"):
                    for action in possible[_SHOWN:]:
                        self._button(action, "")

    def _button(self, action: A, classes: str) -> None:
        dots = "" if action in AT_ONCE else "…"
        made = button(f"{RULES[action].name}{dots}", lambda: self.open(action), classes)
        made.props["data-action"] = action.value

    async def _open(self, action: A, values: Mapping[str, Any], version: int, saved: str) -> None:
        around = await self._around(action)
        self._close()
        with self._room:
            form = ActForm(
                around.ticket.ticket_no,
                version,
                action,
                RULES[action].name,
                fields(action, around),
                values=begun(action, around) | dict(values),
                saved=saved,
                sure=SURE.get(action, ""),
            )
        self._form = form
        hear(form, "done", self._done)
        hear(form, "leave", self._left)
        assert self._view is not None
        if version != self._view.ticket.version:
            self._show_meanwhile(form, self._view.ticket, self._view.events[version:])

    def _close(self) -> None:
        self._form = None
        self._room.clear()
        self._news.clear()

    def _show_meanwhile(self, form: ActForm, now: Ticket, since: tuple[TicketEvent, ...]) -> None:
        """What others did since the dialog was opened; nothing typed is touched."""
        at = self._visit.desk.clock.now()
        self._news.clear()
        with self._news, box("meanwhile"):
            text("您填的时候，工单有了变化：", tag="b")
            with box("", "ul"):
                for event in since:
                    with box("", "li"):
                        text(f"{moment(event.at, at)} {actor(event.actor)} {RULES[event.action].name}")
                        text(f"：{event.reason}" if event.reason else "")
                        show_changes(event, at)
            possible = self._view is not None and form.action in self._view.actions
            if possible:
                button("看过了，接着填", lambda: self._go_on(form, now.version), "primary")
            else:
                text(
                    f"工单{now.state.label}，现在不能{RULES[form.action].name}。您写的内容还在下面，可以复制。",
                    "wrong",
                    "p",
                )

    def _go_on(self, form: ActForm, version: int) -> None:
        form.rebase(version)
        self._news.clear()

    def _show_stranded(self, action: A, values: Mapping[str, Any]) -> None:
        """A draft of something that is not possible any more."""
        with self._room, box("stranded"):
            text(f"有一份没提交的{RULES[action].name}，现在不能{RULES[action].name}了：", tag="b")
            for value in values.values():
                if isinstance(value, str) and value.strip():
                    text(value, "content", "p")
            button("不要了", lambda: self._drop(action), "small")

    async def _drop(self, action: A) -> None:
        assert self._view is not None
        if await self._visit.may_act():
            key = draft_key(self._view.ticket.ticket_no, action)
            await self._visit.desk.notes.drop(self._visit.account.name, key)
            self._close()

    # ── acting ─────────────────────────────────────────────────────────────────────────────

    async def _done(self, event: Mapping[str, Any]) -> None:
        form = self._form
        if form is None:
            return
        if not await self._visit.may_act():
            form.refuse("登录已过期，没有提交")
            return
        values = event.get("values")
        key = str(event.get("key", ""))[:40]
        await self._carry_out(form.action, values if isinstance(values, dict) else {}, form.version, key)

    async def _left(self, _: Mapping[str, Any]) -> None:
        form, view = self._form, self._view
        if form is not None and view is not None:
            key = draft_key(view.ticket.ticket_no, form.action)
            await self._visit.desk.notes.drop(self._visit.account.name, key)
        self._close()

    async def _carry_out(self, action: A, values: Mapping[str, Any], version: int, key: str) -> None:
        assert self._view is not None
        form, ticket = self._form, self._view.ticket
        try:
            words = await self._act(action, values, version, key)
        except StaleTicket as error:
            await self._overtaken(form, error)
            return
        except VoicebotError as error:
            if form is not None:
                form.refuse(error.message)
            else:
                tell(error.message, "warning")
            return
        if form is not None:
            await form.carried_out()
        notes, name = self._visit.desk.notes, self._visit.account.name
        await notes.drop(name, draft_key(ticket.ticket_no, action))
        self._close()
        tell(words, "positive")
        await self._acted()

    async def _overtaken(self, form: ActForm | None, error: StaleTicket) -> None:
        await self._acted()  # what it is now, and what may be done to it
        if form is None:
            tell(error.message, "warning")
            return
        form.refuse("还没有提交：请先看看上面的变化")

    async def _act(self, action: A, values: Mapping[str, Any], version: int, key: str) -> str:
        """Carries it out; what is told about it."""
        assert self._view is not None
        work, who, ticket = self._visit.desk.work, self._visit.account, self._view.ticket
        no, reason = ticket.ticket_no, reading.reason_of(values)
        if action is A.MERGE:
            parent = reading.number_of(values, "merge_parent")
            await work.merge(who, parent, {no: version}, reason=reason)
            return f"已并入 {parent}"
        if action is A.GROUP:
            parent = reading.number_of(values, "group")
            await work.group(who, parent, {no: version}, reason=reason)
            return f"已归入群诉 {parent}"
        if action is A.SPLIT:
            part = reading.part_of(values, ticket)
            made = await work.split(who, no, part, reason=reason, expected=version, key=key)
            return f"已拆出工单 {made.ticket_no}"
        zone = self._visit.desk.clock.now().tzinfo
        given = reading.given_of(action, values, ticket, zone)
        await work.act(who, no, action, reason=reason, given=given, expected=version, key=key)
        return f"已{RULES[action].name}"
