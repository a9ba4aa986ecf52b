"""The recognition process."""

from pathlib import Path
from typing import assert_never

import structlog

from voicebot.adapters.models.select import choose_engine
from voicebot.adapters.stt.engine import Engine
from voicebot.adapters.stt.options import SttOptions
from voicebot.adapters.stt.service import RecognitionService
from voicebot.adapters.worker.server import Announce, lower_priority, unannounced, until_stopped

_log = structlog.get_logger(__name__)


def load_engine(options: SttOptions) -> Engine:
    """The engine of the settings, loaded and warm; ``auto`` takes the best there is a model for.

    Raises:
        VoicebotError: ``model.missing``, ``model.damaged``, ``stt.missing``, ``stt.options``,
            ``stt.unreachable``; the message names file or setting, and the remedy.
    """
    choice = choose_engine(options)
    if choice.note:
        _log.warning("stt.fallback", model=choice.model, note=choice.note)
    # the imports are lazy: each engine brings its library along
    match choice.engine:
        case "vosk":
            from voicebot.adapters.stt.vosk import VoskEngine

            return VoskEngine(choice.folder)
        case "whisper":
            from voicebot.adapters.stt.whisper import PROMPT, WhisperEngine

            return WhisperEngine(
                choice.folder, workers=options.threads, note=choice.note, prompt=options.prompt or PROMPT
            )
        case "sherpa":
            from voicebot.adapters.stt.sherpa import load_sherpa

            return load_sherpa(options.sherpa)
        case "funasr":
            from voicebot.adapters.stt.funasr import FunasrEngine

            return FunasrEngine(options.funasr)
        case "pipecat":
            from voicebot.adapters.stt.pipecat_service import PipecatEngine

            return PipecatEngine(options.pipecat)
        case _:
            assert_never(choice.engine)


async def serve_recognition(options: SttOptions, socket_path: Path, announce: Announce = unannounced) -> None:
    """Is the recognition worker until SIGTERM; a process of its own.

    The socket appears when the engine is warm, so a client that connects can recognise.

    Raises:
        VoicebotError: see `load_engine`.
    """
    lower_priority(options.nice)
    engine = load_engine(options)
    _log.info("stt.ready", engine=engine.name, model=engine.model, workers=options.threads)
    service = RecognitionService(engine, workers=options.threads, queue=options.queue)
    async with announce(f"{engine.model}: {engine.note}" if engine.note else engine.model):
        await until_stopped(service, socket_path)
