"""A real call through the running line: our own voice asks, our own ears check the answer."""

import asyncio
import math
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from voicebot.adapters.sip.raw_peer import PeerOptions, PeerRefused, RawPeer
from voicebot.adapters.stt.recogniser import WorkerRecogniser
from voicebot.adapters.tts.synthesizer import WorkerSynthesizer
from voicebot.cli.checkup import Finding, State
from voicebot.core.audio import AudioChunk
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import CallId
from voicebot.core.utterance import Expect
from voicebot.speech.ports import VoiceSettings

QUESTION: Final = "社保卡丢了怎么补办"
WORDS: Final = ("社保", "补", "挂失", "网点", "银行", "身份证")
"""At least one of them is in any answer to `QUESTION`."""
CALLER: Final = "10000"
"""Shown as the caller, so that the call is recognised in the records."""

RATE: Final = 8000
LOUD: Final = -45.0
"""dBFS of a packet; below it is silence or comfort noise."""
PAUSE: Final = 0.9
"""Seconds of silence after which somebody has finished."""
BUSY: Final = "机器忙：关掉别的程序，或减少同时通话数（sip.max_calls）"


@dataclass(frozen=True, slots=True)
class Sockets:
    """Where the workers listen."""

    recognition: Path
    synthesis: Path


async def trial_call(target: str, host: str, sockets: Sockets) -> list[Finding]:
    """Calls, asks, listens, hangs up; a finding for every stage up to the first that failed.

    Args:
        target: SIP URI of the line.
        host: our own address, one that the line can reach.
    """
    findings: list[Finding] = []
    began = time.monotonic()
    try:
        async with WorkerSynthesizer(sockets.synthesis).running() as voice:
            question = await voice.synthesise(QUESTION, VoiceSettings(sample_rate=RATE))
    except VoicebotError as error:
        remedy = "看热线输出里合成进程的错误；执行 voicebot models check"
        return [Finding("call.synthesise", State.FAILED, str(error), remedy)]
    findings.append(_stage("call.synthesise", began, f"{question.seconds:.1f} 秒的提问"))
    async with RawPeer.to(target, PeerOptions(user=CALLER, host=host)) as peer:
        findings += await _converse(peer, question, target, sockets.recognition)
        began = time.monotonic()
        if peer.ended.is_set():
            remedy = "通话被对方先挂断：用 voicebot call show 查看这通电话"
            return [*findings, Finding("call.hang_up", State.FAILED, "对方先挂断", remedy)]
        if peer.media is not None:
            await peer.bye()
            findings.append(_stage("call.hang_up", began, "已挂断"))
    return findings


async def _converse(peer: RawPeer, question: AudioChunk, target: str, recogniser: Path) -> list[Finding]:
    findings: list[Finding] = []
    try:
        seconds = await peer.call()
    except PeerRefused as error:
        remedy = f"检查 {target}：端口、sip.allow_sources、通话数上限、热线输出"
        return [Finding("call.answer", State.FAILED, f"没有接通：{error.message}", remedy)]
    state, remedy = (State.OK, "") if seconds <= 1 else (State.DEGRADED, BUSY)
    findings.append(Finding("call.answer", state, "已接通", remedy, seconds * 1000))

    answered = time.monotonic()
    greeting = await _speech_after(peer, answered, 6.0)
    if greeting is None:
        remedy = "接通后没有声音：检查合成进程、sip.rtp_ports 和防火墙"
        return [*findings, Finding("call.greeting", State.FAILED, "没有听到问候语", remedy)]
    findings.append(Finding("call.greeting", State.OK, "听到问候语", ms=(greeting - answered) * 1000))
    await _silence(peer, 20.0)

    asked = peer.play(question.pcm) + question.seconds
    reply = await _speech_after(peer, asked, 10.0)
    if reply is None:
        remedy = "提问没有得到回答：检查识别进程；用 voicebot call show 查看这通电话"
        return [*findings, Finding("call.reply", State.FAILED, "没有听到回答", remedy)]
    state, remedy = (State.OK, "") if reply - asked <= 3 else (State.DEGRADED, BUSY)
    findings.append(Finding("call.reply", state, "问完到开口", remedy, (reply - asked) * 1000))
    await _silence(peer, 20.0)
    findings.append(await _recognise(peer, asked, recogniser))
    return findings


async def _recognise(peer: RawPeer, since: float, socket: Path) -> Finding:
    """What the answer was, by our own ears."""
    sound = b"".join(pcm for at, pcm in peer.tape.heard() if at > since)
    began = time.monotonic()
    try:
        async with WorkerRecogniser(socket, timeout=15).running() as recogniser:
            await recogniser.ready()
            hearing = recogniser.open(CallId("doctor"), RATE)
            hearing.feed(AudioChunk(sound[: 25 * RATE * 2], RATE))
            said = (await hearing.transcribe(Expect(), final=True)).text
            hearing.close()
    except VoicebotError as error:
        remedy = "看热线输出里识别进程的错误；执行 voicebot models check"
        return Finding("call.recognise", State.FAILED, str(error), remedy)
    if any(word in said for word in WORDS):
        return _stage("call.recognise", began, f"听到：{said}")
    remedy = "回答不是关于社保卡的：检查知识库（voicebot check）和识别模型"
    return Finding("call.recognise", State.DEGRADED, f"听到：{said or '（无）'}", remedy)


async def _speech_after(peer: RawPeer, since: float, within: float) -> float | None:
    """When the first loud packet after `since` came in."""
    while time.monotonic() < since + within and not peer.ended.is_set():
        for at, pcm in peer.tape.heard():
            if at > since and level(pcm) > LOUD:
                return at
        await asyncio.sleep(0.05)
    return None


async def _silence(peer: RawPeer, within: float) -> None:
    """Waits until nothing loud came in for `PAUSE` seconds."""
    limit = time.monotonic() + within
    while time.monotonic() < limit and not peer.ended.is_set():
        loud = [at for at, pcm in peer.tape.heard()[-200:] if level(pcm) > LOUD]
        if not loud or time.monotonic() - loud[-1] > PAUSE:
            return
        await asyncio.sleep(0.05)


def level(pcm: bytes) -> float:
    """RMS of s16 sound in dBFS; -100 for digital silence."""
    samples = np.frombuffer(pcm, dtype="<i2").astype(np.float64)
    power = float(np.mean(samples**2)) if samples.size else 0.0
    return 10 * math.log10(power / 32768**2) if power else -100.0


def _stage(name: str, began: float, detail: str) -> Finding:
    return Finding(name, State.OK, detail, ms=(time.monotonic() - began) * 1000)
