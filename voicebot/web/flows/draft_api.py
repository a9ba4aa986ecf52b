"""`PUT /flows/draft`: the editor saves what is typed, apart from the page's own connection, so that a
lost connection, a reload or a closed window loses nothing."""

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field

from voicebot.core.errors import VoicebotError
from voicebot.operations.content import Draft
from voicebot.operations.content_changes import LONGEST
from voicebot.web.flows.desk import FlowDesk
from voicebot.web.flows.line_ends import plain
from voicebot.web.flows.sheets import Elsewhere, keep_draft
from voicebot.web.gate import EDITORS
from voicebot.web.ports import Account
from voicebot.web.problems import Refusal, problem


class DraftBody(BaseModel):
    """What the editor sends; `seen`: digest it was given last, null to replace whatever there is."""

    path: str = Field(max_length=200)
    text: str = Field(max_length=LONGEST)
    base: int = Field(ge=0)
    seen: str | None


def draft_router(desk: FlowDesk) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.put("/flows/draft")
    async def save(body: DraftBody, account: Annotated[Account, Depends(EDITORS)]) -> Response:
        now = desk.clock.now()
        try:
            sheet = await keep_draft(
                desk.store, Draft(body.path, account.name, body.base, body.text, now), body.seen
            )
        except Elsewhere as error:
            stored = error.sheet
            return problem(
                409, error.code, error.message, text=plain(stored.text), seen=stored.seen, base=stored.base
            )
        except VoicebotError as error:
            if error.retryable:
                raise
            raise Refusal(422, error.code, error.message) from error
        return JSONResponse({"digest": sheet.seen, "draft": sheet.draft, "at": now.isoformat()})

    return router
