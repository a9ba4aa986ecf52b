"""Whisper-base on CTranslate2: the fallback when there is no Mandarin Vosk model.

Not streaming: `feed` keeps the sound, `decode` recognises all of it. The window is the utterance
and 6 s of silence instead of 30 s, which makes it three times as fast for the same result on short
speech (findings.md); one thread, more gain nothing. Speech is brought to one level first.

A closed question primes the model with its answers. Primed, it says one of them whatever it hears, so a
short answer is decided by the sound alone: the likelihood of every answer without priming, against that
of the text the model wrote freely (docs/benchmarks.md, Recognition).
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np

from voicebot.adapters.stt import features
from voicebot.adapters.stt.answers import CLOSED, YES_NO, Candidate, candidates, primer
from voicebot.adapters.stt.engine import NOTHING, Decoded
from voicebot.adapters.stt.guards import Raw, bare, judge, repeated
from voicebot.adapters.stt.simplified import simplified
from voicebot.adapters.stt.turn_sound import TurnSound
from voicebot.core.errors import VoicebotError
from voicebot.core.utterance import Expect, ExpectKind
from voicebot.language.pinyin import syllables

PROMPT: Final = (
    "以下是12345政务服务热线的通话，请用简体中文。内容涉及社保卡、公积金、医保、户口、居住证、"
    "投诉、噪音扰民、停水、井盖、路灯、工单、转人工。"
)
MARGIN: Final = 600
"""Frames (10 ms) of silence after the speech."""
LONGEST: Final = 28.0
"""Seconds of a turn that are recognised; what was said before is left out."""
SHORT: Final = 2.5
"""Seconds up to which the answer to a closed question is looked for among its answers."""
BRIEF: Final = 1.6
"""Seconds up to which an utterance may be a bare yes or no although no such question is open."""
PRIMED_NO_SPEECH: Final = 0.38
"""Primed with answers the model is sure of one even in noise (0.40-0.96 of no speech; answers 0.00-0.11)."""
_QUIET: Final = 10 ** (-60 / 20)
_UNLIKELIER: Final = -2.0
"""Log likelihood that an answer may lack against the free text to be taken instead of it."""
_SURE: Final = 0.8
"""Share of the answers' likelihood that those of one meaning must have."""
_TRAIL: Final = 50
"""Encoded frames (20 ms) after the sound that answers are compared on: they hold all of it, and the
rest of the margin doubles the cost."""
_OPEN: Final = Expect()
_NEVER: Final[Callable[[], bool]] = lambda: False  # noqa: E731


@dataclass(frozen=True, slots=True)
class _Encoded:
    """Sound as the decoder sees it: (1, n, 512), with what it lasts."""

    states: Any
    seconds: float


class WhisperEngine:
    """Implements `stt.engine.Engine`.

    Args:
        folder: the installed model ``whisper-base``.
        workers: decodes that may run side by side, one thread each.
        beam: hypotheses kept while decoding; five save a sixth of the errors for a twentieth more CPU.
        prompt: text the model is primed with where anything may be said; at most some 100 characters,
            each costs time.
        margin: frames of silence after the speech.
        threads: of one decode; a second one gains little.

    Raises:
        VoicebotError: ``model.damaged``.
    """

    name: Final = "whisper-base"
    streaming: Final = False

    def __init__(
        self,
        folder: Path,
        *,
        workers: int = 1,
        beam: int = 5,
        note: str = "",
        prompt: str = PROMPT,
        margin: int = MARGIN,
        threads: int = 1,
    ) -> None:
        import ctranslate2
        import tokenizers

        self.model: Final = folder.name
        self.note: Final = note
        self._beam = beam
        self._general = prompt
        self._margin = margin
        try:
            self._model = ctranslate2.models.Whisper(
                str(folder),
                device="cpu",
                compute_type="int8_float32",
                inter_threads=workers,
                intra_threads=threads,
            )
            self._tokens = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
        # both libraries raise bare exceptions for a file they cannot read
        except Exception as error:
            raise VoicebotError(
                "model.damaged",
                f"{folder}：识别模型装不进：{error}。处理办法：voicebot models pull {folder.name}",
            ) from error
        self._storage = ctranslate2.StorageView
        self._primed = lru_cache(256)(self._prime)
        self._start = self._ids("<|startoftranscript|>", "<|zh|>", "<|transcribe|>")
        self.recognise(np.full(features.RATE, 0.01, np.float32))  # first run allocates

    def _ids(self, *names: str) -> list[int]:
        return [number for name in names if (number := self._tokens.token_to_id(name)) is not None]

    def _text_ids(self, text: str) -> list[int]:
        return list(self._tokens.encode(text, add_special_tokens=False).ids)

    def _prime(self, prompt: str) -> list[int]:
        before = self._ids("<|startofprev|>") + self._text_ids(prompt) if prompt else []
        return before + self._start + self._ids("<|notimestamps|>")

    def open(self, rate: int) -> "WhisperStream":
        return WhisperStream(self, rate)

    def encode(self, mels: features.Floats) -> Any:
        """States, (batch, n // 2, 512), of features (batch, 80, n)."""
        return self._model.encode(self._storage.from_array(np.ascontiguousarray(mels)))

    def recognise(
        self, samples: features.Floats, expect: Expect = _OPEN, cancelled: Callable[[], bool] = _NEVER
    ) -> Decoded:
        """Text of `samples` (±1 at 16 kHz) as the answer to what is awaited."""
        if samples.size < features.RATE // 20 or float(np.abs(samples).max()) < _QUIET:
            return NOTHING
        seconds = samples.size / features.RATE
        mel = features.log_mel(features.levelled(samples), self._margin)
        if cancelled():
            return NOTHING
        states = self.encode(mel[None])
        if cancelled():
            return NOTHING
        encoded = _Encoded(states, seconds)
        answers = _answers(expect, seconds)
        # primed with short answers the model says a long sentence again and again
        prompt = primer(expect, self._general) if answers or expect.kind not in CLOSED else self._general
        raw = self._generate(encoded, prompt)
        if prompt != self._general and raw.no_speech > PRIMED_NO_SPEECH:
            return NOTHING
        if not answers or cancelled():
            return judge(raw, seconds, prompt)
        return self._closed(encoded, raw, answers) or judge(raw, seconds, prompt)

    def _generate(self, encoded: _Encoded, prompt: str) -> Raw:
        primed = self._primed(prompt)
        result = self._model.generate(
            encoded.states,
            [primed],
            beam_size=self._beam,
            max_length=len(primed) + 12 + int(12 * encoded.seconds),
            return_scores=True,
            return_no_speech_prob=True,
        )[0]
        text = simplified(self._tokens.decode(result.sequences_ids[0]))
        return Raw(text, result.scores[0], result.no_speech_prob)

    def _closed(self, encoded: _Encoded, raw: Raw, answers: Sequence[Candidate]) -> Decoded | None:
        """The answer that was given; None when it is none of them, as far as one can tell."""
        if raw.made_up:
            return None
        free = repeated(bare(raw.text)) or answers[0].text
        scores = self._likelihoods(encoded, [*(answer.text for answer in answers), free])
        best = max(range(len(answers)), key=scores.__getitem__)
        weights = [math.exp(score - scores[best]) for score in scores[:-1]]
        alike = (w for w, a in zip(weights, answers, strict=True) if a.meaning == answers[best].meaning)
        share = sum(alike) / sum(weights)
        chosen, heard = syllables(answers[best].text), syllables(free)
        if chosen == heard:
            return Decoded(answers[best].text, share)
        near = abs(len(chosen) - len(heard)) <= 1 and scores[best] - scores[-1] >= _UNLIKELIER
        return Decoded(answers[best].text, share) if near and share >= _SURE else None

    def _likelihoods(self, encoded: _Encoded, texts: Sequence[str]) -> list[float]:
        """Log likelihood of each text, up to its full stop, without priming."""
        frames = int(encoded.seconds * 50) + _TRAIL
        states = np.repeat(np.array(encoded.states)[:, :frames], len(texts), axis=0)
        # `num_frames` is for the alignment in time, which nobody needs here; 2 makes it cheap
        aligned = self._model.align(
            self._storage.from_array(np.ascontiguousarray(states)),
            self._start,
            [self._text_ids(f"{text}。") for text in texts],
            2,
        )
        return [sum(math.log(max(p, 1e-9)) for p in one.text_token_probs) for one in aligned]


def _answers(expect: Expect, seconds: float) -> tuple[Candidate, ...]:
    """What so short an utterance may well be."""
    if expect.kind is ExpectKind.OPEN:
        return YES_NO if seconds <= BRIEF else ()
    return candidates(expect) if seconds <= SHORT else ()


class WhisperStream:
    """Implements `stt.engine.Stream`: the turn's sound at 16 kHz."""

    def __init__(self, engine: WhisperEngine, rate: int) -> None:
        self._engine = engine
        self._sound = TurnSound(rate, LONGEST)

    def feed(self, pcm: bytes) -> None:
        self._sound.feed(pcm)

    def decode(self, expect: Expect, *, final: bool, cancelled: Callable[[], bool]) -> Decoded:
        return self._engine.recognise(self._sound.floats(features.RATE), expect, cancelled)

    def reset(self) -> None:
        self._sound.clear()

    def close(self) -> None:
        self._sound.clear()
