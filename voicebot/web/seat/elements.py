"""Our own elements (their other halves are in ``parts/``); every word they show is a text node."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from nicegui import ui
from nicegui.element import Element

from voicebot.web.seat.bar import stamp
from voicebot.web.shell.lasting import Heard, hear
from voicebot.web.shell.widgets import ICON

STYLES: Final = ("/static/flows/flows.css", "/static/tickets/tickets.css", "/static/seat/seat.css")
_PARTS: Final = Path(__file__).parent / "parts"


def page_style() -> None:
    """Before anything else of a page."""
    links = "".join(f'<link rel="stylesheet" href="{style}">' for style in STYLES)
    ui.add_head_html(f'{links}<link rel="icon" href="{ICON}">')


class CallBar(Element, component=_PARTS / "seat_bar.js"):
    """Call bar, sound and signs of life; see the part."""

    def __init__(self, *, tab: Heard, press: Heard, stale: Heard) -> None:
        super().__init__()
        self.props.update({"buttons": [], "legs": [], "call": "", "keys": True})
        hear(self, "tab", tab)
        hear(self, "press", press)
        hear(self, "stale", stale)

    def show(self, shown: Mapping[str, Any]) -> None:
        self.props.update(shown)
        self.update()


class Lines(Element, component=_PARTS / "seat_lines.js"):
    """What is said; grows below."""

    def __init__(self, empty: str) -> None:
        super().__init__()
        self.props["empty"] = empty

    def add(self, lines: Sequence[Mapping[str, Any]]) -> None:
        if lines:
            self.run_method("add", list(lines))

    def clear_lines(self) -> None:
        self.run_method("clear")

    def show(self, key: str) -> None:
        """Brings a line into view."""
        self.run_method("show", key)


class Running(Element, component=_PARTS / "seat_clock.js"):
    """A time that runs. Args: late: seconds from which it is marked."""

    def __init__(
        self, now: datetime, *, since: datetime | None = None, until: datetime | None = None, late: float = 0
    ) -> None:
        super().__init__()
        self.props.update({"since": stamp(since), "until": stamp(until), "now": stamp(now), "late": late})


class Check(Element, component=_PARTS / "seat_check.js"):
    """Headset and microphone before a shift."""

    def __init__(self, passed: Heard) -> None:
        super().__init__()
        hear(self, "passed", passed)


class Listening(Element, component=_PARTS / "seat_listen.js"):
    """The sound of a talk that a supervisor listens in to."""

    def __init__(self, call_id: str) -> None:
        super().__init__()
        self.props["call"] = call_id


class SeatForm(Element, component=_PARTS / "seat_form.js"):
    """Asks for fields and keeps what is typed on the server (`drafts`); see the part.

    Args:
        kind: ``ticket`` or ``summary``. fields: as the part takes them, with `note` and `evidence`.
    """

    def __init__(
        self,
        call_id: str,
        kind: str,
        title: str,
        submit: str,
        fields: Sequence[Mapping[str, Any]],
        values: Mapping[str, Any],
        *,
        done: Heard,
        show: Heard,
    ) -> None:
        super().__init__()
        self.props.update(
            {
                "call": call_id,
                "kind": kind,
                "title": title,
                "submit": submit,
                "fields": list(fields),
                "values": dict(values),
            }
        )
        hear(self, "done", done)
        hear(self, "show", show)

    def said(self, words: str, *, good: bool) -> None:
        self.run_method("said_by_server", words, good)

    def offer(self, values: Mapping[str, str]) -> None:
        """Fills what is empty and untouched."""
        self.run_method("offer", dict(values))

    def put(self, name: str, value: str) -> None:
        self.run_method("put_in", name, value)


class Grid(Element, component=_PARTS / "seat_grid.js"):
    """A dense table; `acted` is called with {key, act}."""

    def __init__(self, label: str, heads: Sequence[str], empty: str, acted: Heard | None = None) -> None:
        super().__init__()
        self.props.update({"label": label, "heads": list(heads), "rows": [], "empty": empty})
        self.props["acts"] = acted is not None
        if acted is not None:
            hear(self, "act", acted)

    def show(self, rows: Sequence[Mapping[str, Any]], now: int | None) -> None:
        """Drawn anew when something in it has changed."""
        if self.props["rows"] != list(rows):
            self.props.update({"rows": list(rows), "now": now})
            self.update()
