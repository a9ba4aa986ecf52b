"""Plain HTML elements with words in them; the look is in ``static/flows/flows.css``.

Words of people become text nodes, never HTML.
"""

from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from typing import Any, Final

from nicegui import ui
from nicegui.element import Element
from nicegui.elements.mixins.text_element import TextElement

Handler = Callable[..., Any]
STYLE: Final = "/static/flows/flows.css"
ICON: Final = "/call/static/icon.svg"


def page_style() -> None:
    """Before anything else of a page."""
    ui.add_head_html(f'<link rel="stylesheet" href="{STYLE}"><link rel="icon" href="{ICON}">')


def tell_of_faults() -> None:
    """What goes wrong behind a click is in the log; the page says so instead of doing nothing."""
    client = ui.context.client

    def told() -> None:
        with client.content:
            tell("出错了，已记录。请再试一次，还不行就告诉系统管理员。", "negative")

    client.on_exception(told)


def box(classes: str = "", tag: str = "div") -> Element:
    return ui.element(tag).classes(classes)


def text(words: str, classes: str = "", tag: str = "span") -> TextElement:
    return TextElement(tag=tag, text=words).classes(classes)


def button(words: str, on_click: Handler, classes: str = "", hint: str = "") -> TextElement:
    """`hint`: what it does, or its key; shown when the pointer rests on it."""
    made = TextElement(tag="button", text=words).classes(classes).on("click", on_click)
    made.props["type"] = "button"
    if hint:
        made.props["title"] = hint
    return made


def link(words: str, target: str, classes: str = "") -> TextElement:
    made = TextElement(tag="a", text=words).classes(classes)
    made.props["href"] = target
    return made


def able(element: Element, yes: bool) -> None:
    """Switches a button on or off."""
    if yes:
        element.props.pop("disabled", None)
    else:
        element.props["disabled"] = True
    element.update()


class Choice(Element):
    """A native select; `value` is the key chosen."""

    def __init__(self, label: str, options: Iterable[tuple[str, str]], on_change: Handler) -> None:
        super().__init__("select")
        options = list(options)
        self.value = options[0][0]
        self.props["aria-label"] = label
        with self:
            for key, words in options:
                TextElement(tag="option", text=words).props["value"] = key

        async def chosen(event: Any) -> None:
            self.value = str(event.args["target"]["value"])
            await on_change()

        self.on("change", chosen, js_handler="(e) => emit({target: {value: e.target.value}})")


class Dialog:
    """A window over the page; `with dialog.body:` fills it."""

    def __init__(self, title: str, classes: str = "") -> None:
        self._page = ui.context.client.content
        with self._page:  # it outlives whatever was clicked
            self._dialog = ui.dialog()
        self._dialog.props["transition-duration"] = 0
        self._after: list[Callable[[], Awaitable[None]]] = []
        self._dialog.on("hide", self._hidden, args=[])
        with self._dialog, box(f"dialog {classes}") as frame:
            frame.props.update({"role": "dialog", "aria-label": title})
            text(title, tag="h2")
            self.body = box("body")

    def open(self) -> None:
        self._dialog.open()

    def close(self) -> None:
        self._dialog.close()

    def on_close(self, act: Callable[[], Awaitable[None]]) -> None:
        """Done when the window has closed, in whatever way."""
        self._after.append(act)

    async def _hidden(self) -> None:
        self._dialog.delete()
        with self._page:
            for act in self._after:
                await act()

    async def close_and(self, act: Awaitable[None]) -> None:
        """Does something that was asked for in the window, which is gone meanwhile."""
        self._dialog.close()
        with self._page:
            await act


def tell(words: str, kind: str = "info") -> None:
    """A short message in the corner; `kind`: info, positive, negative, warning."""
    ui.notify(words, type=kind, position="bottom-right")  # type: ignore[arg-type]


def when(at: datetime, now: datetime) -> str:
    """A time as people say it; both in the city's zone."""
    local = at.astimezone(now.tzinfo)
    minutes = int((now - local).total_seconds() // 60)
    if 0 <= minutes < 1:
        return "刚刚"
    if 0 <= minutes < 60:
        return f"{minutes} 分钟前"
    return f"{local:%H:%M}" if local.date() == now.date() else f"{local:%Y-%m-%d %H:%M}"
