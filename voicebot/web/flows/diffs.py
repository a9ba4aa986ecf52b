"""Differences between two texts, line by line."""

import re
from typing import Final

from nicegui.element import Element

from voicebot.operations.content_changes import unified
from voicebot.web.flows.line_ends import plain
from voicebot.web.shell.widgets import Dialog, box, button, text

_PLACE: Final = re.compile(r"@@ -\d+(?:,\d+)? \+(\d+)")
MOST: Final = 400
"""Lines shown; a longer difference is read in the files."""


def kind_of_line(line: str) -> str:
    """add, gone, place or same: a line of a unified diff below its head."""
    match line[:1]:
        case "+":
            return "add"
        case "-":
            return "gone"
        case "@":
            return "place"
        case _:
            return "same"


def place_words(line: str) -> str:
    """Where a part of a unified diff begins, for people: ``@@ -3,2 +5,4 @@`` is 第 5 行起."""
    found = _PLACE.match(line)
    return f"第 {found[1]} 行起" if found else line


def show_changes(changes: str) -> Element:
    """A unified diff in colours, without its head."""
    lines = changes.splitlines()[2:]
    with box("diff") as shown:
        if not lines:
            text("没有差异", "note")
        for line in lines[:MOST]:
            kind = kind_of_line(line)
            text(place_words(line) if kind == "place" else line or " ", kind, "div")
        if len(lines) > MOST:
            text(f"还有 {len(lines) - MOST} 行没有显示", "note")
    return shown


def open_diff(title: str, old: str | None, new: str | None) -> None:
    """A window with what `new` changes in `old`."""
    dialog = Dialog(title, "wide")
    with dialog.body:
        text("红色是去掉的，绿色是加上的", "note")
        show_changes(unified(plain(old or ""), plain(new or ""), "old", "new"))
        with box("buttons"):
            button("关闭", dialog.close)
    dialog.open()
