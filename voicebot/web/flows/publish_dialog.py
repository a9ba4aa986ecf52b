"""发布: the note, who gets it, what it means for calls that run."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

from nicegui.element import Element
from nicegui.elements.mixins.text_element import TextElement

from voicebot.web.shell.widgets import Dialog, able, box, button, text

SHARES: Final = {
    "1": "全部新来电",
    "0.1": "试用：10% 的新来电",
    "0.3": "试用：30% 的新来电",
    "0.5": "试用：一半新来电",
}
_SHORTEST_NOTE: Final = 2


@dataclass(frozen=True, slots=True)
class Order:
    """What the author wants published; `share` is 1 for all calls."""

    note: str
    share: float = 1.0


@dataclass(frozen=True, slots=True)
class Outlook:
    """What publishing would mean.

    Args:
        files: what would be published, in the author's words.
        running: calls in this flow now.
        warnings: doubts of the checker.
        failed: test calls that fail, None when they were not run on this text.
        trial_possible: a trial is for flows alone.
    """

    files: str
    running: int
    warnings: int
    failed: int | None
    trial_possible: bool


def ask_publish(outlook: Outlook, publish: Callable[[Order], Awaitable[None]]) -> None:
    """Opens the window; `publish` is called once the author has confirmed."""
    dialog = Dialog("发布", "publish")

    async def confirmed() -> None:
        order = Order(note.value.strip(), float(shares.value if shares else "1"))
        await dialog.close_and(publish(order))

    with dialog.body:
        text(outlook.files, "what", "p")
        text(effect_words(outlook.running), "effect", "p")
        if outlook.warnings:
            text(f"检查有 {outlook.warnings} 个警告，可以发布，但最好先看一看。", "warn", "p")
        if outlook.failed is None:
            text("这份文字还没有运行过测试通话。", "warn", "p")
        elif outlook.failed:
            text(f"有 {outlook.failed} 通测试通话没有通过。", "warn", "p")
        shares = _Radios("给谁用", SHARES) if outlook.trial_possible else None
        note = _Note("改了什么、为什么改（必填）", "", lambda ok: able(go, ok))
        with box("buttons"):
            button("取消", dialog.close)
            go = button("发布", confirmed, "primary")
        able(go, False)
    dialog.open()


def effect_words(running: int) -> str:
    """What publishing does to calls."""
    if running:
        return f"现在有 {running} 通电话在这个流程里，它们按原来的版本打完；之后的新来电用新版本。"
    return "现在没有电话在这个流程里；之后的新来电用新版本。"


def ask_note(
    title: str, words: str, verb: str, act: Callable[[str], Awaitable[None]], usual: str = ""
) -> None:
    """Asks for a note before something is done."""
    dialog = Dialog(title, "publish")

    async def confirmed() -> None:
        await dialog.close_and(act(note.value.strip()))

    with dialog.body:
        text(words, "effect", "p")
        note = _Note("说明（必填）", usual, lambda ok: able(go, ok))
        with box("buttons"):
            button("取消", dialog.close)
            go = button(verb, confirmed, "primary")
        able(go, note.is_enough)
    dialog.open()


class _Note(TextElement):
    """A text area; `enough` is told whether it holds a note. Its first words are its content and not its
    ``value``, which Vue would put back at every update of the page."""

    def __init__(self, label: str, value: str, enough: Callable[[bool], None]) -> None:
        with box("field", "label"):
            text(label)
            super().__init__(tag="textarea", text=value)
        self.value = value
        self.props.update({"rows": 2, "maxlength": 200, "autofocus": True})

        def typed(event: Any) -> None:
            self.value = str(event.args)
            enough(self.is_enough)

        self.on("input", typed, js_handler="(e) => emit(e.target.value)")

    @property
    def is_enough(self) -> bool:
        return len(self.value.strip()) >= _SHORTEST_NOTE


class _Radios(Element):
    """One of several; `value` is the key chosen, the first at the beginning."""

    def __init__(self, label: str, options: dict[str, str]) -> None:
        super().__init__("fieldset")
        self.value = next(iter(options))
        with self:
            text(label, tag="legend")
            for key, words in options.items():
                with box("", "label"):
                    radio = box("", "input")
                    radio.props.update({"type": "radio", "name": f"r{self.id}", "value": key})
                    if key == self.value:
                        radio.props["checked"] = True
                    radio.on("change", self._chosen(key))
                    text(words)

    def _chosen(self, key: str) -> Callable[[], None]:
        def choose() -> None:
            self.value = key

        return choose
