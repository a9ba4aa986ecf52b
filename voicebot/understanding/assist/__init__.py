"""What a language model may help with, and how far its word goes. Pure: prompts out, checked replies in.

A model chooses among candidates that understanding and knowledge have named, points at words of the caller,
and words a question or the seat's summary. It is the source of no fact: answers come from articles alone.
"""

from voicebot.understanding.assist.checks import Suggestion, agrees, read_suggestion, read_summary
from voicebot.understanding.assist.doubt import UNSURE, Doubt, apply, find_doubt
from voicebot.understanding.assist.masks import Masked, mask, open_text
from voicebot.understanding.assist.prompts import Prompt, choice_prompt, summary_prompt

__all__ = [
    "UNSURE",
    "Doubt",
    "Masked",
    "Prompt",
    "Suggestion",
    "agrees",
    "apply",
    "choice_prompt",
    "find_doubt",
    "mask",
    "open_text",
    "read_suggestion",
    "read_summary",
    "summary_prompt",
]
