"""The synthesis process."""

import asyncio
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

import structlog

from voicebot.adapters.tts.local import LocalVoice
from voicebot.adapters.tts.options import TtsOptions
from voicebot.adapters.tts.service import SynthesisService
from voicebot.adapters.tts.voices import Choir, load_voices
from voicebot.adapters.worker.server import Announce, lower_priority, unannounced, until_stopped

_log = structlog.get_logger(__name__)

STUCK: Final = 15.0
"""Seconds an engine may be stalled; only a new process brings it back."""
LOOK: Final = 1.0
SOFTWARE: Final = 70
"""Exit code of a defect (sysexits.h)."""


async def serve_synthesis(options: TtsOptions, socket_path: Path, announce: Announce = unannounced) -> None:
    """Is the synthesis worker until SIGTERM; a process of its own.

    The socket appears when the voices are loaded.

    Raises:
        VoicebotError: ``model.missing``, ``model.damaged``, ``tts.unknown``.
    """
    lower_priority(options.nice)
    voices = load_voices(options)
    choir = Choir(
        voices,
        failures=options.breaker_failures,
        rest=options.breaker_rest,
        personal=options.edge_personal,
    )
    _log.info("tts.ready", engines=list(voices))
    async with announce(", ".join(voices)), asyncio.TaskGroup() as group:
        service = SynthesisService(choir, group, queue=options.queue, engines=tuple(voices))
        watch = group.create_task(leave_when_stuck([v for v in voices.values() if isinstance(v, LocalVoice)]))
        await until_stopped(service, socket_path)
        watch.cancel()


async def leave_when_stuck(
    voices: Iterable[LocalVoice], stuck: float = STUCK, leave: Callable[[int], object] = os._exit
) -> None:
    """Ends this process when an engine does not come back; the supervisor starts another.

    At once and without cleaning up: Python's own exit would wait for the engine's thread.
    """
    looks = dict.fromkeys(voices, 0)
    while True:
        for voice in looks:
            looks[voice] = looks[voice] + 1 if voice.stalled else 0
            if looks[voice] * LOOK > stuck:
                _log.critical("tts.stuck", seconds=stuck)
                leave(SOFTWARE)
                return
        await asyncio.sleep(LOOK)
