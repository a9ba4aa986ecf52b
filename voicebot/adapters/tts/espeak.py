"""espeak-ng: a voice of last resort that is always there, and the one that speaks English too.

The library comes with the package `espeakng-loader` (extra ``espeak``; GPL-3, see NOTICE) and is
loaded only here, in the synthesis process, when the engine is configured. It needs no model, no
network and next to no CPU, but its Mandarin is hard to understand (findings: 62 % of the syllables
are misheard).
"""

import ctypes
import threading
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

import numpy as np

from voicebot.adapters.tts.engine import Sound
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import MANDARIN, LanguageTag

NORMAL: Final = 160
"""Words a minute at rate 1.0; its own default of 175 is fast for a telephone."""
SLOWEST: Final = 80
FASTEST: Final = 450
"""Its own limits."""

_SYNCHRONOUS: Final = 2  # espeak-ng's speak_lib.h: AUDIO_OUTPUT_SYNCHRONOUS
_NO_EXIT: Final = 0x8000  # espeakINITIALIZE_DONT_EXIT
_UTF8: Final = 1
_RATE: Final = 1  # espeakRATE
_OK: Final = 0

_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


class _Library:
    """espeak-ng in this process. It has one state for all, hence the lock and the one instance."""

    def __init__(self) -> None:
        try:
            import espeakng_loader
        except ImportError as error:
            raise VoicebotError(
                "tts.missing",
                "没有安装 espeak-ng。处理办法：pip install 'voicebot-12345[espeak]'，"
                "或从 tts.engine、tts.fallbacks 里去掉 espeak",
            ) from error
        self._lock = threading.Lock()
        self._sound = bytearray()
        self._callback = _Callback(self._collect)  # kept: the library holds only its address
        try:
            self._lib: Any = ctypes.CDLL(espeakng_loader.get_library_path())
            data = espeakng_loader.get_data_path().encode()
        except (OSError, RuntimeError) as error:
            raise VoicebotError(
                "tts.missing", f"espeak-ng 装不进：{error}。处理办法：重新安装 espeakng-loader"
            ) from error
        rate = self._lib.espeak_Initialize(_SYNCHRONOUS, 0, data, _NO_EXIT)
        if rate <= 0:
            raise VoicebotError("tts.missing", "espeak-ng 无法启动。处理办法：重新安装 espeakng-loader")
        self.rate: Final = int(rate)
        self._lib.espeak_SetSynthCallback(self._callback)

    def _collect(self, samples: Any, count: int, _events: Any) -> int:
        if samples and count > 0:
            self._sound += ctypes.string_at(samples, count * 2)
        return 0  # go on

    def speak(self, text: str, voice: str, words_a_minute: int) -> bytes:
        """s16 mono at `rate` Hz.

        Raises:
            VoicebotError: ``tts.failed``: no such voice, or it refuses the text.
        """
        said = text.encode() + b"\0"
        with self._lock:
            self._sound.clear()
            if self._lib.espeak_SetVoiceByName(voice.encode()) != _OK:
                raise VoicebotError("tts.failed", f"espeak-ng 没有名为 {voice} 的声音")
            self._lib.espeak_SetParameter(_RATE, words_a_minute, 0)
            if self._lib.espeak_Synth(said, ctypes.c_size_t(len(said)), 0, 0, 0, _UTF8, None, None) != _OK:
                raise VoicebotError("tts.failed", "espeak-ng 没有念出这句话", retryable=True)
            self._lib.espeak_Synchronize()
            return bytes(self._sound)


@cache
def _shared() -> _Library:
    return _Library()


class EspeakEngine:
    """Implements `tts.engine.Engine`.

    Raises:
        VoicebotError: ``tts.missing``: the package is not installed or does not load.
    """

    name: Final = "espeak"
    version: Final = "1.52"
    languages: Final[Mapping[LanguageTag, str]] = {MANDARIN: "cmn", LanguageTag("en"): "en-us"}

    def __init__(self) -> None:
        self._library = _shared()
        self.speak("您好", "", 1.0)  # reads the voice's files; a caller must not wait for it

    def speak(self, text: str, voice: str, rate: float) -> Sound:
        """See `Engine.speak`; `voice` is a name of espeak-ng (``cmn``, ``en-gb`` …)."""
        pace = min(FASTEST, max(SLOWEST, round(NORMAL * rate)))
        sound = self._library.speak(text, voice or self.languages[MANDARIN], pace)
        return Sound(np.frombuffer(sound, "<i2").astype(np.float32) / np.float32(32768), self._library.rate)
