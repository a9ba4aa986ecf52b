"""The recognition process."""

from pathlib import Path

import structlog

from voicebot.adapters.models.manifest import VOSK_VARIABLE
from voicebot.adapters.models.select import choose_recognition
from voicebot.adapters.models.store import ModelStore
from voicebot.adapters.stt.engine import Engine
from voicebot.adapters.stt.options import SttOptions
from voicebot.adapters.stt.service import RecognitionService
from voicebot.adapters.worker.server import Announce, lower_priority, unannounced, until_stopped

_log = structlog.get_logger(__name__)


def load_engine(options: SttOptions) -> Engine:
    """The best engine there is a model for, loaded and warm.

    Raises:
        VoicebotError: ``model.missing``, ``model.damaged``; the message names file and remedy.
    """
    environment = {VOSK_VARIABLE: options.vosk_model} if options.vosk_model else {}
    choice = choose_recognition(ModelStore(options.models, environment))
    if choice.note:
        _log.warning("stt.fallback", model=choice.model, note=choice.note)
    if choice.engine == "vosk":
        from voicebot.adapters.stt.vosk import VoskEngine

        return VoskEngine(choice.folder)
    from voicebot.adapters.stt.whisper import PROMPT, WhisperEngine

    return WhisperEngine(
        choice.folder, workers=options.threads, note=choice.note, prompt=options.prompt or PROMPT
    )


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
