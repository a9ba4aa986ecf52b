"""Drafts: what somebody types in a dialog, kept until it is carried out or given up.

`PUT /tickets/draft` saves it, apart from the page's own connection, so that a lost connection, a reload, a
closed window or a killed server loses nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field, ValidationError

from voicebot.core.errors import VoicebotError
from voicebot.operations.own_notes import LONGEST, Note, OwnNotes
from voicebot.tickets.ticket import TicketAction
from voicebot.web.gate import WORKERS
from voicebot.web.ports import Account
from voicebot.web.problems import Refusal
from voicebot.web.tickets.desk import TicketPages

PREFIX: Final = "draft:"
_BYTES: Final = 6 * LONGEST
"""Of a body that may still be a note: an escaped character takes six."""
Text = Annotated[str, Field(max_length=20_000)]


class DraftBody(BaseModel):
    """What a dialog sends; `version`: of the ticket it was written for."""

    ticket_no: str = Field(pattern=r"^\d{14}$")
    action: TicketAction
    version: int = Field(ge=0)
    values: dict[Annotated[str, Field(max_length=40)], Text | list[Text] | None] = Field(max_length=40)


@dataclass(frozen=True, slots=True)
class Kept:
    """A draft of this account."""

    ticket_no: str
    action: TicketAction
    version: int
    values: Mapping[str, Any]
    note: Note


def draft_key(ticket_no: str, action: TicketAction) -> str:
    return f"{PREFIX}{ticket_no}:{action}"


async def drafts(notes: OwnNotes, account: str, ticket_no: str = "") -> list[Kept]:
    """All of an account, or those about one ticket, newest first."""
    prefix = f"{PREFIX}{ticket_no}:" if ticket_no else PREFIX
    return [_kept(note) for note in await notes.below(account, prefix)]


def _kept(note: Note) -> Kept:
    _, number, action = note.key.split(":")
    values, version = note.body.get("values", {}), note.body.get("version", 0)
    return Kept(number, TicketAction(action), int(version), values, note)


def drafts_router(desk: TicketPages) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.put("/tickets/draft")
    async def save(request: Request, account: Annotated[Account, Depends(WORKERS)]) -> Response:
        body = await _body(request)
        try:
            at = await desk.notes.put(
                account.name,
                draft_key(body.ticket_no, body.action),
                {"values": body.values, "version": body.version},
            )
        except VoicebotError as error:
            if error.retryable:
                raise
            raise Refusal(422, error.code, error.message) from error
        local = at.astimezone(desk.clock.now().tzinfo)
        return JSONResponse({"at": at.isoformat(), "words": f"{local:%H:%M:%S}"})

    return router


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
