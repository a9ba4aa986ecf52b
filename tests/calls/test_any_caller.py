"""Whatever a caller does and whatever fails meanwhile: the call is no defect, and it ends."""

import asyncio
from collections.abc import Sequence
from typing import Final

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.calls.kit import Scene, brain, calling
from tests.examples import examples
from tests.fakes.understanding import KNOWN
from tests.peers.sounds import music
from tests.virtual_time import on_virtual_time
from voicebot.calls.options import CallOptions
from voicebot.core.errors import VoicebotError
from voicebot.core.handover import HandoverOutcome
from voicebot.core.ids import FlowName
from voicebot.dialogue.told import Told, decode, encode
from voicebot.dialogue.trying.replay import replay_told

BOUND: Final = 300.0
"""Seconds after which a call that nobody takes part in any more is over."""
EMERGENCY: Final = "着火了救命"
"""Who has said that is not hung up on: people are rung again and again, up to the longest duration."""
LONGEST: Final = 450.0

LOST: Final = VoicebotError("stt.lost", "worker died", retryable=True)
BUSY: Final = VoicebotError("db.busy", "busy", retryable=True)

SECONDS: Final = st.floats(0.05, 4.0)
ACTS: Final = st.one_of(
    st.tuples(st.just("say"), st.sampled_from([*KNOWN, "", "听不懂的话"]), SECONDS),
    st.tuples(st.just("press"), st.text("0123456789*#", min_size=1, max_size=15), st.just(0.0)),
    st.tuples(st.just("type"), st.sampled_from([*KNOWN, "听不懂的话"]), st.just(0.0)),
    st.tuples(st.just("music"), st.just(""), st.floats(1.0, 25.0)),
    st.tuples(st.just("hold"), st.just(""), SECONDS),
    st.tuples(
        st.sampled_from(["ears lost", "ears slow", "voice fails", "voice stalls", "store fails", "all well"]),
        st.just(""),
        st.just(0.0),
    ),
)
PAUSE: Final = st.floats(0.0, 7.0)


async def act(scene: Scene, what: str, text: str, seconds: float) -> None:
    match what:
        case "say":
            scene.starts_saying(text, seconds)
        case "press":
            scene.line.press(text)
        case "type":
            scene.line.types(text)
        case "music":
            scene.line.says(music(seconds))
        case "hold":
            scene.line.hold(True)
            await asyncio.sleep(seconds)
            scene.line.hold(False)
        case "ears lost":
            scene.recogniser.say(LOST)
        case "ears slow":
            scene.recogniser.delay = 9.0
        case "voice fails":
            scene.synthesizer.failing = {"，", "。", "？"}
        case "voice stalls":
            scene.synthesizer.stalled = True
        case "store fails":
            scene.store.failing = BUSY
        case _:
            scene.recogniser.delay, scene.store.failing = 0.0, None
            scene.synthesizer.failing, scene.synthesizer.stalled = set(), False


@settings(max_examples=examples(8, 20), deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(ACTS, PAUSE), max_size=10), st.sampled_from([None, *HandoverOutcome]))
@on_virtual_time
async def test_any_call_ends_and_is_no_defect(
    script: list[tuple[tuple[str, str, float], float]], outcome: HandoverOutcome | None
) -> None:
    async with calling(options=CallOptions(longest=LONGEST)) as scene:
        scene.dialer.outcome = outcome
        scene.dialer.on_answer = lambda person: person.hangs_up()
        for (what, text, seconds), pause in script:
            if scene.call.done():
                break
            await act(scene, what, text, seconds)
            await asyncio.sleep(pause)
        emergency = any(text == EMERGENCY for (_, text, _), _ in script)
        await asyncio.wait_for(asyncio.shield(scene.call), LONGEST + 15 if emergency else BOUND)
    assert scene.kept.reason not in ("", "error")
    replayed(scene.kept.told)


def replayed(told: Sequence[Told]) -> None:
    """Its record, stored and replayed with the same content, goes as the call went."""
    known = brain()
    done = replay_told(decode(encode(told)), known.flows, known.comprehend, FlowName("main"))
    assert [turn for turn in done.turns if turn.differences or turn.astray or turn.assumed] == []
    assert not done.stopped


@on_virtual_time
async def test_a_hail_of_keys() -> None:
    async with calling() as scene:
        scene.dialer.outcome = HandoverOutcome.NO_ANSWER
        await scene.until_we_listen()
        scene.line.press("5*#9" * 75)
        await asyncio.wait_for(asyncio.shield(scene.call), BOUND)
    assert scene.kept.reason not in ("", "error", "too_long")
