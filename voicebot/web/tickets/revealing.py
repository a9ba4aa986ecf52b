"""A reason first, which is written down before anything is shown, and only for a while."""

from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final

from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement

from voicebot.core.errors import VoicebotError
from voicebot.core.ids import TicketNo
from voicebot.web.shell.widgets import Dialog, able, box, button, text
from voicebot.web.tickets.who import Visit

SECONDS: Final = 60
"""How long a number stays on the screen."""
_SHORTEST: Final = 2


Show = Callable[[str], Awaitable[str]]
"""From a reason to what is shown; raises VoicebotError with what is said instead."""


def ask_number(visit: Visit, ticket_no: TicketNo) -> None:
    """The number of the person, for `SECONDS`."""

    async def show(reason: str) -> str:
        number = await visit.desk.work.reveal(visit.account, ticket_no, reason)
        return f"{number}（{SECONDS} 秒后隐藏）"

    _ask(visit, "显示号码", "为什么需要号码？理由和您的账号会记在访问记录里。", show)


def ask_to_listen(visit: Visit, listen: Callable[[str], None]) -> None:
    """The voice of somebody whom nobody should know; `listen` is given the reason."""

    async def show(reason: str) -> str:
        listen(reason)
        return "可以听了，请关闭这个窗口"

    _ask(visit, "听录音", "举报、保密和匿名件的录音要写明理由，每次都会记下来。", show)


def _ask(visit: Visit, title: str, why: str, shown: Show) -> None:
    dialog = Dialog(title)
    with dialog.body:
        text(why, tag="p")
        reason = _Reason()
        answer = text("", "revealed")
        answer.props["role"] = "status"

        async def show() -> None:
            if not await visit.may_act():
                return
            try:
                words = await shown(reason.words)
            except VoicebotError as error:
                answer.set_text(error.message)
                return
            answer.set_text(words)
            able(asked, False)
            with dialog.body:
                ui.timer(SECONDS, dialog.close, once=True)

        with box("buttons"):
            asked = button("显示" if title.startswith("显示") else "听", show, "primary")
            button("关闭", dialog.close)
        able(asked, False)
        reason.watch(asked)
    dialog.open()


def ask_reason(title: str, why: str, example: str, then: Callable[[str], Coroutine[Any, Any, None]]) -> None:
    """A reason for something that is carried out at once, and told about by itself."""
    dialog = Dialog(title)
    with dialog.body:
        text(why, tag="p")
        reason = _Reason(example)

        async def go_on() -> None:
            await dialog.close_and(then(reason.words))

        with box("buttons"):
            asked = button(title, go_on, "primary")
            button("关闭", dialog.close)
        able(asked, False)
        reason.watch(asked)
    dialog.open()


class _Reason:
    """The reason that is typed."""

    def __init__(self, example: str = "例如：回访核实地点") -> None:
        self.words = ""
        self._input = box("", "input")
        self._input.props.update(
            {"type": "text", "maxlength": 200, "aria-label": "理由", "placeholder": example}
        )

    def watch(self, asked: TextElement) -> None:
        """`asked` works once there is a reason."""

        def typed(event: Any) -> None:
            self.words = str(event.args).strip()
            able(asked, len(self.words) >= _SHORTEST)

        self._input.on("input", typed, js_handler="(e) => emit(e.target.value)")
