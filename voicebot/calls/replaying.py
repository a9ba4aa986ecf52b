"""Recorded calls against other content: one, or the last so many."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol

from voicebot.calls.brain import Brain
from voicebot.calls.records import CallMemory, CallReader, CallView
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import CallId, FlowName
from voicebot.dialogue.trying.replay import Replay, replay_told


class RecordedCalls(CallReader, CallMemory, Protocol):
    """What replay reads."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """A call, and how it would go now.

    Args:
        failure: why it could not be replayed; `replay` is None then.
    """

    view: CallView
    replay: Replay | None
    failure: str = ""


async def replay_call(calls: RecordedCalls, call_id: CallId, brain: Brain) -> Replayed:
    """CPU of about 5 ms for each thing said.

    Raises:
        VoicebotError: ``call.unknown``, ``replay.not_recorded``, ``replay.no_flow``, ``told.unreadable``.
    """
    view = await calls.call(call_id)
    if view is None:
        raise VoicebotError("call.unknown", f"没有编号为 {call_id} 的通话记录")
    told = await calls.told(call_id)
    if not told:
        raise VoicebotError("replay.not_recorded", f"通话 {call_id} 没有留下可以重放的记录")
    if view.flow not in brain.flows.flows:
        raise VoicebotError("replay.no_flow", f"这通电话从流程「{view.flow}」开始，现在没有这个流程了")
    try:
        return Replayed(view, replay_told(told, brain.flows, brain.comprehend, FlowName(view.flow)))
    except ValueError as error:  # the first turn was not stored
        raise VoicebotError("replay.not_recorded", f"通话 {call_id} 的记录缺了开头，无法重放") from error


async def replay_last(calls: RecordedCalls, limit: int, brain: Brain) -> AsyncIterator[Replayed]:
    """The last ended calls that can be replayed, newest first; what fails says so and the rest goes on."""
    for call_id in await calls.replayable(limit):
        try:
            yield await replay_call(calls, call_id, brain)
        except VoicebotError as error:
            view = await calls.call(call_id)
            if view is not None:
                yield Replayed(view, None, error.message)
