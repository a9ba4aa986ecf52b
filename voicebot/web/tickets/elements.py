"""Our own elements (their other halves are in ``parts/``); every word they show is a text node."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from nicegui import ui
from nicegui.element import Element

from voicebot.tickets.ticket import TicketAction
from voicebot.web.shell.lasting import Heard, hear
from voicebot.web.shell.widgets import ICON
from voicebot.web.tickets.fields import Field
from voicebot.web.tickets.rows import Row

STYLES: Final = ("/static/flows/flows.css", "/static/tickets/tickets.css")
_PARTS: Final = Path(__file__).parent / "parts"


def page_style() -> None:
    """Before anything else of a page."""
    links = "".join(f'<link rel="stylesheet" href="{style}">' for style in STYLES)
    ui.add_head_html(f'{links}<link rel="icon" href="{ICON}">')


class Rows(Element, component=_PARTS / "rows.js"):
    """The list. `turned` is called with {by: -1 or 1}."""

    def __init__(self, label: str, turned: Heard) -> None:
        super().__init__()
        self.props.update({"rows": [], "label": label, "empty": "正在读取…", "address": "/tickets/?"})
        hear(self, "turn", turned)

    def show(self, rows: Sequence[Row], empty: str, address: str) -> None:
        """Draws it anew when something in it has changed."""
        shown = {"rows": list(rows), "empty": empty, "address": address}
        if any(self.props[name] != value for name, value in shown.items()):
            self.props.update(shown)
            self.update()


class Finder(Element, component=_PARTS / "finder.js"):
    """Search and filters; `selects`: name, label, options."""

    def __init__(
        self, values: Mapping[str, str], selects: Sequence[Field], *, found: Heard, kept: Heard
    ) -> None:
        super().__init__()
        used = any(values.get(select["name"]) for select in selects)
        opened = used or bool(values.get("since") or values.get("until"))
        self.props.update({"values": dict(values), "selects": list(selects), "open": opened})
        hear(self, "find", found)
        hear(self, "keep", kept)

    def load(self, values: Mapping[str, str]) -> None:
        self.run_method("load", dict(values))


class Keyboard(Element, component=_PARTS / "keyboard.js"):
    """Keys of the page."""

    def __init__(self, enabled: bool, asked_help: Heard) -> None:
        super().__init__()
        self.props["enabled"] = enabled
        hear(self, "help", asked_help)

    def enable(self, yes: bool) -> None:
        self.run_method("enable", yes)


class Steps(Element, component=_PARTS / "steps.js"):
    """To the neighbours of a ticket in the list it was opened from."""

    def __init__(self, ticket_no: str) -> None:
        super().__init__()
        self.props["no"] = ticket_no


class Talk(Element, component=_PARTS / "talk.js"):
    """What was said in a call; `audio`: address of its recording, "" for none."""

    def __init__(self, turns: Sequence[Mapping[str, Any]], audio: str) -> None:
        super().__init__()
        self.props.update({"turns": list(turns), "audio": audio})

    def listen(self, audio: str) -> None:
        """From now on with sound."""
        self.props["audio"] = audio
        self.update()

    def show(self, turn: int) -> None:
        """Brings a turn into view."""
        self.run_method("show", turn)


class ActForm(Element, component=_PARTS / "form.js"):
    """Asks for the details of an action and keeps what is typed; see the part.

    Args:
        values: what stands in it; `saved`: when that was saved as a draft, "" when it was not.
        sure: what is asked before it is carried out; "" for nothing.
    """

    def __init__(
        self,
        ticket_no: str,
        version: int,
        action: TicketAction,
        title: str,
        fields: Sequence[Field],
        *,
        values: Mapping[str, Any],
        saved: str,
        sure: str,
    ) -> None:
        super().__init__()
        self.action = action
        self.version = version
        self.props.update(
            {
                "no": ticket_no,
                "version": version,
                "action": action.value,
                "title": title,
                "submit": title,
                "fields": list(fields),
                "values": dict(values),
                "saved": saved,
                "confirm": sure,
            }
        )

    def refuse(self, words: str) -> None:
        """It was not carried out; what is typed stays."""
        self.run_method("refused", words)

    def rebase(self, version: int) -> None:
        """Goes on from a newer version, which the person has seen."""
        self.version = version
        self.run_method("rebase", version)

    async def carried_out(self) -> None:
        """Nothing of it is saved any more."""
        await self.run_method("carriedOut", timeout=5)
