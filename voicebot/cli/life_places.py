"""Which file, which content and which version a command means."""

import getpass
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from voicebot.core.errors import VoicebotError
from voicebot.operations.content import Look, Version, digest_of
from voicebot.operations.content_kinds import FLOWS, KNOWLEDGE, flow_path, kind_of

FILE: Final = "file"
LIVE: Final = "live"


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a diff."""

    name: str
    text: str | None


def side(path: str, versions: Sequence[Version], file: Path, live: int | None, which: str) -> Side:
    """Raises VoicebotError ``content.no_version``."""
    if which == FILE:
        return Side(str(file), read(file))
    if which == LIVE and live is None:
        return Side(f"{path}@live", None)
    number = str(live) if which == LIVE else which
    if number == "0":
        return Side(f"{path}@0", None)
    found = next((version for version in versions if str(version.number) == number), None)
    if found is None:
        known = "、".join(str(version.number) for version in reversed(versions)) or "没有"
        raise VoicebotError("content.no_version", f"{path} 没有第 {which} 版；现有版本：{known}")
    return Side(f"{path}@{number}", found.text)


def place(name: str, root: Path) -> tuple[str, Path]:
    """(path of the content, its file) of a flow's name, a content path or any file.

    A file outside the content folder is taken for the one of its name in it: so a trial need not lie in
    the watched folder.
    """
    given = Path(name)
    if given.suffix not in (".yaml", ".tsv"):
        return flow_path(name), root / flow_path(name)
    if kind_of(name) is not None and not given.is_file():
        return name, root / name
    parts = given.resolve().parts
    tops = [i for i, part in enumerate(parts) if part in (FLOWS, KNOWLEDGE)]
    if tops:
        return "/".join(parts[tops[-1] :]), given
    return f"{FLOWS}/{given.name}", given


def read(file: Path) -> str:
    """Raises VoicebotError ``content.unreadable``."""
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "不是 UTF-8 编码"
        raise VoicebotError("content.unreadable", f"读不到文件 {file}：{why}") from error


def look_at(path: str, text: str | None, root: Path) -> Look | None:
    """The folder holds just this text: it need not be published from there once more."""
    from voicebot.adapters.files.folder import WatchedFolder

    file = root / path
    same = not file.exists() if text is None else file.is_file() and read(file) == text
    return Look(WatchedFolder(root).place, {path: digest_of(text)}) if same else None


def user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # an account without a name, as in containers
        return "cli"
