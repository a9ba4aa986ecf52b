"""The keys of the pages, and the switch for them."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from voicebot.web.shell.lasting import hear
from voicebot.web.shell.widgets import Dialog, box, text
from voicebot.web.tickets.elements import Keyboard
from voicebot.web.tickets.who import Visit

LIST_KEYS: Final = (
    ("j 或 ↓", "下一件"),
    ("k 或 ↑", "上一件"),
    ("回车", "打开"),
    ("/", "查找"),
    ("[ 和 ]", "上一页、下一页"),
    ("?", "这个说明"),
)
TICKET_KEYS: Final = (
    ("u", "回到列表"),
    ("[ 和 ]", "上一件、下一件"),
    ("Tab", "依次到各个按钮"),
    ("Ctrl+回车", "提交正在填的表"),
    ("?", "这个说明"),
)


class Keys:
    """The page's keyboard. Single keys only, never while somebody types."""

    def __init__(self, visit: Visit, on: bool, keys: Sequence[tuple[str, str]]) -> None:
        self._visit = visit
        self._on = on
        self._keys = keys
        self._keyboard = Keyboard(on, self._asked)

    async def _asked(self, _: Mapping[str, Any]) -> None:
        self.open()

    def open(self) -> None:
        dialog = Dialog("键盘")
        with dialog.body:
            with box("keys-help", "dl"):
                for key, words in self._keys:
                    text(key, tag="dt")
                    text(words, tag="dd")
            with box("switch", "label"):
                switch = box("", "input")
                switch.props.update({"type": "checkbox", "checked": self._on})
                text("使用快捷键（打字和用输入法时从不触发）")
            hear(switch, "change", self._switched)
            text("关掉以后，Tab、回车和鼠标照常使用。这个选择跟着您的账号。", "note", "p")
        dialog.open()

    async def _switched(self, _: Mapping[str, Any]) -> None:
        self._on = not self._on
        self._keyboard.enable(self._on)
        await self._visit.switch_keys(self._on)
