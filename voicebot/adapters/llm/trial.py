"""One short question to the model, to see whether it answers and how fast."""

import asyncio
import time
from dataclasses import dataclass
from typing import Final

from voicebot.adapters.llm.chat_completions import ChatCompletions
from voicebot.adapters.llm.options import LlmOptions
from voicebot.core.answer import ArticleHit
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import ArticleId
from voicebot.understanding.assist import Doubt, choice_prompt, open_text, read_suggestion

PATIENCE: Final = 10
"""Times the usual limit: a slow model is to be told from none."""


@dataclass(frozen=True, slots=True)
class Trial:
    """Args: seconds: of the second request (the first may load the model); usable: it was JSON as asked."""

    seconds: float
    usable: bool


async def try_model(options: LlmOptions) -> Trial:
    """Two requests like those of calls, with invented words.

    Raises:
        VoicebotError: as `ChatCompletions.complete` does, and ``llm.timeout``.
    """
    titles = ("社保卡丢了怎么补办", "社保卡怎么激活")
    articles = tuple(ArticleHit(ArticleId(f"KB{n}"), title, None, 0.5) for n, title in enumerate(titles))
    doubt = Doubt("我那个卡找不着了要再办一张", articles=articles)
    prompt = choice_prompt(doubt, doubt.text)
    limit = PATIENCE * options.timeout_ms / 1000
    async with ChatCompletions(options).running() as model:
        for _ in range(2):
            began = time.monotonic()
            try:
                async with asyncio.timeout(limit):
                    reply = await model.complete(prompt)
            except TimeoutError as error:
                raise VoicebotError("llm.timeout", f"{limit:g} 秒内没有回答", retryable=True) from error
    usable = read_suggestion(reply, doubt, open_text(doubt.text)).usable
    return Trial(time.monotonic() - began, usable)
