"""What people said to each other in a talk with a seat, written down while they talk."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from voicebot.core.ids import CallId


class Speaker(StrEnum):
    CALLER = "caller"
    PERSON = "person"
    """The seat, and whoever else talks with the caller."""


@dataclass(frozen=True, slots=True)
class TalkLine:
    """What one side said in one breath.

    Args:
        index: of the line in its call, from 0; lines of both sides in the order in which they ended.
        text: "" when the machine had better to do than to write it down (`Talk.dropped` counts these).
        started, ended: seconds since the call began.
    """

    call_id: CallId
    index: int
    who: Speaker
    text: str
    started: float
    ended: float
    confidence: float = 1.0

    @property
    def dropped(self) -> bool:
        return not self.text


class TalkLines(Protocol):
    """The lines of all calls. Each is told of by the event ``talk.line`` (call, index, who, dropped; no
    words: pages read them here)."""

    async def lines(self, call_id: CallId, after: int = -1) -> Sequence[TalkLine]:
        """Those beyond index `after`, in order."""
        ...
