"""Brings events to the receivers of webhooks: in order, again after failures, one process at a time."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, Protocol

import structlog

from voicebot.core.clock import Clock
from voicebot.core.errors import VoicebotError
from voicebot.operations.event_feed import EventFeed, FeedEvent, FeedWatch
from voicebot.operations.webhooks import Hook, HookBook, Parked

log = structlog.get_logger(__name__)

BATCH: Final = 50
AT_ONCE: Final = 8
"""Subscriptions that are served side by side, so that a slow receiver delays nobody."""
LEASE: Final = timedelta(minutes=2)
"""A process that dies frees its subscriptions after this; a try is much shorter."""
POLL: Final = 1.0
PAUSES: Final = tuple(
    timedelta(seconds=each) for each in (5, 15, 60, 300, 900, 1800, 3600, 2 * 3600, 4 * 3600, 8 * 3600)
)
"""Between tries of one event."""
PATIENCE: Final = timedelta(days=3)
"""A receiver that fails for so long is switched off; nothing is lost, it goes on where it stood."""
TRIES: Final = 4
"""An event that a receiver refuses so often, being well otherwise, is put aside."""


class Refused(VoicebotError):
    """A receiver answered and did not take it.

    Args:
        status: of HTTP. wait: seconds that it asked for (Retry-After).
    """

    def __init__(self, code: str, message: str, status: int, wait: float | None, *, retryable: bool) -> None:
        super().__init__(code, message, retryable=retryable)
        self.status: Final = status
        self.wait: Final = wait


class Poster(Protocol):
    """Brings one event to one receiver."""

    async def post(self, hook: Hook, event: FeedEvent) -> None:
        """One try, of bounded time.

        Raises:
            VoicebotError: `Refused`, or ``notify.timeout``, ``notify.unreachable``.
        """
        ...


class HookSender:
    """One per process.

    Args:
        holder: tells this process from all others that ever were.
    """

    def __init__(self, book: HookBook, feed: EventFeed, poster: Poster, clock: Clock, holder: str) -> None:
        self._book = book
        self._feed = feed
        self._poster = poster
        self._clock = clock
        self._holder = holder

    async def run(self) -> None:
        """Until cancelled; survives a database that is away for a while."""
        watch = FeedWatch(self._feed, self._clock)
        async with asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE):
                group.create_task(self._serve(watch))

    async def _serve(self, watch: FeedWatch) -> None:
        seen = 0
        while True:
            try:
                if not await self.step():
                    await watch.news(seen, POLL)
                    seen = await self._feed.last()
            except VoicebotError as error:
                log.warning("webhook.waiting", code=error.code)
                await asyncio.sleep(POLL)

    async def step(self) -> bool:
        """Serves one subscription that has something to send; False when none has."""
        now = self._clock.now()
        hook = await self._book.take(self._holder, now, now + LEASE)
        if hook is None:
            return False
        try:
            await self._again(hook)
            if hook.next_at is None or hook.next_at <= now:
                hook = await self._on(hook)
        finally:
            await self._book.release(hook, self._holder)
        return True

    async def _again(self, hook: Hook) -> None:
        """What somebody wants sent once more; a failure puts it aside again."""
        for parked in await self._book.parked(hook.id):
            if parked.trouble:
                continue
            event = await self._feed.one(parked.event_id)
            trouble = "webhook.no_event"
            if event is not None:
                try:
                    await self._poster.post(hook, event)
                except VoicebotError as error:
                    trouble = _told(error)
                else:
                    await self._book.unpark(hook.id, parked.event_id)
                    continue
            await self._book.park(hook.id, Parked(parked.event_id, self._clock.now(), trouble))

    async def _on(self, hook: Hook) -> Hook:
        """The next events; the subscription as it stands then."""
        for event in await self._feed.after(hook.cursor, BATCH):
            if hook.wants(event):
                try:
                    await self._poster.post(hook, event)
                except VoicebotError as error:
                    return await self._failed(hook, event, error)
                hook = _well(hook)
                until = self._clock.now() + LEASE
                if not await self._book.moved(hook.id, self._holder, event.id, until):
                    return hook
            hook = replace(hook, cursor=event.id)
        return hook

    async def _failed(self, hook: Hook, event: FeedEvent, error: VoicebotError) -> Hook:
        now, trouble = self._clock.now(), _told(error)
        log.warning("webhook.failed", hook=hook.id, code=error.code, failures=hook.failures + 1)
        if isinstance(error, Refused) and error.status == 410:
            return replace(hook, active=False, trouble=trouble)
        failures, since = hook.failures + 1, hook.failing_since or now
        if not error.retryable and failures >= TRIES:
            await self._book.park(hook.id, Parked(event.id, now, trouble))
            return replace(_well(hook), cursor=event.id, trouble=trouble)
        if now - since >= PATIENCE:
            return replace(hook, active=False, failures=failures, failing_since=since, trouble=trouble)
        again = _next(now, failures, error)
        return replace(hook, failures=failures, failing_since=since, next_at=again, trouble=trouble)


def _next(now: datetime, failures: int, error: VoicebotError) -> datetime:
    pause = PAUSES[min(failures, len(PAUSES)) - 1]
    asked = error.wait if isinstance(error, Refused) and error.wait is not None else 0.0
    return now + max(pause, timedelta(seconds=min(asked, PAUSES[-1].total_seconds())))


def _well(hook: Hook) -> Hook:
    return replace(hook, failures=0, failing_since=None, next_at=None, trouble="")


def _told(error: VoicebotError) -> str:
    return f"{error.code}: {error.message}"[:500]
