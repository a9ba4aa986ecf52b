"""Vosk: streaming recognition with one shared model.

Traps of vosk 0.3.45 that are guarded here: damage that shows only when the first recogniser is made
(warmed up at start), grammars that crash the process (only words of the vocabulary, never an empty
list), recognisers that keep 25-75 MB after speech even when they are reset (pooled: as many as callers
speak at once; those too many are deleted), partial results that lag behind by up to 0.8 s and lack the
last words (in a pause the text is taken by a final result; what is said after it is joined to it).
"""

import ctypes
import json
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np

from voicebot.adapters.models.fault import damaged
from voicebot.adapters.models.vosk_folder import structure_faults
from voicebot.adapters.stt.answers import candidates
from voicebot.adapters.stt.engine import NOTHING, UNRATED, Decoded
from voicebot.adapters.stt.text import join_hanzi
from voicebot.core.errors import VoicebotError
from voicebot.core.utterance import Expect

SURE: Final = 0.6
"""Confidence from which the grammar's answer is taken instead of the free text."""
SHORT: Final = 5.0
"""Seconds of a turn that are decoded again with a grammar; a longer one is no mere answer."""
IDLE: Final = 8
"""Recognisers kept for the next speaker; making one takes 50 ms and what it had cached is lost."""
PAUSE: Final = 0.16
"""Seconds at the end that must be soft for a turn to be in a pause."""
SOFT: Final = 0.1
"""Power of a pause against that of the loudest 20 ms: -10 dB."""
GUESS: Final = UNRATED
"""Confidence of a partial result: Vosk gives none."""
STEP: Final = 0.02
"""Seconds fed at a time, whatever comes: with pieces of 0.1 s the texts of 4 of 12 sounds differed from those
with 20 to 60 ms (the adaptation to the speaker probably advances by the piece)."""
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
        self._idle: dict[int, deque[Any]] = {}
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
        """A new one; `grammar` of phrases as `grammar` gives them."""
        if not grammar:
            made = self._recogniser(self._vosk, rate)
        else:
            # few models lack the word for all others; those answer whatever they hear
            phrases = [*grammar, *([_UNKNOWN] if self.knows(_UNKNOWN) else [])]
            made = self._recogniser(self._vosk, rate, json.dumps(phrases, ensure_ascii=False))
        # words of partial results would come out of the lattice, which is half a second behind
        made.SetWords(True)
        return made

    def take(self, rate: int) -> Any:
        """A recogniser without a past, out of the pool or new."""
        try:
            return self._idle.setdefault(rate, deque()).pop()
        except IndexError:
            return self.recogniser(rate)

    def give(self, rate: int, recogniser: Any) -> None:
        """Back into the pool. After a final result the next sound begins a new utterance, with nothing
        left over of this speaker: neither his last frames nor what was adapted to his voice."""
        recogniser.FinalResult()
        idle = self._idle.setdefault(rate, deque())
        if len(idle) < IDLE:
            idle.append(recogniser)

    def grammar(self, expect: Expect) -> tuple[str, ...]:
        """The answers of a closed question as phrases of known words; empty for an open one."""
        if not self._grammars:
            return ()
        answers = (self._words(candidate.text) for candidate in candidates(expect))
        return tuple(dict.fromkeys(phrase for phrase in answers if phrase))

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
    """Implements `stt.engine.Stream`; has a recogniser from the first sound of a turn to its end."""

    def __init__(self, engine: VoskEngine, rate: int) -> None:
        self._engine = engine
        self._rate = rate
        self._recogniser: Any = None
        self._done: list[Decoded] = []
        self._pcm = bytearray()
        self._fed = 0
        self._loudest = 0.0

    def feed(self, pcm: bytes) -> None:
        if self._recogniser is None:
            self._recogniser = self._engine.take(self._rate)
        self._fed += len(pcm)
        self._pcm += pcm
        self._loudest = max(self._loudest, _loudest(pcm, self._rate))
        if len(self._pcm) > 2 * SHORT * self._rate * 2:  # cut now and then: it is copied
            del self._pcm[: -int(SHORT * self._rate) * 2]
        step = round(STEP * self._rate) * 2
        for start in range(0, len(pcm), step):
            if self._recogniser.AcceptWaveform(pcm[start : start + step]):
                # Vosk's own end of an utterance is none of ours
                self._done.append(_result(self._recogniser.Result()))

    def decode(self, expect: Expect, *, final: bool, cancelled: Callable[[], bool]) -> Decoded:
        """See `Stream.decode`. Amid speech a text that is not final is the best so far, at once."""
        if self._recogniser is None:
            return NOTHING
        paused = final or self._paused()
        if paused and (closed := self._closed(expect)) is not None:
            return closed
        if cancelled():
            return NOTHING
        if not paused:
            return _together([*self._done, _result(self._recogniser.PartialResult())])
        self._done.append(_result(self._recogniser.FinalResult()))
        return _together(self._done)

    def _paused(self) -> bool:
        tail = bytes(self._pcm[-int(PAUSE * self._rate) * 2 :])
        return _loudest(tail, self._rate) < self._loudest * SOFT

    def _closed(self, expect: Expect) -> Decoded | None:
        """The answer as the question's grammar hears it; None when it is none of the answers."""
        if self._fed > SHORT * self._rate * 2 or not (grammar := self._engine.grammar(expect)):
            return None
        recogniser = self._engine.recogniser(self._rate, grammar)
        recogniser.AcceptWaveform(bytes(self._pcm))
        heard = _result(recogniser.FinalResult())
        # two answers in one breath (是的不是) are none
        whole = heard.text in {join_hanzi(phrase) for phrase in grammar}
        return heard if whole and heard.confidence >= SURE else None

    def reset(self) -> None:
        self._done.clear()
        self._pcm.clear()
        self._fed, self._loudest = 0, 0.0
        if self._recogniser is not None:
            recogniser, self._recogniser = self._recogniser, None
            self._engine.give(self._rate, recogniser)
            del recogniser
            _trim_memory()

    def close(self) -> None:
        self.reset()


def _loudest(pcm: bytes, rate: int) -> float:
    """Power of the loudest 20 ms; 0 when there is less."""
    size = rate // 50
    samples = np.frombuffer(pcm, "<i2")
    frames = samples[: samples.size // size * size].reshape(-1, size).astype(np.float32)
    return float(np.mean(frames**2, axis=1).max()) if frames.size else 0.0


def _trim_memory() -> None:
    """Gives freed lattices back to the system (glibc keeps them otherwise)."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def _result(text: str) -> Decoded:
    """One of Vosk's JSON results, final or partial."""
    data = json.loads(text)
    words = data.get("result") or []
    spoken = str(data.get("text") or data.get("partial") or "")
    confidence = sum(float(w.get("conf", 0)) for w in words) / len(words) if words else GUESS
    return Decoded(join_hanzi(spoken), confidence)


def _together(parts: list[Decoded]) -> Decoded:
    spoken = [p for p in parts if p.text]
    if not spoken:
        return NOTHING
    length = sum(len(p.text) for p in spoken)
    mean = sum(p.confidence * len(p.text) for p in spoken) / length
    return Decoded(join_hanzi(" ".join(p.text for p in spoken)), mean)
