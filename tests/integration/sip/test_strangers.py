"""Who is not the caller is not heard; who never confirms our answer keeps nobody out."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator

import pytest

from tests.contract.test_line import tone
from tests.integration.sip.conftest import Desk, open_desk, wait_for
from tests.integration.sip.test_bad_input import INVITE
from tests.integration.sip.test_digits import digits
from tests.peers.rtp_peer import PeerOptions, PeerRefused, RawPeer, loudness
from voicebot.adapters.sip import g711
from voicebot.adapters.sip.rtp import RtpPacket, event_payload
from voicebot.calls.ports import AudioIn, Line
from voicebot.core.errors import VoicebotError

pytestmark = pytest.mark.integration

HALF_OPEN = 30


def key_packets(key: str, payload_type: int) -> list[bytes]:
    """A press of 0.1 s, as any sender may make it."""
    return [
        RtpPacket(
            payload_type,
            20 + step,
            8000,
            77,
            event_payload(key, end=step > 4, duration=160 * (step + 1)),
            step == 0,
        ).encode()
        for step in range(8)
    ]


def sound_packets(count: int) -> list[bytes]:
    loud = g711.encode(tone(0.02, 8000), "pcma")
    return [RtpPacket(8, number, 160 * number, 78, loud).encode() for number in range(count)]


def heard(desk: Desk) -> float:
    """Loudness of all that was heard on the first call."""
    return loudness(b"".join(e.chunk.pcm for e in desk.events[0] if isinstance(e, AudioIn)))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2"], ids=["other_port", "other_address"])
async def test_a_stranger_presses_no_key_and_says_nothing(desk: Desk, host: str) -> None:
    async with RawPeer.to(desk.uri) as peer:
        await peer.call()
        assert peer.media is not None
        assert peer.media.telephone_event is not None
        await wait_for(lambda: len(desk.events[0]) > 10)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            stranger.bind((host, 0))
            for packet in [*key_packets("7", peer.media.telephone_event), *sound_packets(30)]:
                stranger.sendto(packet, (peer.media.host, peer.media.port))
                await asyncio.sleep(0.005)
        peer.press("5")
        await wait_for(lambda: digits(desk) != "")
        await asyncio.sleep(0.3)
        assert digits(desk) == "5"
        assert heard(desk) < 100


async def test_it_can_be_switched_off() -> None:
    async with open_desk(check_media_source=False) as desk, RawPeer.to(desk.uri) as peer:
        await peer.call()
        assert peer.media is not None
        assert peer.media.telephone_event is not None
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
            other.bind(("127.0.0.2", 0))
            for packet in key_packets("7", peer.media.telephone_event):
                other.sendto(packet, (peer.media.host, peer.media.port))
                await asyncio.sleep(0.01)
        await wait_for(lambda: digits(desk) == "7")


async def test_a_caller_who_sends_from_another_port_is_heard_after_a_second(desk: Desk) -> None:
    async with RawPeer.to(desk.uri) as peer:
        peer.mute(True)
        await peer.call()
        assert peer.media is not None
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as own:
            own.bind(("127.0.0.1", 0))
            for packet in sound_packets(100):
                own.sendto(packet, (peer.media.host, peer.media.port))
                await asyncio.sleep(0.02)
        assert heard(desk) > 1000


class Callers:
    """Sends INVITEs and answers nothing."""

    def __init__(self, desk: Desk) -> None:
        host, port = desk.trunk.addresses[0].split(":")
        self._to = (host, int(port))
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))

    def __enter__(self) -> "Callers":
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def invite(self, number: int) -> None:
        text = INVITE.format(branch=f"z9hG4bKh{number}", call_id=f"half{number}")
        self._socket.sendto(text.encode(), self._to)


@contextlib.asynccontextmanager
async def patient_desk(errors: list[str]) -> AsyncIterator[Desk]:
    """Waits for the ACK as the reception does."""
    async with open_desk(half_open=0.5) as desk:

        async def on_call(line: Line) -> None:
            try:
                await Desk.on_call(desk, line)
            except* VoicebotError as group:
                errors.extend(e.code for e in group.exceptions if isinstance(e, VoicebotError))

        desk.trunk._on_call = on_call
        yield desk


async def test_half_open_calls_keep_nobody_out() -> None:
    errors: list[str] = []
    async with patient_desk(errors) as desk:
        with Callers(desk) as nobody:
            for number in range(HALF_OPEN):
                nobody.invite(number)
            await wait_for(lambda: desk.trunk.callers == HALF_OPEN)
            async with RawPeer.to(desk.uri) as early:
                with pytest.raises(PeerRefused) as refused:
                    await early.call()
                assert refused.value.status == 486
            await asyncio.sleep(0.5)
            for _ in range(3):
                async with RawPeer.to(desk.uri, PeerOptions()) as caller:
                    assert await caller.call() < 1.0
                    await caller.bye()
            await wait_for(lambda: errors == ["sip.no_ack"] * len(errors) and len(errors) >= 1)
    assert set(errors) == {"sip.no_ack"}
