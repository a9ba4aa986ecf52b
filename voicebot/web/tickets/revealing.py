"""显示号码: a reason first, which is written down before the number is shown, and only for a while."""

from typing import Any, Final

from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement

from voicebot.core.errors import VoicebotError
from voicebot.core.ids import TicketNo
from voicebot.web.flows.widgets import Dialog, able, box, button, text
from voicebot.web.tickets.who import Visit

SECONDS: Final = 60
"""How long a number stays on the screen."""
_SHORTEST: Final = 2


def ask_reason(visit: Visit, ticket_no: TicketNo) -> None:
    """Opens the window."""
    dialog = Dialog("显示号码")
    with dialog.body:
        text("为什么需要号码？理由和您的账号会记在访问记录里。", tag="p")
        reason = _Reason()
        answer = text("", "revealed")
        answer.props["role"] = "status"

        async def show() -> None:
            if not await visit.may_act():
                return
            try:
                number = await visit.desk.work.reveal(visit.account, ticket_no, reason.words)
            except VoicebotError as error:
                answer.set_text(error.message)
                return
            answer.set_text(f"{number}（{SECONDS} 秒后隐藏）")
            able(asked, False)
            with dialog.body:
                ui.timer(SECONDS, dialog.close, once=True)

        with box("buttons"):
            asked = button("显示", show, "primary")
            button("关闭", dialog.close)
        able(asked, False)
        reason.watch(asked)
    dialog.open()


class _Reason:
    """The reason that is typed."""

    def __init__(self) -> None:
        self.words = ""
        self._input = box("", "input")
        self._input.props.update(
            {"type": "text", "maxlength": 200, "aria-label": "理由", "placeholder": "例如：回访核实地点"}
        )

    def watch(self, asked: TextElement) -> None:
        """`asked` works once there is a reason."""

        def typed(event: Any) -> None:
            self.words = str(event.args).strip()
            able(asked, len(self.words) >= _SHORTEST)

        self._input.on("input", typed, js_handler="(e) => emit(e.target.value)")
