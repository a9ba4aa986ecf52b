"""Text to Meaning."""

from voicebot.understanding.city import load_city, load_departments
from voicebot.understanding.examples import Example
from voicebot.understanding.trust import doubted_hits, trust_of
from voicebot.understanding.understander import Understander, load_understander

__all__ = [
    "Example",
    "Understander",
    "doubted_hits",
    "load_city",
    "load_departments",
    "load_understander",
    "trust_of",
]
