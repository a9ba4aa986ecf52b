"""Malformed SIP and RTP: the trunk answers the next call as if nothing had been."""

import asyncio
import random
import socket
import struct

import pytest

from tests.integration.sip.conftest import Desk
from tests.peers.rtp_peer import RawPeer
from voicebot.calls.ports import DigitIn

pytestmark = pytest.mark.integration

INVITE = (
    "INVITE sip:12345@127.0.0.1 SIP/2.0\r\n"
    "Via: SIP/2.0/UDP 127.0.0.1:9;branch={branch};rport\r\n"
    "Max-Forwards: 70\r\n"
    "From: <sip:fuzz@127.0.0.1>;tag=f1\r\n"
    "To: <sip:12345@127.0.0.1>\r\n"
    "Call-ID: {call_id}\r\n"
    "CSeq: 1 INVITE\r\n"
    "Contact: <sip:fuzz@127.0.0.1:9>\r\n"
    "Content-Type: application/sdp\r\n"
    "Content-Length: 117\r\n\r\n"
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    "m=audio 9 RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\na=ptime:20\r\n"
)

MESSAGES = 3000
PACKETS = 6000


def bad_sip(chance: random.Random, number: int) -> bytes:
    text = INVITE.format(branch=f"z9hG4bKf{number}", call_id=f"fuzz{number}")
    data = bytearray(text.encode())
    match chance.randrange(5):
        case 0:
            return chance.randbytes(chance.randrange(1, 1400))
        case 1 | 2:
            for _ in range(chance.randrange(1, 20)):
                data[chance.randrange(len(data))] = chance.randrange(256)
        case 3:
            del data[chance.randrange(len(data)) :]
        case _:
            length = chance.choice(["-1", "99999999999", "7", "x"])
            cseq = chance.choice(["4294967296", "18446744073709551616", "-3", ""])
            text = text.replace("Content-Length: 117", f"Content-Length: {length}")
            return text.replace("CSeq: 1", f"CSeq: {cseq}").encode()
    return bytes(data)


def bad_rtp(chance: random.Random) -> bytes:
    head = struct.pack("!HII", chance.randrange(65536), chance.randrange(1 << 32), chance.randrange(1 << 32))
    match chance.randrange(4):
        case 0:
            return chance.randbytes(chance.randrange(1400))
        case 1:
            # Any payload type but that of telephone-events: with zeros behind it, 101 is a real key 0.
            first = bytes([0x80 | chance.randrange(64), chance.randrange(101)])
            return first + head + bytes(chance.randrange(400))
        case 2:  # cut-off events with unknown keys: never one of ours
            return b"\x80\x65" + head + bytes([200, 0x8A, 0])[: chance.randrange(4)]
        case _:
            first = bytes([0x80 | chance.randrange(32), chance.choice([200, 201, 202, 203, 204, 205, 206])])
            return first + head[:6] + chance.randbytes(chance.randrange(80))


async def test_malformed_sip(desk: Desk) -> None:
    chance = random.Random(12345)
    desk.answers = False
    host, port = desk.trunk.addresses[0].split(":")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for number in range(MESSAGES):
            sender.sendto(bad_sip(chance, number), (host, int(port)))
            if number % 20 == 19:
                await asyncio.sleep(0.005)
    desk.answers = True
    for line in list(desk.lines):  # some are good enough to ring
        await line.hang_up("fuzz")
    assert desk.trunk.alive
    async with RawPeer.to(desk.uri) as peer:
        assert await peer.call() < 1.0


async def test_malformed_sip_over_tcp(desk: Desk) -> None:
    chance = random.Random(54321)
    desk.answers = False
    host, port = desk.trunk.addresses[0].split(":")
    for number in range(60):
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(bad_sip(chance, number))
        await writer.drain()
        writer.close()
        del reader
    desk.answers = True
    assert desk.trunk.alive
    async with RawPeer.to(desk.uri) as peer:
        assert await peer.call() < 1.0


async def test_malformed_rtp(desk: Desk) -> None:
    chance = random.Random(999)
    async with RawPeer.to(desk.uri) as peer:
        await peer.call()
        assert peer.media is not None
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            for number in range(PACKETS):
                data = bad_rtp(chance)
                if number % 2:
                    peer.send_raw_rtp(data)
                else:
                    stranger.sendto(data, (peer.media.host, peer.media.port + number % 4 // 2))
                if number % 50 == 49:
                    await asyncio.sleep(0.002)
        assert desk.trunk.alive
        assert not peer.ended.is_set()
        assert [event for event in desk.events[0] if isinstance(event, DigitIn)] == []
    async with RawPeer.to(desk.uri) as peer:
        assert await peer.call() < 1.0
