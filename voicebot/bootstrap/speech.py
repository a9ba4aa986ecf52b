"""The speech processes: ``python -m voicebot.bootstrap.speech recognition|synthesis``."""

import sys

from voicebot.adapters.stt.worker import serve_recognition
from voicebot.adapters.tts.worker import serve_synthesis
from voicebot.adapters.worker.server import Announce
from voicebot.bootstrap.process import on_bus, run_part, socket_path
from voicebot.operations.ports import PartStatus
from voicebot.settings import Settings


async def recognition(settings: Settings) -> None:
    """Raises VoicebotError ``model.missing``, ``model.damaged``: names file and remedy."""
    path = socket_path(settings, "recognition")
    await serve_recognition(settings.stt, path, _status(settings, "recognition"))


async def synthesis(settings: Settings) -> None:
    """Raises VoicebotError ``model.missing``, ``model.damaged``, ``tts.unknown``."""
    path = socket_path(settings, "synthesis")
    await serve_synthesis(settings.tts, path, _status(settings, "synthesis"))


def _status(settings: Settings, name: str) -> Announce:
    """While the worker works, ``status.<name>`` is answered with its note."""
    return lambda note: on_bus(settings, name, lambda: PartStatus(name, True, note))


WORKERS = {"recognition": recognition, "synthesis": synthesis}

if __name__ == "__main__":
    run_part(sys.argv[1], WORKERS[sys.argv[1]])
