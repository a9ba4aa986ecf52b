"""Ears and a voice without engines; nothing here waits for real time."""

import asyncio
from collections.abc import Iterable

import numpy as np

from voicebot.core.audio import AudioChunk
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import CallId
from voicebot.core.utterance import Expect, Utterance
from voicebot.speech.ports import VoiceSettings

SECONDS_A_CHARACTER = 0.2
LEVEL = 0.1

Script = str | Utterance | VoicebotError


class FakeRecogniser:
    """Implements `calls.ports.Recogniser`: hears the scripted texts one after the other.

    A turn's text is the same for speculative and final requests; the next one begins when the
    hearing is restarted after it was asked. An error in the script is raised instead; an `Utterance` is
    heard as it is, a text surely.

    Args:
        texts: what the callers say, shared by all hearings in the order they need them.
        delay: seconds (of the loop's clock) each transcription takes.
        waiting: what `backlog` says.
        streaming: words amid speech cost nothing.
    """

    streaming = False

    def __init__(self, texts: Iterable[Script] = (), *, delay: float = 0.0, waiting: float = 0.0) -> None:
        self._texts = list(texts)
        self.delay = delay
        self.waiting = waiting
        self.asked: list[tuple[Expect, bool]] = []
        """Every request: what was expected, whether it was final."""

    def say(self, *texts: Script) -> None:
        """Adds to the script."""
        self._texts += texts

    def script(self, *texts: Script) -> None:
        """Replaces the script."""
        self._texts = list(texts)

    def next_text(self) -> Script:
        return self._texts.pop(0) if self._texts else ""

    def open(self, call_id: CallId, rate: int) -> "FakeHearing":
        return FakeHearing(self, rate)

    def backlog(self) -> float:
        return self.waiting


class FakeHearing:
    def __init__(self, recogniser: FakeRecogniser, rate: int) -> None:
        self._recogniser = recogniser
        self._rate = rate
        self._text: Script | None = None
        self.fed = 0.0
        self.closed = False

    @property
    def streaming(self) -> bool:
        return self._recogniser.streaming

    def feed(self, chunk: AudioChunk) -> None:
        assert chunk.rate == self._rate
        self.fed += chunk.seconds

    async def transcribe(self, expect: Expect, *, final: bool) -> Utterance:
        self._recogniser.asked.append((expect, final))
        if self._text is None:
            self._text = self._recogniser.next_text()
        text = self._text
        await asyncio.sleep(self._recogniser.delay)
        if isinstance(text, VoicebotError):
            raise text
        if isinstance(text, Utterance):
            return text
        return Utterance(text, 0.9 if text else 0.0, engine="fake")

    def restart(self) -> None:
        self._text = None
        self.fed = 0.0

    def close(self) -> None:
        self.closed = True


class FakeSynthesizer:
    """Implements `speech.ports.Synthesizer`: a hum of 0.2 s a character, at once.

    Args:
        delay: seconds (of the loop's clock) each clause takes that was not rendered `ahead`.
        failing: clauses that contain one of these cannot be spoken (error `code`).

    While `stalled`, only clauses `ahead` (rendered ahead) and those said before come at all.
    """

    def __init__(self, *, delay: float = 0.0, failing: Iterable[str] = ()) -> None:
        self.delay = delay
        self.failing = set(failing)
        self.code = "tts.failed"
        self.said: list[str] = []
        self.voices: list[VoiceSettings] = []
        """How each of `said` was to sound."""
        self.ahead: set[str] = set()
        self.stalled = False

    async def synthesise(self, text: str, settings: VoiceSettings) -> AudioChunk:
        if self.stalled and text not in self.ahead and text not in self.said:
            await asyncio.Event().wait()
        self.said.append(text)
        self.voices.append(settings)
        await asyncio.sleep(0.0 if text in self.ahead else self.delay)
        if any(part in text for part in self.failing):
            raise VoicebotError(self.code, f"cannot say {text}", retryable=True)
        seconds = sum(c.isalnum() for c in text) * SECONDS_A_CHARACTER / settings.rate
        return hum(seconds, settings.sample_rate)


def hum(seconds: float, rate: int) -> AudioChunk:
    """A steady tone of 200 Hz, loud enough to count as speech by its level."""
    wave = LEVEL * np.sin(2 * np.pi * 200 * np.arange(round(seconds * rate)) / rate)
    return AudioChunk((wave * 32767).astype("<i2").tobytes(), rate)
