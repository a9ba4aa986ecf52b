"""Speech detection shared by all calls."""

from voicebot.adapters.vad.silero import SileroDetector

__all__ = ["SileroDetector"]
