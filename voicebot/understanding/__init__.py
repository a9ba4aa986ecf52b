"""Text to Meaning."""

from voicebot.understanding.city import load_city, load_departments
from voicebot.understanding.understander import Understander, load_understander

__all__ = ["Understander", "load_city", "load_departments", "load_understander"]
