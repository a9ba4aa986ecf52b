"""The voice fails, in every way it can: what the caller hears, and how soon. On virtual time.

An engine that stalls inside the worker is tested in tests/integration/speech/test_local_voice.py; here
the whole synthesis is late, broken or gone.
"""

import asyncio
from typing import Final

import pytest

from tests.calls.kit import Scene, calling, until
from tests.calls.test_bad_input import ahead, waited
from tests.virtual_time import on_virtual_time
from voicebot.calls.options import CallOptions
from voicebot.speech.clauses import plan

QUESTION: Final = "社保卡丢了怎么补办"
DEAD_AIR: Final = 3.0
"""Seconds of silence that are too many while it is our turn."""
SAID: Final = 1.5


async def asked(scene: Scene) -> float:
    """The caller asks; when they ended."""
    scene.starts_saying(QUESTION, SAID)
    await asyncio.sleep(SAID)
    return scene.clock.monotonic()


def answer(scene: Scene) -> list[str]:
    """Clauses of all we had to say since the greeting."""
    return [clause.text for said in scene.said[1:] for clause in plan(said)]


@pytest.mark.parametrize("delay", [0.4, 1.0, 1.4, 2.0, 2.8])
def test_however_slow_it_is_the_caller_never_waits_in_silence(delay: float) -> None:
    """Until a clause takes so long that it is given up, nothing is lost either."""

    @on_virtual_time
    async def run() -> None:
        async with calling() as scene:
            await scene.until_we_listen()
            scene.synthesizer.ahead = ahead()
            scene.synthesizer.delay = delay
            ended = await asked(scene)
            await until(lambda: len(scene.said) > 1)
            await scene.until_we_listen()
            assert waited(scene, ended, scene.clock.monotonic() - 0.5) < DEAD_AIR
        heard = scene.kept.turns[-1].heard
        assert "补卡" in heard
        assert (CallOptions().waiting in heard) == (delay > CallOptions().synthesis / 2)

    run()


@pytest.mark.parametrize("late", [False, True])
def test_one_clause_that_cannot_be_made_is_owned_up_to(late: bool) -> None:
    """It fails at once, or only after two seconds; the others are said."""

    @on_virtual_time
    async def run() -> None:
        async with calling() as scene:
            await scene.until_we_listen()
            scene.synthesizer.ahead = ahead()
            scene.synthesizer.failing = {"身份证"}
            scene.synthesizer.delay = 2.0 if late else 0.0
            ended = await asked(scene)
            await until(lambda: len(scene.said) > 1)
            await scene.until_we_listen()
            assert waited(scene, ended, scene.clock.monotonic() - 0.5) < DEAD_AIR
            clauses = answer(scene)
        heard = scene.kept.turns[-1].heard
        lost = [clause for clause in clauses if "身份证" in clause]
        assert lost
        assert all((clause in heard) == (clause not in lost) for clause in clauses)
        assert heard.rstrip("。").endswith("按零转人工")

    run()


@on_virtual_time
async def test_a_caller_whom_nothing_can_be_said_to_hears_a_tone_and_gets_a_person() -> None:
    async with calling() as scene:
        await scene.until_we_listen()
        scene.synthesizer.failing = {""}
        ended = await asked(scene)
        await until(lambda: bool(scene.dialer.dialled))
        first = min(each.at for each in scene.line.heard if each.at > ended)
        assert first - ended < DEAD_AIR
        await until(lambda: scene.line.states[-1] in ("waiting", "talking"))
        assert waited(scene, ended, scene.clock.monotonic()) < DEAD_AIR
    assert "failed:tts.mute" in dict(scene.kept.turns[-1].stages)


@on_virtual_time
async def test_a_voice_that_stalls_with_nothing_ahead_is_a_tone_and_then_a_person() -> None:
    async with calling() as scene:
        await scene.until_we_listen()
        scene.synthesizer.said.clear()
        scene.synthesizer.stalled = True
        ended = await asked(scene)
        await until(lambda: bool(scene.dialer.dialled))
        assert waited(scene, ended, scene.clock.monotonic()) < DEAD_AIR


@on_virtual_time
async def test_a_voice_that_comes_back_is_used_at_once() -> None:
    async with calling() as scene:
        await scene.until_we_listen()
        scene.synthesizer.ahead = ahead()
        scene.synthesizer.stalled = True
        await asked(scene)
        await asyncio.sleep(8.0)
        await scene.until_we_listen()
        scene.synthesizer.stalled = False
        await scene.says(QUESTION)
    assert "补卡" in scene.kept.turns[-1].heard
    assert "播出来" not in scene.kept.turns[-1].heard
