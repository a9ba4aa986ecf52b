"""`bench latency`: how long a caller waits for our voice, and how soon we give way to theirs.

One call at a time. The caller (another voice, line noise, A-law, -30…-10 dBm0, the same all through a
call) asks; the tape at its own socket says when our first sound came after the last sample of speech
was sent. In every third turn the caller also breaks into our answer. See docs/benchmarks.md.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from voicebot.adapters.db.calls import SqlCalls
from voicebot.adapters.sip.raw_peer import PeerOptions, RawPeer
from voicebot.adapters.wall_clock import WallClock
from voicebot.bootstrap.process import open_database
from voicebot.calls.records import TurnRecord
from voicebot.cli.benches.caller import Caller, Line, Utterance, script
from voicebot.cli.benches.tape import Yielding, first_voice, last_voice, quantile, yielding
from voicebot.core.errors import VoicebotError
from voicebot.settings import Settings

QUESTIONS: Final = (
    "社保卡丢了|怎么补办",
    "请问异地就医|怎么备案",
    "公积金租房|怎么提取",
    "身份证过期了|怎么办",
    "小孩子出生以后|怎么上户口",
    "我想问一下居住证|怎么办理",
    "护照怎么办|要几天",
    "驾驶证到期了|怎么换",
    "车子年检|是几年一次",
    "电动车|怎么上牌照",
    "小学几岁可以报名",
    "幼儿园|怎么报名",
    "怎么办理营业执照",
    "网上买东西|七天可以退货吗",
    "个人所得税|什么时候办汇算",
    "结婚登记|需要带什么",
    "离婚冷静期是多久",
    "低保|怎么申请",
    "残疾人证|怎么办",
    "育儿补贴|怎么领取",
    "公租房|怎么申请",
    "房子漏水|保修多久",
    "房产过户|是什么流程",
    "停水了|怎么查询",
    "家里停电了|怎么报修",
    "暖气不热|可以退费吗",
    "快递丢了|怎么投诉",
    "法律援助|怎么申请",
    "退役军人优待证|怎么办",
    "工伤认定|多久之内申请",
    "劳动仲裁|怎么申请",
    "年休假|一共有几天",
    "试用期最长|是多久",
    "养老金资格认证|怎么做",
    "失业保险金|怎么申领",
    "医保断缴|有什么影响",
)
TURNS_A_CALL: Final = 6
INTERRUPT_EVERY: Final = 3
INTERRUPT_AFTER: Final = 0.9
"""Seconds of our answer before the caller breaks in."""
GREETING_WITHIN: Final = 10.0
REPLY_WITHIN: Final = 10.0
TAIL: Final = 0.9
"""Seconds without our voice after which we have finished."""


@dataclass(slots=True)
class Figures:
    """What the tapes showed, in seconds."""

    v2v: list[float] = field(default_factory=list)
    paused: int = 0
    cut_in: int = 0
    silent: int = 0
    yields: list[Yielding] = field(default_factory=list)


async def measure(settings: Settings, models: Path, cache: Path, turns: int, seed: int) -> dict[str, Any]:
    """Runs the script against the hotline of `settings`; the JSON object of the contract.

    Raises:
        VoicebotError: the caller's voice is not installed, or a call was not taken.
    """
    caller = Caller(models, cache, seed)
    texts = [QUESTIONS[i % len(QUESTIONS)] for i in range(turns)]
    lines = evened(script(texts, seed))
    utterances = await asyncio.to_thread(lambda: [caller.utter(line) for line in lines])
    figures = Figures()
    began = WallClock().now()
    for start in range(0, turns, TURNS_A_CALL):
        await _call(settings, utterances[start : start + TURNS_A_CALL], figures)
    async with open_database(settings) as database:
        reader = SqlCalls(database, WallClock())
        views = [view for view in await reader.calls(turns) if view.started >= began]
        details = [await reader.call(view.call_id) for view in views]
    records = [turn for view in details if view for turn in view.turns if turn.said]
    return _report(figures, records, turns)


def evened(lines: Sequence[Line]) -> list[Line]:
    """One level a call, that of its first line: a caller is as loud, and their line as noisy, from one turn
    to the next."""
    return [replace(line, level=lines[i - i % TURNS_A_CALL].level) for i, line in enumerate(lines)]


async def _call(settings: Settings, utterances: Sequence[Utterance], figures: Figures) -> None:
    async with RawPeer.to(f"sip:12345@{settings.sip.listen}", PeerOptions(user="10001")) as peer:
        await peer.call()
        await _first_voice(peer, time.monotonic(), GREETING_WITHIN)
        await _until_quiet(peer, time.monotonic() + 20)
        for number, utterance in enumerate(utterances):
            if peer.ended.is_set():
                raise VoicebotError("bench.hung_up", f"the hotline hung up before {utterance.text!r}")
            await _ask(peer, utterance, figures)
            if number % INTERRUPT_EVERY == INTERRUPT_EVERY - 1:
                await _interrupt(peer, utterances[number - 1], figures)
            await _until_quiet(peer, time.monotonic() + 25)


async def _ask(peer: RawPeer, utterance: Utterance, figures: Figures) -> None:
    start = peer.play(utterance.pcm)
    ended = start + utterance.ended
    figures.paused += utterance.resumed is not None
    reply = await _first_voice(peer, start + utterance.began, utterance.ended + REPLY_WITHIN)
    if reply is None:
        figures.silent += 1
    elif reply < ended:
        figures.cut_in += 1
        await _first_voice(peer, ended, REPLY_WITHIN)  # the next question is no part of this one
    else:
        figures.v2v.append(reply - ended)


async def _interrupt(peer: RawPeer, utterance: Utterance, figures: Figures) -> None:
    await asyncio.sleep(INTERRUPT_AFTER)
    start = peer.play(utterance.pcm)
    onset = start + utterance.began
    await asyncio.sleep(max(0.0, start + utterance.ended - time.monotonic()))
    figures.yields.append(yielding(peer.tape.heard(), onset))
    reply = await _first_voice(peer, start + utterance.ended, REPLY_WITHIN)
    if reply is not None:
        figures.v2v.append(reply - start - utterance.ended)


async def _first_voice(peer: RawPeer, after: float, within: float) -> float | None:
    """Arrival of our first sound after that time; None when there is none `within` seconds of it."""
    while time.monotonic() < after + within and not peer.ended.is_set():
        if (found := first_voice(peer.tape.heard()[-500:], after)) is not None:
            return found
        await asyncio.sleep(0.02)
    return None


async def _until_quiet(peer: RawPeer, limit: float) -> None:
    """Waits until we have finished speaking."""
    while time.monotonic() < limit and not peer.ended.is_set():
        last = last_voice(peer.tape.heard()[-100:])
        if last is None or time.monotonic() - last > TAIL:
            return
        await asyncio.sleep(0.05)


def _report(figures: Figures, records: Sequence[TurnRecord], turns: int) -> dict[str, Any]:
    ducks = [y.duck for y in figures.yields if y.duck is not None]
    stops = [y.stop for y in figures.yields if y.stop is not None]
    stages: dict[str, list[float]] = {}
    for record in records:
        for name, ms in record.stages:
            stages.setdefault(name, []).append(ms)
    return {
        "engine": records[0].engine if records else None,
        "turns": turns,
        "answered": len(figures.v2v),
        "v2v_ms": {"p50": quantile(figures.v2v, 0.5), "p95": quantile(figures.v2v, 0.95)},
        "barge_in_ms": {
            "n": len(figures.yields),
            "duck_p50": quantile(ducks, 0.5),
            "duck_p95": quantile(ducks, 0.95),
            "stop_p50": quantile(stops, 0.5),
            "stop_p95": quantile(stops, 0.95),
        },
        "false_cut_in": round(figures.cut_in / turns, 3),
        "with_inner_pause": figures.paused,
        "no_reply": figures.silent,
        "stages_ms": {name: round(float(np.median(values))) for name, values in stages.items()},
    }
