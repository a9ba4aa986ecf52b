"""Webhooks: what happens to tickets is brought to the addresses that other systems named.

Every subscription has a cursor of its own in the feed, which moves when its receiver has taken an event, so
nothing is lost whatever dies. One process at a time holds a subscription, by a row that all see, so nothing
is sent by two. After a crash between sending and noting it the event comes once more under the same id.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol
from urllib.parse import urlsplit

from voicebot.core.clock import Clock
from voicebot.core.errors import VoicebotError
from voicebot.operations.event_feed import EventFeed, FeedEvent
from voicebot.tickets.ticket import TicketAction

MOST: Final = 100
"""Subscriptions."""
SUBJECTS: Final = frozenset(
    {f"ticket.{action.value}" for action in TicketAction}
    | {"ticket.yellow", "ticket.red", "ticket.overdue", "ticket.unreturned"}
    | {"ticket.suggested", "ticket.suggestion_refused", "ticket.suggestion_reopened", "ticket.hot_spot"}
)
"""What can be subscribed to."""


@dataclass(frozen=True, slots=True)
class Hook:
    """One subscription.

    Args:
        secret: ``whsec_…``, key of the signature.
        subjects: which events, () for all. departments: of which units, () for all.
        cursor: id of the last event that was dealt with.
        failures: tries of the next one that failed, since `failing_since`; it is tried again at `next_at`.
        trouble: why the last try failed, or why it is not active.
    """

    id: str
    url: str
    secret: str = field(repr=False)
    made_by: str
    made_at: datetime
    subjects: tuple[str, ...] = ()
    departments: tuple[str, ...] = ()
    active: bool = True
    cursor: int = 0
    failures: int = 0
    failing_since: datetime | None = None
    next_at: datetime | None = None
    trouble: str = ""

    def wants(self, event: FeedEvent) -> bool:
        if self.subjects and event.subject not in self.subjects:
            return False
        return not self.departments or event.department in self.departments


@dataclass(frozen=True, slots=True)
class Parked:
    """An event that a receiver would not take; ``trouble`` "" while it waits to be sent again."""

    event_id: int
    at: datetime
    trouble: str


class HookBook(Protocol):
    """Subscriptions. Contract (tests/contract/test_webhooks.py). May raise VoicebotError ``db.…``."""

    async def add(self, hook: Hook) -> None: ...

    async def all(self) -> Sequence[Hook]: ...

    async def one(self, hook_id: str) -> Hook | None: ...

    async def put(self, hook: Hook) -> bool:
        """Its url, subjects, departments, activity and cursor from now on, with no failures; whoever holds
        it loses it. False: there is none."""
        ...

    async def remove(self, hook_id: str) -> bool: ...

    async def take(self, holder: str, now: datetime, until: datetime) -> Hook | None:
        """Gives an active one that has something to send and waits for nothing to `holder`, alone, until
        `until`; None when there is none."""
        ...

    async def moved(self, hook_id: str, holder: str, cursor: int, until: datetime) -> bool:
        """Its receiver has taken everything up to `cursor`; it stays held. False: it is not `holder`'s."""
        ...

    async def release(self, hook: Hook, holder: str) -> None:
        """Gives it back with cursor, failures, trouble and activity of `hook`; nothing if it is not
        `holder`'s."""
        ...

    async def park(self, hook_id: str, parked: Parked) -> None: ...

    async def parked(self, hook_id: str, limit: int = 100) -> Sequence[Parked]:
        """Oldest first."""
        ...

    async def unpark(self, hook_id: str, event_id: int) -> None: ...


class Webhooks:
    """What administrators do with subscriptions.

    Every method that names one may raise VoicebotError ``webhook.unknown``.
    """

    def __init__(self, book: HookBook, feed: EventFeed, clock: Clock) -> None:
        self._book = book
        self._feed = feed
        self._clock = clock

    async def add(
        self, hook_id: str, url: str, secret: str, subjects: Sequence[str], units: Sequence[str], by: str
    ) -> Hook:
        """Subscribes to what happens from now on.

        Raises:
            VoicebotError: ``webhook.bad_url``, ``webhook.too_many``.
        """
        if len(await self._book.all()) >= MOST:
            raise VoicebotError("webhook.too_many", f"最多{MOST}个订阅")
        now, cursor = self._clock.now(), await self._feed.last()
        hook = Hook(hook_id, checked(url), secret, by, now, tuple(subjects), tuple(units), cursor=cursor)
        await self._book.add(hook)
        return hook

    async def all(self) -> Sequence[Hook]:
        return await self._book.all()

    async def one(self, hook_id: str) -> Hook:
        hook = await self._book.one(hook_id)
        if hook is None:
            raise VoicebotError("webhook.unknown", "没有这个订阅")
        return hook

    async def put(self, hook: Hook) -> Hook:
        """Changes one; an active one is tried at once, from where its cursor stands."""
        checked(hook.url)
        if not await self._book.put(hook):
            raise VoicebotError("webhook.unknown", "没有这个订阅")
        return await self.one(hook.id)

    async def remove(self, hook_id: str) -> None:
        if not await self._book.remove(hook_id):
            raise VoicebotError("webhook.unknown", "没有这个订阅")

    async def parked(self, hook_id: str) -> Sequence[Parked]:
        return await self._book.parked((await self.one(hook_id)).id)

    async def again(self, hook_id: str, event_id: int) -> None:
        """One event is sent again, whatever became of it.

        Raises:
            VoicebotError: ``webhook.no_event``.
        """
        hook = await self.one(hook_id)
        if await self._feed.one(event_id) is None:
            raise VoicebotError("webhook.no_event", "没有这个事件，或者已经清理")
        await self._book.park(hook.id, Parked(event_id, self._clock.now(), ""))


def checked(url: str) -> str:
    """Raises VoicebotError ``webhook.bad_url``."""
    try:
        parts = urlsplit(url)
        fine = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        fine = False
    if not fine or len(url) > 2000 or parts.username or not url.isprintable() or " " in url:
        raise VoicebotError("webhook.bad_url", "网址应以 http:// 或 https:// 开头，不带账号密码")
    return url
