"""Whisper-base on CTranslate2: the fallback when there is no Mandarin Vosk model.

Not streaming: `feed` keeps the sound, `decode` recognises all of it. The window is the utterance
and 6 s of silence instead of 30 s, which makes it three times as fast for the same result on short
speech (findings.md); one thread, more gain nothing.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
import soxr

from voicebot.adapters.stt import features
from voicebot.adapters.stt.engine import NOTHING, Decoded
from voicebot.adapters.stt.guards import Raw, judge
from voicebot.adapters.stt.simplified import simplified
from voicebot.core.errors import VoicebotError
from voicebot.core.utterance import Expect

PROMPT: Final = (
    "以下是12345政务服务热线的通话，请用简体中文。内容涉及社保卡、公积金、医保、户口、居住证、"
    "投诉、噪音扰民、停水、井盖、路灯、工单、转人工。"
)
MARGIN: Final = 600
"""Frames (10 ms) of silence after the speech."""
LONGEST: Final = 28.0
"""Seconds of a turn that are recognised; what was said before is left out."""
_QUIET: Final = 10 ** (-60 / 20)


class WhisperEngine:
    """Implements `stt.engine.Engine`.

    Args:
        folder: the installed model ``whisper-base``.
        workers: decodes that may run side by side, one thread each.
        beam: hypotheses kept while decoding; more than one gains nothing (14.9 → 14.4 % CER).
        prompt: text the model is primed with; at most some 100 characters, each costs time.

    Raises:
        VoicebotError: ``model.damaged``.
    """

    name: Final = "whisper-base"
    streaming: Final = False

    def __init__(
        self, folder: Path, *, workers: int = 1, beam: int = 1, note: str = "", prompt: str = PROMPT
    ) -> None:
        import ctranslate2
        import tokenizers

        self.model: Final = folder.name
        self.note: Final = note
        self._beam = beam
        self._words = prompt
        try:
            self._model = ctranslate2.models.Whisper(
                str(folder),
                device="cpu",
                compute_type="int8_float32",
                inter_threads=workers,
                intra_threads=1,
            )
            self._tokens = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
        # both libraries raise bare exceptions for a file they cannot read
        except Exception as error:
            raise VoicebotError(
                "model.damaged",
                f"{folder}：识别模型装不进：{error}。处理办法：voicebot models pull {folder.name}",
            ) from error
        self._storage = ctranslate2.StorageView
        self._prompt = (
            self._ids("<|startofprev|>") + self._tokens.encode(prompt, add_special_tokens=False).ids
        )
        self._prompt += self._ids("<|startoftranscript|>", "<|zh|>", "<|transcribe|>", "<|notimestamps|>")
        self.recognise(np.full(features.RATE, 0.01, np.float32))  # first run allocates

    def _ids(self, *names: str) -> list[int]:
        return [number for name in names if (number := self._tokens.token_to_id(name)) is not None]

    def open(self, rate: int) -> "WhisperStream":
        return WhisperStream(self, rate)

    def recognise(self, samples: features.Floats, cancelled: Callable[[], bool] = lambda: False) -> Decoded:
        """Text of `samples` (±1 at 16 kHz)."""
        if samples.size < features.RATE // 20 or float(np.abs(samples).max()) < _QUIET:
            return NOTHING
        seconds = samples.size / features.RATE
        mel = features.log_mel(samples, MARGIN)
        if cancelled():
            return NOTHING
        encoded = self._model.encode(self._storage.from_array(np.ascontiguousarray(mel[None])))
        if cancelled():
            return NOTHING
        result = self._generate(encoded, seconds)
        text = self._tokens.decode(result.sequences_ids[0])
        return judge(Raw(simplified(text), result.scores[0], result.no_speech_prob), seconds, self._words)

    def _generate(self, encoded: Any, seconds: float) -> Any:
        return self._model.generate(
            encoded,
            [self._prompt],
            beam_size=self._beam,
            max_length=len(self._prompt) + 12 + int(12 * seconds),
            return_scores=True,
            return_no_speech_prob=True,
        )[0]


class WhisperStream:
    """Implements `stt.engine.Stream`: the turn's sound at 16 kHz."""

    def __init__(self, engine: WhisperEngine, rate: int) -> None:
        self._engine = engine
        self._rate = rate
        self._pcm = bytearray()

    def feed(self, pcm: bytes) -> None:
        self._pcm += pcm
        longest = int(LONGEST * self._rate) * 2
        if len(self._pcm) > longest:
            del self._pcm[:-longest]

    def decode(self, expect: Expect, *, final: bool, cancelled: Callable[[], bool]) -> Decoded:
        samples = np.frombuffer(bytes(self._pcm), "<i2").astype(np.float32) / np.float32(32768)
        if self._rate != features.RATE:
            samples = soxr.resample(samples, self._rate, features.RATE, quality="HQ")
        return self._engine.recognise(np.asarray(samples, np.float32), cancelled)

    def reset(self) -> None:
        self._pcm.clear()

    def close(self) -> None:
        self._pcm.clear()
