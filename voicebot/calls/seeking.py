"""One call and the person it waits for: being rung, waited for in conversation, talked with."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from enum import Enum
from typing import Any, Final

import structlog

from voicebot.calls.errands import Errands
from voicebot.calls.inbox import Message
from voicebot.calls.parts import CallParts
from voicebot.calls.waiting_room import CallRoom, Tapes
from voicebot.core.handover import HandoverOutcome
from voicebot.dialogue.effects import HandOver

log = structlog.get_logger(__name__)

LETS_GO: Final = 1.0
"""Seconds a switchboard has to take a caller out of the queue before it is stopped."""


class Stage(Enum):
    """How far it is."""

    NOBODY = "nobody is sought"
    RINGING = "a person is sought: the caller is not listened to"
    WAITING = "a person is sought: the call goes on as a conversation meanwhile"
    TALK = "a person has the call"


class Seeking:
    """At most one person at a time is sought.

    Args:
        told: summary and slots of the call as they stand now.
    """

    tapes: Tapes
    """Set by the conductor before anything happens."""

    def __init__(
        self,
        parts: CallParts,
        errands: Errands,
        spawn: Callable[[Coroutine[Any, Any, Any]], asyncio.Task[Any]],
        post: Callable[[Message], None],
        told: Callable[[], tuple[str, Mapping[str, str]]],
    ) -> None:
        self._parts = parts
        self._errands = errands
        self._spawn = spawn
        self._post = post
        self._told = told
        self._task: asyncio.Task[Any] | None = None
        self._of: HandOver | None = None
        self.room: CallRoom | None = None
        self.stage = Stage.NOBODY

    async def begin(self, effect: HandOver, slots: Mapping[str, str]) -> bool:
        """Looks for a person; one who was sought before is not any more. False when it is the same one."""
        if self.room is not None and _whom(effect) == _whom(self._of):
            return False
        if self.room is not None:
            await self._let_go()
        self._of = effect
        self.room = CallRoom(self._parts.clock, self._parts.options, self._post, self._told, self.tapes)
        self.stage = Stage.RINGING
        self._task = self._spawn(self._errands.hand_over(effect, slots, self.room))
        return True

    def leave(self, outcome: HandoverOutcome) -> None:
        """The caller waits no longer; how it ends is posted."""
        if self.room is not None:
            self.stage = Stage.RINGING  # nothing is said until then
            self.room.leave(outcome)

    def over(self) -> None:
        """It has ended."""
        self._task, self._of, self.room = None, None, None
        self.stage = Stage.NOBODY

    async def _let_go(self) -> None:
        assert self.room is not None
        assert self._task is not None
        self.room.superseded = True
        self.room.leave(HandoverOutcome.LEFT)
        _, late = await asyncio.wait([self._task], timeout=LETS_GO)
        for task in late:
            log.info("another person is wanted: the first is not rung any more")
            task.cancel()
        if late:
            await asyncio.wait(late, timeout=LETS_GO)
        self.over()


def _whom(effect: HandOver | None) -> tuple[object, ...]:
    if effect is None:
        return ()
    return effect.queue, effect.emergency, effect.skill, effect.number, effect.language
