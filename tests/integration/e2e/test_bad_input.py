"""What must not happen happens: the hotline keeps its word, or says what is wrong."""

import asyncio
import contextlib
import os
import random
import signal
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from tests.integration.e2e.caller import FRAME, RATE, calling, loud_frames
from tests.integration.sip.test_bad_input import INVITE, bad_rtp
from tests.peers.hotline import Hotline, eventually, told
from tests.peers.rtp_peer import RawPeer
from tests.peers.softphone import needs_pjsip
from tests.peers.voices import needs_caller_voice
from voicebot.adapters.sip.raw_peer import PeerOptions

pytestmark = [pytest.mark.integration, pytest.mark.timeout(240)]

QUESTION = "社保卡丢了怎么补办"
BURST = 500


@pytest.mark.soak  # test_rough_calls.py kills it once
@needs_pjsip
@needs_caller_voice
async def test_a_killed_recognition_worker_costs_one_apology(
    running_hotline: Hotline, tmp_path: Path
) -> None:
    """A worker that is back in time saves the turn, so it is killed until the turn is lost."""
    async with calling(running_hotline, tmp_path, "13800138011", QUESTION) as caller:
        began = caller.tape.samples
        saying = asyncio.create_task(caller.say(QUESTION))
        await eventually(lambda: caller.tape.samples > began + RATE)  # the sound is the clock
        async with kept_dead(running_hotline, "recognition"):
            await saying
            apology = await caller.listen()
        await running_hotline.until_ready()
        await caller.next()  # whether he is still there; he does not talk over that
        await caller.ask(QUESTION)
        await caller.hang_up()
    async with running_hotline.api() as api:
        call = await api.ended_call("13800138011")
    sorry = [turn for turn in call["turns"] if "抱歉" in turn["reply"]]
    assert len(sorry) == 1, told(call)
    assert "没有听到" in sorry[0]["heard"], told(call)
    assert call["turns"][-1]["article"] == "KB001", told(call)
    said = await running_hotline.recognise(apology)
    assert "抱歉" in said or "听到" in said or "再说" in said, said
    assert loud_frames(apology).sum() * FRAME / RATE < 8, "one apology, not two"


@contextlib.asynccontextmanager
async def kept_dead(hotline: Hotline, part: str) -> AsyncIterator[None]:
    """A part is killed at once, and again whenever it was restarted, until the block is left."""

    async def kill() -> None:
        killed = 0
        while True:
            await eventually(lambda: hotline.part_pid(part) != killed, 60)  # noqa: B023
            killed = hotline.part_pid(part)
            with contextlib.suppress(ProcessLookupError):
                os.kill(killed, signal.SIGKILL)

    killing = asyncio.create_task(kill())
    try:
        yield
    finally:
        killing.cancel()
        await asyncio.wait([killing])


def bad_sip(chance: random.Random, number: int) -> bytes:
    """Never good enough to become a call."""
    text = INVITE.format(branch=f"z9hG4bKe{number}", call_id=f"e2e{number}")
    match chance.randrange(3):
        case 0:
            return chance.randbytes(chance.randrange(1, 1400))
        case 1:
            return text.encode()[: chance.randrange(40, 200)]
        case _:
            return text.replace("SIP/2.0", "SIP/9.9").replace("INVITE", "\0INVITE").encode()


async def test_malformed_sip_and_rtp_leave_it_ready(running_hotline: Hotline) -> None:
    chance = random.Random(2)
    async with RawPeer.to(running_hotline.sip, PeerOptions(user="13800138012")) as peer:
        await peer.call()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            for number in range(BURST):
                stranger.sendto(bad_sip(chance, number), ("127.0.0.1", running_hotline.sip_port))
                peer.send_raw_rtp(bad_rtp(chance))
                if number % 20 == 19:
                    await asyncio.sleep(0.005)  # not faster than a socket's buffer
        assert not peer.ended.is_set()
        await peer.bye()
    await good_call(running_hotline, "13800138013")


async def test_malformed_websockets_and_json_leave_it_ready(running_hotline: Hotline) -> None:
    chance = random.Random(3)
    start = '{"type":"start","caller":""}'
    bad: list[str | bytes] = [
        "{",
        "[]",
        "null",
        "{" * 2000,
        '{"type":"nonsense"}',
        '{"type":"digit","digit":"12"}',
        '{"type":"played","samples":-1}',
        '{"type":"played","samples":1e999}',
        '{"type":"start","resume":"x"}',
        "x" * 100_000,
        b"",
        b"\0",
        chance.randbytes(641),
        chance.randbytes(200_000),
    ]
    url = running_hotline.url.replace("http", "ws")
    for number, message in enumerate(bad * 2):
        for path in ("/ws/call", "/ws/media-stream"):
            with contextlib.suppress(WebSocketException, OSError, TimeoutError):
                async with connect(f"{url}{path}", proxy=None, open_timeout=10, close_timeout=5) as phone:
                    if number >= len(bad):
                        await phone.send(start)
                    await phone.send(message)
                    await phone.send(message)
    async with running_hotline.api() as api:
        for path in (
            "/api/v1/calls?cursor=%00",
            "/api/v1/calls?limit=9e9",
            "/api/v1/tickets/..%2f..",
            "/%ff",
        ):
            assert 400 <= (await api.client.get(path)).status_code < 500, path
        for body in (b"{", b"\xff\xfe", b"[" * 5000):
            headers = {"Content-Type": "application/json"}
            answer = await api.client.post("/login", content=body, headers=headers)
            assert 400 <= answer.status_code < 500, answer.text
    await good_call(running_hotline, "13800138014")


async def good_call(hotline: Hotline, number: str) -> None:
    """The hotline is ready, answers the next call, speaks, and has no call left in the end."""
    await hotline.until_ready(10)
    async with RawPeer.to(hotline.sip, PeerOptions(user=number)) as peer:
        await peer.call()
        await eventually(lambda: max(peer.tape.pcm()[1::2], default=0) > 0 and peer.tape.heard() != [])
        await peer.bye()
    async with hotline.api() as api:
        call = await api.ended_call(number)
    assert call["reason"] == "caller", told(call)
    await hotline.until_idle()
