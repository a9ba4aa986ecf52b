"""Who may come in: every route, every role."""

import re
from collections.abc import Iterator

import httpx
import pytest
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute

from tests.unit.web.fakes import HTML, Web
from voicebot.web.gate import EVERYONE, OVERSEERS, READERS, TICKETS, RoleCheck, is_public
from voicebot.web.ports import Role
from voicebot.web.proofs import LOGIN_COOKIE, SESSION_COOKIE

OPEN = {"/call", "/call/secure", "/login", "/healthz", "/readyz", "/call/static", "/login/static"}
"""All that anybody may fetch; a new entry here is a decision."""

SOCKETS = {"/ws/call", "/ws/media-stream", "/ws/seat"}


def every_route(routes: list[BaseRoute]) -> Iterator[BaseRoute]:
    """Routes and mounts, those of included routers too, however the framework nests them."""
    for route in routes:
        inner = getattr(route, "original_router", None)
        if isinstance(route, Route | Mount | WebSocketRoute):
            yield route
        elif inner is not None:
            yield from every_route(inner.routes)
        else:
            raise AssertionError(f"unknown kind of route: {route!r}")


def addresses() -> list[tuple[str, str]]:
    """(method, path) of every HTTP route of the app."""
    found = []
    for route in every_route(Web().app.routes):
        match route:
            case Mount(path=path):
                found.append(("GET", f"{path}/x.js"))
            case Route(path=path, methods=methods):
                for method in sorted(methods or {"GET"}):
                    found.append((method, re.sub(r"{[^}]*}", "20261124093007", path)))
    return found


def test_the_list_of_routes_is_not_empty() -> None:
    paths = {path for _, path in addresses()}
    assert {"/", "/api/v1/calls", "/metrics", "/api/openapi.json", "/static/x.js", "/logout"} <= paths
    sockets = {r.path for r in every_route(Web().app.routes) if isinstance(r, WebSocketRoute)}
    assert sockets == SOCKETS


@pytest.mark.parametrize(("method", "path"), addresses())
async def test_every_address_needs_an_account_unless_listed(method: str, path: str) -> None:
    open_to_all = any(path == place or path.startswith(f"{place}/") for place in OPEN)
    assert is_public(path) == open_to_all
    if open_to_all:
        return
    async with Web().client() as client:
        for headers in ({}, {"Authorization": "Bearer nonsense"}, {"Cookie": f"{SESSION_COOKIE}=nonsense"}):
            answer = await client.request(method, path, headers=headers)
            assert answer.status_code == 401
            if method != "HEAD":
                assert answer.json()["code"] == "account.required"


def test_every_api_route_names_its_roles() -> None:
    """An account alone is not enough: each route says for whom it is."""
    for route in every_route(Web().app.routes):
        if not isinstance(route, Route) or is_public(route.path) or route.path == "/api/openapi.json":
            continue
        checks = [d.call for d in route.dependant.dependencies if isinstance(d.call, RoleCheck)]  # type: ignore[attr-defined]
        assert len(checks) == 1, route.path


MATRIX = {
    "/api/v1/calls": READERS,
    "/api/v1/calls/20261124-093007-7f3a": READERS,
    "/api/v1/calls/20261124-093007-7f3a/recording": OVERSEERS,
    "/api/v1/tickets": TICKETS,
    "/api/v1/tickets/20261124000001": TICKETS,
    "/api/v1/me": EVERYONE,
    "/metrics": OVERSEERS,
    "/": EVERYONE,
    "/api/openapi.json": EVERYONE,
}


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("path", list(MATRIX))
async def test_roles(role: Role, path: str) -> None:
    async with Web().client(role) as client:
        answer = await client.get(path)
    if role in MATRIX[path].roles:
        assert answer.status_code in {200, 404}
    else:
        assert (answer.status_code, answer.json()["code"]) == (403, "account.role")


def test_editors_see_no_personal_data() -> None:
    assert Role.EDITOR not in READERS.roles | OVERSEERS.roles | TICKETS.roles


async def test_a_browser_is_led_to_the_sign_in_page() -> None:
    async with Web().client() as client:
        answer = await client.get("/", headers=HTML)
        assert (answer.status_code, answer.headers["location"]) == (303, "/login")
        answer = await client.get("/static/console.js", headers=HTML)
        assert answer.headers["location"] == "/login?next=%2Fstatic%2Fconsole.js"
        answer = await client.get("/api/v1/calls", headers=HTML)
        assert answer.status_code == 401


def token_in(page: httpx.Response) -> str:
    found = re.search(r'name="token" value="([^"]+)"', page.text)
    assert found is not None
    return found[1]


async def sign_in(client: httpx.AsyncClient, **fields: str) -> httpx.Response:
    page = await client.get("/login", headers=HTML)
    form = {"name": "admin", "password": "right", "token": token_in(page), "next": "/", **fields}
    return await client.post("/login", data=form)


def web_with_admin(**options: object) -> Web:
    web = Web(**options)  # type: ignore[arg-type]
    web.accounts.accounts["admin"] = ("right", Role.ADMIN)
    return web


async def test_sign_in_and_out() -> None:
    web = web_with_admin()
    async with web.client(scheme="https") as client:
        answer = await sign_in(client)
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        cookie = next(c for c in answer.headers.get_list("set-cookie") if c.startswith(SESSION_COOKIE))
        for part in ("HttpOnly", "SameSite=lax", "Secure"):
            assert part in cookie
        assert (await client.get("/", headers=HTML)).status_code == 200
        me = (await client.get("/api/v1/me")).json()
        assert (me["name"], me["role"]) == ("admin", "admin")
        own = {"Origin": "https://hotline.test"}
        forged = await client.post("/logout", data={"token": "wrong"}, headers=own)
        assert (forged.status_code, forged.json()["code"]) == (403, "csrf.token")
        elsewhere = {"token": me["form_token"]}
        for headers in ({"Origin": "https://evil.test"}, {"Sec-Fetch-Site": "cross-site"}, {}):
            forged = await client.post("/logout", data=elsewhere, headers=headers)
            assert (forged.status_code, forged.json()["code"]) == (403, "csrf.origin")
        answer = await client.post("/logout", data={"token": me["form_token"]}, headers=own)
        assert (answer.status_code, answer.headers["location"]) == (303, "/login")
        assert (await client.get("/api/v1/me")).status_code == 401
    assert web.accounts.sessions == {}


async def test_over_http_the_cookie_is_not_marked_secure() -> None:
    async with web_with_admin().client() as client:
        answer = await sign_in(client)
        assert all("Secure" not in cookie for cookie in answer.headers.get_list("set-cookie"))


async def test_a_sign_in_form_of_another_site_is_refused() -> None:
    web = web_with_admin()
    async with web.client() as client:
        assert (await sign_in(client, token="forged")).status_code == 403
        client.cookies.delete(LOGIN_COOKIE)
        form = {"name": "admin", "password": "right", "token": "", "next": "/"}
        assert (await client.post("/login", data=form)).status_code == 403
        page = await client.get("/login")
        form["token"] = token_in(page)
        answer = await client.post("/login", data=form, headers={"Origin": "https://evil.test"})
        assert answer.status_code == 403
    assert web.accounts.sessions == {}


@pytest.mark.parametrize(
    "target", ["//evil.test", "https://evil.test", "/\\evil.test", "javascript:alert(1)", "/a\nb", ""]
)
async def test_after_sign_in_nobody_is_sent_elsewhere(target: str) -> None:
    async with web_with_admin().client() as client:
        answer = await sign_in(client, next=target)
        assert answer.headers["location"] == "/"


async def test_what_was_typed_is_shown_as_text() -> None:
    async with web_with_admin().client() as client:
        answer = await sign_in(client, name='"><script>x</script>$token', password="wrong")
        assert answer.status_code == 401
        assert "<script>" not in answer.text
        assert "账号或密码不对" in answer.text


async def test_guessing_gets_slower_and_slower_but_only_for_the_guesser() -> None:
    web = web_with_admin()
    async with web.client() as client:
        for _ in range(3):
            assert (await sign_in(client, password="guess")).status_code == 401
        answer = await sign_in(client)
        assert answer.status_code == 429
        assert 0 < int(answer.headers["Retry-After"]) <= 2
        assert "试的次数太多" in answer.text
        web.clock.seconds += 1.1
        assert (await sign_in(client, password="guess")).status_code == 401
        web.clock.seconds += 1.1
        assert (await sign_in(client)).status_code == 429
        web.clock.seconds += 1.1
        assert (await sign_in(client)).status_code == 303
        assert (await sign_in(client)).status_code == 303


async def test_forms_are_bounded() -> None:
    async with web_with_admin().client() as client:
        answer = await client.post("/login", content=b"name=" + b"a" * 5000)
        assert (answer.status_code, answer.json()["code"]) == (413, "form.too_large")
        answer = await client.post("/login", content="&".join("a=1" for _ in range(30)).encode())
        assert (answer.status_code, answer.json()["code"]) == (400, "form.invalid")
        answer = await client.post("/login", content=b"\xff\xfe")
        assert (answer.status_code, answer.json()["code"]) == (400, "form.invalid")


async def test_pages_forbid_what_they_do_not_need() -> None:
    async with Web().client() as client:
        for path in ("/call", "/login", "/call/static/call.js", "/readyz", "/api/v1/calls"):
            answer = await client.get(path)
            policy = answer.headers["content-security-policy"]
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy
            assert "wss://hotline.test" in policy
            assert answer.headers["x-content-type-options"] == "nosniff"
        evil = await client.get("/call", headers={"Host": "x; script-src *"})
        assert "script-src *" not in evil.headers["content-security-policy"]


async def test_the_way_to_https() -> None:
    async with Web(https_port=8443).client() as client:
        answer = await client.get("/call/secure", headers={"Host": "hotline.test:8080"})
        assert answer.headers["location"] == "https://hotline.test:8443/call"
        evil = await client.get("/call/secure", headers={"Host": "evil.test/x?:1"})
        assert evil.status_code == 400 or "evil.test/" not in evil.headers["location"]
    async with Web().client() as client:
        answer = await client.get("/call/secure")
        assert answer.headers["location"] == "https://hotline.test/call"


async def test_no_page_carries_script_or_style_inside() -> None:
    async with Web().client(Role.ADMIN) as client:
        for path in ("/call", "/login", "/"):
            text = (await client.get(path)).text
            assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", text), path
            assert not re.search(r'(src|href)="(https?:)?//', text), path
            for link in re.findall(r'(?:src|href)="(/[^"]*)"', text):
                assert (await client.get(link)).status_code in {200, 307}, link
