"""A `Journal` in memory."""

from dataclasses import dataclass, field

from voicebot.calls.ports import LineInfo
from voicebot.calls.records import TurnRecord
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import CallId
from voicebot.dialogue.effects import NoteUnanswered
from voicebot.dialogue.told import Told
from voicebot.operations.talk_lines import TalkLine


@dataclass
class Kept:
    info: LineInfo
    flow: str
    turns: list[TurnRecord] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    content: str = ""
    score: int | None = None
    reason: str = ""
    state: str = ""
    recording: str | None = None
    lines: list[TalkLine] = field(default_factory=list)
    unanswered: list[NoteUnanswered] = field(default_factory=list)


class FakeJournal:
    """Args: failing: as many of the next writes fail, as a busy database does."""

    def __init__(self, failing: int = 0) -> None:
        self.calls: dict[CallId, Kept] = {}
        self.failing = failing

    def _write(self) -> None:
        if self.failing:
            self.failing -= 1
            raise VoicebotError("db.busy", "busy", retryable=True)

    async def opened(self, info: LineInfo, flow: str, content: str = "") -> None:
        self._write()
        self.calls[info.call_id] = Kept(info, flow, content=content)

    async def turn(self, call_id: CallId, record: TurnRecord, told: tuple[Told, ...] = ()) -> None:
        self._write()
        self.calls[call_id].turns.append(record)
        self.calls[call_id].told += told

    async def spoken(self, line: TalkLine) -> None:
        self._write()
        self.calls[line.call_id].lines.append(line)

    async def rated(self, call_id: CallId, score: int) -> None:
        self._write()
        self.calls[call_id].score = score

    async def unanswered(self, call_id: CallId, noted: NoteUnanswered) -> None:
        self._write()
        self.calls[call_id].unanswered.append(noted)

    async def closed(self, call_id: CallId, reason: str, state: str, recording: str | None) -> None:
        self._write()
        kept = self.calls[call_id]
        kept.reason, kept.state, kept.recording = reason, state, recording
