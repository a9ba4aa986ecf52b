"""`/api/v1`: who one is, and the calls; tickets are `ticket_api`'s."""

from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi import Path as InPath
from fastapi.responses import FileResponse

from voicebot.core.ids import CallId
from voicebot.operations.ticket_access import Looked
from voicebot.web.deps import WebDeps
from voicebot.web.gate import EVERYONE, OVERSEERS, READERS
from voicebot.web.ports import Account
from voicebot.web.problems import Refusal
from voicebot.web.proofs import SESSION_COOKIE, form_token
from voicebot.web.views import Call, CallPage, CallWithTurns, Me, Problem

Limit = Annotated[int, Query(ge=1, le=200, description="items a page")]
Cursor = Annotated[str | None, Query(pattern=r"^[0-9A-Za-z-]{1,64}$", description="`next_cursor`")]
CallIdInPath = Annotated[str, InPath(pattern=r"^[0-9A-Za-z-]{1,64}$")]

PROBLEMS: dict[int | str, dict[str, object]] = {
    status: {"model": Problem, "content": {"application/problem+json": {}}} for status in (401, 403, 404, 422)
}


def api_router(deps: WebDeps) -> APIRouter:
    """The routes; each names the roles it is for."""
    router = APIRouter(prefix="/api/v1", responses=PROBLEMS)

    @router.get("/me")
    async def me(request: Request, account: Annotated[Account, Depends(EVERYONE)]) -> Me:
        """Who am I?"""
        session = request.cookies.get(SESSION_COOKIE, "")
        token = form_token(session) if session else ""
        return Me(name=account.name, role=account.role, department=account.department, form_token=token)

    @router.get("/calls", dependencies=[Depends(READERS)])
    async def calls(limit: Limit = 50, cursor: Cursor = None) -> CallPage:
        """Calls, newest first, without turns."""
        found = await deps.calls.calls(limit + 1, cursor)
        more = found[limit - 1].call_id if len(found) > limit else None
        return CallPage(items=[Call.of(view) for view in found[:limit]], next_cursor=more)

    @router.get("/calls/{call_id}")
    async def call(account: Annotated[Account, Depends(READERS)], call_id: CallIdInPath) -> CallWithTurns:
        """One call with every turn. The look is noted; handlers see calls of their own tickets that are not
        secret."""
        view = await deps.calls.call(CallId(call_id))
        if view is None:
            raise Refusal(404, "call.unknown", "没有这通电话")
        await deps.work.hear(account, view.call_id, view.tickets, Looked.TRANSCRIPT)
        return CallWithTurns.of(view)

    @router.get("/calls/{call_id}/recording", response_class=FileResponse)
    async def recording(
        account: Annotated[Account, Depends(OVERSEERS)],
        call_id: CallIdInPath,
        reason: Annotated[str, Query(max_length=200, description="needed for secret tickets")] = "",
    ) -> FileResponse:
        """The sound of a call (WAV). Each time it is noted."""
        view = await deps.calls.call(CallId(call_id))
        path = None if view is None else recording_file(deps.options.recordings, view.recording)
        if view is None or path is None:
            raise Refusal(404, "recording.none", "这通电话没有录音")
        await deps.work.hear(account, view.call_id, view.tickets, Looked.RECORDING, reason)
        return FileResponse(path, media_type="audio/wav", filename=f"{call_id}.wav")

    return router


def recording_file(directory: Path, name: str | None) -> Path | None:
    """The file of a recording; None when there is none, or when its name leads out of `directory`."""
    if not name:
        return None
    path = (directory / name).resolve()
    return path if path.is_relative_to(directory.resolve()) and path.is_file() else None
