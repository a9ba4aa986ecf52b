"""Who has a page open, asked again before anything is done."""

from dataclasses import dataclass

from nicegui import ui
from starlette.requests import HTTPConnection

from voicebot.web.deps import WebDeps
from voicebot.web.flows.desk import FlowDesk
from voicebot.web.flows.live_tests import LiveTests
from voicebot.web.gate import EDITORS, account_of
from voicebot.web.ports import Account
from voicebot.web.shell.widgets import tell


@dataclass(frozen=True)
class Visit:
    """One open page. Its connection outlives a session, so that every action asks again."""

    request: HTTPConnection
    deps: WebDeps
    desk: FlowDesk
    tests: LiveTests
    account: Account

    @classmethod
    def of(cls, request: HTTPConnection) -> "Visit":
        state = request.scope["state"]
        deps: WebDeps = state["web_deps"]
        assert deps.flows is not None  # the page is mounted with it
        return cls(request, deps, deps.flows, state["live_tests"], state["account"])

    async def may_act(self) -> bool:
        """The session is still valid; if not, the page says so and leads to the sign-in."""
        account = await account_of(self.request, self.deps.accounts)
        if account is not None and account.role in EDITORS.roles:
            return True
        tell("登录已过期，请重新登录；您写的内容已经存好", "negative")
        ui.run_javascript("location.assign(`/login?next=${encodeURIComponent(location.pathname)}`)")
        return False
