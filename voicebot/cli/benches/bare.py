"""The recognition engine alone: the same turns decoded in a plain loop, drafts included.

`run` is meant for a process of its own.
"""

import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import numpy as np

from voicebot.adapters.stt.options import SttOptions
from voicebot.adapters.stt.worker import load_engine
from voicebot.core.utterance import Expect

RATE: Final = 8000
PREROLL: Final = 0.4
"""Seconds before speech that a turn's sound begins (`CallOptions.preroll`)."""
DRAFT: Final = 0.2
"""Silence after which a turn is decoded for the first time (`TurnOptions.draft`)."""
QUIET: Final = 25.0
"""dB under the loudest 20 ms of an utterance from which there is no speech."""


@dataclass(frozen=True, slots=True)
class Said:
    """An utterance: s16 at 8 kHz, speech from `began` to `ended` seconds."""

    pcm: bytes
    began: float
    ended: float


@dataclass(frozen=True, slots=True)
class Cost:
    """Of all turns together.

    Args:
        turns: how many.
        decodes: one at each silence of `DRAFT` seconds.
        cpu: seconds of CPU; `wall`: seconds with `workers` threads.
    """

    engine: str
    turns: int
    decodes: int
    cpu: float
    wall: float
    workers: int


def drafts(said: Said) -> list[bytes]:
    """The sound of each decode of a turn: up to every silence of `DRAFT` seconds in it or after it."""
    step = RATE // 50
    samples = np.frombuffer(said.pcm, "<i2").astype(np.float64)
    frames = samples[: len(samples) // step * step].reshape(-1, step)
    levels = np.sqrt(np.mean(frames**2, axis=1))
    first, last = round(said.began * 50), min(round(said.ended * 50), len(levels))
    speech = levels > np.max(levels[first:last]) * 10 ** (-QUIET / 20)
    needed = round(DRAFT * 50)
    begin = max(0, first - round(PREROLL * 50)) * step * 2
    ends, silent = [], 0
    for number in range(first, last):
        silent = 0 if speech[number] else silent + 1
        if silent == needed:
            ends.append(number + 1)
    ends = [end for end in ends if end < last - 1] + [last + needed]
    return [said.pcm[begin : end * step * 2] for end in ends]


def run(options: SttOptions, turns: Sequence[Said]) -> Cost:
    """Loads the engine and decodes all."""
    engine = load_engine(options)
    work = [pcm for said in turns for pcm in drafts(said)]
    local = threading.local()

    def decode(pcm: bytes) -> None:
        if not hasattr(local, "stream"):
            local.stream = engine.open(RATE)
        local.stream.reset()
        local.stream.feed(pcm)
        local.stream.decode(Expect(), final=True, cancelled=lambda: False)

    with ThreadPoolExecutor(options.threads) as pool:
        list(pool.map(decode, work[: options.threads]))  # the first of a thread allocates
        cpu, wall = time.process_time(), time.monotonic()
        list(pool.map(decode, work))
        cpu, wall = time.process_time() - cpu, time.monotonic() - wall
    return Cost(engine.name, len(turns), len(work), cpu, wall, options.threads)
