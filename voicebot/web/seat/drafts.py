"""What a seat types during and after a call, kept on the server: `PUT /seat/draft`, apart from the page's own
connection, so that a reload, a killed browser or an ended session loses nothing."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field, ValidationError

from voicebot.core.clock import Clock
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import CallId, SeatId
from voicebot.operations.own_notes import LONGEST, OwnNotes
from voicebot.operations.seat_desk import SeatDesk
from voicebot.seats.moves import SeatRefused
from voicebot.web.gate import SEATS
from voicebot.web.ports import Account
from voicebot.web.problems import Refusal

_BYTES: Final = 6 * LONGEST
"""Of a body that may still be a note: an escaped character takes six."""
TICKET: Final = "ticket"
SUMMARY: Final = "summary"
FILED: Final = "filed"
"""Number of the ticket that was made of a call; kept like a draft."""


class DraftBody(BaseModel):
    call_id: str = Field(pattern=r"^[\w.-]{1,60}$")
    kind: Literal["ticket", "summary"]
    values: dict[Annotated[str, Field(max_length=40)], Annotated[str, Field(max_length=20_000)]] = Field(
        max_length=40
    )


def key_of(kind: str, call_id: CallId) -> str:
    return f"seat:{kind}:{call_id}"


async def draft(notes: OwnNotes, account: str, kind: str, call_id: CallId) -> Mapping[str, Any]:
    """Values that were kept; none: {}."""
    kept = await notes.get(account, key_of(kind, call_id))
    values = kept.body.get("values", {}) if kept is not None else {}
    return values if isinstance(values, dict) else {}


def seat_drafts_router(notes: OwnNotes, desk: SeatDesk, clock: Clock) -> APIRouter:
    """A 小结 goes to the call at once, so that what stands when the time runs out counts."""
    router = APIRouter(include_in_schema=False)

    @router.put("/seat/draft")
    async def save(request: Request, account: Annotated[Account, Depends(SEATS)]) -> Response:
        body = await _body(request)
        try:
            key = key_of(body.kind, CallId(body.call_id))
            at = await notes.put(account.name, key, {"values": body.values})
            if body.kind == SUMMARY:
                await keep_note(desk, SeatId(account.name), CallId(body.call_id), body.values)
        except VoicebotError as error:
            if error.retryable:
                raise
            raise Refusal(422, error.code, error.message) from error
        local = at.astimezone(clock.now().tzinfo)
        return JSONResponse({"at": at.isoformat(), "words": f"{local:%H:%M:%S}"})

    return router


async def keep_note(desk: SeatDesk, seat: SeatId, call_id: CallId, values: Mapping[str, str]) -> None:
    """The call has the 小结; one that is no longer this seat's keeps what it has."""
    with suppress(SeatRefused):
        await desk.note(seat, call_id, values.get("code", ""), values.get("note", ""))


async def _body(request: Request) -> DraftBody:
    """Reads no further than a draft may be long.

    Raises:
        Refusal: ``notes.too_long`` (413), ``request.invalid`` (422).
    """
    read = bytearray()
    async for chunk in request.stream():
        read += chunk
        if len(read) > _BYTES:
            raise Refusal(413, "notes.too_long", "内容太长，没有存上")
    try:
        return DraftBody.model_validate_json(bytes(read))
    except ValidationError as error:
        raise Refusal(422, "request.invalid", "请求的内容不符合要求") from error
