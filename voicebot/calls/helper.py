"""The language model that all calls of a process share: few requests at once, none to a server that fails.

Nobody queues for it. A call that finds it busy, or resting, goes on with what it knows itself.
"""

import asyncio
from typing import Final, Protocol

from voicebot.core.clock import Clock
from voicebot.core.errors import VoicebotError
from voicebot.understanding.assist import Prompt

BUSY: Final = "llm.busy"
RESTING: Final = "llm.resting"
TIMEOUT: Final = "llm.timeout"


class LanguageModel(Protocol):
    """Contract (tests/contract/test_language_model.py): `complete` may be cancelled at any time and then
    asks no more of the server."""

    @property
    def private(self) -> bool:
        """What it is told does not leave this machine."""
        ...

    async def complete(self, prompt: Prompt) -> str:
        """What the model replies, unchecked; at most some thousand characters.

        Raises:
            VoicebotError: ``llm.unreachable``, ``llm.refused`` (a status that is none of success),
                ``llm.broken`` (no reply in it), ``llm.too_long``, ``llm.remote`` (not ours, and not allowed).
        """
        ...


class Helper:
    """Guards a model.

    Args:
        timeout: seconds of one request, all in all.
        at_once: requests under way; further ones are not made.
        failures: in a row, after which the model rests (circuit breaker).
        rest: seconds until one request tries it again.
    """

    def __init__(
        self,
        model: LanguageModel,
        clock: Clock,
        *,
        timeout: float = 0.8,
        at_once: int = 4,
        failures: int = 3,
        rest: float = 30.0,
    ) -> None:
        self._model = model
        self._clock = clock
        self._timeout = timeout
        self._at_once = at_once
        self._most_failures = failures
        self._rest = rest
        self._under_way = 0
        self._failures = 0
        self._rests_until = 0.0

    @property
    def private(self) -> bool:
        return self._model.private

    @property
    def unwilling(self) -> str:
        """Why nothing is asked now: `BUSY`, `RESTING`, or ""."""
        if self._failures >= self._most_failures and (
            self._clock.monotonic() < self._rests_until or self._under_way
        ):
            return RESTING
        return BUSY if self._under_way >= self._at_once else ""

    async def ask(self, prompt: Prompt) -> str:
        """The reply, unchecked.

        Raises:
            VoicebotError: as `complete` does, and ``llm.timeout``, ``llm.busy``, ``llm.resting``.
        """
        if why := self.unwilling:
            raise VoicebotError(why, "the language model is not asked now", retryable=True)
        self._under_way += 1
        try:
            async with asyncio.timeout(self._timeout):
                reply = await self._model.complete(prompt)
        except TimeoutError as error:
            self._failed()
            message = f"no reply of the language model in {self._timeout:g} s"
            raise VoicebotError(TIMEOUT, message, retryable=True) from error
        except VoicebotError:
            self._failed()
            raise
        finally:
            self._under_way -= 1
        self._failures = 0
        return reply

    def _failed(self) -> None:
        self._failures += 1
        self._rests_until = self._clock.monotonic() + self._rest
