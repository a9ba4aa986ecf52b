"""The left side: work lists with counts, what is not finished writing, saved filters."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from nicegui.element import Element

from voicebot.operations.own_notes import Note
from voicebot.operations.unreached import looks_after
from voicebot.tickets.listing import WORK_LISTS, Count, WorkList
from voicebot.tickets.rules import RULES
from voicebot.web.ports import Role
from voicebot.web.shell.lasting import button, lasting
from voicebot.web.shell.widgets import Handler, box, link, tell, text
from voicebot.web.tickets import asking
from voicebot.web.tickets.drafts import Kept, drafts
from voicebot.web.tickets.who import Visit

ADDRESS: Final = "/tickets/unreached"
"""Of people who were not reached."""
FILTER: Final = "filter:"
_HOTLINE: Final = frozenset(
    {WorkList.TO_ACCEPT, WorkList.TO_DISPATCH, WorkList.UNSURE, WorkList.LIKELY_GROUPS}
)
"""What units never see: it is not theirs yet, or not theirs to decide."""
_ALARMS: Final = {WorkList.YELLOW: "yellow", WorkList.RED: "red"}
_DRAFTS: Final = 5


class ListsPanel:
    """Drawn anew when a number in it has changed."""

    def __init__(
        self,
        visit: Visit,
        open_list: Callable[[str], Awaitable[None]],
        open_saved: Callable[[Mapping[str, str]], Awaitable[None]],
    ) -> None:
        self._visit = visit
        self._open_list = open_list
        self._open_saved = open_saved
        handler = visit.account.role is Role.HANDLER
        self._lists = [each for each in WorkList if not (handler and each in _HOTLINE)]
        self._shown: object = None
        self._at = ""
        self._room = box("lists", "nav")
        self._room.props["aria-label"] = "工作列表"

    async def refresh(self, at: str) -> None:
        self._at = at
        desk, account = self._visit.desk, self._visit.account
        counts = await desk.work.counts(account, [WORK_LISTS[each] for each in self._lists])
        begun = await drafts(desk.notes, account.name)
        saved = list(await desk.notes.below(account.name, FILTER))
        if (shown := (at, counts, begun, saved)) == self._shown:
            return
        self._shown = shown
        self._room.clear()
        with self._room:
            self._show_lists(counts)
            if begun:
                self._show_drafts(begun)
            if saved:
                self._show_saved(saved)

    async def keep(self, name: str, values: Mapping[str, str]) -> None:
        """Saves a filter under a name, in place of one of that name.

        Raises:
            VoicebotError: ``notes.…``.
        """
        await self._visit.desk.notes.put(self._visit.account.name, FILTER + name, {"values": dict(values)})
        await self.refresh(self._at)

    def _show_lists(self, counts: tuple[Count, ...]) -> None:
        with box("list-group", "ul"):
            self._entry("全部工单", asking.ALL, "", "")
            if looks_after(self._visit.account):
                with box("", "li"):
                    link("未接通名单", ADDRESS, "entry")
            for each, count in zip(self._lists, counts, strict=True):
                number = str(count) if count.number else ""
                self._entry(each.label, each.value, number, _ALARMS.get(each, "") if number else "")

    def _entry(self, words: str, name: str, number: str, alarm: str) -> None:
        with box("", "li"), _entry(lambda: self._open_list(name), chosen=name == self._at):
            text(words)
            text(number, f"count {alarm}")

    def _show_drafts(self, begun: list[Kept]) -> None:
        text(f"没写完的（{len(begun)}）", tag="h2")
        with box("list-group", "ul"):
            for kept in begun[:_DRAFTS]:
                with box("", "li"):
                    words = f"{RULES[kept.action].name} …{kept.ticket_no[-6:]}"
                    link(words, f"/tickets/{kept.ticket_no}", "entry")

    def _show_saved(self, saved: list[Note]) -> None:
        text("我的筛选", tag="h2")
        with box("list-group", "ul"):
            for note in saved:
                self._saved(note)

    def _saved(self, note: Note) -> None:
        name = note.key.removeprefix(FILTER)

        async def drop() -> None:
            if await self._visit.may_act():
                await self._visit.desk.notes.drop(self._visit.account.name, note.key)
                await self.refresh(self._at)
                tell(f"已删掉筛选「{name}」")

        with box("saved", "li"):
            with _entry(lambda: self._open_saved(note.body.get("values", {})), chosen=False):
                text(name)
            gone = button("×", drop, "drop")
            gone.props["aria-label"] = f"删掉筛选「{name}」"


def _entry(on_click: Handler, *, chosen: bool) -> Element:
    made = box("entry", "button").on("click", lasting(on_click), args=[])
    made.props["type"] = "button"
    if chosen:
        made.props["aria-current"] = "page"
    return made
