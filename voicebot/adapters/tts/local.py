"""A blocking engine made asynchronous: one thread, and what callers wait for goes first."""

import asyncio
import math
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final

from voicebot.adapters.tts.engine import Engine, Sound
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import LanguageTag


class LocalVoice:
    """One engine, used by one thread at a time.

    Args:
        engine: loaded and warm.
        limit: seconds it may work on a clause (waiting for its turn not counted). A thread cannot be
            ended: until the engine gives the clause up, every other fails at once.
    """

    remote: Final = False

    def __init__(self, engine: Engine, limit: float = math.inf) -> None:
        self._engine = engine
        self._limit = limit
        self._work: Future[Sound] | None = None
        self._stalled = False
        self._pool = ThreadPoolExecutor(1, thread_name_prefix=engine.name)
        self._turn = asyncio.Lock()
        self._live = 0
        self._idle = asyncio.Event()
        self._idle.set()

    @property
    def languages(self) -> Mapping[LanguageTag, str]:
        return self._engine.languages

    @property
    def stalled(self) -> bool:
        """Is the engine at a clause that was given up on?"""
        return self._stalled and self._work is not None and not self._work.done()

    async def speak(self, text: str, voice: str, rate: float, *, background: bool) -> Sound:
        """See `Engine.speak`; a `background` clause begins only when no other waits.

        Raises:
            VoicebotError: also ``tts.failed`` when the engine stalls.
        """
        if background:
            while True:
                await self._idle.wait()
                async with self._turn:
                    if self._idle.is_set():
                        return await self._run(text, voice, rate)
        self._live += 1
        self._idle.clear()
        try:
            async with self._turn:
                return await self._run(text, voice, rate)
        finally:
            self._live -= 1
            if not self._live:
                self._idle.set()

    async def _run(self, text: str, voice: str, rate: float) -> Sound:
        if self.stalled:
            raise self._stall()
        self._stalled = False
        self._work = self._pool.submit(self._engine.speak, text, voice, rate)
        limit = None if math.isinf(self._limit) else self._limit
        try:
            return await asyncio.wait_for(asyncio.wrap_future(self._work), limit)
        except TimeoutError:
            self._stalled = True
            raise self._stall() from None

    def _stall(self) -> VoicebotError:
        return VoicebotError("tts.failed", f"{self._engine.name} 没有反应", retryable=True)

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)
