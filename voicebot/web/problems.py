"""Errors of the API: RFC 9457 `application/problem+json` with a stable `code`."""

from http import HTTPStatus

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from voicebot.core.errors import VoicebotError
from voicebot.seats.moved import SeatRefused
from voicebot.tickets.stale import StaleTicket
from voicebot.tickets.visibility import PERSONAL, event_as_seen

log = structlog.get_logger()

MEDIA_TYPE = "application/problem+json"


class Refusal(HTTPException):
    """A request we do not carry out.

    Args:
        status: 4xx.
        code: stable, e.g. ``call.unknown``.
        detail: Chinese, for a person.
    """

    def __init__(self, status: int, code: str, detail: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(status, detail, headers)
        self.code = code


def problem(
    status: int, code: str, detail: str, headers: dict[str, str] | None = None, **more: object
) -> JSONResponse:
    """The response that tells of one problem."""
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "code": code}
    return JSONResponse({**body, "detail": detail, **more}, status, headers, MEDIA_TYPE)


_GENERAL = {
    404: ("http.not_found", "没有这个地址"),
    405: ("http.method", "这个地址不支持这种请求"),
}


async def _on_refusal(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    headers = dict(error.headers) if error.headers else None
    if isinstance(error, Refusal):
        return problem(error.status_code, error.code, error.detail, headers)
    code, detail = _GENERAL.get(error.status_code, (f"http.{error.status_code}", "请求无法处理"))
    return problem(error.status_code, code, detail, headers)


async def _on_invalid(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    wrong = [{"field": ".".join(map(str, one["loc"])), "reason": one["msg"]} for one in error.errors()]
    return problem(422, "request.invalid", "请求的内容不符合要求", errors=wrong)


OUTCOMES = {
    "call.unknown": 404,
    "ticket.unknown": 404,
    "ticket.no_number": 404,
    "ticket.no_suggestion": 404,
    "ticket.forbidden": 403,
    "ticket.illegal_move": 409,
    "ticket.dispatch_refused": 409,
    "ticket.incomplete": 422,
    "ticket.unknown_ground": 422,
    "ticket.own_way": 422,
    "ticket.key_reused": 422,
    "ticket.bad_cursor": 422,
    "ticket.short_tail": 422,
    "ticket.two_filters": 422,
    "deadline.no_zone": 422,
    "deadline.absurd": 422,
    "seat.unknown": 404,
    "contact.unknown": 404,
    "seat.not_yours": 403,
    "seat.break_reason": 422,
    "seat.stale": 409,
    "webhook.unknown": 404,
    "webhook.no_event": 404,
    "webhook.bad_url": 422,
    "webhook.too_many": 409,
}
"""Failures that the client can do something about; their words are for the person who asked."""


async def _on_stale(request: Request, error: Exception) -> JSONResponse:
    """Somebody was quicker: the present version, and what has changed since the one that was seen, as far as
    this account sees the ticket."""
    assert isinstance(error, StaleTicket)
    role = request.state.account.role
    seen = [event_as_seen(role, error.now, event) for event in error.since]
    if error.expected > error.version:
        return problem(
            412, "ticket.no_such_version", f"工单还没有第{error.expected}版", version=error.version
        )
    since = [
        {"seq": e.seq, "at": e.at.isoformat(), "actor": e.actor, "action": e.action, "reason": e.reason}
        for e in seen
    ]
    changes = [
        {"field": c.field, "before": c.before, "after": c.after}
        for c in StaleTicket(error.expected, error.now, seen).changes
        if c.field not in PERSONAL
    ]
    told = {"version": error.version, "expected": error.expected, "since": since, "changes": changes}
    return problem(409, error.code, error.message, {"ETag": f'"{error.version}"'}, **told)


async def _on_failure(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, VoicebotError)
    if status := OUTCOMES.get(error.code, 409 if isinstance(error, SeatRefused) else None):
        return problem(status, error.code, error.message)
    log.warning("web.failure", code=error.code, detail=error.message)
    status = 503 if error.retryable else 500
    return problem(status, error.code, "系统暂时无法完成，请稍后再试" if error.retryable else "系统出错了")


async def _on_fault(request: Request, error: Exception) -> JSONResponse:
    log.error("web.fault", path=request.url.path, exc_info=error)
    return problem(500, "internal", "系统出错了，已记录")


def install_problems(app: FastAPI) -> None:
    """Every error of `app` becomes a problem document; faults are logged with their cause."""
    app.add_exception_handler(HTTPException, _on_refusal)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(StaleTicket, _on_stale)
    app.add_exception_handler(VoicebotError, _on_failure)
    app.add_exception_handler(Exception, _on_fault)
