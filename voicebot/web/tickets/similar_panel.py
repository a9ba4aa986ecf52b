"""Right below the call: tickets that may be the same matter, and what people make of that."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from voicebot.core.errors import VoicebotError
from voicebot.core.ids import TicketNo
from voicebot.operations.similar import Similar
from voicebot.operations.ticket_views import TicketView
from voicebot.tickets.roles import may
from voicebot.tickets.suggestions import Standing
from voicebot.tickets.ticket import Ticket
from voicebot.tickets.ticket import TicketAction as A
from voicebot.web.shell.lasting import button
from voicebot.web.shell.widgets import box, link, tell, text
from voicebot.web.tickets.revealing import ask_reason
from voicebot.web.tickets.rows import NO_TITLE
from voicebot.web.tickets.similar import Found, found_beside
from voicebot.web.tickets.who import Visit
from voicebot.web.tickets.words import actor, moment

_JOINING: Final = ((A.MERGE, "并入它…", "merge_parent"), (A.GROUP, "归为群诉…", "group"))
_MOST_REASONS: Final = 3

Open = Callable[[A, Mapping[str, Any]], Awaitable[None]]


class SimilarPanel:
    """Suggestions with their score, reasons and buttons; below, what else is found by its words.

    Args:
        opened: opens the dialog of an action. decided: called after something was carried out.
    """

    def __init__(self, visit: Visit, opened: Open, decided: Callable[[], Awaitable[None]]) -> None:
        self._visit = visit
        self._opened = opened
        self._decided = decided
        self._view: TicketView | None = None
        self._suggested: tuple[Similar, ...] = ()
        self._found: list[Found] = []
        self._shown: object = None
        with box("similar-room"):
            text("可能是同一件事", tag="h2")
            self._room = box()
            with self._room:
                text("正在找…", "note")

    async def begin(self, view: TicketView) -> None:
        """Looks by words once, which takes a while."""
        self._found = await found_beside(self._visit.desk.work, self._visit.account, view.ticket)
        await self.refresh(view)

    async def refresh(self, view: TicketView) -> None:
        """As it is now; drawn anew when something in it has changed."""
        self._view = view
        similar = self._visit.deps.similar
        self._suggested = await similar.of(self._visit.account, view.ticket.ticket_no)
        if (shown := (self._suggested, self._found, view.actions)) == self._shown:
            return
        self._shown = shown
        self._room.clear()
        with self._room:
            if not self._suggested and not self._found:
                text("没有找到", "note")
            for each in self._suggested:
                self._show_suggestion(each)
            for other in self._others():
                self._show_found(other)

    def choices(self) -> list[tuple[str, str, str]]:
        """(number, title, why) of what may be joined, for dialogs."""
        suggested = [
            (each.other.ticket_no, each.other.title, f"相似{each.suggestion.score:.0%}")
            for each in self._suggested
            if each.suggestion.standing is Standing.OPEN
        ]
        found = [(f.ticket.ticket_no, f.ticket.title, f"相似{f.likeness.score:.0%}") for f in self._others()]
        return [*suggested, *found]

    def _others(self) -> list[Found]:
        known = {each.other.ticket_no for each in self._suggested}
        return [each for each in self._found if each.ticket.ticket_no not in known]

    # ── drawing ────────────────────────────────────────────────────────────────────────────

    def _show_suggestion(self, similar: Similar) -> None:
        about = similar.suggestion
        with box(f"other {about.standing}"):
            _show_other(similar.other, about.score, about.reasons)
            if about.standing is not Standing.OPEN:
                text(self._decision(similar), "verdict", "div")
            if may(self._visit.account.role, A.GROUP):
                with box("joining"):
                    self._show_buttons(similar)

    def _decision(self, similar: Similar) -> str:
        about, now = similar.suggestion, self._visit.desk.clock.now()
        what = (
            "不是同一件事" if about.standing is Standing.REFUSED else "已并单" if about.own else "已并为群诉"
        )
        when = f"，{moment(about.decided_at, now)}" if about.decided_at else ""
        who = f"（{actor(about.by)}{when}）" if about.by else ""
        return f"{what}{who}{f'：{about.why}' if about.why else ''}"

    def _show_buttons(self, similar: Similar) -> None:
        match similar.suggestion.standing:
            case Standing.OPEN:
                if similar.suggestion.own:
                    button("并单…", lambda: self._ask_merger(similar), "small primary")
                else:
                    button("并为群诉", lambda: self._accept(similar), "small primary")
                button("不是同一件事", lambda: self._refuse(similar), "small")
            case Standing.REFUSED:
                button("撤销", lambda: self._undo(similar, "再看看"), "small")
            case Standing.ACCEPTED:
                button("撤销…", lambda: self._ask_undo(similar), "small")
            case Standing.LAPSED:
                pass

    def _show_found(self, found: Found) -> None:
        assert self._view is not None
        with box("other"):
            _show_other(found.ticket, found.likeness.score, found.likeness.reasons)
            with box("joining"):
                for action, words, field in _JOINING:
                    if action in self._view.actions:
                        values = {field: found.ticket.ticket_no}
                        button(words, lambda a=action, v=values: self._opened(a, v), "small")

    # ── deciding ───────────────────────────────────────────────────────────────────────────

    async def _accept(self, similar: Similar, reason: str = "") -> None:
        cases, who = self._visit.deps.similar, self._visit.account
        no, other, version = self._seen(similar)
        done = "已并单" if similar.suggestion.own else "已并为群诉"
        await self._carry_out(lambda: cases.accept(who, no, other, reason=reason, expected=version), done)

    async def _refuse(self, similar: Similar) -> None:
        cases, who = self._visit.deps.similar, self._visit.account
        no, other, version = self._seen(similar)
        await self._carry_out(lambda: cases.refuse(who, no, other, expected=version), "记下了：不是同一件事")

    async def _undo(self, similar: Similar, reason: str) -> None:
        cases, who = self._visit.deps.similar, self._visit.account
        no, other, version = self._seen(similar)
        await self._carry_out(lambda: cases.undo(who, no, other, reason=reason, expected=version), "已撤销")

    def _ask_merger(self, similar: Similar) -> None:
        why = "两件是同一个人反映的同一件事。并单后，后一件到此结束，由前一件继续办理，并会告诉诉求人。"
        ask_reason("并单", why, "例如：同一处路灯", lambda reason: self._accept(similar, reason))

    def _ask_undo(self, similar: Similar) -> None:
        why = "撤销后两件各自办理，理由会记在工单里。"
        ask_reason("撤销", why, "例如：两件不是同一处", lambda reason: self._undo(similar, reason))

    def _seen(self, similar: Similar) -> tuple[TicketNo, TicketNo, int]:
        """(this ticket, the other, the version of this one that the page shows)."""
        assert self._view is not None
        return self._view.ticket.ticket_no, similar.other.ticket_no, self._view.ticket.version

    async def _carry_out(self, decide: Callable[[], Awaitable[object]], words: str) -> None:
        if not await self._visit.may_act():
            return
        try:
            await decide()
        except VoicebotError as error:
            tell(error.message, "warning")
        else:
            tell(words, "positive")
        await self._decided()


def _show_other(ticket: Ticket, score: float, reasons: tuple[str, ...]) -> None:
    link(ticket.title or NO_TITLE, f"/tickets/{ticket.ticket_no}")
    text(f"…{ticket.ticket_no[-6:]} · 相似{score:.0%} · {ticket.state.label}", "note")
    text("；".join(reasons[:_MOST_REASONS]), "note", "div")
