"""PJSIP, an independent stack, calls us and is called."""

import asyncio
import time
from pathlib import Path

import numpy as np
import pytest

from tests.contract.test_line import say, tone
from tests.integration.sip.conftest import Desk, wait_for
from tests.peers.softphone import Softphone, needs_pjsip
from tests.peers.wav import frequency, read_wav, write_wav
from voicebot.adapters.sip.leg import user_to_user
from voicebot.calls.ports import AudioIn, DigitIn, HeldIn, HungUp, Line, LineEvent
from voicebot.core.audio import AudioChunk
from voicebot.core.handover import HandoverOutcome

pytestmark = [pytest.mark.integration, needs_pjsip]


def sine(hertz: float, seconds: float) -> bytes:
    at = np.arange(round(seconds * 8000))
    return (8000 * np.sin(2 * np.pi * hertz * at / 8000)).astype("<i2").tobytes()


def sound_of(events: list[LineEvent]) -> bytes:
    return b"".join(event.chunk.pcm for event in events if isinstance(event, AudioIn))


@pytest.mark.parametrize(("codec", "transport"), [("PCMA", "udp"), ("PCMU", "udp"), ("PCMA", "tcp")])
async def test_a_whole_call(desk: Desk, tmp_path: Path, codec: str, transport: str) -> None:
    spoken = write_wav(tmp_path / "spoken.wav", sine(600, 3.0))
    tape = tmp_path / "tape.wav"
    desk.talk = lambda line: say(line, 4.0)
    async with Softphone(codecs=(codec,), transport=transport) as phone:
        uri = desk.uri + (";transport=tcp" if transport == "tcp" else "")
        await phone.call(uri, play=spoken, record=tape)
        await phone.wait_for("CONFIRMED")
        await phone.digits("1#")
        await desk.event(DigitIn("#"))
        await phone.hold()
        await desk.event(HeldIn(True))
        await phone.resume()
        await desk.event(HeldIn(False))
        await asyncio.sleep(1.0)
        await phone.hang_up()
        await phone.wait_for("DISCONNECTED")
        await desk.event(HungUp("caller"))
    assert [event.key for event in desk.events[0] if isinstance(event, DigitIn)] == ["1", "#"]
    assert frequency(sound_of(desk.events[0])[-8000:], 8000) == pytest.approx(600, abs=5)
    heard, rate = read_wav(tape)
    assert frequency(heard[-8000:], rate) == pytest.approx(400, abs=5)


async def test_we_hang_up(desk: Desk) -> None:
    async with Softphone() as phone:
        await phone.call(desk.uri)
        await phone.wait_for("CONFIRMED")
        await (await desk.line()).hang_up("done")
        await phone.wait_for("DISCONNECTED")


async def test_a_declined_refer_leaves_the_call_as_it_was(desk: Desk) -> None:
    async with Softphone(refer=603) as phone:
        await phone.call(desk.uri)
        line = await desk.line()
        assert not await line.transfer("sip:110@127.0.0.1:9", "r")
        asked = await phone.event(lambda event: event["event"] == "transfer")
        assert asked["to"].strip("<").startswith("sip:110@127.0.0.1:9")
        await say(line, 0.2)
        assert line.played() >= 0.1 * 8000
        await line.hang_up("done")
        await phone.wait_for("DISCONNECTED")


async def test_refer_to_another_softphone(desk: Desk) -> None:
    async with Softphone(incoming=200) as target, Softphone() as phone:
        await phone.call(desk.uri)
        line = await desk.line()
        assert await line.transfer(target.uri, "r")
        await target.wait_for("CONFIRMED")
        await desk.event(HungUp("transferred"))


async def test_a_seat_answers_and_both_hear_each_other(desk: Desk, tmp_path: Path) -> None:
    spoken = write_wav(tmp_path / "seat.wav", sine(700, 4.0))
    tape = tmp_path / "heard.wav"
    async with Softphone() as seat:
        dialling = asyncio.create_task(desk.trunk.dial(seat.uri, "20261124-093011-7f3a", 10))
        ringing = await seat.rings()
        assert f"User-to-User: {user_to_user('20261124-093011-7f3a')}" in ringing["message"]
        await seat.answer(play=spoken, record=tape)
        line = await dialling
        assert not isinstance(line, HandoverOutcome)
        events: list[LineEvent] = []
        reading = asyncio.create_task(_collect(line, events))
        await say(line, 1.5)
        await wait_for(lambda: len(sound_of(events)) > 2 * 8000)
        await seat.digits("5")
        await wait_for(lambda: DigitIn("5") in events)
        await line.hang_up("done")
        await seat.wait_for("DISCONNECTED")
        await reading
    assert events[-1] == HungUp("us")
    assert frequency(sound_of(events)[8000:16000], 8000) == pytest.approx(700, abs=5)
    heard, rate = read_wav(tape)
    assert frequency(heard[6400:14400], rate) == pytest.approx(400, abs=5)


async def _collect(line: Line, events: list[LineEvent]) -> None:
    async for event in line.events():
        events.append(event)


async def test_a_seat_that_answers_before_the_loop_can_look(desk: Desk) -> None:
    async with Softphone(incoming=200) as seat:
        dialling = asyncio.create_task(desk.trunk.dial(seat.uri, "r", 5))
        for _ in range(4):  # the INVITE goes out
            await asyncio.sleep(0)
        time.sleep(0.4)  # noqa: ASYNC251 - a busy loop: command and answer are reported at once
        line = await dialling
        assert not isinstance(line, HandoverOutcome)
        await line.hang_up("done")
        await seat.wait_for("DISCONNECTED")


async def test_the_seat_hangs_up(desk: Desk) -> None:
    async with Softphone(incoming=200) as seat:
        line = await desk.trunk.dial(seat.uri, "", 10)
        assert not isinstance(line, HandoverOutcome)
        events: list[LineEvent] = []
        reading = asyncio.create_task(_collect(line, events))
        await seat.wait_for("CONFIRMED")
        await seat.hang_up()
        async with asyncio.timeout(5):
            await reading
        assert events[-1] == HungUp("caller")
        await line.send(AudioChunk(tone(0.02, 8000), 8000))
    assert await desk.trunk.drain(2)


@pytest.mark.parametrize(
    ("incoming", "outcome"),
    [
        (486, HandoverOutcome.BUSY),
        (603, HandoverOutcome.BUSY),
        (480, HandoverOutcome.NO_ANSWER),
        (404, HandoverOutcome.FAILED),
        (180, HandoverOutcome.NO_ANSWER),
    ],
)
async def test_a_seat_that_does_not_take_the_call(
    desk: Desk, incoming: int, outcome: HandoverOutcome
) -> None:
    async with Softphone(incoming=incoming) as seat:
        assert await desk.trunk.dial(seat.uri, "r", 1.0 if incoming == 180 else 8.0) is outcome
        await seat.wait_for("DISCONNECTED")


async def test_dialling_can_be_given_up(desk: Desk) -> None:
    async with Softphone() as seat:
        dialling = asyncio.create_task(desk.trunk.dial(seat.uri, "r", 20))
        await seat.rings()
        dialling.cancel()
        await seat.wait_for("DISCONNECTED")
        await asyncio.wait({dialling})
        assert dialling.cancelled()


@pytest.mark.parametrize("target", ["8001", "sip:", "sip:a b@127.0.0.1", "sip:8001@127.0.0.1\r\nX: y"])
async def test_what_is_no_sip_uri_cannot_be_dialled(desk: Desk, target: str) -> None:
    assert await desk.trunk.dial(target, "r", 1.0) is HandoverOutcome.FAILED
