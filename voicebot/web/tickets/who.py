"""Who has a page open, asked again before anything is done or shown."""

from dataclasses import dataclass

from nicegui import ui
from starlette.requests import HTTPConnection

from voicebot.web.deps import WebDeps
from voicebot.web.gate import OVERSEERS, WORKERS, account_of
from voicebot.web.ports import Account
from voicebot.web.shell.widgets import tell
from voicebot.web.tickets.desk import TicketPages

PREFERENCES = "preferences"


@dataclass(frozen=True)
class Visit:
    """One open page. Its connection outlives a session, so that every action asks again."""

    request: HTTPConnection
    deps: WebDeps
    desk: TicketPages
    account: Account

    @classmethod
    def of(cls, request: HTTPConnection) -> "Visit":
        state = request.scope["state"]
        deps: WebDeps = state["web_deps"]
        assert deps.desk is not None  # the page is mounted with it
        return cls(request, deps, deps.desk, state["account"])

    @property
    def listens(self) -> bool:
        """May hear recordings."""
        return self.account.role in OVERSEERS.roles

    async def still(self) -> bool:
        """The session is valid and the account what it was."""
        return await account_of(self.request, self.deps.accounts) == self.account

    async def may_act(self) -> bool:
        """As `still`; if not, the page says so and leads to the sign-in."""
        account = await account_of(self.request, self.deps.accounts)
        if account is not None and account.role in WORKERS.roles and account == self.account:
            return True
        tell("登录已过期，请重新登录；您写的内容已经存好", "negative")
        ui.run_javascript("location.assign(`/login?next=${encodeURIComponent(location.pathname)}`)")
        return False

    async def keys_on(self) -> bool:
        """Whether this account wants keys on its pages."""
        kept = await self.desk.notes.get(self.account.name, PREFERENCES)
        return kept is None or kept.body.get("keys") is not False

    async def switch_keys(self, on: bool) -> None:
        await self.desk.notes.put(self.account.name, PREFERENCES, {"keys": on})
