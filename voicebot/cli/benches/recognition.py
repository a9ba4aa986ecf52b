"""`bench recognition`: settings of the Whisper decode against one another, on telephone sound.

Two voices, A-law, line noise, -30…-10 dBm0: questions, and very short answers to closed questions. Each
row changes one thing of what is shipped (the first row). See docs/benchmarks.md.
"""

import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import soxr

from voicebot.adapters.sip import g711
from voicebot.adapters.stt import features
from voicebot.adapters.stt.answers import YES, YES_NO
from voicebot.adapters.stt.engine import Decoded
from voicebot.adapters.stt.whisper import WhisperEngine
from voicebot.cli.benches.caller import RATE, Caller, Line
from voicebot.cli.benches.latency import QUESTIONS
from voicebot.core.utterance import Expect, ExpectKind
from voicebot.language.pinyin import syllables

VOICES: Final = ("zm_yunxi", "zf_xiaobei")
EDGE: Final = 0.25
"""Seconds of line noise before and after the words, as a call hands them over."""
SCORES: Final = ("五分", "三分", "一分", "满意", "很满意", "不满意")
MENUS: Final = (("登记", "人工"), ("咨询", "反映问题", "查进度"))
NOISES: Final = (15.0, 5.0)
HIGH_PASS: Final = 200.0
WAITING: Final = 4
_DIGITS: Final = str.maketrans("0123456789", "零一二三四五六七八九")


@dataclass(frozen=True, slots=True)
class Case:
    """`samples` (±1, 16 kHz) in which `text` is said in answer to `expect`."""

    text: str
    expect: Expect
    samples: features.Floats

    @property
    def short(self) -> bool:
        return self.expect.kind is not ExpectKind.OPEN


@dataclass(frozen=True, slots=True)
class Outcome:
    case: Case
    heard: Decoded
    wall: float
    cpu: float


def cases(caller: Caller, seed: int, snr: float = 25.0) -> list[Case]:
    """Every question by one of the voices, every short answer by both."""
    random = np.random.default_rng(seed)
    said: list[tuple[str, Expect, str]] = []
    for i, question in enumerate(QUESTIONS):
        said.append((question.replace("|", ""), Expect(), VOICES[i % 2]))
    closed = [(c.text, Expect(ExpectKind.YES_NO)) for c in YES_NO]
    closed += [(text, Expect(ExpectKind.SCORE)) for text in SCORES]
    closed += [(text, Expect(ExpectKind.CHOICE, choices=menu)) for menu in MENUS for text in menu]
    said += [(text, expect, voice) for text, expect in closed for voice in VOICES]
    made = []
    for text, expect, voice in said:
        level = float(random.uniform(-30, -10))
        spoken = caller.utter(Line(text, level=level, voice=voice, snr=snr))
        begin, end = (round(at * RATE) * 2 for at in (spoken.began - EDGE, spoken.ended + EDGE))
        made.append(Case(text, expect, telephone(spoken.pcm[begin:end])))
    return made


def telephone(pcm: bytes) -> features.Floats:
    """As the recogniser gets it: A-law and back, 16 kHz."""
    heard = g711.decode(g711.encode(pcm, "pcma"), "pcma")
    samples = np.frombuffer(heard, "<i2").astype(np.float32) / np.float32(32768)
    return np.asarray(soxr.resample(samples, RATE, features.RATE, quality="HQ"), np.float32)


def measure(models: Path, cache: Path, seed: int) -> dict[str, Any]:
    """The table.

    Raises:
        VoicebotError: ``model.damaged``: recognition or the second voice is not installed.
    """
    caller = Caller(models, cache, seed)
    folder = models / "whisper-base"
    clean = cases(caller, seed)
    shipped = WhisperEngine(folder)
    rows = {"shipped": row(run(shipped, clean))}
    untold = [replace(case, expect=Expect()) for case in clean]
    rows["not told what is awaited"] = row(run(shipped, untold), clean)
    for name, engine in variants(folder):
        rows[name] = row(run(engine, clean))
    for snr in NOISES:
        noisy = cases(caller, seed, snr)
        rows[f"noise {snr:g} dB"] = row(run(shipped, noisy))
        passed = [replace(case, samples=high_passed(case.samples)) for case in noisy]
        rows[f"noise {snr:g} dB, high-pass {HIGH_PASS:g} Hz"] = row(run(shipped, passed))
    return {"engine": shipped.name, "cases": len(clean), "rows": rows, "encode": batching(shipped, clean)}


def variants(folder: Path) -> Iterator[tuple[str, WhisperEngine]]:
    """Made one after the other: each is a model in memory."""
    for margin in (300, 400, 1000):
        yield f"margin {margin / 100:g} s", WhisperEngine(folder, margin=margin)
    for beam in (1, 2):
        yield f"beam {beam}", WhisperEngine(folder, beam=beam)
    yield "2 threads", WhisperEngine(folder, threads=2)
    yield "no general prompt", WhisperEngine(folder, prompt="")


def run(engine: WhisperEngine, said: Sequence[Case]) -> list[Outcome]:
    """Decodes all, one after the other."""
    outcomes = []
    for case in said:
        wall, cpu = time.perf_counter(), time.process_time()
        heard = engine.recognise(case.samples, case.expect)
        outcomes.append(Outcome(case, heard, time.perf_counter() - wall, time.process_time() - cpu))
    return outcomes


def row(outcomes: Sequence[Outcome], truth: Sequence[Case] = ()) -> dict[str, Any]:
    """One line of the table; `truth` where the engine was not told what the cases expect."""
    if truth:
        outcomes = [replace(o, case=case) for o, case in zip(outcomes, truth, strict=True)]
    long = [o for o in outcomes if not o.case.short]
    short = [o for o in outcomes if o.case.short]
    right = [o.heard.confidence for o in outcomes if o.heard.text and understood(o)]
    wrong = [o.heard.confidence for o in outcomes if o.heard.text and not understood(o)]
    return {
        "wall_ms": {
            "p50": round(float(np.quantile([o.wall for o in outcomes], 0.5)) * 1000),
            "p95": round(float(np.quantile([o.wall for o in outcomes], 0.95)) * 1000),
        },
        "cpu_s": round(float(np.mean([o.cpu for o in outcomes])), 3),
        "cer": round(error(long, list), 3),
        "syllable_error": round(error(long, syllables), 3),
        "short_right": round(float(np.mean([understood(o) for o in short])), 3),
        "short_misunderstood": round(float(np.mean([misunderstood(o) for o in short])), 3),
        "confidence": {"right": _mean(right), "wrong": _mean(wrong)},
    }


def error(outcomes: Sequence[Outcome], units: Callable[[str], Sequence[str]]) -> float:
    """Share of units (hanzi, toneless syllables) that are wrong, missing or too many."""
    pairs = [(units(plain(o.case.text)), units(plain(o.heard.text))) for o in outcomes]
    return sum(distance(said, heard) for said, heard in pairs) / sum(len(said) for said, _ in pairs)


def understood(outcome: Outcome) -> bool:
    """The same by sound or, of a yes or no, the same answer."""
    said, heard = plain(outcome.case.text), plain(outcome.heard.text)
    if outcome.case.expect.kind is ExpectKind.YES_NO:
        return answer(said) == answer(heard)
    return syllables(said) == syllables(heard)


def misunderstood(outcome: Outcome) -> bool:
    """A yes taken for a no, or one choice or score for another: worse than asking again."""
    heard = plain(outcome.heard.text)
    expect = outcome.case.expect
    other = {c.text for c in YES_NO} if expect.kind is ExpectKind.YES_NO else {*SCORES, *expect.choices}
    return heard in other and not understood(outcome)


def answer(text: str) -> str | None:
    if text not in {c.text for c in YES_NO}:
        return None
    return "yes" if text in YES else "no"


def plain(text: str) -> str:
    """Hanzi only, digits as they are read."""
    return re.sub("[^\u4e00-\u9fff]", "", text.translate(_DIGITS))


def distance(said: Sequence[str], heard: Sequence[str]) -> int:
    """Levenshtein distance."""
    line = list(range(len(heard) + 1))
    for i, a in enumerate(said, 1):
        corner, line[0] = line[0], i
        for j, b in enumerate(heard, 1):
            corner, line[j] = line[j], min(line[j] + 1, line[j - 1] + 1, corner + (a != b))
    return line[-1]


def high_passed(samples: features.Floats) -> features.Floats:
    spectrum = np.fft.rfft(samples)
    spectrum[np.fft.rfftfreq(samples.size, 1 / features.RATE) < HIGH_PASS] = 0
    return np.asarray(np.fft.irfft(spectrum, samples.size), np.float32)


def batching(engine: WhisperEngine, said: Sequence[Case]) -> dict[str, Any]:
    """Encoding of utterances that wait, one by one or together (all padded to the longest): CPU seconds
    for each."""
    mels = [features.log_mel(case.samples, 600) for case in said if not case.short]
    one, together = 0.0, 0.0
    for at in range(0, len(mels) - WAITING + 1, WAITING):
        group = mels[at : at + WAITING]
        began = time.process_time()
        for mel in group:
            engine.encode(mel[None])
        one += time.process_time() - began
        longest = max(mel.shape[1] for mel in group)
        began = time.process_time()
        engine.encode(np.stack([np.pad(m, ((0, 0), (0, longest - m.shape[1])), "edge") for m in group]))
        together += time.process_time() - began
    count = len(mels) // WAITING * WAITING
    return {"one_by_one_s": round(one / count, 4), f"{WAITING}_together_s": round(together / count, 4)}


def _mean(values: Sequence[float]) -> float | None:
    return round(float(np.mean(values)), 2) if values else None
