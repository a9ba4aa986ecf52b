"""Messages of flows in a whole call: sent behind it, or waited for, never with dead air."""

import asyncio
from dataclasses import replace
from functools import cache

from tests.calls.kit import ROOT, brain, calling, until
from tests.virtual_time import on_virtual_time
from voicebot.adapters.files.content import read_content
from voicebot.calls.brain import Brain
from voicebot.dialogue import load_flows
from voicebot.operations.notices import Notice

FLOW = """
flow: tell
title: 通知
start: first
defaults: {no_input: 请说话。, no_match: 没听清。}
steps:
  first: {kind: notify, to: 平台, text: "来电{caller}", next: second}
  second:
    kind: notify
    to: 短信
    phone: "{caller}"
    text: 您好
    prompt: 正在发短信。
    next: sent
    failed: unsent
  sent: {kind: say, prompt: 短信已发。, next: more}
  unsent: {kind: say, prompt: 短信没发出去。, next: more}
  more: {kind: ask, prompt: 还有事吗？}
"""


@cache
def known() -> Brain:
    flows = {**read_content(ROOT).flows, "ivr_flows/tell.yaml": FLOW}
    return replace(brain(), flows=load_flows(flows, brain().catalogue))


class Hand:
    """A notifier whose outcomes the test decides."""

    def __init__(self) -> None:
        self.given: list[Notice] = []
        self.outcomes: list[asyncio.Future[str]] = []

    def give(self, notice: Notice) -> "asyncio.Future[str]":
        self.given.append(notice)
        self.outcomes.append(asyncio.get_running_loop().create_future())
        return self.outcomes[-1]


@on_virtual_time
async def test_the_call_waits_for_the_message_it_asks_for_and_for_no_other() -> None:
    hand = Hand()
    async with calling(flow="tell", notifier=hand, known=known()) as scene:
        await until(lambda: len(hand.given) == 2)
        first, second = hand.given
        assert (first.target, first.text, first.phone) == ("平台", "来电13800138000", "")
        assert (second.target, second.phone, second.step) == ("短信", "13800138000", "tell.second")
        assert len({first.id, second.id}) == 2
        await asyncio.sleep(2.0)
        hand.outcomes[1].set_result("")
        await scene.until_we_listen()
        assert scene.said[0] == "正在发短信。"
        assert scene.said[-2:] == ["短信已发。", "还有事吗？"]
        assert not hand.outcomes[0].done()


@on_virtual_time
async def test_a_failure_leads_on() -> None:
    hand = Hand()
    async with calling(flow="tell", notifier=hand, known=known()) as scene:
        await until(lambda: len(hand.given) == 2)
        hand.outcomes[1].set_result("notify.refused")
        await scene.until_we_listen()
        assert "短信没发出去。" in scene.said


@on_virtual_time
async def test_a_message_that_takes_too_long_is_not_waited_for_and_there_is_no_dead_air() -> None:
    hand = Hand()
    async with calling(flow="tell", notifier=hand, known=known()) as scene:
        await until(lambda: len(hand.given) == 2)
        began = scene.clock.monotonic()
        await until(lambda: "短信没发出去。" in scene.said)
        assert scene.clock.monotonic() - began < 6.0
        assert "好的，我查一下。" in scene.said  # a filler
        assert not hand.outcomes[1].done()  # it may still arrive


@on_virtual_time
async def test_messages_outlive_the_call() -> None:
    hand = Hand()
    async with calling(flow="tell", notifier=hand, known=known()) as scene:
        await until(lambda: len(hand.given) == 2)
        scene.line.hangs_up()
        await scene.ends()
    assert not any(outcome.cancelled() for outcome in hand.outcomes)


@on_virtual_time
async def test_where_nobody_takes_messages() -> None:
    async with calling(flow="tell", known=known()) as scene:
        await scene.until_we_listen()
        assert "短信没发出去。" in scene.said
