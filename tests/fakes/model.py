"""A language model that says what a test wants, as late as it wants."""

import asyncio
from collections.abc import Callable

from voicebot.core.errors import VoicebotError
from voicebot.understanding.assist import Prompt


class FakeModel:
    """Implements `calls.helper.LanguageModel`.

    Args:
        reply: what it replies, the same each time or made of the prompt; an error is raised.
        delay: seconds of the loop's clock.
    """

    def __init__(
        self,
        reply: str | VoicebotError | Callable[[Prompt], str],
        delay: float = 0.0,
        *,
        private: bool = False,
    ) -> None:
        self.reply = reply
        self.delay = delay
        self._private = private
        self.asked: list[Prompt] = []
        self.cancelled = 0

    @property
    def private(self) -> bool:
        return self._private

    async def complete(self, prompt: Prompt) -> str:
        self.asked.append(prompt)
        try:
            await asyncio.sleep(self.delay)
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        if isinstance(self.reply, VoicebotError):
            raise self.reply
        return self.reply if isinstance(self.reply, str) else self.reply(prompt)
