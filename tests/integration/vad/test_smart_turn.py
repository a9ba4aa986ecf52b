"""Smart Turn, the real model."""

import asyncio

import numpy as np
import pytest

from voicebot.adapters.vad import SmartTurn
from voicebot.core.audio import AudioChunk

pytestmark = pytest.mark.integration


async def test_answers_with_a_probability_off_the_loop() -> None:
    melody = SmartTurn()
    noise = (np.random.default_rng(1).standard_normal(16000) * 500).astype("<i2")
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0)
            ticks += 1

    ticking = asyncio.create_task(tick())
    finished = await melody.finished(AudioChunk(noise.tobytes(), 8000))
    ticking.cancel()
    assert 0.0 <= finished <= 1.0
    assert ticks > 1


async def test_more_than_can_be_answered_in_time_are_not_asked() -> None:
    melody = SmartTurn()
    turn = AudioChunk(bytes(16000), 8000)
    judged = await asyncio.gather(*(melody.finished(turn) for _ in range(8)))
    assert judged[4:] == [1.0] * 4
    assert judged[0] < 1.0
