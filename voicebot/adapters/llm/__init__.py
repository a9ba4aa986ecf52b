"""A language model behind an OpenAI-compatible server. Optional: nothing depends on it."""

from voicebot.adapters.llm.chat_completions import ChatCompletions, check_place
from voicebot.adapters.llm.options import LlmOptions

__all__ = ["ChatCompletions", "LlmOptions", "check_place"]
