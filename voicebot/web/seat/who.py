"""Who has a console or a board open, asked again before anything is done."""

from collections.abc import Awaitable
from dataclasses import dataclass

from nicegui import ui
from starlette.requests import HTTPConnection

from voicebot.core.errors import VoicebotError
from voicebot.core.ids import SeatId
from voicebot.web.deps import WebDeps
from voicebot.web.gate import OVERSEERS, account_of
from voicebot.web.ports import Account
from voicebot.web.seat.desk import SeatPages
from voicebot.web.shell.widgets import tell


@dataclass(frozen=True)
class SeatVisit:
    """One open page. Its connection outlives a session, so that every action asks again."""

    request: HTTPConnection
    deps: WebDeps
    pages: SeatPages
    account: Account

    @classmethod
    def of(cls, request: HTTPConnection) -> "SeatVisit":
        state = request.scope["state"]
        deps: WebDeps = state["web_deps"]
        assert deps.console is not None  # the page is mounted with it
        return cls(request, deps, deps.console, state["account"])

    @property
    def seat(self) -> SeatId:
        return SeatId(self.account.name)

    @property
    def oversees(self) -> bool:
        return self.account.role in OVERSEERS.roles

    async def still(self) -> bool:
        return await account_of(self.request, self.deps.accounts) == self.account

    async def may_act(self) -> bool:
        """The session is valid; if not, the page says so and leads to the sign-in."""
        if await self.still():
            return True
        tell("登录已过期，请重新登录；通话和您写的内容都还在", "negative")
        ui.run_javascript("location.assign(`/login?next=${encodeURIComponent(location.pathname)}`)")
        return False

    async def do(self, asked: Awaitable[object]) -> bool:
        """Carries out what a button asks; what is refused is said. False then."""
        if not await self.may_act():
            if hasattr(asked, "close"):
                asked.close()
            return False
        try:
            await asked
        except VoicebotError as error:
            tell(error.message, "warning")
            return False
        return True
