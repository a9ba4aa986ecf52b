"""A talk between people, written down: each side apart, and the first thing that is left out under load."""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any, Final

import structlog

from voicebot.calls.parts import CallParts
from voicebot.calls.ports import AudioIn, DetectorStream, Hearing
from voicebot.core.audio import AudioChunk
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import CallId
from voicebot.core.utterance import Expect
from voicebot.operations.talk_lines import Speaker, TalkLine
from voicebot.turns.events import Vad

log = structlog.get_logger(__name__)

SPEECH: Final = 0.5
QUIET: Final = 0.35
"""Speech probability from which a side speaks, and below which it may have stopped."""
SPOKEN: Final = 0.12
"""Seconds of speech that begin a sentence."""
SILENT: Final = 0.6
"""Seconds of silence that end it."""
LONGEST: Final = 8.0
"""Seconds after which a sentence is cut: a long one would hold up a decoder that others need."""
BEFORE: Final = 0.3
"""Seconds kept from before speech was noticed."""
WAITING: Final = 4
"""Sentences that may wait to be written down; the oldest are left out."""
BACKLOG: Final = 0.5
"""Seconds of work before recognition from which it has better to do."""
PATIENCE: Final = 8.0
LAST_WORDS: Final = 2.0
"""Seconds after the end in which what was said last may still be written down."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """Sound of one side; times are `Clock.monotonic()`."""

    who: Speaker
    sound: tuple[AudioChunk, ...]
    started: float
    ended: float


class Side:
    """One side's sound, cut into sentences.

    Args:
        on_sentence: given each when it has ended.
    """

    def __init__(self, who: Speaker, on_sentence: Callable[[Sentence], None]) -> None:
        self._who = who
        self._on_sentence = on_sentence
        self._recent: deque[AudioIn] = deque()
        self._since: float | None = None
        """When speech was noticed that may be a sentence."""
        self._began: float | None = None
        """When the sentence under way began; its sound is all of `_recent`."""
        self._voice_at = 0.0

    def hear(self, sound: AudioIn) -> None:
        self._recent.append(sound)
        if self._began is None:
            oldest = (sound.at if self._since is None else self._since) - BEFORE - SPOKEN
            while self._recent[0].at < oldest:
                self._recent.popleft()

    def window(self, window: Vad) -> None:
        """The detector's view of a moment."""
        at = window.at
        if window.probability >= (SPEECH if self._began is None else QUIET):
            self._voice_at = at
            self._since = at if self._since is None else self._since
            if self._began is None and at - self._since >= SPOKEN:
                self._began = self._since
        elif self._began is None:
            self._since = None
        if self._began is not None and (at - self._voice_at >= SILENT or at - self._began >= LONGEST):
            self.end()

    def end(self) -> None:
        """What is under way is a sentence, whole or not."""
        if self._began is not None:
            sound = tuple(each.chunk for each in self._recent)
            self._on_sentence(Sentence(self._who, sound, self._began, self._voice_at))
        self._recent.clear()
        self._since = self._began = None


class Overhearing:
    """Both sides of the talks of one call.

    Sound goes in by `hear` between `open` and `close`. A sentence is left out when recognition has other
    work, refuses it, or takes too long; that is a line without words, and counted.

    Args:
        began: when the call began, of the call's monotonic clock.
        on_line: given each line.
    """

    def __init__(
        self,
        parts: CallParts,
        call_id: CallId,
        rate: int,
        began: float,
        spawn: Callable[[Coroutine[Any, Any, Any]], asyncio.Task[Any]],
        on_line: Callable[[TalkLine], None],
    ) -> None:
        self._parts = parts
        self._call_id = call_id
        self._rate = rate
        self._began = began
        self._spawn = spawn
        self._on_line = on_line
        self._todo: deque[Sentence] = deque()
        self._sides: Mapping[Speaker, tuple[Side, DetectorStream]] = {}
        self._work: asyncio.Task[Any] | None = None
        self._count = 0
        self.dropped = 0
        """Sentences left out so far."""

    def open(self) -> None:
        """A talk begins."""
        if self._sides:
            return
        sides = {who: Side(who, self._ended) for who in Speaker}
        detector = self._parts.detector
        self._sides = {who: (side, detector.open(side.window)) for who, side in sides.items()}

    def hear(self, who: Speaker, chunk: AudioChunk, at: float) -> None:
        """The next piece of one side's sound; `at`: of its last sample."""
        if who in self._sides and chunk.pcm:
            side, stream = self._sides[who]
            side.hear(AudioIn(chunk, at))
            stream.feed(chunk, at)

    def close(self) -> None:
        """The talk is over; what was said last is still written down."""
        for side, stream in self._sides.values():
            side.end()
            stream.close()
        self._sides = {}

    async def finish(self) -> None:
        """The call is over; returns soon."""
        self.close()
        if self._work is not None and not self._work.done():
            await asyncio.wait([self._work], timeout=LAST_WORDS)

    def _ended(self, sentence: Sentence) -> None:
        self._todo.append(sentence)
        if len(self._todo) > WAITING:
            self._leave_out(self._todo.popleft(), "waiting")
        if self._work is None or self._work.done():
            self._work = self._spawn(self._write_all())

    async def _write_all(self) -> None:
        """Writes down what there is, one sentence after the other."""
        hearing = self._parts.recogniser.open(self._call_id, self._rate)
        try:
            while self._todo:
                await self._write(hearing, self._todo.popleft())
        finally:
            hearing.close()

    async def _write(self, hearing: Hearing, sentence: Sentence) -> None:
        if self._parts.recogniser.backlog() > BACKLOG:
            self._leave_out(sentence, "backlog")
            return
        hearing.restart()
        for chunk in sentence.sound:
            hearing.feed(chunk)
        try:
            async with asyncio.timeout(PATIENCE):
                heard = await hearing.transcribe(Expect(), final=False)
        except (VoicebotError, TimeoutError) as error:
            self._leave_out(sentence, getattr(error, "code", "timeout"))
            return
        if heard.text.strip():
            self._line(sentence, heard.text.strip(), heard.confidence)

    def _leave_out(self, sentence: Sentence, why: str) -> None:
        self.dropped += 1
        log.info("talk not written down", who=sentence.who.value, why=why)
        self._line(sentence, "", 0.0)

    def _line(self, sentence: Sentence, text: str, confidence: float) -> None:
        started, ended = sentence.started - self._began, sentence.ended - self._began
        line = TalkLine(self._call_id, self._count, sentence.who, text, started, ended, confidence)
        self._count += 1
        self._on_line(line)
