"""Errors of the API: RFC 9457 `application/problem+json` with a stable `code`."""

from http import HTTPStatus

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from voicebot.core.errors import VoicebotError

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


async def _on_failure(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, VoicebotError)
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
    app.add_exception_handler(VoicebotError, _on_failure)
    app.add_exception_handler(Exception, _on_fault)
