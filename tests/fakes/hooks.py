"""Events and subscriptions in memory, behind the same contract as the real ones."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from voicebot.operations.event_feed import FeedEvent
from voicebot.operations.webhooks import Hook, Parked


@dataclass
class ListedFeed:
    """Implements `voicebot.operations.event_feed.EventFeed`."""

    events: list[FeedEvent] = field(default_factory=list)

    async def after(self, id_: int, limit: int) -> Sequence[FeedEvent]:
        return [event for event in self.events if event.id > id_][:limit]

    async def one(self, id_: int) -> FeedEvent | None:
        return next((event for event in self.events if event.id == id_), None)

    async def last(self) -> int:
        return max((event.id for event in self.events), default=0)


class DictHookBook:
    """Implements `voicebot.operations.webhooks.HookBook`."""

    def __init__(self, feed: ListedFeed) -> None:
        self._feed = feed
        self._hooks: dict[str, Hook] = {}
        self._held: dict[str, tuple[str, datetime]] = {}
        self._parked: dict[str, dict[int, Parked]] = {}

    async def add(self, hook: Hook) -> None:
        self._hooks[hook.id] = hook

    async def all(self) -> Sequence[Hook]:
        return list(self._hooks.values())

    async def one(self, hook_id: str) -> Hook | None:
        return self._hooks.get(hook_id)

    async def put(self, hook: Hook) -> bool:
        if hook.id not in self._hooks:
            return False
        self._hooks[hook.id] = replace(hook, failures=0, failing_since=None, next_at=None, trouble="")
        self._held.pop(hook.id, None)
        return True

    async def remove(self, hook_id: str) -> bool:
        self._parked.pop(hook_id, None)
        return self._hooks.pop(hook_id, None) is not None

    async def take(self, holder: str, now: datetime, until: datetime) -> Hook | None:
        for hook in self._hooks.values():
            held = self._held.get(hook.id)
            due = hook.next_at is None or hook.next_at <= now
            news = any(event.id > hook.cursor for event in self._feed.events)
            again = any(not parked.trouble for parked in self._parked.get(hook.id, {}).values())
            if hook.active and (held is None or held[1] <= now) and ((due and news) or again):
                self._held[hook.id] = (holder, until)
                return hook
        return None

    async def moved(self, hook_id: str, holder: str, cursor: int, until: datetime) -> bool:
        if not self._is_held(hook_id, holder):
            return False
        hook = replace(self._hooks[hook_id], cursor=cursor, failures=0, failing_since=None)
        self._hooks[hook_id] = replace(hook, next_at=None, trouble="")
        self._held[hook_id] = (holder, until)
        return True

    async def release(self, hook: Hook, holder: str) -> None:
        if self._is_held(hook.id, holder):
            del self._held[hook.id]
            self._hooks[hook.id] = hook

    async def park(self, hook_id: str, parked: Parked) -> None:
        self._parked.setdefault(hook_id, {})[parked.event_id] = parked

    async def parked(self, hook_id: str, limit: int = 100) -> Sequence[Parked]:
        return [each for _, each in sorted(self._parked.get(hook_id, {}).items())][:limit]

    async def unpark(self, hook_id: str, event_id: int) -> None:
        self._parked.get(hook_id, {}).pop(event_id, None)

    def _is_held(self, hook_id: str, holder: str) -> bool:
        return self._held.get(hook_id, ("",))[0] == holder and hook_id in self._hooks
