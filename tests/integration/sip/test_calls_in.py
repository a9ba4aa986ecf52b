"""Incoming calls: signalling, with the raw caller as the far end."""

import asyncio
import itertools
import socket
import statistics
import time

import numpy as np
import pytest

from tests.contract.test_line import say, tone
from tests.integration.sip.conftest import CLOCK, OPTIONS, Desk, open_desk, wait_for
from tests.peers.ports import free_port
from tests.peers.rtp_peer import PeerOptions, PeerRefused, RawPeer, loudness
from voicebot.adapters.sip.options import SipOptions
from voicebot.adapters.sip.trunk import SipTrunk
from voicebot.calls.ports import AudioIn, HeldIn, HungUp, Line
from voicebot.core.errors import VoicebotError

pytestmark = pytest.mark.integration


async def test_answered_within_a_second_and_known(desk: Desk) -> None:
    async with RawPeer.to(desk.uri, PeerOptions(user="+8613800138000")) as peer:
        assert await peer.call() < 1.0
        info = (await desk.line()).info
    assert (info.caller, info.dialled, info.channel, info.rate) == ("13800138000", "12345", "phone", 8000)
    assert len(info.call_id) == len("20261124-093011-7f3a")
    await desk.event(HungUp("caller"))


@pytest.mark.parametrize(("law", "ptime"), list(itertools.product(("pcma", "pcmu"), (10, 20, 40))))
async def test_sound_both_ways(desk: Desk, law: str, ptime: int) -> None:
    desk.talk = lambda line: say(line, 1.0)
    async with RawPeer.to(desk.uri, PeerOptions(codecs=(law,), ptime=ptime)) as peer:
        await peer.call()
        peer.play(tone(0.5, 8000))
        await wait_for(lambda: loudness(peer.tape.pcm()) * len(peer.tape.heard()) * ptime / 20 > 49 * 4800)
        assert peer.media is not None
        assert peer.media.codec == law
        heard = peer.tape.heard()
        steps = [late - early for (early, _), (late, _) in itertools.pairwise(heard)]
        assert statistics.median(steps) == pytest.approx(ptime / 1000, abs=0.003)
        await asyncio.sleep(0.3)
    await desk.event(HungUp("caller"))
    came = b"".join(event.chunk.pcm for event in desk.events[0] if isinstance(event, AudioIn))
    assert np.count_nonzero(np.abs(np.frombuffer(came, "<i2").astype(int)) > 300) >= 0.45 * 8000


async def test_comfort_noise_in_the_offer(desk: Desk) -> None:
    async with RawPeer.to(desk.uri, PeerOptions(codecs=("pcma", "cn"))) as peer:
        await peer.call()
        line = await desk.line()
        await say(line, 0.2)
        await wait_for(lambda: loudness(peer.tape.pcm()) > 100)


async def test_the_far_end_is_told_when_we_hang_up(desk: Desk) -> None:
    async with RawPeer.to(desk.uri) as peer:
        await peer.call()
        await (await desk.line()).hang_up("done")
        async with asyncio.timeout(2):
            await peer.ended.wait()
        assert [request.method for request in peer.requests] == ["BYE"]
    assert desk.events[0][-1] == HungUp("us")


async def test_a_call_that_nobody_keeps_is_hung_up(desk: Desk) -> None:
    async def leave(line: Line) -> None:
        await line.answer()

    desk.trunk._on_call = leave
    async with RawPeer.to(desk.uri) as peer:
        await peer.call()
        async with asyncio.timeout(2):
            await peer.ended.wait()


async def test_a_call_whose_handler_breaks_is_hung_up(desk: Desk) -> None:
    async def break_(line: Line) -> None:
        await line.answer()
        raise LookupError("bug")

    desk.trunk._on_call = break_
    async with RawPeer.to(desk.uri) as peer:
        await peer.call()
        async with asyncio.timeout(2):
            await peer.ended.wait()
    async with RawPeer.to(desk.uri) as peer:
        assert await peer.call() < 1.0


async def test_cancel(desk: Desk) -> None:
    desk.answers = False
    async with RawPeer.to(desk.uri) as peer:
        assert await peer.call_and_cancel(0.2) == 487
    await desk.event(HungUp("caller"))


async def test_options(desk: Desk) -> None:
    async with RawPeer.to(desk.uri) as peer:
        assert await peer.options() == 200
    assert desk.lines == []


async def test_no_common_codec(desk: Desk) -> None:
    async with RawPeer.to(desk.uri, PeerOptions(codecs=("g729",))) as peer:
        with pytest.raises(PeerRefused) as refused:
            await peer.call()
    assert refused.value.status == 488
    assert desk.lines == []


async def test_hold_is_no_silence_and_its_music_is_not_heard(desk: Desk) -> None:
    async with RawPeer.to(desk.uri) as peer:
        await peer.call()
        answer = await peer.hold()
        assert answer.direction == "recvonly"
        await desk.event(HeldIn(True))
        peer.mute(False)
        peer.play(tone(0.4, 8000))
        await asyncio.sleep(0.5)
        assert not [e for e in desk.events[0] if isinstance(e, AudioIn) and loudness(e.chunk.pcm) > 100]
        await peer.resume()
        await desk.event(HeldIn(False))


async def test_anonymous(desk: Desk) -> None:
    async with RawPeer.to(desk.uri, PeerOptions(user="anonymous")) as peer:
        await peer.call()
        assert (await desk.line()).info.caller == ""


@pytest.mark.parametrize(
    ("trusted", "headers", "caller"),
    [
        (("127.0.0.1",), (("P-Asserted-Identity", '"A" <sip:+8613900139000@sbc>'),), "13900139000"),
        (("127.0.0.1",), (("P-Asserted-Identity", "<tel:+861088880000>"),), "01088880000"),
        (("127.0.0.1",), (("P-Asserted-Identity", "<tel:+8613900139000>"), ("Privacy", "id")), ""),
        (("10.0.0.0/8",), (("P-Asserted-Identity", "<sip:13900139000@sbc>"),), "13800138000"),
        ((), (("P-Asserted-Identity", "<sip:13900139000@sbc>"),), "13800138000"),
    ],
    ids=["sip", "tel", "privacy", "other_trunk", "no_trunk"],
)
async def test_asserted_identity(
    trusted: tuple[str, ...], headers: tuple[tuple[str, str], ...], caller: str
) -> None:
    async with (
        open_desk(trusted_trunks=trusted) as desk,
        RawPeer.to(desk.uri, PeerOptions(headers=headers)) as peer,
    ):
        await peer.call()
        assert (await desk.line()).info.caller == caller


async def test_transfer_by_refer(desk: Desk) -> None:
    async with RawPeer.to(desk.uri) as peer:
        await peer.call()
        line = await desk.line()
        assert await line.transfer("sip:8001@127.0.0.1:5099", "20261124-093011-7f3a")
        await desk.event(HungUp("transferred"))
        refer = next(request for request in peer.requests if request.method == "REFER")
        to = refer.one("refer-to")
        assert to.lstrip("<").startswith("sip:8001@127.0.0.1:5099?User-to-User=")
        assert b"20261124-093011-7f3a".hex() + "%3Bencoding%3Dhex" in to


async def test_sources_that_are_not_allowed_get_no_answer_at_all() -> None:
    async with open_desk(allow_sources=("127.0.0.2", "10.0.0.0/8")) as desk:
        async with RawPeer.to(desk.uri) as stranger:
            with pytest.raises(PeerRefused) as refused:
                await stranger.call(timeout=0.7)
            assert refused.value.status == 0
            with pytest.raises(PeerRefused):
                await stranger.options(timeout=0.3)
        assert desk.lines == []
        async with RawPeer.to(desk.uri, PeerOptions(host="127.0.0.2")) as friend:
            assert await friend.call() < 1.0


async def test_one_call_too_many_is_busy() -> None:
    async with open_desk(max_calls=1) as desk:
        async with RawPeer.to(desk.uri) as first, RawPeer.to(desk.uri) as second:
            await first.call()
            with pytest.raises(PeerRefused) as refused:
                await second.call()
            assert refused.value.status == 486
            await first.bye()
            await wait_for(lambda: desk.trunk.callers == 0)
        async with RawPeer.to(desk.uri) as third:
            await third.call()


async def test_drain_refuses_new_calls_and_lets_running_ones_end(desk: Desk) -> None:
    async with RawPeer.to(desk.uri) as first, RawPeer.to(desk.uri) as second:
        await first.call()
        assert not await desk.trunk.drain(0.1)
        with pytest.raises(PeerRefused) as refused:
            await second.call()
        assert refused.value.status == 486
        draining = asyncio.create_task(desk.trunk.drain(5))
        await say(await desk.line(), 0.2)
        await first.bye()
        assert await draining


async def test_silence_on_the_wire_ends_the_call_but_not_in_hold() -> None:
    async with open_desk(rtp_timeout=1) as desk, RawPeer.to(desk.uri) as peer:
        await peer.call()
        await peer.hold()
        await asyncio.sleep(1.8)
        assert not peer.ended.is_set()
        await peer.resume()
        await asyncio.sleep(0.3)
        peer.mute(True)
        began = time.monotonic()
        async with asyncio.timeout(4):
            await peer.ended.wait()
        assert 0.8 < time.monotonic() - began < 2.5
        await desk.event(HungUp("rtp_timeout"))


async def test_a_call_without_any_rtp_ends_too() -> None:
    async with open_desk(rtp_timeout=1) as desk, RawPeer.to(desk.uri) as peer:
        peer.mute(True)
        await peer.call()
        async with asyncio.timeout(4):
            await peer.ended.wait()
        await desk.event(HungUp("rtp_timeout"))


async def test_longest_call() -> None:
    async with open_desk(max_duration=0.5) as desk, RawPeer.to(desk.uri) as peer:
        await peer.call()
        async with asyncio.timeout(2):
            await peer.ended.wait()
        await desk.event(HungUp("max_duration"))


async def test_stop_hangs_up(desk: Desk) -> None:
    async with RawPeer.to(desk.uri) as peer:
        await peer.call()
        await desk.trunk.stop()
        async with asyncio.timeout(2):
            await peer.ended.wait()
    assert desk.events[0][-1] == HungUp("us")


async def test_an_address_in_use_is_named(desk: Desk) -> None:
    options = SipOptions(listen=desk.trunk.addresses[0])
    await desk.trunk.stop()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as squatter:
        squatter.bind(options.address)
        with pytest.raises(VoicebotError) as failed:
            await SipTrunk(options, CLOCK).start(desk.on_call)
    assert failed.value.code == "sip.address_in_use"
    assert options.listen in failed.value.message
    again = SipTrunk(options, CLOCK)
    await again.start(desk.on_call)
    await again.stop()


async def test_an_address_of_another_machine_is_named(desk: Desk) -> None:
    await desk.trunk.stop()
    with pytest.raises(VoicebotError) as failed:
        await SipTrunk(SipOptions(listen="203.0.113.77:5060", net_interface="203.0.113.77"), CLOCK).start(
            desk.on_call
        )
    assert failed.value.code == "sip.no_such_address"
    assert "203.0.113.77" in failed.value.message


async def test_every_address_of_the_machine() -> None:
    """Calls from this machine's own address come through although that is no private network."""
    port = free_port("0.0.0.0")
    trunk = SipTrunk(SipOptions(listen=f"0.0.0.0:{port}"), CLOCK)
    desk = Desk(trunk, "")
    await trunk.start(desk.on_call)
    try:
        host = trunk.addresses[0].partition(":")[0]
        async with RawPeer.to(f"sip:12345@{trunk.addresses[0]}", PeerOptions(host=host)) as peer:
            assert await peer.call() < 1.0
    finally:
        await trunk.stop()


def test_defaults_are_those_of_the_tests() -> None:
    assert OPTIONS.max_duration == SipOptions().max_duration == 7200
