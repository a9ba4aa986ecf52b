"""The contract of `Line` on a real SIP call, with the raw caller as the far end."""

import asyncio

import numpy as np
import pytest

from tests.contract.test_line import CHECKS, Check, run_check
from tests.integration.sip.conftest import CLOCK, Desk
from tests.peers.rtp_peer import RawPeer
from voicebot.calls.ports import Line
from voicebot.core.clock import Clock

pytestmark = pytest.mark.integration


class SipStage:
    slack = 0.08
    can_hold = True
    clock: Clock = CLOCK

    def __init__(self, line: Line, peer: RawPeer) -> None:
        self.line = line
        self._peer = peer

    async def speaks(self, pcm: bytes) -> None:
        self._peer.play(pcm)

    async def presses(self, keys: str) -> None:
        self._peer.press(keys)

    async def holds(self, held: bool) -> None:
        await (self._peer.hold() if held else self._peer.resume())

    async def hangs_up(self) -> None:
        await self._peer.bye()

    def heard(self) -> int:
        # A-law has no zero: silence is ±8.
        return int(np.count_nonzero(np.abs(np.frombuffer(self._peer.tape.pcm(), "<i2").astype(int)) > 8))


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
async def test_sip_line(desk: Desk, check: Check) -> None:
    """`run_check` reads the events here, so the desk only answers."""

    answered: asyncio.Future[Line] = asyncio.get_running_loop().create_future()

    async def on_call(line: Line) -> None:
        await line.answer()
        answered.set_result(line)
        await line.wait_gone()  # type: ignore[attr-defined]

    desk.trunk._on_call = on_call
    async with RawPeer.to(desk.uri) as peer:
        await peer.call()
        await run_check(check, SipStage(await answered, peer))
