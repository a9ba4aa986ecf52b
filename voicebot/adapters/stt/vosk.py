"""Vosk: streaming recognition with one shared model.

Traps of vosk 0.3.45 that are guarded here (findings.md): damage that shows only when the first
recogniser is made (warmed up at start), grammars that crash the process (only words of the
vocabulary, never an empty list), recognisers that keep 50-75 MB after speech (reset and trimmed).
"""

import ctypes
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from voicebot.adapters.models.fault import damaged
from voicebot.adapters.models.vosk_folder import structure_faults
from voicebot.adapters.stt.engine import NOTHING, Decoded
from voicebot.adapters.stt.text import join_hanzi
from voicebot.core.errors import VoicebotError
from voicebot.core.utterance import Expect, ExpectKind

CLOSED: Final = frozenset({ExpectKind.YES_NO, ExpectKind.CHOICE, ExpectKind.SCORE})
"""Questions whose answers are few: a grammar of them costs a twentieth and hears better."""
YES_NO: Final = ("是", "是的", "对", "对的", "好", "好的", "可以", "不是", "不对", "不", "没有", "不用")
SURE: Final = 0.6
"""Confidence from which the grammar's answer is taken instead of the free text."""
LONGEST: Final = 20.0
"""Seconds of a turn that are decoded again with a grammar."""
_UNKNOWN: Final = "[unk]"


class VoskEngine:
    """Implements `stt.engine.Engine`.

    Args:
        folder: a whole Vosk model.

    Raises:
        VoicebotError: ``model.damaged``.
    """

    name: Final = "vosk"
    streaming: Final = True

    def __init__(self, folder: Path, note: str = "") -> None:
        import vosk

        if faults := structure_faults(folder):
            raise damaged(faults)
        vosk.SetLogLevel(-1)
        self.model: Final = folder.name
        self.note: Final = note
        self._recogniser = vosk.KaldiRecognizer
        try:
            self._vosk = vosk.Model(str(folder))
            self.recogniser(16_000).AcceptWaveform(bytes(32_000))
        # vosk raises bare exceptions for models it cannot read
        except Exception as error:
            raise VoicebotError(
                "model.damaged", f"{folder}：Vosk 装不进这个模型。处理办法：voicebot models check"
            ) from error
        # big static graphs take no grammar
        self._grammars = (folder / "graph" / "Gr.fst").exists() or (folder / "Gr.fst").exists()

    def recogniser(self, rate: int, grammar: tuple[str, ...] = ()) -> Any:
        made = (
            self._recogniser(self._vosk, rate, json.dumps([*grammar, _UNKNOWN], ensure_ascii=False))
            if grammar
            else self._recogniser(self._vosk, rate)
        )
        made.SetWords(True)
        made.SetPartialWords(True)
        return made

    def grammar(self, expect: Expect) -> tuple[str, ...]:
        """The answers of a closed question as phrases of known words; empty for an open one."""
        if not self._grammars or expect.kind not in CLOSED:
            return ()
        wanted = [*expect.choices, *(YES_NO if expect.kind is ExpectKind.YES_NO else ())]
        return tuple(dict.fromkeys(p for phrase in wanted if (p := self._words(phrase))))

    def _words(self, phrase: str) -> str:
        """`phrase` cut into words of the vocabulary, longest first; empty when one is not in it."""
        words, rest = [], phrase.replace(" ", "")
        while rest:
            size = next((n for n in range(len(rest), 0, -1) if self.knows(rest[:n])), 0)
            if not size:
                return ""
            words.append(rest[:size])
            rest = rest[size:]
        return " ".join(words)

    def knows(self, word: str) -> bool:
        return int(self._vosk.vosk_model_find_word(word)) >= 0

    def open(self, rate: int) -> "VoskStream":
        return VoskStream(self, rate)


class VoskStream:
    """Implements `stt.engine.Stream`; a recogniser is made with the first sound of a turn."""

    def __init__(self, engine: VoskEngine, rate: int) -> None:
        self._engine = engine
        self._rate = rate
        self._recogniser: Any = None
        self._done: list[Decoded] = []
        self._pcm = bytearray()

    def feed(self, pcm: bytes) -> None:
        if self._recogniser is None:
            self._recogniser = self._engine.recogniser(self._rate)
        if len(self._pcm) < LONGEST * self._rate * 2:
            self._pcm += pcm
        if self._recogniser.AcceptWaveform(pcm):
            self._done.append(_result(self._recogniser.Result()))

    def decode(self, expect: Expect, *, final: bool, cancelled: Callable[[], bool]) -> Decoded:
        if self._recogniser is None:
            return NOTHING
        if final and (closed := self._closed(expect)) is not None:
            return closed
        if not final:
            return _together([*self._done, _result(self._recogniser.PartialResult())])
        self._done.append(_result(self._recogniser.FinalResult()))
        return _together(self._done)

    def _closed(self, expect: Expect) -> Decoded | None:
        """The answer as the question's grammar hears it; None when it is none of the answers."""
        if not (grammar := self._engine.grammar(expect)):
            return None
        recogniser = self._engine.recogniser(self._rate, grammar)
        recogniser.AcceptWaveform(bytes(self._pcm))
        heard = _result(recogniser.FinalResult())
        return heard if heard.text and _UNKNOWN not in heard.text and heard.confidence >= SURE else None

    def reset(self) -> None:
        self._done.clear()
        self._pcm.clear()
        if self._recogniser is not None:
            self._recogniser.Reset()
            _trim_memory()

    def close(self) -> None:
        self._done.clear()
        self._pcm.clear()
        self._recogniser = None
        _trim_memory()


def _trim_memory() -> None:
    """Gives freed lattices back to the system (glibc keeps them otherwise)."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def _result(text: str) -> Decoded:
    """One of Vosk's JSON results, final or partial."""
    data = json.loads(text)
    words = data.get("result") or data.get("partial_result") or []
    spoken = str(data.get("text") or data.get("partial") or "")
    confidence = sum(float(w.get("conf", 0)) for w in words) / len(words) if words else 0.0
    return Decoded(join_hanzi(spoken), confidence)


def _together(parts: list[Decoded]) -> Decoded:
    spoken = [p for p in parts if p.text]
    if not spoken:
        return NOTHING
    length = sum(len(p.text) for p in spoken)
    mean = sum(p.confidence * len(p.text) for p in spoken) / length
    return Decoded(join_hanzi(" ".join(p.text for p in spoken)), mean)
