"""Bodies of the API. Fields are snake_case; times within a call are whole milliseconds."""

from datetime import datetime
from typing import Self

from pydantic import BaseModel, Field

from voicebot.web.ports import CallView, PartStatus, TurnRecord


class Turn(BaseModel):
    """One turn: what the caller said, what it meant, what we did and replied."""

    index: int
    transcript: str
    confidence: float
    engine: str
    keys: str
    meaning: str
    action: str
    article: str | None
    ticket_no: str | None
    reply: str
    heard: str = Field(description="the part of `reply` that the caller was given to hear")
    interrupted: bool
    started_ms: int
    ended_ms: int = Field(description="last speech of the caller")
    replied_ms: int = Field(description="first sound of the reply")
    stages_ms: dict[str, float]

    @classmethod
    def of(cls, turn: TurnRecord) -> Self:
        return cls(
            index=turn.index,
            transcript=turn.said,
            confidence=turn.confidence,
            engine=turn.engine,
            keys=turn.keys,
            meaning=turn.meaning,
            action=turn.action,
            article=turn.article,
            ticket_no=turn.ticket_no,
            reply=turn.reply,
            heard=turn.heard,
            interrupted=turn.interrupted,
            started_ms=_ms(turn.started),
            ended_ms=_ms(turn.ended),
            replied_ms=_ms(turn.replied),
            stages_ms=dict(turn.stages),
        )


class Call(BaseModel):
    """One call; `caller` is masked, `ended` null while it runs."""

    call_id: str
    caller: str
    dialled: str
    channel: str
    flow: str
    started: datetime
    ended: datetime | None
    reason: str
    state: str
    score: int | None
    has_recording: bool
    outbound: bool = Field(False, description="we rang `caller`")
    content: str = Field("", description="label of the content the call began with, e.g. `r12`")

    @classmethod
    def of(cls, view: CallView) -> Self:
        return cls(**_call_fields(view))


class CallWithTurns(Call):
    turns: list[Turn]

    @classmethod
    def of(cls, view: CallView) -> Self:
        return cls(**_call_fields(view), turns=[Turn.of(turn) for turn in view.turns])


class CallPage(BaseModel):
    items: list[Call]
    next_cursor: str | None


class Part(BaseModel):
    name: str
    ready: bool
    note: str

    @classmethod
    def of(cls, status: PartStatus) -> Self:
        return cls(name=status.name, ready=status.ready, note=status.note)


class Readiness(BaseModel):
    ready: bool
    parts: list[Part]


class Me(BaseModel):
    """Who is signed in; `form_token` goes with every form post."""

    name: str
    role: str
    department: str | None = Field(None, description="unit of a handler, name of another system")
    form_token: str


class Problem(BaseModel):
    """RFC 9457; `code` is stable."""

    type: str
    title: str
    status: int
    code: str
    detail: str


def _ms(seconds: float) -> int:
    return round(seconds * 1000)


def _call_fields(view: CallView) -> dict[str, object]:
    return {
        "call_id": view.call_id,
        "caller": view.caller,
        "dialled": view.dialled,
        "channel": view.channel,
        "flow": view.flow,
        "started": view.started,
        "ended": view.ended,
        "reason": view.reason,
        "state": view.state,
        "score": view.score,
        "has_recording": view.recording is not None,
        "outbound": view.outbound,
        "content": view.content,
    }
