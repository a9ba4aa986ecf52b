"""The optional language model, wired."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from voicebot.adapters.llm import ChatCompletions, LlmOptions, check_place
from voicebot.calls.helper import Helper
from voicebot.core.clock import Clock
from voicebot.core.errors import VoicebotError

log = structlog.get_logger(__name__)


@asynccontextmanager
async def open_helper(options: LlmOptions, clock: Clock) -> AsyncIterator[Helper | None]:
    """None when no model is set. A server that is not there now is no reason not to take calls.

    Raises:
        VoicebotError: ``llm.remote``: it is neither ours nor allowed.
    """
    if not options.on:
        yield None
        return
    try:
        await asyncio.to_thread(check_place, options)
    except VoicebotError as error:
        if not error.retryable:
            raise
        log.warning("llm.absent", error=error.message)
    async with ChatCompletions(options).running() as model:
        yield Helper(
            model,
            clock,
            timeout=options.timeout_ms / 1000,
            at_once=options.at_once,
            failures=options.failures,
            rest=options.rest_s,
        )
