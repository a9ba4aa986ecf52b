"""Speech detection shared by all calls."""

from voicebot.adapters.vad.silero import SileroDetector
from voicebot.adapters.vad.smart_turn import SmartTurn

__all__ = ["SileroDetector", "SmartTurn"]
