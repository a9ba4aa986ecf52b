"""The recognition worker of a running hotline is stopped, renewed and killed while somebody speaks."""

import asyncio
import os
import signal
from pathlib import Path
from typing import Final

import numpy as np
import pytest

from tests.integration.e2e.caller import FRAME, RATE, Caller, calling
from tests.peers.hotline import Hotline, eventually, told
from tests.peers.softphone import needs_pjsip
from tests.peers.voices import needs_caller_voice

pytestmark = [pytest.mark.integration, pytest.mark.timeout(180), needs_pjsip, needs_caller_voice]

QUESTION = "社保卡丢了怎么补办"
WITHIN: Final = 3.0
"""Seconds after which a caller must hear something, whatever has happened."""


async def heard_after(caller: Caller, since: int) -> float:
    """Seconds from sample `since` of the tape to the first speech of the other."""
    await eventually(lambda: bool(caller.tape.loud(since).any()), 20)
    return float(np.flatnonzero(caller.tape.loud(since))[0]) * FRAME / RATE


async def test_a_stopped_worker_is_noticed_replaced_and_the_caller_never_left_in_silence(
    hotline: Hotline, tmp_path: Path
) -> None:
    async with calling(hotline, tmp_path, "13800138031", QUESTION) as caller:
        hung = hotline.part_pid("recognition")
        began = caller.tape.samples
        saying = asyncio.create_task(caller.say(QUESTION))
        await eventually(lambda: caller.tape.samples > began + RATE)  # the sound is the clock
        os.kill(hung, signal.SIGSTOP)
        await saying
        assert await heard_after(caller, caller.tape.samples) <= WITHIN
        await eventually(lambda: "没有反应" in hotline.log(), 10)
        await eventually(lambda: hotline.part_pid("recognition") != hung, 10)
        await hotline.until_ready()
        await caller.listen()
        await caller.ask(QUESTION)
        await caller.hang_up()
    async with hotline.api() as api:
        call = await api.ended_call("13800138031")
    assert call["turns"][-1]["article"] == "KB001", told(call)


@pytest.mark.soak
async def test_the_model_is_changed_in_mid_sentence_and_the_answer_is_right(
    hotline: Hotline, tmp_path: Path
) -> None:
    async with calling(hotline, tmp_path, "13800138032", QUESTION) as caller:
        old = hotline.part_pid("recognition")
        hotline.process.send_signal(signal.SIGUSR1)
        await eventually(lambda: hotline.part_pid("recognition") != old, 10)
        # the next sentence is begun on the one and ended on the other, whenever that takes over
        gone = asyncio.create_task(eventually(lambda: not Path("/proc", str(old)).exists(), 60))
        answers = 0
        while not gone.done() or answers < 2:
            await caller.ask(QUESTION)
            answers += 1
        await gone
        await caller.hang_up()
    async with hotline.api() as api:
        call = await api.ended_call("13800138032")
    asked = [turn for turn in call["turns"] if turn["transcript"]]
    assert len(asked) == answers, told(call)
    assert {turn["article"] for turn in asked} == {"KB001"}, told(call)
