"""Joins the caller's line with a person's, sound for sound."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from itertools import cycle

from voicebot.calls.ports import LEAD, AudioIn, Line
from voicebot.calls.sound import Resampler, ringback
from voicebot.core.audio import AudioChunk


async def join(
    caller: Line,
    caller_sound: AsyncIterator[AudioIn],
    person: Line,
    on_person_sound: Callable[[AudioChunk], None] = lambda _: None,
) -> None:
    """Carries sound both ways until the person's line is gone.

    The caller's end is noticed by the call itself, which cancels this.

    Args:
        on_person_sound: handed what the caller is given to hear (for the recording).
    """

    async def to_person() -> None:
        resample = Resampler(person.info.rate)
        async for sound in caller_sound:
            await person.send(resample(sound.chunk))

    async def to_caller() -> None:
        resample = Resampler(caller.info.rate)
        async for event in person.events():
            if isinstance(event, AudioIn):
                chunk = resample(event.chunk)
                if chunk.pcm:
                    on_person_sound(chunk)
                    await caller.send(chunk)

    forward = asyncio.create_task(to_person())
    try:
        await to_caller()
    finally:
        forward.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await forward


async def ring(caller: Line) -> None:
    """Plays the ring-back tone to the caller until cancelled."""
    if not caller.info.rate:
        await asyncio.Event().wait()
    loop = asyncio.get_running_loop()
    due = loop.time()
    for chunk in cycle(ringback(caller.info.rate)):
        await caller.send(chunk)
        due += chunk.seconds  # a line that is gone takes sound at once: we pace ourselves
        await asyncio.sleep(due - LEAD - loop.time())
