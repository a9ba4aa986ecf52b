"""The pages: phone, sign-in, console. Files are static; only the sign-in page is filled in."""

from html import escape
from pathlib import Path
from string import Template
from typing import Annotated, Final
from urllib.parse import parse_qs

from fastapi import APIRouter, Depends, Request
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse, Response

from voicebot.web.deps import WebDeps
from voicebot.web.gate import EVERYONE
from voicebot.web.metrics import Metrics
from voicebot.web.ports import Account
from voicebot.web.problems import Refusal
from voicebot.web.proofs import (
    HOST,
    LOGIN_COOKIE,
    SESSION_COOKIE,
    form_token,
    is_own_origin,
    new_token,
    same,
)
from voicebot.web.throttle import Throttle

HERE: Final = Path(__file__).parent
STATIC: Final = HERE / "static"
MAX_FORM: Final = 4_096


def pages_router(deps: WebDeps, metrics: Metrics) -> APIRouter:
    router = APIRouter(include_in_schema=False)
    login = _Login(deps, metrics)

    @router.get("/call")
    async def phone() -> FileResponse:
        """The citizen's phone."""
        return FileResponse(STATIC / "phone" / "call.html")

    @router.get("/call/secure")
    async def secure_phone(request: Request) -> Response:
        """To the same page over HTTPS: only there a browser lends its microphone."""
        host = request.url.hostname or ""
        if not HOST.fullmatch(host):
            raise Refusal(400, "http.host", "网址不对")
        port = deps.options.https_port
        return RedirectResponse(f"https://{host}{f':{port}' if port else ''}/call", 307)

    @router.get("/", dependencies=[Depends(EVERYONE)])
    async def console() -> FileResponse:
        return FileResponse(STATIC / "console" / "index.html")

    @router.get("/login")
    async def login_page(request: Request) -> Response:
        return login.page(request, next_page=request.query_params.get("next", "/"))

    @router.post("/login")
    async def sign_in(request: Request) -> Response:
        return await login.sign_in(request, await read_form(request))

    @router.post("/logout")
    async def sign_out(request: Request, _: Annotated[Account, Depends(EVERYONE)]) -> Response:
        """Ends this session."""
        session = request.cookies.get(SESSION_COOKIE, "")
        if not same((await read_form(request)).get("token", ""), form_token(session)):
            raise Refusal(403, "csrf.token", "页面已过期，请刷新后再试")
        await deps.accounts.sign_out(session)
        answer = RedirectResponse("/login", 303)
        answer.delete_cookie(SESSION_COOKIE)
        return answer

    return router


class _Login:
    """The sign-in page and its form. A cookie and a field of the form must agree, so that no other
    site can sign a visitor in."""

    def __init__(self, deps: WebDeps, metrics: Metrics) -> None:
        self._deps = deps
        self._metrics = metrics
        self._throttle = Throttle()
        self._template = Template((HERE / "templates" / "login.html").read_text("utf-8"))

    def page(
        self, request: Request, *, next_page: str, name: str = "", message: str = "", status: int = 200
    ) -> Response:
        token = request.cookies.get(LOGIN_COOKIE) or new_token()
        filled = self._template.substitute(
            token=escape(token),
            next=escape(safe_next(next_page)),
            name=escape(name),
            message=escape(message),
            hidden="" if message else "hidden",
        )
        answer = HTMLResponse(filled, status)
        secure = request.url.scheme == "https"
        answer.set_cookie(
            LOGIN_COOKIE, token, max_age=3600, path="/login", httponly=True, samesite="strict", secure=secure
        )
        return answer

    async def sign_in(self, request: Request, form: dict[str, str]) -> Response:
        name, next_page = form.get("name", "").strip()[:64], form.get("next", "/")
        token = request.cookies.get(LOGIN_COOKIE, "")
        own = is_own_origin(request.headers, self._deps.options.allowed_origins, default=True)
        if not own or not same(form.get("token", ""), token):
            return self.page(
                request, next_page=next_page, name=name, message="页面已过期，请再登录一次", status=403
            )
        source = request.client.host if request.client else ""
        wait = self._throttle.admit(source, name, self._deps.clock.monotonic())
        if wait > 0:
            message = f"试的次数太多，请过 {round(wait + 0.5)} 秒再试"
            answer = self.page(request, next_page=next_page, name=name, message=message, status=429)
            answer.headers["Retry-After"] = str(round(wait + 0.5))
            return answer
        session = await self._deps.accounts.sign_in(name, form.get("password", "")[:256])
        if session is None:
            self._metrics.sign_ins_failed += 1
            return self.page(request, next_page=next_page, name=name, message="账号或密码不对", status=401)
        self._throttle.succeeded(source, name)
        answer = RedirectResponse(safe_next(next_page), 303)
        answer.delete_cookie(LOGIN_COOKIE, path="/login")
        answer.set_cookie(
            SESSION_COOKIE,
            session,
            max_age=self._deps.options.session_seconds,
            httponly=True,
            samesite="lax",
            secure=request.url.scheme == "https",
        )
        return answer


def safe_next(page: str) -> str:
    """`page` when it is a path of this site, else the console; never a way to another site."""
    plain = page.isascii() and page.isprintable() and "\\" not in page
    return page if plain and page.startswith("/") and not page.startswith("//") else "/"


async def read_form(request: Request) -> dict[str, str]:
    """Fields of an url-encoded form, the first of each name.

    Raises:
        Refusal: ``form.too_large`` (413), ``form.invalid`` (400).
    """
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_FORM:
            raise Refusal(413, "form.too_large", "表单太大")
    try:
        fields = parse_qs(body.decode(), keep_blank_values=True, max_num_fields=20)
    except ValueError as error:
        raise Refusal(400, "form.invalid", "表单无法识别") from error
    return {name: values[0] for name, values in fields.items()}
