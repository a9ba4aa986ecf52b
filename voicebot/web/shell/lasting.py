"""For pages that are drawn anew: whatever was clicked may be gone before its work is done."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from nicegui import ui
from nicegui.element import Element
from nicegui.elements.mixins.text_element import TextElement
from nicegui.events import GenericEventArguments

from voicebot.web.shell.widgets import Handler
from voicebot.web.shell.widgets import button as plain_button

Heard = Callable[[Mapping[str, Any]], Awaitable[None]]


def lasting(handler: Handler) -> Handler:
    """The handler of something that may be drawn anew, and so be gone, while it works."""
    page = ui.context.client.content

    async def handled() -> None:
        with page:
            result = handler()
            if isinstance(result, Awaitable):
                await result

    return handled


def button(words: str, on_click: Handler, classes: str = "", hint: str = "") -> TextElement:
    """As `widgets.button`, on pages that are drawn anew."""
    return plain_button(words, lasting(on_click), classes, hint)


def hear(element: Element, name: str, listener: Heard) -> None:
    """Passes on what an element emits; it may be gone before that is done."""
    page = ui.context.client.content

    async def heard(event: GenericEventArguments) -> None:
        with page:
            await listener(event.args if isinstance(event.args, dict) else {})

    element.on(name, heard)
