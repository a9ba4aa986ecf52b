"""What a change of content would make, and how versions differ."""

import difflib
import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from voicebot.core.errors import VoicebotError
from voicebot.core.problem import Problem
from voicebot.operations.content import Change, Release, Version

LONGEST: Final = 1_000_000
"""Characters of one file."""
_UNSTORABLE: Final = re.compile("[\\0\ud800-\udfff]")
"""What no database takes and nobody can have meant."""


TRIAL_MARK: Final = "+trial"


class Overtaken(VoicebotError):
    """Somebody else published this file while its author worked on an older version.

    Args:
        base: version the author began from, 0 for a new file.
        current: what is live now; None when the file was taken away.
        changes: unified diff from the base to what is live.
    """

    def __init__(self, path: str, base: int, current: Version | None, changes: str) -> None:
        now = (
            "这个文件已被删除"
            if current is None
            else f"{current.author} 发布了第 {current.number} 版（{current.note or '没有说明'}）"
        )
        message = f"您改 {path} 期间，{now}；没有覆盖任何人的文字，请看过差异再发布"
        super().__init__("content.changed", message)
        self.base: Final = base
        self.current: Final = current
        self.changes: Final = changes


def in_share(call_id: str, share: float) -> bool:
    """Whether this call belongs to a part of all calls; the same on every node, and a larger part holds
    every call of a smaller one.

    Args:
        share: 0 none, 1 all.
    """
    drawn = int.from_bytes(hashlib.sha256(call_id.encode(errors="replace")).digest()[:8])
    return drawn < share * 2**64


def label_of(revision: int, *, trial: bool = False) -> str:
    """Name of what a release serves, kept with each call: ``r12``, ``r12+trial``."""
    return f"r{revision}{TRIAL_MARK if trial else ''}"


def merged(texts: Mapping[str, str], changes: Mapping[str, str | None]) -> dict[str, str]:
    """The content with some files replaced, added or taken away (None)."""
    both = {**texts, **changes}
    return {path: text for path, text in both.items() if text is not None}


def previous(path: str, releases: Sequence[Release]) -> int | None:
    """The version that was live before the one that is; who goes back twice is two versions back.

    Args:
        releases: all of `path`, newest first.
    """
    lived: list[int] = []
    for release in reversed(releases):
        number = release.versions[path]
        match release.change:
            case Change.TRIAL | Change.DROP:
                continue
            case Change.ROLLBACK if number in lived:
                del lived[len(lived) - lived[::-1].index(number) :]
            case _:
                lived.append(number)
    return lived[-2] if len(lived) > 1 else None


def unified(old: str | None, new: str | None, old_name: str, new_name: str) -> str:
    """Unified diff of two texts, "" when they are the same."""
    lines = [(text or "").splitlines() for text in (old, new)]
    return "\n".join(difflib.unified_diff(lines[0], lines[1], old_name, new_name, lineterm=""))


def unstorable(path: str, text: str) -> Iterable[Problem]:
    if len(text) > LONGEST:
        yield Problem(path, 0, 0, "content.too_long", f"文件太长：最多 {LONGEST} 字")
    for found in _UNSTORABLE.finditer(text):
        line, column = (
            text.count("\n", 0, found.start()) + 1,
            found.start() - text.rfind("\n", 0, found.start()),
        )
        yield Problem(path, line, column, "content.character", "这里有无法保存的字符", "请删掉它")
        return
