"""sherpa-onnx: recognition with a model of the operator's, streaming or whole turns.

Streaming: zipformer and other transducers, Paraformer, zipformer CTC. Whole turns: SenseVoice,
Paraformer, transducers, Whisper. The library is in the package extra ``sherpa``.
"""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import numpy as np
import soxr
from numpy.typing import NDArray

from voicebot.adapters.models.fault import Fault, damaged
from voicebot.adapters.stt.engine import NOTHING, UNRATED, Decoded
from voicebot.adapters.stt.guards import Raw, judge
from voicebot.adapters.stt.level import QUIET
from voicebot.adapters.stt.options import SherpaOptions, wrong
from voicebot.adapters.stt.sherpa_build import build, known_hotwords, library
from voicebot.adapters.stt.sherpa_folder import REMEDY, Kind, probe, read_layout
from voicebot.adapters.stt.simplified import simplified
from voicebot.adapters.stt.text import join_hanzi
from voicebot.adapters.stt.turn_sound import TurnSound
from voicebot.core.utterance import Expect

RATE: Final = 16_000
LONGEST: Final = 28.0
"""Seconds of a turn that a model for whole turns is given; what was said before is left out."""
TAIL: Final = 0.7
"""Seconds of silence after a turn, so that a streaming model's last chunk is full."""
_SPOKEN: Final = re.compile(r"\w")

Floats = NDArray[np.float32]


def load_sherpa(options: SherpaOptions) -> "SherpaEngine":
    """The engine, after its model was tried in a process of its own.

    Raises:
        VoicebotError: ``stt.missing``, ``stt.options``, ``model.missing``, ``model.damaged``.
    """
    check_sherpa(options)
    return SherpaEngine(options)


def check_sherpa(options: SherpaOptions) -> None:
    """Tries library, files and model. Raises as `load_sherpa`."""
    library()
    layout = read_layout(Path(options.folder))
    if options.hotwords and not layout.kind.takes_hotwords:
        raise wrong(
            "sherpa.hotwords",
            "、".join(options.hotwords),
            f"空：{layout.kind} 模型不支持热词，只有 transducer 支持",
        )
    if faults := probe(asdict(options)):
        raise damaged(faults)


class SherpaEngine:
    """Implements `stt.engine.Engine`. See `load_sherpa`: a bad model ends the process here."""

    name: Final = "sherpa"
    note: Final = ""

    def __init__(self, options: SherpaOptions) -> None:
        made_by = library()
        layout = read_layout(Path(options.folder))
        self.model: Final = layout.folder.name
        self.streaming: Final = layout.kind.streaming
        self._kind = layout.kind
        self._hotwords = "/".join(known_hotwords(options.hotwords, layout))
        try:
            self._recogniser = build(made_by, layout, options, bool(self._hotwords))
        except (RuntimeError, ValueError) as error:
            raise damaged([Fault(str(layout.folder), f"sherpa-onnx：{error}", REMEDY)]) from error
        # the first run allocates; a caller must not wait for it
        stream = self.open(RATE)
        stream.feed(np.random.default_rng(1).integers(-300, 300, RATE, "<i2").tobytes())
        stream.decode(Expect(), final=True, cancelled=lambda: False)

    def open(self, rate: int) -> "StreamingTurn | WholeTurn":
        return StreamingTurn(self, rate) if self.streaming else WholeTurn(self, rate)

    def begin(self) -> Any:
        """A stream of the library's."""
        if self._hotwords:
            return self._recogniser.create_stream(hotwords=self._hotwords)
        return self._recogniser.create_stream()

    def advance(self, stream: Any) -> None:
        """Decodes what a stream has enough sound for."""
        while self._recogniser.is_ready(stream):
            self._recogniser.decode_stream(stream)

    def heard(self, stream: Any) -> Decoded:
        """What a streaming stream has come to."""
        text = join_hanzi(simplified(str(self._recogniser.get_result(stream))))
        if not _SPOKEN.search(text):
            return NOTHING
        return Decoded(text, _confidence(self._recogniser.ys_probs(stream)))

    def recognise(self, samples: Floats) -> Decoded:
        """Text of a whole turn (±1 at 16 kHz)."""
        if samples.size < RATE // 20 or float(np.abs(samples).max()) < QUIET:
            return NOTHING
        stream = self.begin()
        stream.accept_waveform(RATE, samples)
        self._recogniser.decode_stream(stream)
        text = join_hanzi(simplified(str(stream.result.text)))
        confidence = _confidence(stream.result.ys_log_probs)
        if self._kind is Kind.WHISPER:
            return judge(Raw(text, math.log(confidence), 0.0), samples.size / RATE, "")
        return Decoded(text, confidence) if _SPOKEN.search(text) else NOTHING


def _confidence(logarithms: Sequence[float]) -> float:
    """Geometric mean of the tokens' probabilities."""
    if not logarithms:
        return UNRATED
    return min(1.0, max(0.01, math.exp(sum(logarithms) / len(logarithms))))


def _floats(pcm: bytes) -> Floats:
    return np.frombuffer(pcm, "<i2").astype(np.float32) / np.float32(32768)


class StreamingTurn:
    """Implements `stt.engine.Stream` while it is fed."""

    def __init__(self, engine: SherpaEngine, rate: int) -> None:
        self._engine = engine
        self._rate = rate
        self._stream: Any = None
        self._resampler: Any = None
        self._done: list[Decoded] = []
        """Parts of the turn that were decoded to their end."""

    def feed(self, pcm: bytes) -> None:
        if self._stream is None:
            self._stream = self._engine.begin()
            # the library's own resampler reports itself on stderr for every stream
            self._resampler = soxr.ResampleStream(self._rate, RATE, 1, dtype="float32")
        self._stream.accept_waveform(RATE, self._at_rate(_floats(pcm)))
        self._engine.advance(self._stream)

    def _at_rate(self, samples: Floats, *, last: bool = False) -> Floats:
        if self._rate == RATE:
            return samples
        return np.asarray(self._resampler.resample_chunk(samples, last=last), np.float32)

    def decode(self, expect: Expect, *, final: bool, cancelled: Callable[[], bool]) -> Decoded:
        if self._stream is not None and final:
            silence = np.zeros(int(TAIL * self._rate), np.float32)
            self._stream.accept_waveform(RATE, self._at_rate(silence, last=True))
            self._stream.input_finished()
            self._engine.advance(self._stream)
            self._done.append(self._engine.heard(self._stream))
            self._stream = None  # it takes nothing more; a caller who goes on begins another
        open_part = [] if self._stream is None else [self._engine.heard(self._stream)]
        return _together([*self._done, *open_part])

    def reset(self) -> None:
        self._done.clear()
        self._stream = None

    def close(self) -> None:
        self.reset()


def _together(parts: Sequence[Decoded]) -> Decoded:
    spoken = [part for part in parts if part.text]
    if not spoken:
        return NOTHING
    length = sum(len(part.text) for part in spoken)
    mean = sum(part.confidence * len(part.text) for part in spoken) / length
    return Decoded(join_hanzi(" ".join(part.text for part in spoken)), mean)


class WholeTurn:
    """Implements `stt.engine.Stream`: keeps the turn's sound and decodes all of it."""

    def __init__(self, engine: SherpaEngine, rate: int) -> None:
        self._engine = engine
        self._sound = TurnSound(rate, LONGEST)

    def feed(self, pcm: bytes) -> None:
        self._sound.feed(pcm)

    def decode(self, expect: Expect, *, final: bool, cancelled: Callable[[], bool]) -> Decoded:
        samples = self._sound.floats(RATE)
        return NOTHING if cancelled() else self._engine.recognise(samples)

    def reset(self) -> None:
        self._sound.clear()

    def close(self) -> None:
        self._sound.clear()
