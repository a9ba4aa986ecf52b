"""What people say to each other is written down, and left out first when the machine has other work."""

import asyncio
import math

from tests.calls.kit import Scene, calling, until, voice
from tests.fakes.queue import FakeQueue
from tests.virtual_time import on_virtual_time
from voicebot.calls.ports import AudioIn
from voicebot.core.audio import AudioChunk
from voicebot.core.errors import VoicebotError
from voicebot.operations.talk_lines import Speaker


async def talk(scene: Scene, queue: FakeQueue) -> None:
    await scene.until_we_listen()
    scene.line.press("0")
    await until(lambda: bool(queue.handovers))
    queue.answer()
    await until(lambda: queue.talking)


async def person_says(scene: Scene, queue: FakeQueue, seconds: float) -> None:
    """Their sound, as the conference hands it on, and a second of silence."""
    assert queue.room is not None
    pcm = voice(seconds) + bytes(2 * 8000)
    for at in range(0, len(pcm), 320):
        await asyncio.sleep(0.02)
        chunk = AudioChunk(pcm[at : at + 320], 8000)
        queue.room.people(AudioIn(chunk, scene.clock.monotonic()))


def written(scene: Scene) -> list[tuple[str, str]]:
    return [(line.who.value, line.text) for line in scene.kept.lines]


@on_virtual_time
async def test_both_sides_are_written_down_in_their_order() -> None:
    queue = FakeQueue()
    async with calling(switchboard=queue) as scene:
        await talk(scene, queue)
        scene.recogniser.script("您好请讲", "我要反映路灯坏了", "好的我记下了")
        await person_says(scene, queue, 1.0)
        scene.line.says(voice(1.5))
        await asyncio.sleep(3.0)
        await person_says(scene, queue, 1.0)
        assert written(scene) == [
            ("person", "您好请讲"),
            ("caller", "我要反映路灯坏了"),
            ("person", "好的我记下了"),
        ]
        assert [line.index for line in scene.kept.lines] == [0, 1, 2]
        caller = scene.kept.lines[1]
        assert math.isclose(caller.ended - caller.started, 1.5, abs_tol=0.1)
        assert all(not final for _, final in scene.recogniser.asked)  # gives way to whoever talks with us
        assert ("seat", "您好请讲", True) in scene.line.captions
        assert ("caller", "我要反映路灯坏了", True) in scene.line.captions
        queue.hang_up()
        await until(lambda: any("还有其他问题吗" in text for text in scene.said))


@on_virtual_time
async def test_what_is_left_out_is_a_line_without_words_and_counted() -> None:
    queue = FakeQueue()
    async with calling(switchboard=queue) as scene:
        await talk(scene, queue)
        scene.recogniser.waiting = 3.0
        await person_says(scene, queue, 1.0)
        scene.recogniser.waiting = 0.0
        scene.recogniser.script(VoicebotError("stt.busy", "busy", retryable=True), "听得到")
        await person_says(scene, queue, 1.0)
        await person_says(scene, queue, 1.0)
        assert written(scene) == [("person", ""), ("person", ""), ("person", "听得到")]
        assert queue.room is not None
        assert queue.room.dropped == 2
        assert [line.dropped for line in scene.kept.lines] == [True, True, False]


@on_virtual_time
async def test_a_long_speech_is_cut_and_a_click_is_none() -> None:
    queue = FakeQueue()
    async with calling(switchboard=queue) as scene:
        await talk(scene, queue)
        scene.recogniser.script("前半", "后半")
        await person_says(scene, queue, 11.0)
        await person_says(scene, queue, 0.06)
        assert written(scene) == [("person", "前半"), ("person", "后半")]
        first, second = scene.kept.lines
        assert first.ended - first.started < 8.2
        assert second.started - first.ended < 0.2


@on_virtual_time
async def test_nothing_is_written_while_recording_is_paused() -> None:
    queue = FakeQueue()
    async with calling(switchboard=queue) as scene:
        await talk(scene, queue)
        assert queue.room is not None
        queue.room.record(False)
        await person_says(scene, queue, 1.0)
        scene.line.says(voice(1.0))
        await asyncio.sleep(2.0)
        assert not scene.recogniser.asked
        queue.room.record(True)
        scene.recogniser.script("现在可以了")
        await person_says(scene, queue, 1.0)
        assert written(scene) == [("person", "现在可以了")]


@on_virtual_time
async def test_the_last_words_before_hanging_up_are_kept() -> None:
    queue = FakeQueue()
    async with calling(switchboard=queue) as scene:
        await talk(scene, queue)
        scene.recogniser.script("谢谢再见")
        scene.line.says(voice(1.0))
        await asyncio.sleep(1.05)
        scene.line.hangs_up()
        await scene.ends()
        assert written(scene) == [(Speaker.CALLER.value, "谢谢再见")]


@on_virtual_time
async def test_a_second_person_goes_on_in_the_same_record() -> None:
    queue = FakeQueue()
    async with calling(switchboard=queue) as scene:
        await talk(scene, queue)
        scene.recogniser.script("第一位", "第二位")
        await person_says(scene, queue, 1.0)
        queue.vanish()
        await asyncio.sleep(0.5)
        await person_says(scene, queue, 1.0)  # nobody is there
        queue.answer()
        await until(lambda: queue.talking)
        await person_says(scene, queue, 1.0)
        assert [(line.index, line.text) for line in scene.kept.lines] == [(0, "第一位"), (1, "第二位")]
