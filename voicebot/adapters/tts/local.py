"""A blocking engine made asynchronous: one thread, and what callers wait for goes first."""

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from voicebot.adapters.tts.engine import Engine, Sound
from voicebot.core.ids import LanguageTag


class LocalVoice:
    """One engine, used by one thread at a time.

    Args:
        engine: loaded and warm.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._pool = ThreadPoolExecutor(1, thread_name_prefix=engine.name)
        self._turn = asyncio.Lock()
        self._live = 0
        self._idle = asyncio.Event()
        self._idle.set()

    @property
    def languages(self) -> Mapping[LanguageTag, str]:
        return self._engine.languages

    async def speak(self, text: str, voice: str, rate: float, *, background: bool) -> Sound:
        """See `Engine.speak`; a `background` clause begins only when no other waits."""
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
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, self._engine.speak, text, voice, rate)

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)
