"""Can the voices of the settings be had? For `voicebot models check` and `voicebot doctor`."""

from voicebot.adapters.tts.options import TtsOptions
from voicebot.core.errors import VoicebotError


def voice_trouble(options: TtsOptions) -> str:
    """What keeps a voice that is no model of ours from speaking, for people; empty when nothing does."""
    try:
        if "espeak" in options.engines:
            from voicebot.adapters.tts.espeak import EspeakEngine

            EspeakEngine()
        if "pipecat" in options.engines:
            from voicebot.adapters.tts.pipecat_service import check_voice

            check_voice(options.pipecat)
    except VoicebotError as error:
        return error.message
    return ""
