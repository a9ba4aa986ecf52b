"""The content that serves the next call; it changes while calls run."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Final

import structlog

from voicebot.bootstrap.collector import Collector
from voicebot.calls.brain import Brain
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import CallId
from voicebot.core.problem import ContentError
from voicebot.operations.bus import Bus
from voicebot.operations.content import ContentStore, LiveContent
from voicebot.operations.content_changes import in_share, label_of, merged
from voicebot.operations.content_folder import FolderKeeper

log = structlog.get_logger(__name__)

POLL: Final = 2.0
"""Seconds until a release is noticed that no event told of."""
RELEASED: Final = "content.released"


class LiveBrain:
    """What the newest release serves: a stable brain, and while something is on trial a second one.

    A running call keeps the brain it was given. Not usable before the first `refresh`.

    Args:
        make: (texts, version) → brain; called in a thread. Raises ContentError.
    """

    current: Brain
    """What most new calls are served with."""

    def __init__(self, store: ContentStore, make: Callable[[Mapping[str, str], str], Brain]) -> None:
        self._store = store
        self._make = make
        self._lock = asyncio.Lock()
        self._revision = 0
        self._live: LiveContent | None = None
        self._trial: Brain | None = None
        self._share = 0.0
        self.trouble: ContentError | None = None
        """Why the newest release does not serve; the one before does."""

    @property
    def brains(self) -> tuple[Brain, ...]:
        """All that new calls may be served with."""
        return (self.current,) if self._trial is None else (self.current, self._trial)

    def for_call(self, call_id: CallId) -> Brain:
        """What a call that begins now is served with to its end."""
        if self._trial is not None and in_share(call_id, self._share):
            return self._trial
        return self.current

    async def refresh(self) -> bool:
        """Serves what is live; True when that has changed.

        Raises:
            ContentError: the first time: what is live is not valid for this program. Later the release
                before goes on serving, and `trouble` says why.
            VoicebotError: the store cannot be used.
        """
        async with self._lock:
            if await self._store.revision() == self._revision:
                return False
            live = await self._store.live()
            if live.revision == self._revision:
                return False
            try:
                brain, trial = await asyncio.to_thread(self._both, live)
            except ContentError as error:
                if not self._revision:
                    raise
                log.error("content.unusable", revision=live.revision, error=str(error))
                self._revision, self.trouble = live.revision, error
                return False
            self._revision, self.trouble, self._live = live.revision, None, live
            self.current, self._trial, self._share = brain, trial, live.share
            log.info("content.changed", version=brain.version, trial=list(live.trial), share=live.share)
            return True

    async def renew(self) -> None:
        """Serves the same release with what was learnt meanwhile."""
        async with self._lock:
            if self._live is None:
                return
            self.current, self._trial = await asyncio.to_thread(self._both, self._live)

    def _both(self, live: LiveContent) -> tuple[Brain, Brain | None]:
        brain = self._make(live.texts, label_of(live.revision))
        if not live.trial:
            return brain, None
        texts = merged(live.texts, live.trial)
        return brain, self._make(texts, label_of(live.revision, trial=True))

    async def follow(self, bus: Bus, collector: Collector, idle: Callable[[], bool]) -> None:
        """Takes up every release, until cancelled: at once when the bus tells of it, else soon.

        Args:
            idle: nobody is on the phone.
        """
        told, trouble = asyncio.Event(), ""
        async with asyncio.TaskGroup() as group:
            group.create_task(_listen(bus, told))
            while True:
                await _either(told, POLL)
                told.clear()
                try:
                    await self.refresh()
                    trouble = ""
                except VoicebotError as error:
                    if error.code != trouble:  # once, not every two seconds
                        log.warning("content.waiting", code=error.code)
                    trouble = error.code
                if idle():
                    collector.settle()

    async def keep(self, keeper: FolderKeeper, every: float) -> None:
        """Publishes what is saved in the content folder and serves it, until cancelled.

        Args:
            every: seconds between looks.
        """
        trouble = ""
        while True:
            await asyncio.sleep(every)
            try:
                if await keeper.look():
                    await self.refresh()
                trouble = ""
            except VoicebotError as error:
                if error.code != trouble:
                    log.warning("content.not_looked_at", code=error.code)
                trouble = error.code


async def _listen(bus: Bus, told: asyncio.Event) -> None:
    try:
        async for _ in bus.subscribe(RELEASED):
            told.set()
    except VoicebotError as error:
        log.warning("content.unheard", code=error.code)


async def _either(told: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await told.wait()
    except TimeoutError:
        return
