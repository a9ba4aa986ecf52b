"""While it is our turn, the caller never waits more than 3 s without a word, however slow our parts are."""

import asyncio
from itertools import pairwise

from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from tests.calls.kit import Scene, calling, until
from tests.examples import examples
from tests.virtual_time import on_virtual_time
from voicebot.calls.options import CallOptions
from voicebot.speech.clauses import plan

LONGEST = 3.0
TICKET = "幸福路3号路灯坏了昨天晚上开始不亮"
QUESTION = "社保卡丢了怎么补办"

QUICK = (Phase.explicit, Phase.reuse, Phase.generate)
"""Calls are long: the delays of a failure say enough without being shrunk."""

Delays = tuple[float, float, float]
"""Seconds that recognition, the ticket desk and each clause of the voice take in one turn."""

delays = st.tuples(
    st.floats(0.0, 5.5).map(lambda s: round(s, 2)),
    st.floats(0.0, 4.5).map(lambda s: round(s, 2)),
    st.floats(0.0, 2.5).map(lambda s: round(s, 2)),
)


def longest_silence(scene: Scene, since: float) -> float:
    """Between `since`, the end of the caller's speech, and our first sound, and between our sounds."""
    sounds = [each for each in scene.line.heard if each.at >= since and any(each.chunk.pcm)]
    assert sounds, "not a word"
    gaps = [after.at - (before.at + before.chunk.seconds) for before, after in pairwise(sounds)]
    return max([sounds[0].at - since, *gaps])


async def turn(scene: Scene, text: str, slow: Delays) -> float:
    """The caller says something; the longest silence until all was answered."""
    scene.recogniser.delay, scene.store.delay, scene.synthesizer.delay = slow
    scene.starts_saying(text, 1.2)
    await asyncio.sleep(1.2)
    ended = scene.clock.monotonic()
    before = len(scene.line.states)
    await until(lambda: "thinking" in scene.line.states[before:] or scene.call.done())
    await until(lambda: scene.line.states[-1] in ("listening", "talking") or scene.call.done())
    return longest_silence(scene, ended)


def rendered_ahead(scene: Scene) -> None:
    """As in production: the short sentences that bridge a wait are in the cache."""
    for sentence in CallOptions().sentences:
        scene.synthesizer.ahead |= {clause.text for clause in plan(sentence)}


@settings(max_examples=examples(5, 8), deadline=None, suppress_health_check=list(HealthCheck), phases=QUICK)
@given(st.lists(delays, min_size=4, max_size=4))
@example([(1.15, 0.0, 2.5), (5.5, 4.5, 2.5), (4.0, 4.5, 1.49), (2.55, 1.19, 1.5)])
@on_virtual_time
async def test_no_dead_air(slow: list[Delays]) -> None:
    async with calling() as scene:
        rendered_ahead(scene)
        await scene.until_we_listen()
        for text, delay in zip((QUESTION, TICKET, "对", "对"), slow, strict=True):
            if not scene.call.done():
                assert await turn(scene, text, delay) <= LONGEST


@on_virtual_time
async def test_a_quick_answer_needs_no_filler() -> None:
    async with calling() as scene:
        rendered_ahead(scene)
        await scene.until_we_listen()
        assert await turn(scene, QUESTION, (0.3, 0.0, 0.2)) < 1.5
        assert not [text for text in scene.said if "我查一下" in text]


@on_virtual_time
async def test_fillers_change_their_words() -> None:
    async with calling() as scene:
        rendered_ahead(scene)
        await scene.until_we_listen()
        await turn(scene, QUESTION, (5.5, 0.0, 0.0))
        fillers = [text for text in scene.said if "查" in text]
        assert fillers[:2] == list(CallOptions().fillers)
