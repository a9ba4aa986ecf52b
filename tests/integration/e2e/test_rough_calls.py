"""The whole hotline and calls as bad as they come: the caller always hears something sensible within 3 s.

Complaints about systems like ours, and the tests of them over the wire and with the real engines (with
fakes on virtual time: tests/calls/test_bad_input.py, whose table completes this one):

| complaint | test |
|---|---|
| silence, music, ring tone, fax, noise | `test_what_is_no_speech_is_prompted_and_becomes_nothing` |
| sample-rate and codec lies | the same |
| clipping | `test_a_shouting_line_is_answered` |
| calls of 0.1 s; good calls rejected as flood | `test_thirty_calls_of_a_tenth_of_a_second_then_a_normal_one`, sip/test_strangers.py `test_half_open_calls_keep_nobody_out` |
| calls that never hang up | sip/test_calls_in.py `test_longest_call`, `test_silence_on_the_wire_ends_the_call_but_not_in_hold` |
| a worker killed mid-word, dead air after a failed step | `test_recognition_killed_in_the_middle_of_a_word`, test_bad_input.py `test_a_killed_recognition_worker_costs_one_apology` |
| an engine that stalls | `test_recognition_stalled_in_the_middle_of_a_word`, `test_synthesis_that_stalls` |
| stutter from the second or third call in one process | `test_the_third_call_sounds_like_the_first` |
| leaks | test_many_calls.py `test_200_short_calls_at_5_a_second`, sip/test_sipp.py `test_200_short_calls` |
| failed transfers that strand the caller | `test_a_key_in_the_middle_of_a_word`, test_spoken_calls.py `test_a_seat_that_does_not_answer_leads_to_a_call_back` |
| DTMF lost, DTMF in speech | `test_a_key_in_the_middle_of_a_word`, sip/test_digits.py |
| strangers' sound and keys | sip/test_strangers.py `test_a_stranger_presses_no_key_and_says_nothing` |
"""  # noqa: E501 - a table

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator, Iterator
from typing import Any, Final

import numpy as np
import pytest

from tests.integration.e2e.test_bad_input import good_call
from tests.peers.hotline import Hotline, eventually, no_models, told
from tests.peers.rtp_peer import PeerOptions, RawPeer
from tests.peers.sounds import (
    clipped,
    fax,
    longest_silence,
    moved,
    music,
    ring_tone,
    touch_tones,
    white_noise,
)
from tests.peers.voices import caller_voice, needs_caller_voice
from tests.peers.wav import read_wav
from voicebot.adapters.sip import g711
from voicebot.adapters.sip.rtp import RtpPacket

pytestmark = [
    pytest.mark.integration,
    pytest.mark.timeout(120),
    pytest.mark.skipif(bool(no_models()), reason=no_models()),
]

QUESTION: Final = "社保卡丢了怎么补办"
DEAD_AIR: Final = 3.0
NO_INPUT: Final = 5.0
"""Seconds of silence that a caller is granted."""
QUIET: Final = 0.7
"""Seconds of silence after which we have finished."""
STEP: Final = 0.02
STALL: Final = 0.15
"""Seconds that a busy machine may insert in 2 s of a sentence; a stutter is more than that."""

Heard = list[tuple[float, bytes]]


def loud(pcm: bytes) -> bool:
    """20 ms of speech or a tone of ours; the line itself is far below."""
    return bool(np.abs(np.frombuffer(pcm, "<i2").astype(int)).mean() > 200)


def sounding(peer: RawPeer, since: float) -> list[float]:
    """When pieces of sound came after `since`."""
    return [at for at, pcm in peer.tape.heard() if at >= since and loud(pcm)]


async def until_we_listen(peer: RawPeer, since: float, seconds: float = 30.0) -> None:
    """Something was said after `since`, and it is over."""

    def over() -> bool:
        came = sounding(peer, since)
        return len(came) > 10 and peer.tape.heard()[-1][0] - came[-1] > QUIET

    await eventually(over, seconds)


@contextlib.asynccontextmanager
async def greeted(hotline: Hotline, number: str) -> AsyncIterator[RawPeer]:
    """A caller who has heard the greeting."""
    async with RawPeer.to(hotline.sip, PeerOptions(user=number)) as peer:
        await peer.call()
        await until_we_listen(peer, 0.0)
        yield peer


async def heard_within(peer: RawPeer, since: float, seconds: float = DEAD_AIR) -> None:
    """Something is heard within `seconds` after `since`."""
    await eventually(lambda: bool(sounding(peer, since)), since + 30 - asyncio.get_running_loop().time())
    assert sounding(peer, since)[0] - since < seconds


async def until(moment: float) -> None:
    await asyncio.sleep(max(0.0, moment - asyncio.get_running_loop().time()))


async def record(hotline: Hotline, number: str) -> dict[str, Any]:
    async with hotline.api() as api:
        return await api.ended_call(number)


def voice(text: str) -> bytes:
    return read_wav(caller_voice(text))[0]


# ── sound that is no caller ─────────────────────────────────────────────────────────────────

LASTS: Final = 17.0
"""Seconds of each of them."""


def packets(pcm: bytes, law: str, payload_type: int = 8, pace: int = 160) -> list[RtpPacket]:
    """20 ms each; `pace` is what the time stamp says of them."""
    frames = [pcm[start : start + 320] for start in range(0, len(pcm), 320)]
    return [
        RtpPacket(payload_type, number, pace * number, 5, g711.encode(frame, law) if law else frame)
        for number, frame in enumerate(frames)
    ]


def no_speech() -> dict[str, list[RtpPacket]]:
    """Sound of all kinds, then sound that is not what was agreed (PCMA at 8 kHz)."""
    tune = music(LASTS)
    twice = np.repeat(np.frombuffer(tune, "<i2"), 2).tobytes()
    return {
        "silence": packets(bytes(len(tune)), "pcma"),
        "music": packets(tune, "pcma"),
        "ring tone": packets(ring_tone(LASTS), "pcma"),
        "fax": packets(fax(LASTS), "pcma"),
        "noise": packets(white_noise(LASTS), "pcma"),
        "PCMU in packets of PCMA": packets(tune, "pcmu"),
        "PCMU, which was not agreed": packets(tune, "pcmu", payload_type=0),
        "16 kHz": [
            RtpPacket(8, number, 320 * number, 5, g711.encode(twice[640 * number :][:640], "pcma"))
            for number in range(len(twice) // 640)
        ],
        "16 bits a sample": packets(tune, ""),
        "time stands still": packets(tune, "pcma", pace=0),
    }


async def test_what_is_no_speech_is_prompted_and_becomes_nothing(hotline: Hotline) -> None:
    """All at once: each is one call."""

    async def call(name: str, number: str, sound: list[RtpPacket]) -> None:
        options = PeerOptions(user=number, codecs=("pcma",))
        async with RawPeer.to(hotline.sip, options) as peer:
            peer.mute(True)
            await peer.call()
            began = asyncio.get_running_loop().time()
            for index, packet in enumerate(sound):
                peer.send_raw_rtp(packet.encode())
                await until(began + index * STEP)
            assert not peer.ended.is_set(), name
            gap = longest_silence(peer.tape.heard(), began, began + LASTS)
            assert gap < NO_INPUT + DEAD_AIR, name
            await peer.bye()

    sounds = no_speech()
    numbers = {name: f"1380013810{index}" for index, name in enumerate(sounds)}
    async with asyncio.TaskGroup() as group:
        for name, sound in sounds.items():
            group.create_task(call(name, numbers[name], sound))
    async with hotline.api() as api:
        for name, number in numbers.items():
            ended = await api.ended_call(number)
            turns = ended["turns"]
            assert ended["reason"] == "caller", name
            assert len(turns) > 1, f"{name}\n{told(ended)}"
            assert {turn["action"] for turn in turns} <= {"greet", "repair"}, f"{name}\n{told(ended)}"
            assert not any(turn["article"] or turn["ticket_no"] for turn in turns), f"{name}\n{told(ended)}"


@needs_caller_voice
async def test_a_shouting_line_is_answered(hotline: Hotline) -> None:
    sound = clipped(voice(QUESTION))
    async with greeted(hotline, "13800138111") as peer:
        ends = peer.play(sound) + len(sound) / 16000
        await until(ends)
        await heard_within(peer, ends)
        await peer.bye()
    turns = (await record(hotline, "13800138111"))["turns"]
    assert any(turn["transcript"] for turn in turns)


# ── keys and short calls ────────────────────────────────────────────────────────────────────


@needs_caller_voice
async def test_a_key_in_the_middle_of_a_word(hotline: Hotline) -> None:
    """Sent as an event, its tone in the sound besides; no seat is there to take the call."""
    sound = voice(QUESTION)
    half = len(sound) // 4 * 2
    async with greeted(hotline, "13800138131") as peer:
        began = peer.play(sound[:half] + touch_tones("0", press=0.12) + sound[half:])
        await until(began + half / 16000)
        pressed = asyncio.get_running_loop().time()
        peer.press("0")
        await heard_within(peer, pressed)
        await until(pressed + 7.0)
        assert longest_silence(peer.tape.heard(), pressed, pressed + 7.0) < NO_INPUT
        await peer.bye()
    call = await record(hotline, "13800138131")
    assert [turn["keys"] for turn in call["turns"]][:2] == ["", "0"], told(call)
    assert not any("0" in turn["keys"] for turn in call["turns"][2:]), told(call)
    assert call["turns"][1]["action"] in ("transfer_human", "callback"), told(call)


async def test_thirty_calls_of_a_tenth_of_a_second_then_a_normal_one(hotline: Hotline) -> None:
    for number in range(30):
        async with RawPeer.to(hotline.sip, PeerOptions(user=f"138001382{number:02}")) as peer:
            assert await peer.call() < DEAD_AIR
            await asyncio.sleep(0.1)
    await good_call(hotline, "13800138132")
    assert "call broke" not in hotline.log()


async def test_the_third_call_sounds_like_the_first(hotline: Hotline) -> None:
    heard = []
    for number in range(3):
        async with RawPeer.to(hotline.sip, PeerOptions(user=f"1380013814{number}")) as peer:
            await peer.call()
            await eventually(lambda peer=peer: len(sounding(peer, 0.0)) > 110)  # type: ignore[misc]
            pcm = np.frombuffer(peer.tape.pcm(), "<i2")
            heard.append(pcm[int(np.argmax(np.abs(pcm) > 500)) :][:16000])
            await peer.bye()
    for later in heard[1:]:
        assert abs(moved(heard[0], later)) < STALL


# ── engines that fail ───────────────────────────────────────────────────────────────────────


@contextlib.contextmanager
def stopped(hotline: Hotline, part: str) -> Iterator[None]:
    """The process stands still while the block runs, unless somebody ends it."""
    process = hotline.part_pid(part)
    os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGCONT)


@needs_caller_voice
async def test_recognition_killed_in_the_middle_of_a_word(hotline: Hotline) -> None:
    sound = voice(QUESTION)
    async with greeted(hotline, "13800138151") as peer:
        began = peer.play(sound)
        await until(began + 0.8)
        os.kill(hotline.part_pid("recognition"), signal.SIGKILL)
        ends = began + len(sound) / 16000
        await until(ends)
        await heard_within(peer, ends)
        await until(ends + 6.0)
        assert longest_silence(peer.tape.heard(), ends, ends + 5.0) < DEAD_AIR
        await peer.bye()
    await hotline.until_ready()


@needs_caller_voice
async def test_recognition_stalled_in_the_middle_of_a_word(hotline: Hotline) -> None:
    sound = voice(QUESTION)
    async with greeted(hotline, "13800138152") as peer:
        began = peer.play(sound)
        await until(began + 0.8)
        with stopped(hotline, "recognition"):
            ends = began + len(sound) / 16000
            await until(ends + 8.0)
            assert longest_silence(peer.tape.heard(), ends, ends + 8.0) < DEAD_AIR
        await peer.bye()
    call = await record(hotline, "13800138152")
    assert not any(turn["ticket_no"] for turn in call["turns"]), told(call)
    await hotline.until_ready()


@needs_caller_voice
async def test_synthesis_that_stalls(hotline: Hotline) -> None:
    sound = voice(QUESTION)
    async with greeted(hotline, "13800138153") as peer:
        with stopped(hotline, "synthesis"):
            ends = peer.play(sound) + len(sound) / 16000
            await until(ends)
            await heard_within(peer, ends)
            await until(ends + 2 * DEAD_AIR)
            pressed = asyncio.get_running_loop().time()
            peer.press("0")
            await heard_within(peer, pressed)
        await peer.bye()
    await good_call(hotline, "13800138154")
