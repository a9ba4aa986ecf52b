"""Text to Meaning."""

from voicebot.understanding.city import load_city, load_departments
from voicebot.understanding.examples import Example
from voicebot.understanding.understander import Understander, load_understander

__all__ = ["Example", "Understander", "load_city", "load_departments", "load_understander"]
