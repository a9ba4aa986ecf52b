"""Keys in all the ways they come over a trunk."""

import asyncio

import numpy as np
import pytest

from tests.integration.sip.conftest import Desk, open_desk, wait_for
from tests.peers.rtp_peer import PeerOptions, RawPeer
from voicebot.adapters.sip.rtp import RtpPacket, event_payload
from voicebot.calls.ports import DigitIn

pytestmark = pytest.mark.integration

TONES = {
    key: (row, column)
    for row, keys in zip((697, 770, 852, 941), ("123", "456", "789", "*0#"), strict=True)
    for key, column in zip(keys, (1209, 1336, 1477), strict=True)
}


def touch_tones(keys: str, press: float = 0.08, pause: float = 0.08, level: float = 0.1) -> bytes:
    """The keys as sound at 8 kHz."""
    at = np.arange(round(press * 8000)) / 8000
    quiet = bytes(2 * round(pause * 8000))
    sound = b""
    for key in keys:
        row, column = TONES[key]
        wave = np.sin(2 * np.pi * row * at) + np.sin(2 * np.pi * column * at)
        sound += (level * 32767 * wave).astype("<i2").tobytes() + quiet
    return sound


def digits(desk: Desk) -> str:
    return "".join(event.key for event in desk.events[0] if isinstance(event, DigitIn))


async def test_every_key_by_telephone_event(desk: Desk) -> None:
    async with RawPeer.to(desk.uri) as peer:
        await peer.call()
        peer.press("0123456789*#")
        await wait_for(lambda: len(digits(desk)) >= 12)
        await asyncio.sleep(0.3)
        assert digits(desk) == "0123456789*#"


async def test_a_long_press_is_one_digit_and_comes_at_its_start(desk: Desk) -> None:
    async with RawPeer.to(desk.uri) as peer:
        await peer.call()
        assert peer.media is not None
        assert peer.media.telephone_event is not None
        for step in range(60):
            payload = event_payload("7", end=step >= 57, duration=160 * min(step + 1, 58))
            peer.send_raw_rtp(
                RtpPacket(peer.media.telephone_event, 30000 + step, 800, 5, payload, step == 0).encode()
            )
            if step == 10:
                assert digits(desk) == "7"
            await asyncio.sleep(0.02)
        await asyncio.sleep(0.2)
        assert digits(desk) == "7"


async def test_an_event_whose_first_packets_are_lost(desk: Desk) -> None:
    async with RawPeer.to(desk.uri) as peer:
        await peer.call()
        assert peer.media is not None
        assert peer.media.telephone_event is not None
        for step in range(2, 8):
            payload = event_payload("5", end=step >= 5, duration=160 * min(step + 1, 6))
            peer.send_raw_rtp(RtpPacket(peer.media.telephone_event, 30000 + step, 800, 5, payload).encode())
            await asyncio.sleep(0.02)
        await wait_for(lambda: digits(desk) == "5")
        await asyncio.sleep(0.2)
        assert digits(desk) == "5"


async def test_keys_in_the_sound_when_no_event_was_agreed(desk: Desk) -> None:
    async with RawPeer.to(desk.uri, PeerOptions(telephone_event=False)) as peer:
        await peer.call()
        assert peer.media is not None
        assert peer.media.telephone_event is None
        peer.play(touch_tones("0123456789*#"))
        await wait_for(lambda: len(digits(desk)) >= 12)
        await asyncio.sleep(0.3)
        assert digits(desk) == "0123456789*#"


async def test_tones_in_the_sound_do_not_count_beside_events(desk: Desk) -> None:
    async with RawPeer.to(desk.uri) as peer:
        await peer.call()
        peer.play(touch_tones("123"))
        peer.press("9")
        await wait_for(lambda: "9" in digits(desk))
        await asyncio.sleep(0.6)
        assert digits(desk) == "9"


async def test_tones_can_be_switched_off() -> None:
    async with (
        open_desk(inband_digits=False) as desk,
        RawPeer.to(desk.uri, PeerOptions(telephone_event=False)) as peer,
    ):
        await peer.call()
        peer.play(touch_tones("123"))
        await asyncio.sleep(0.8)
        assert digits(desk) == ""
