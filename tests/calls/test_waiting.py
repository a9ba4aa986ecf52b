"""While a person is waited for: place, music, questions, and silence the moment they are there."""

import asyncio
from itertools import pairwise

from tests.calls.kit import Scene, calling, until, voice
from tests.fakes.queue import FakeQueue
from tests.virtual_time import on_virtual_time
from voicebot.calls.sound import level
from voicebot.core.handover import HandoverOutcome, Place
from voicebot.dialogue.events import PersonCame, Queued

LAMP = "幸福路3号路灯坏了昨天晚上开始不亮"


async def queue_up(scene: Scene, queue: FakeQueue) -> None:
    """Until the caller has been told their place."""
    await scene.until_we_listen()
    scene.line.press("0")
    await until(lambda: bool(queue.handovers))
    await until(lambda: scene.line.states[-1] == "waiting" and "回电" in "".join(scene.said))


def places(scene: Scene) -> list[str]:
    return [text for text in scene.said if "前面" in text or "下一位" in text]


def sounds(scene: Scene, since: float) -> list[float]:
    """Levels of what was heard since, piece by piece."""
    return [level(each.chunk) for each in scene.line.heard if each.at >= since]


@on_virtual_time
async def test_place_and_wait_are_told_at_once_at_changes_and_now_and_then() -> None:
    queue = FakeQueue()
    async with calling(switchboard=queue) as scene:
        await queue_up(scene, queue)
        assert places(scene) == ["前面还有3位，大约要等3分钟。"]
        queue.news(2, 70.0)
        await asyncio.sleep(2.0)
        queue.news(1, 60.0)
        await asyncio.sleep(4.0)
        assert len(places(scene)) == 1  # not so soon again
        await asyncio.sleep(10.0)
        assert places(scene)[1:] == ["前面还有1位，大约要等1分钟。"]
        await asyncio.sleep(60.0)
        assert places(scene)[2:] == ["前面还有1位，大约要等1分钟。"]
        queue.answer()
        await until(lambda: queue.talking)
    told = [type(one.event) for one in scene.kept.told]
    assert told.count(Queued) == 3
    assert told.count(PersonCame) == 1


@on_virtual_time
async def test_music_between_the_words_and_none_while_the_caller_speaks() -> None:
    queue = FakeQueue()
    async with calling(switchboard=queue) as scene:
        await queue_up(scene, queue)
        began = scene.clock.monotonic()
        await asyncio.sleep(4.0)
        heard = sounds(scene, began + 0.5)
        assert max(heard) < -18.0  # soft
        assert sum(each > -60.0 for each in heard) > 100
        gaps = [b.at - a.at for a, b in pairwise(each for each in scene.line.heard if each.at > began + 0.5)]
        assert max(gaps) < 0.03
        scene.line.says(voice(2.0))
        await asyncio.sleep(1.0)
        spoke = scene.clock.monotonic()
        await asyncio.sleep(0.9)
        assert not sounds(scene, spoke)


@on_virtual_time
async def test_a_question_is_answered_from_knowledge_and_waiting_goes_on() -> None:
    queue = FakeQueue()
    async with calling(switchboard=queue) as scene:
        await queue_up(scene, queue)
        scene.starts_saying("社保卡丢了怎么补办")
        await until(lambda: any("挂失" in text for text in scene.said))
        await until(lambda: scene.said[-1] == "请您稍候。" and scene.line.states[-1] == "waiting")
        assert queue.cancelled == 0
        queue.answer()
        await until(lambda: queue.talking)
        queue.hang_up()
        await until(lambda: any("还有其他问题吗" in text for text in scene.said))
    assert any(turn.action == "answer" for turn in scene.kept.turns)


@on_virtual_time
async def test_our_voice_stops_at_once_when_the_person_is_there() -> None:
    queue = FakeQueue()
    async with calling(switchboard=queue) as scene:
        await scene.until_we_listen()
        scene.line.press("0")
        await until(lambda: bool(places(scene)))
        await asyncio.sleep(0.3)  # amid the sentence
        queue.answer()
        there = scene.clock.monotonic()
        await until(lambda: queue.talking)
        assert scene.clock.monotonic() - there < 0.05
        scene.line.says(voice(1.0))
        said = len(scene.said)
        await asyncio.sleep(2.0)
        assert len(queue.heard) > 90  # the caller's sound is theirs
        assert max(sounds(scene, there + 0.1), default=-96.0) == -96.0
        assert len(scene.said) == said
        assert [final for _, final in scene.recogniser.asked] == [False]  # written down, no turn of ours
    assert not any(turn.said for turn in scene.kept.turns)


@on_virtual_time
async def test_what_was_told_while_waiting_goes_to_the_person() -> None:
    queue = FakeQueue()
    async with calling(switchboard=queue) as scene:
        await queue_up(scene, queue)
        scene.starts_saying(LAMP)
        await until(lambda: any("对吗" in text for text in scene.said))
        queue.answer()
        await until(lambda: queue.talking)
        summary, slots = queue.told
        assert "路灯坏了" in summary
        assert slots["address"] == "幸福路3号"
        assert "address" not in dict(queue.handovers[0].slots)
        queue.hang_up(flow="rating")
        await until(lambda: scene.line.states[-1] == "listening")
        assert any("评价" in text or "满意" in text for text in scene.said)


@on_virtual_time
async def test_a_call_back_by_key_keeps_the_place() -> None:
    queue = FakeQueue()
    async with calling(switchboard=queue) as scene:
        await queue_up(scene, queue)
        scene.line.press("1")
        await until(lambda: bool(scene.store.tickets))
        await until(lambda: scene.line.states[-1] == "listening")
        assert queue.left == [HandoverOutcome.CALL_BACK]
        assert any("位置给您留着" in text for text in scene.said)
        quiet = scene.clock.monotonic()
        await asyncio.sleep(1.0)
        assert not sounds(scene, quiet + 0.1)  # no music any more


@on_virtual_time
async def test_danger_said_while_waiting_is_put_through_at_once() -> None:
    queue = FakeQueue()
    async with calling(switchboard=queue) as scene:
        await queue_up(scene, queue)
        scene.starts_saying("着火了救命")
        await until(lambda: len(queue.handovers) == 2)
        assert queue.handovers[1].emergency == "119"
        assert queue.left == [HandoverOutcome.LEFT]
        assert queue.cancelled == 0
        said = len(scene.said)
        await asyncio.sleep(60.0)
        assert len(scene.said) == said  # music alone: nobody is asked anything
        assert any(each > -60.0 for each in sounds(scene, scene.clock.monotonic() - 2.0))
        queue.answer()
        await until(lambda: queue.talking)


@on_virtual_time
async def test_a_person_who_vanishes_brings_the_caller_back_into_the_queue() -> None:
    queue = FakeQueue()
    async with calling(switchboard=queue) as scene:
        await queue_up(scene, queue)
        queue.answer()
        await until(lambda: queue.talking)
        queue.vanish()
        await asyncio.sleep(0.1)
        queue.news(0, None)
        await until(lambda: "下一位就是您" in scene.said[-2])
        assert len(queue.handovers) == 1
        queue.answer()
        await until(lambda: queue.talking)
        queue.hang_up()
        await until(lambda: any("还有其他问题吗" in text for text in scene.said))


@on_virtual_time
async def test_somebody_who_is_next_hears_of_no_queue_when_the_answer_is_quick() -> None:
    queue = FakeQueue(Place(0, 5.0))
    async with calling(switchboard=queue) as scene:
        await scene.until_we_listen()
        scene.line.press("0")
        await until(lambda: bool(queue.handovers))
        await asyncio.sleep(2.0)
        queue.answer()
        await until(lambda: queue.talking)
        assert not places(scene)


@on_virtual_time
async def test_hanging_up_in_the_queue_ends_the_hand_over() -> None:
    queue = FakeQueue()
    async with calling(switchboard=queue) as scene:
        await queue_up(scene, queue)
        scene.line.hangs_up()
        await scene.ends()
    assert queue.cancelled == 1
    assert scene.kept.reason == "caller"


@on_virtual_time
async def test_a_ticket_stored_during_the_talk_is_told_after_it() -> None:
    queue = FakeQueue()
    async with calling(switchboard=queue) as scene:
        scene.store.delay = 2.0
        await queue_up(scene, queue)
        scene.starts_saying(LAMP)
        await until(lambda: any("对吗" in text for text in scene.said) and scene.line.states[-1] == "waiting")
        before = len(scene.line.states)
        scene.starts_saying("对")
        await until(lambda: "thinking" in scene.line.states[before:])
        await asyncio.sleep(1.0)
        queue.answer()
        await until(lambda: queue.talking)
        said = len(scene.said)
        await asyncio.sleep(4.0)
        assert len(scene.said) == said
        queue.hang_up()
        (ticket,) = scene.store.tickets.values()
        await until(lambda: any(ticket.ticket_no in text for text in scene.said))
