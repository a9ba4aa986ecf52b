"""Stand-ins for what the web process needs."""

import contextlib
import time
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from tests.fakes.directories import shipped
from tests.fakes.hooks import DictHookBook, ListedFeed
from tests.fakes.hot_spots import DictHotSpots
from tests.fakes.seats import MemorySeats
from tests.fakes.suggestions import DictSuggestions
from tests.fakes.ticket_access import ListedAccess
from tests.fakes.ticket_lists import DictTicketLists
from tests.fakes.tickets import DictTicketStore
from tests.fakes.unanswered import MemoryUnanswered
from voicebot.core.clock import Clock
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import CallId
from voicebot.operations.comparing import Comparing
from voicebot.operations.hot_spots import HotSpotWatch
from voicebot.operations.seat_desk import SeatDesk
from voicebot.operations.similar import SimilarTickets
from voicebot.operations.talks import TalkDoors
from voicebot.operations.ticket_desk import TicketDesk
from voicebot.operations.ticket_work import TicketWork
from voicebot.operations.webhooks import Webhooks
from voicebot.seats.rules import SeatRules
from voicebot.web.app import web_app
from voicebot.web.deps import WebDeps
from voicebot.web.options import WebOptions
from voicebot.web.ports import Account, CallView, PartStatus, Role, TurnRecord

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
HTML = {"Accept": "text/html"}


class FakeAccounts:
    """Accounts in memory; secrets are predictable."""

    def __init__(self) -> None:
        self.accounts: dict[str, tuple[str, Role]] = {}
        self.departments: dict[str, str | None] = {}
        self.sessions: dict[str, str] = {}
        self.tokens: dict[str, str] = {}

    async def create(self, name: str, password: str, role: Role, department: str | None = None) -> Account:
        if name in self.accounts:
            raise VoicebotError("account.exists", name)
        self.accounts[name] = (password, role)
        self.departments[name] = department
        return Account(name, role, department)

    async def names(self) -> Sequence[str]:
        return list(self.accounts)

    async def sign_in(self, name: str, password: str) -> str | None:
        if self.accounts.get(name, ("", None))[0] != password:
            return None
        session = f"session-{len(self.sessions)}"
        self.sessions[session] = name
        return session

    async def sign_out(self, session: str) -> None:
        self.sessions.pop(session, None)

    async def by_session(self, session: str) -> Account | None:
        return self._account(self.sessions.get(session))

    async def make_token(self, account: str, label: str) -> str:
        token = f"token-{account}-{label}"
        self.tokens[token] = account
        return token

    async def by_token(self, token: str) -> Account | None:
        return self._account(self.tokens.get(token))

    def _account(self, name: str | None) -> Account | None:
        if name is None:
            return None
        return Account(name, self.accounts[name][1], self.departments.get(name))


class FakeCalls:
    def __init__(self, views: Sequence[CallView] = ()) -> None:
        self.views = list(views)
        self.broken: VoicebotError | None = None

    async def call(self, call_id: CallId) -> CallView | None:
        return next((view for view in self.views if view.call_id == call_id), None)

    async def calls(self, limit: int, before: str | None = None) -> Sequence[CallView]:
        if self.broken:
            raise self.broken
        ids = [str(view.call_id) for view in self.views]
        start = ids.index(before) + 1 if before in ids else 0
        return self.views[start : start + limit]


class FakeStatus:
    def __init__(self, parts: Sequence[PartStatus] = ()) -> None:
        self.statuses = list(parts)

    async def parts(self) -> Sequence[PartStatus]:
        return self.statuses


class StoppedClock:
    """Advances only when told."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def now(self) -> datetime:
        return NOON + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return self.seconds


class MachineClock(StoppedClock):
    def monotonic(self) -> float:
        return time.monotonic()


def turn(index: int, said: str, reply: str, **more: object) -> TurnRecord:
    fields: dict[str, object] = {
        "index": index,
        "said": said,
        "confidence": 0.87,
        "engine": "whisper-base",
        "keys": "",
        "meaning": "faq",
        "action": "answer",
        "article": "KB001",
        "ticket_no": None,
        "reply": reply,
        "heard": reply,
        "started": 3.2,
        "ended": 5.0,
        "replied": 5.9004,
        "interrupted": False,
        "stages": (("recognise", 310.5),),
    }
    return TurnRecord(**{**fields, **more})  # type: ignore[arg-type]


def call_view(number: int, *turns: TurnRecord, recording: str | None = None) -> CallView:
    return CallView(
        call_id=CallId(f"20261124-0930{number:02}-7f3a"),
        caller="138****8000",
        dialled="12345",
        channel="web",
        flow="main",
        started=NOON,
        ended=NOON + timedelta(seconds=75),
        reason="caller",
        state="closed",
        score=None,
        recording=recording,
        turns=turns,
        content="r12",
    )


class Tickets:
    """Work on tickets over fakes; `store` knows all there is, `access` who looked."""

    def __init__(self, clock: Clock) -> None:
        self.store = DictTicketStore()
        self.access = ListedAccess()
        desk = TicketDesk(self.store, clock)
        lists = DictTicketLists(self.store)
        self.work = TicketWork(self.store, lists, self.access, desk, clock, shipped)
        book = DictSuggestions(self.store)
        self.similar = SimilarTickets(self.work, self.store, book, clock)
        self.comparing = Comparing(book, clock)
        self.hot_spots = HotSpotWatch(DictHotSpots(self.store), clock)


class Web:
    """The web app over fakes, and clients of it."""

    def __init__(
        self, recordings: Path = Path("/nonexistent"), *, doors: TalkDoors | None = None, **options: object
    ) -> None:
        self.accounts = FakeAccounts()
        self.calls = FakeCalls([call_view(n) for n in range(7, 0, -1)])
        self.status = FakeStatus([PartStatus("识别", True, "Whisper-base: fallback, not Vosk")])
        self.clock = StoppedClock()
        self.tickets = Tickets(self.clock)
        self.unanswered = MemoryUnanswered()
        self.feed = ListedFeed()
        self.hooks = DictHookBook(self.feed)
        self.seat_rows = MemorySeats()
        self.seats = SeatDesk(self.seat_rows, self.clock, SeatRules)
        settings: dict[str, object] = {"line_url": "ws://127.0.0.1:9", "recordings": recordings, **options}
        self.deps = WebDeps(
            self.accounts,
            self.calls,
            self.tickets.work,
            self.status,
            self.clock,
            WebOptions(**settings),  # type: ignore[arg-type]
            self.unanswered,
            self.feed,
            Webhooks(self.hooks, self.feed, self.clock),
            self.tickets.similar,
            self.tickets.hot_spots,
            doors=doors,
            seats=self.seats,
        )
        self.app = web_app(self.deps)

    @contextlib.asynccontextmanager
    async def client(
        self,
        role: Role | None = None,
        department: str | None = None,
        *,
        scheme: str = "http",
        **options: object,
    ) -> AsyncIterator[httpx.AsyncClient]:
        """A client; with `role` it carries an API token of an account that has it."""
        headers = {}
        if role is not None:
            name = f"{role}-user"
            self.accounts.accounts[name] = ("pw", role)
            self.accounts.departments[name] = department
            headers["Authorization"] = f"Bearer {await self.accounts.make_token(name, 'test')}"
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        base = f"{scheme}://hotline.test"
        async with httpx.AsyncClient(transport=transport, base_url=base, headers=headers) as client:
            yield client
