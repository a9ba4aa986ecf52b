"""Labelled sets: what callers say, and what it means.

A set is a folder: ``utterances.jsonl`` {"id","text","intent","appeal_type","department","urgency",
"slots","secondary_intent","tags"}, ``questions.jsonl`` {"id","text","article"}, ``unanswerable.jsonl``
{"id","text"}. A label that is left out is not judged, null means "none". `department` and `article` may
name several that are right, as a list or with ``|`` between them. ``tables.json`` of a set names tables
that are kept elsewhere, see `_tables`.

A sealed set has a file ``SHA256SUMS`` of the form that sha256sum writes.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from voicebot.core.errors import VoicebotError

SEAL: Final = "SHA256SUMS"
TABLES: Final = "tables.json"
FILES: Final = ("utterances", "questions", "unanswerable")
TRUE: Final = "true"
"""Label of a slot whose words are not given: it is right when there is any."""
NOT_JUDGED: Final = "-"
NONE: Final = "0"
PLAIN_QUERY: Final = ("request", "status")
"""What is asked of a ticket when nothing more is: labelled or not, it is the same."""


@dataclass(frozen=True, slots=True)
class Item:
    """Something said, with its labels; None is not judged.

    Args:
        intent: one of house.md.
        emergency: ``119``; "" for no emergency.
        appeal_types, departments: those that are right; () for none.
        secondary: second intent; "" for none.
        slots: name → words; `slot_names` are judged, all that the set labels somewhere.
        articles: those that answer a question; () when nothing does.
    """

    id: str
    text: str
    intent: str | None = None
    emergency: str | None = None
    appeal_types: tuple[str, ...] | None = None
    departments: tuple[str, ...] | None = None
    urgency: str | None = None
    secondary: str | None = None
    slots: Mapping[str, str] | None = None
    slot_names: frozenset[str] = frozenset()
    articles: tuple[str, ...] | None = None


def read_set(folder: Path) -> tuple[Item, ...]:
    """Everything in the set, in the order of its files.

    Raises:
        VoicebotError: ``eval.missing``: no folder, or nothing in it; ``eval.label``: a bad line, by
            file and line; ``eval.seal``: see `check_seal`.
    """
    if not folder.is_dir():
        raise VoicebotError("eval.missing", f"没有标注集目录 {folder}。用 --sets 指明它的上级目录")
    if (folder / SEAL).is_file():
        check_seal(folder)
    items = [item for name in FILES for item in _lines(folder / f"{name}.jsonl")]
    if (folder / TABLES).is_file():
        items += _tables(folder / TABLES)
    if not items:
        raise VoicebotError("eval.missing", f"{folder} 里没有标注：应有 {FILES[0]}.jsonl 等文件")
    names = frozenset(name for item in items for name in item.slots or ())
    return tuple(item if item.slot_names else replace(item, slot_names=names) for item in items)


def check_seal(folder: Path) -> None:
    """The set is what was sealed: every file of the list unchanged, none that is not listed.

    Raises:
        VoicebotError: ``eval.seal``.
    """
    path = folder / SEAL
    if not path.is_file():
        raise VoicebotError("eval.seal", f"{folder} 没有封存：缺少 {SEAL}（sha256sum *.jsonl > {SEAL}）")
    listed = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        digest, _, name = line.strip().partition(" ")
        if name:
            listed[name.strip().lstrip("*").removeprefix("./")] = digest
    there = {each.name for each in folder.iterdir() if each.suffix == ".jsonl" or each.name == TABLES}
    if loose := sorted(there - set(listed)):
        raise VoicebotError("eval.seal", f"{folder}：{'、'.join(loose)} 不在 {SEAL} 里")
    if not listed:
        raise VoicebotError("eval.seal", f"{path} 是空的")
    for name, digest in listed.items():
        file = folder / name
        if not file.is_file() or hashlib.sha256(file.read_bytes()).hexdigest() != digest.lower():
            raise VoicebotError("eval.seal", f"{file} 与封存时不同，不评测。恢复原文件，或重新封存并记入文档")


def _lines(path: Path) -> Iterator[Item]:
    if not path.is_file():
        return
    for number, line in enumerate(path.read_text(encoding="utf-8-sig").splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            yield _item(row, path.stem)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            # the line itself is not shown: the set may be sealed
            raise VoicebotError(
                "eval.label",
                f"{path}:{number} 读不懂：{type(error).__name__}，应是一个 JSON 对象，含 id 和 text",
            ) from None


def _item(row: Mapping[str, Any], kind: str) -> Item:
    identity, text = str(row["id"]), row["text"]
    if not isinstance(text, str):
        raise TypeError("text")
    if kind == "questions":
        return Item(identity, text, emergency="", articles=_names(row["article"]))
    if kind == "unanswerable":
        return Item(identity, text, emergency="", articles=())
    intent = row.get("intent")
    return Item(
        identity,
        text,
        intent=intent,
        emergency=None if intent is None else emergency_of(intent),
        appeal_types=_names(row["appeal_type"]) if "appeal_type" in row else None,
        departments=_names(row["department"]) if "department" in row else None,
        urgency=row.get("urgency"),
        secondary=(row["secondary_intent"] or "") if "secondary_intent" in row else None,
        slots=_slots(row["slots"] or {}) if "slots" in row else None,
    )


def emergency_of(intent: str) -> str:
    """``119`` of ``emergency_119``, else empty."""
    return intent.removeprefix("emergency_") if intent.startswith("emergency_") else ""


def _names(value: str | list[str] | None) -> tuple[str, ...]:
    several = value.split("|") if isinstance(value, str) else value or ()
    return tuple(name for name in several if name)


def _slots(slots: Mapping[str, Any]) -> dict[str, str]:
    """As `said` of figures.py compares them; what is false or null is not there."""
    there = {name: printed(value) for name, value in slots.items() if value not in (None, False, "")}
    return dict(item for item in there.items() if item != PLAIN_QUERY)


def printed(value: object) -> str:
    return TRUE if value is True else str(value).strip()


def _tables(path: Path) -> Iterator[Item]:
    """Tables of labels: [{"file": relative to `path`, "columns": [...]}], tab separated, # for comments.

    Columns: text, intent, department, appeal_type, emergency (``119``; ``!`` behind it is ignored),
    address, article, and "" for one that is not read. ``-`` is not judged (of `emergency`: none), ``0``
    is none. "unanswerable": true says so of every row. Ids are file and line.
    """
    for table in json.loads(path.read_text(encoding="utf-8")):
        file = path.parent / table["file"]
        if not file.is_file():
            raise VoicebotError("eval.missing", f"{path} 提到的 {file} 不存在")
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            if line and not line.startswith("#"):
                row = dict(zip(table["columns"], line.split("\t"), strict=True))
                yield _row(f"{file.stem}-{number}", row, bool(table.get("unanswerable")))


def _row(identity: str, row: Mapping[str, str], unanswerable: bool) -> Item:
    def cell(name: str) -> str | None:
        value = row.get(name, NOT_JUDGED)
        return None if value == NOT_JUDGED else "" if value == NONE else value

    def names(name: str) -> tuple[str, ...] | None:
        value = cell(name)
        return None if value is None else _names(value)

    intent, emergency, address = cell("intent"), row.get("emergency"), cell("address")
    if emergency is not None:
        emergency = emergency.rstrip("!").removeprefix(NOT_JUDGED)
        intent = f"emergency_{emergency}" if emergency else None
    elif intent is not None:
        emergency = emergency_of(intent)
    elif unanswerable or "article" in row:
        emergency = ""
    return Item(
        identity,
        row["text"],
        intent=intent,
        emergency=emergency,
        appeal_types=names("appeal_type"),
        departments=names("department"),
        slots=None if address is None else {"address": address} if address else {},
        slot_names=frozenset({"address"}),
        articles=() if unanswerable else names("article"),
    )
