"""The speech processes: ``python -m voicebot.bootstrap.speech recognition|synthesis``."""

import asyncio
import os
import sys

from voicebot.adapters.stt.service import RecognitionService
from voicebot.adapters.stt.worker import load_engine
from voicebot.adapters.tts.service import SynthesisService
from voicebot.adapters.tts.voices import Choir, load_voices
from voicebot.adapters.worker.server import lower_priority, until_stopped
from voicebot.bootstrap.process import on_bus, run_part, socket_path
from voicebot.operations.ports import PartStatus
from voicebot.settings import Settings


async def recognition(settings: Settings) -> None:
    """Loads and warms the engine, then listens: who can connect can recognise.

    Raises:
        VoicebotError: ``model.missing``, ``model.damaged``: names file and remedy.
    """
    options = settings.stt
    lower_priority(options.nice)
    workers = options.workers or min(4, os.cpu_count() or 1)
    engine = load_engine(options)
    note = f"{engine.model}: {engine.note}" if engine.note else engine.model
    service = RecognitionService(engine, workers=workers, queue=options.queue)
    async with on_bus(settings, "recognition", lambda: PartStatus("recognition", True, note)):
        await until_stopped(service, socket_path(settings, "recognition"))


async def synthesis(settings: Settings) -> None:
    """Loads the voices, then listens.

    Raises:
        VoicebotError: ``model.missing``, ``model.damaged``, ``tts.unknown``.
    """
    options = settings.tts
    lower_priority(options.nice)
    voices = load_voices(options)
    choir = Choir(voices, failures=options.breaker_failures, rest=options.breaker_rest)
    status = PartStatus("synthesis", True, ", ".join(voices))
    async with on_bus(settings, "synthesis", lambda: status), asyncio.TaskGroup() as group:
        service = SynthesisService(choir, group, queue=options.queue, engines=tuple(voices))
        await until_stopped(service, socket_path(settings, "synthesis"))


WORKERS = {"recognition": recognition, "synthesis": synthesis}

if __name__ == "__main__":
    run_part(sys.argv[1], WORKERS[sys.argv[1]])
