"""Tabs that hide what is not shown and keep it alive."""

from nicegui.element import Element

from voicebot.web.shell.widgets import box, button


class Tabs:
    """Args: label: for who cannot see them."""

    def __init__(self, label: str) -> None:
        self._heads: dict[str, Element] = {}
        self._bodies: dict[str, Element] = {}
        with box("tabs"):
            self._bar = box("tab-bar")
            self._bar.props.update({"role": "tablist", "aria-label": label})
            self._room = box("tab-room")

    def add(self, key: str, words: str) -> Element:
        """The body of one more tab; the first one is shown."""
        with self._bar:
            head = button(words, lambda: self.show(key), "tab")
            head.props["role"] = "tab"
        with self._room:
            body = box("tab-body")
            body.props["role"] = "tabpanel"
        self._heads[key], self._bodies[key] = head, body
        self.show(next(iter(self._heads)))
        return body

    def show(self, key: str) -> None:
        for name, head in self._heads.items():
            head.props["aria-selected"] = "true" if name == key else "false"
            head.update()
            self._bodies[name].classes(remove="hidden") if name == key else self._bodies[name].classes(
                "hidden"
            )
