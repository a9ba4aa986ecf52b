"""The content that serves the next call; changed files are taken up while calls run."""

import asyncio
import gc
from collections.abc import Collection
from pathlib import Path

import structlog

from voicebot.adapters.files.content import read_content
from voicebot.bootstrap.brain import load_brain
from voicebot.calls.brain import Brain
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import LanguageTag

log = structlog.get_logger(__name__)


class LiveBrain:
    """Holds the newest valid version.

    Args:
        spoken: see `load_brain`.

    Raises:
        ContentError: at construction, when the files as they are now are not valid.
    """

    def __init__(self, root: Path, spoken: Collection[LanguageTag] | None = None) -> None:
        self._root = root
        self._spoken = spoken
        self._refused = ""
        self.current: Brain = load_brain(root, spoken)

    async def watch(self, every: float) -> None:
        """Looks for changed files every so many seconds, until cancelled."""
        while True:
            await asyncio.sleep(every)
            await self.look()

    async def look(self) -> bool:
        """Takes up changed files; True when a new version serves from now on.

        A version with a mistake is reported once, with its places, and the old one stays.
        """
        version = ""
        try:
            version = (await asyncio.to_thread(read_content, self._root)).digest
            if version in (self.current.version, self._refused):
                return False
            brain = await asyncio.to_thread(load_brain, self._root, self._spoken)
        except (VoicebotError, OSError) as error:
            if not self._refused or version != self._refused:
                log.error("content.refused", error=str(error), still=self.current.version[:12])
            self._refused = version
            return False
        self.current, self._refused = brain, ""
        settle()
        log.info("content.changed", version=brain.version[:12])
        return True


def settle() -> None:
    """What is loaded now lives on: from now on the collector looks at what calls leave behind only.

    A call leaves 240 kB of objects in cycles. Python would collect them once a quarter as many new
    objects have come as are old: with content and libraries loaded that is after 150 calls, in one
    long pause. Now it is after about 20, in a pause of milliseconds.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()
    gc.collect()  # of nothing: the quarter is counted without what is frozen
    gc.set_threshold(700, 10, 2)
