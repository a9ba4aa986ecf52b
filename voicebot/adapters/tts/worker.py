"""The synthesis process."""

import asyncio
from pathlib import Path

import structlog

from voicebot.adapters.tts.options import TtsOptions
from voicebot.adapters.tts.service import SynthesisService
from voicebot.adapters.tts.voices import Choir, load_voices
from voicebot.adapters.worker.server import Announce, lower_priority, unannounced, until_stopped

_log = structlog.get_logger(__name__)


async def serve_synthesis(options: TtsOptions, socket_path: Path, announce: Announce = unannounced) -> None:
    """Is the synthesis worker until SIGTERM; a process of its own.

    The socket appears when the voices are loaded.

    Raises:
        VoicebotError: ``model.missing``, ``model.damaged``, ``tts.unknown``.
    """
    lower_priority(options.nice)
    voices = load_voices(options)
    choir = Choir(voices, failures=options.breaker_failures, rest=options.breaker_rest)
    _log.info("tts.ready", engines=list(voices))
    async with announce(", ".join(voices)), asyncio.TaskGroup() as group:
        service = SynthesisService(choir, group, queue=options.queue, engines=tuple(voices))
        await until_stopped(service, socket_path)
