"""The name under which a rendered clause is kept."""

import hashlib
import json

from voicebot.speech.ports import VoiceSettings
from voicebot.speech.verbalise import VERSION


def cache_key(text: str, settings: VoiceSettings, model_version: str) -> str:
    """64 hex digits that change with anything that changes the sound.

    Args:
        text: verbalised.
        settings: with engine and voice as they will be used, not left empty.
        model_version: of the engine's model and our handling of it.
    """
    parts = [
        settings.engine,
        settings.voice,
        model_version,
        VERSION,
        f"{settings.rate:.3f}",
        settings.sample_rate,
        settings.language,
        text,
    ]
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()
