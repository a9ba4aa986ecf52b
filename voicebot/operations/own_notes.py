"""What a person at a page keeps for themselves on the server: drafts, saved filters, habits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

from voicebot.core.errors import VoicebotError

LONGEST: Final = 100_000
"""Characters of one note, as JSON."""
MOST: Final = 500
"""Notes of one account."""
KEY_LENGTH: Final = 120


@dataclass(frozen=True, slots=True)
class Note:
    """One of them; `body` is JSON."""

    key: str
    body: Mapping[str, Any]
    at: datetime


class OwnNotes(Protocol):
    """Contract (tests/contract/test_own_notes.py): notes of one account are no other's; they are kept
    sealed, since drafts may hold what callers said. May raise VoicebotError ``db.…``."""

    async def put(self, account: str, key: str, body: Mapping[str, Any]) -> datetime:
        """Keeps a note in place of the one before it; the moment it is kept at.

        Raises:
            VoicebotError: ``notes.too_long``, ``notes.too_many``, ``notes.key``.
        """
        ...

    async def get(self, account: str, key: str) -> Note | None: ...

    async def below(self, account: str, prefix: str) -> Sequence[Note]:
        """Notes whose key begins so, newest first."""
        ...

    async def drop(self, account: str, key: str) -> None:
        """Also one that is not there."""
        ...


def checked(key: str, text: str) -> None:
    """Raises what `OwnNotes.put` does about one note."""
    if not 0 < len(key) <= KEY_LENGTH:
        raise VoicebotError("notes.key", "名称太长或者是空的")
    if len(text) > LONGEST:
        raise VoicebotError("notes.too_long", f"内容太长，最多{LONGEST}个字符")


def too_many() -> VoicebotError:
    return VoicebotError("notes.too_many", f"保存的草稿和筛选太多，最多{MOST}个，请先删掉一些")
