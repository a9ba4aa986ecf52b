"""A caller who has called lately is known as such, and nobody waits for that."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import cache

import pytest

from tests.calls.kit import ROOT, brain, calling, until
from tests.virtual_time import on_virtual_time
from voicebot.adapters.files.content import read_content
from voicebot.calls.brain import Brain
from voicebot.core.errors import VoicebotError
from voicebot.dialogue import load_flows

FLOW = """
flow: again
title: 又来电
start: first
defaults: {no_input: 请说话。, no_match: 没听清。}
steps:
  first:
    kind: branch
    on: caller_repeat
    cases: [{is: yes, next: known}]
    otherwise: new
  known: {kind: ask, prompt: 您又来电了。}
  new: {kind: ask, prompt: 您好。}
"""


@cache
def known() -> Brain:
    flows = {**read_content(ROOT).flows, "ivr_flows/again.yaml": FLOW}
    return replace(brain(), flows=load_flows(flows, brain().catalogue))


async def twice(number: str) -> int:
    return 2


async def never(number: str) -> int:
    return 0


async def slow(number: str) -> int:
    await asyncio.sleep(5)
    return 2


async def broken(number: str) -> int:
    raise VoicebotError("db.unreachable", "away")


@pytest.mark.parametrize(
    ("earlier", "greeting"),
    [(twice, "您又来电了。"), (never, "您好。"), (slow, "您好。"), (broken, "您好。"), (None, "您好。")],
)
@on_virtual_time
async def test_who_has_called_before(earlier: Callable[[str], Awaitable[int]] | None, greeting: str) -> None:
    async with calling(flow="again", known=known(), earlier=earlier) as scene:
        began = scene.clock.monotonic()
        await until(lambda: bool(scene.said))
        assert scene.clock.monotonic() - began < 0.5
        assert scene.said[0] == greeting
