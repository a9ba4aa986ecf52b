"""The course of a call: what was asked is answered, stored, handed over."""

import asyncio

from tests.calls.kit import calling, until, voice
from tests.virtual_time import on_virtual_time


@on_virtual_time
async def test_greets_and_listens() -> None:
    async with calling() as scene:
        await scene.until_we_listen()
        assert "智能助手" in scene.said[0]
        assert "录音" in scene.said[0]
        assert scene.line.heard[0].at - scene.clock.monotonic() < 0


@on_virtual_time
async def test_a_question_is_answered_and_recorded() -> None:
    async with calling() as scene:
        await scene.until_we_listen()
        await scene.says("社保卡丢了怎么补办")
        assert ("caller", "社保卡丢了怎么补办", True) in scene.line.captions
        await scene.says("没有了")
        await scene.says("再见")
    turn = scene.kept.turns[1]
    assert (turn.said, turn.action, turn.article) == ("社保卡丢了怎么补办", "answer", "KB001")
    assert turn.heard
    assert 0 < turn.replied - turn.ended < 1.2
    assert dict(turn.stages)["turn_end"] < 1000


@on_virtual_time
async def test_a_ticket_is_stored_before_its_number_is_spoken() -> None:
    async with calling() as scene:
        await scene.until_we_listen()
        await scene.says("幸福路3号路灯坏了昨天晚上开始不亮")
        for _ in range(6):
            if scene.store.tickets:
                break
            await scene.says("对")
        (ticket,) = scene.store.tickets.values()
        spoken = "".join(scene.said)
        assert ticket.ticket_no in spoken
        assert ticket.address == "幸福路3号"
        assert ticket.department == "市城市管理局"
    created = [turn for turn in scene.kept.turns if turn.ticket_no]
    assert created[0].action == "ticket_created"


@on_virtual_time
async def test_silence_is_prompted_then_the_call_ends_politely() -> None:
    async with calling() as scene:
        await scene.ends()
        assert scene.kept.reason not in ("caller", "error")
        assert len(scene.said) >= 4
        assert "再见" in scene.said[-1]
        assert scene.clock.monotonic() < 1000 + 90


@on_virtual_time
async def test_typed_words_are_words() -> None:
    async with calling() as scene:
        await scene.until_we_listen()
        scene.line.types("社保卡丢了怎么补办")
        await asyncio.sleep(0.1)
        await scene.until_we_listen()
        assert scene.recogniser.asked == []
        assert any("补卡" in text for text in scene.said)


@on_virtual_time
async def test_the_goodbye_waits_for_a_caller_who_breaks_in() -> None:
    async with calling() as scene:
        await scene.until_we_listen()
        scene.starts_saying("再见", 0.6)
        await asyncio.sleep(2.0)
        await until(lambda: scene.line.states[-1:] == ["speaking"])
        await scene.says("社保卡丢了怎么补办")
        assert not scene.call.done()
        assert any("补卡" in text for text in scene.said)


@on_virtual_time
async def test_hanging_up_at_any_moment_ends_everything() -> None:
    for moment in (0.0, 0.5, 3.0, 7.0, 8.1, 8.3, 9.0):
        async with calling() as scene:
            scene.starts_saying("社保卡丢了怎么补办")
            await asyncio.sleep(moment)
            scene.line.hangs_up()
            await scene.ends()
            assert scene.kept.reason == "caller"


@on_virtual_time
async def test_a_recording_store_that_fails_for_a_while_loses_nothing() -> None:
    async with calling(failing_journal=5) as scene:
        await scene.until_we_listen()
        await scene.says("社保卡丢了怎么补办")
    assert [turn.index for turn in scene.kept.turns] == list(range(len(scene.kept.turns)))
    assert scene.kept.reason == "caller"


@on_virtual_time
async def test_overload_takes_keys_only_and_registers_a_call_back() -> None:
    async with calling(flow="overload", deaf=True) as scene:
        await scene.until_we_listen()
        scene.line.says(voice(2.0))
        scene.line.press("1")
        await scene.ends()
        assert scene.recogniser.asked == []
        (ticket,) = scene.store.tickets.values()
        assert ticket.ticket_no in "".join(scene.said)
