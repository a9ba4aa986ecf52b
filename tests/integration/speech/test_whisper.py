"""Whisper-base on real speech of another voice, over a simulated phone line."""

import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.integration.speech.scoring import syllable_error
from voicebot.adapters.stt.answers import NO, YES
from voicebot.adapters.stt.engine import NOTHING, Decoded
from voicebot.adapters.stt.whisper import WhisperEngine
from voicebot.core.audio import AudioChunk, silence
from voicebot.core.errors import VoicebotError
from voicebot.core.utterance import Expect, ExpectKind

pytestmark = pytest.mark.integration

SENTENCES = (
    "社保卡丢了怎么补办",
    "我家门口的路灯坏了三天了",
    "转人工",
    "公积金怎么提取",
    "居住证怎么办理需要什么材料",
    "人民路和解放路交叉口的井盖不见了",
    "昨天晚上开始停水到现在还没来",
    "是的没错",
    "不对不是这个地址",
    "孩子上小学需要准备哪些东西",
)


@pytest.fixture(scope="module")
def engine(whisper_folder: Path) -> WhisperEngine:
    return WhisperEngine(whisper_folder)


OFFER = Expect(ExpectKind.CHOICE, choices=("登记", "人工"))
YES_OR_NO = Expect(ExpectKind.YES_NO)
MARKS = Expect(ExpectKind.SCORE)


def decode(engine: WhisperEngine, chunk: AudioChunk, expect: Expect = Expect()) -> Decoded:  # noqa: B008
    stream = engine.open(chunk.rate)
    stream.feed(chunk.pcm)
    return stream.decode(expect, final=True, cancelled=lambda: False)


def test_understands_the_caller_and_prints_the_figures(
    engine: WhisperEngine, caller_says: Callable[[str], AudioChunk], capsys: pytest.CaptureFixture[str]
) -> None:
    took, errors = [], []
    for text in SENTENCES:
        sound = caller_says(text)
        begun = time.perf_counter()
        heard = decode(engine, sound)
        took.append(time.perf_counter() - begun)
        errors.append(syllable_error(text, heard.text))
    took.sort()
    with capsys.disabled():
        print(  # noqa: T201
            f"\nwhisper-base, {len(SENTENCES)} utterances: syllable error {statistics.mean(errors):.1%}, "
            f"decode p50 {took[len(took) // 2]:.2f} s, max {took[-1]:.2f} s"
        )
    assert statistics.mean(errors) < 0.2
    assert sum(e == 0 for e in errors) >= len(SENTENCES) // 2


@pytest.mark.parametrize(
    ("expect", "said", "meant"),
    [
        (YES_OR_NO, "是的", YES),
        (YES_OR_NO, "对", YES),
        (YES_OR_NO, "好", YES),
        (YES_OR_NO, "不是", NO),
        (YES_OR_NO, "不对", NO),
        (YES_OR_NO, "没有", NO),
        (OFFER, "人工", ("人工",)),
        (OFFER, "第一个", ("第一个",)),
        (MARKS, "五分", ("五分",)),
        (MARKS, "很满意", ("很满意",)),
    ],
)
def test_very_short_answers_to_a_closed_question_are_heard(
    engine: WhisperEngine,
    caller_says: Callable[[str], AudioChunk],
    expect: Expect,
    said: str,
    meant: tuple[str, ...],
) -> None:
    heard = decode(engine, caller_says(said), expect)
    assert heard.text in meant
    assert heard.confidence > 0.7


@pytest.mark.parametrize("said", ["等一下", "昨天晚上开始停水到现在还没来", "王先生"])
def test_what_is_no_answer_is_not_made_one(
    engine: WhisperEngine, caller_says: Callable[[str], AudioChunk], said: str
) -> None:
    assert syllable_error(said, decode(engine, caller_says(said), YES_OR_NO).text) < 0.4


@pytest.mark.parametrize("expect", [Expect(), YES_OR_NO, OFFER, MARKS], ids=lambda e: e.kind.value)
@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("sound", ["silence", "noise", "ring", "key", "music"])
def test_makes_nothing_up(engine: WhisperEngine, sound: str, seed: int, expect: Expect) -> None:
    at = np.arange(16_000 * (1 + seed)) / 8_000
    wave = {
        "silence": np.zeros_like(at),
        "noise": np.random.default_rng(seed).normal(0, 0.05, at.size),
        "ring": 0.3 * np.sin(2 * np.pi * 450 * at),
        "key": 0.3 * (np.sin(2 * np.pi * 697 * at) + np.sin(2 * np.pi * 1_209 * at)),
        "music": 0.2 * sum(np.sin(2 * np.pi * f * at) for f in (262, 330, 392)) * (1 + np.sin(12 * at)) / 2,
    }[sound]
    chunk = AudioChunk((np.clip(wave, -1, 1) * 32767).astype("<i2").tobytes(), 8_000)
    assert decode(engine, chunk, expect) == NOTHING


def test_too_short_is_nothing(engine: WhisperEngine) -> None:
    assert decode(engine, silence(0.02, 8_000)) == NOTHING
    assert engine.open(8_000).decode(Expect(), final=True, cancelled=lambda: False) == NOTHING


def test_a_cancelled_decode_gives_up(engine: WhisperEngine, caller_says: Callable[[str], AudioChunk]) -> None:
    stream = engine.open(8_000)
    stream.feed(caller_says(SENTENCES[0]).pcm)
    assert stream.decode(Expect(), final=False, cancelled=lambda: True) == NOTHING


def test_a_turn_goes_on_after_a_speculative_decode_and_ends_with_reset(
    engine: WhisperEngine, caller_says: Callable[[str], AudioChunk]
) -> None:
    stream = engine.open(8_000)
    first, second = caller_says("公积金怎么提取").pcm, caller_says("转人工").pcm
    stream.feed(first)
    early = stream.decode(Expect(), final=False, cancelled=lambda: False)
    stream.feed(second)
    whole = stream.decode(Expect(), final=True, cancelled=lambda: False)
    assert len(whole.text) > len(early.text) > 0
    stream.reset()
    stream.feed(second)
    assert len(stream.decode(Expect(), final=True, cancelled=lambda: False).text) < len(whole.text)


def test_a_damaged_model_is_a_clear_error(whisper_folder: Path, tmp_path: Path) -> None:
    broken = tmp_path / "whisper-base"
    broken.mkdir()
    for name in ("config.json", "tokenizer.json", "vocabulary.txt"):
        (broken / name).symlink_to((whisper_folder / name).resolve())
    (broken / "model.bin").write_bytes((whisper_folder / "model.bin").read_bytes()[:100_000])
    with pytest.raises(VoicebotError, match=r"model\.damaged.*voicebot models pull"):
        WhisperEngine(broken)
