"""Our voice on one call: clause by clause, the next one made while the current one plays."""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol

import structlog

from voicebot.calls.music import Music
from voicebot.calls.options import CallOptions
from voicebot.calls.ports import LEAD, Line
from voicebot.calls.sound import attention, faded, level
from voicebot.calls.studio import Made, Studio
from voicebot.core.audio import AudioChunk, silence
from voicebot.core.clock import Clock
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import MANDARIN, LanguageTag
from voicebot.speech.clauses import pause_at, plan
from voicebot.speech.ports import Synthesizer, VoiceSettings

log = structlog.get_logger(__name__)

CHUNK: Final = 0.02
DUCKED: Final = 0.2
"""Gain while the caller may be interrupting: -14 dB."""
AT_HAND: Final = 0.2
"""Seconds in which a sentence that was rendered ahead comes; while the voice is stalled only those are
waited for."""
BRIDGED: Final = 2.6
"""Silence after which a clause that is not made yet is bridged, at the latest."""
MUTE: Final = "tts.mute"
"""Code of the failure when a whole reply stayed unspoken and so did our apology."""
LINGER: Final = 1.0
"""Longest wait, beyond its length, for the line to report that our speech was played."""


class Listener(Protocol):
    """Told by the speaker; synchronous, on the event loop."""

    def speaking(self, on: bool, interruptible: bool) -> None:
        """First sound goes out, or all was heard, or we were stopped."""
        ...

    def sent(self, chunk: AudioChunk, dbfs: float) -> None:
        """Level of a piece just sent."""
        ...

    def voice_failed(self, error: VoicebotError) -> None:
        """A clause could not be made and was left out (its caption was shown)."""
        ...


@dataclass(frozen=True, slots=True)
class Piece:
    """One clause on its way: `spoken` as it is read; the first of a text has all of it as `caption`."""

    spoken: str
    pause: float
    interruptible: bool
    caption: str = ""
    language: LanguageTag = MANDARIN


class Speaker:
    """Says texts in order on `line`. `run()` is its task.

    A line without sound (rate 0) shows the text instead and has "heard" it at once.
    """

    def __init__(
        self,
        line: Line,
        synthesizer: Synthesizer,
        options: CallOptions,
        clock: Clock,
        spawn: Callable[[Coroutine[Any, Any, Any]], asyncio.Task[Any]],
        listener: Listener,
    ) -> None:
        settings = replace(options.voice, sample_rate=line.info.rate)
        self._studio = Studio(synthesizer, settings, clock, spawn)
        self._line = line
        self._options = options
        self._clock = clock
        self._listener = listener
        self._pieces: deque[Piece] = deque()
        self._left: tuple[Piece, ...] = ()
        self._on_air: bool | None = None
        """Whether what is being said may be interrupted; None when nothing is said."""
        self._stalled = False
        """The last clause was not made in time."""
        self._unspoken = False
        """Something of what we had to say could not be made."""
        self._aired = False
        """Something of it was."""
        self._quiet: Callable[[], bool] | None = None
        """While it holds, no music is played between our words; None: none at all."""
        self._music = Music(line.info.rate) if line.info.rate else None
        self._awaited: float | None = None
        """Since when the caller waits for a word; None when one has come."""
        self._wake = asyncio.Event()
        self._epoch = 0
        self._gain = self._target = 1.0
        self._sent = 0
        self._heard: list[str] = []
        self._track: list[tuple[Piece, int, int]] = []
        self.busy = False
        self.first_sound_at: float | None = None

    @property
    def settings(self) -> VoiceSettings:
        """Of the voice from the next clause on."""
        return self._studio.settings

    @settings.setter
    def settings(self, settings: VoiceSettings) -> None:
        self._studio.settings = settings

    # ── what the conductor asks ─────────────────────────────────────────────────────────────

    async def say(self, text: str, *, interruptible: bool = True, language: LanguageTag = MANDARIN) -> None:
        """Queues `text` after what is being said."""
        if not text:
            return
        if not self._line.info.rate:
            self._heard.append(text)
            await self._line.caption("bot", text, True)
            return
        pieces = [Piece(c.text, c.pause, interruptible, "", language) for c in plan(text, language)]
        if pieces:
            pieces[0] = replace(pieces[0], caption=text)
        self._pieces.extend(pieces)
        self.busy = self.busy or bool(pieces)
        self._wake.set()

    def prepare(self, text: str, language: LanguageTag = MANDARIN) -> None:
        """Makes the first clause of a text that will probably be said."""
        if self._line.info.rate and (clauses := plan(text, language)):
            self._studio.make(clauses[0].text, language)

    def duck(self, on: bool) -> None:
        """Lowers or restores our voice from the next 20 ms on."""
        self._target = DUCKED if on else 1.0

    async def stop(self) -> None:
        """Silence at once, down to the native ring; the rest can be resumed until the next `say`."""
        if not self.busy:
            return
        self._epoch += 1
        await self._line.flush()
        cut = tuple(p for p, start, length in self._track[-1:] if self._line.played() < start + length)
        self._left = (*cut, *self._pieces)
        self._pieces.clear()
        self._finish()

    def withdraw(self) -> None:
        """Takes back what has not begun to sound."""
        if self.busy and self._on_air is None:
            self._epoch += 1
            self._pieces.clear()
            self._finish()

    def resume(self, *, yielding: bool = True) -> None:
        """Goes on from the clause in which `stop` cut us off; not `yielding`, to the end, but for keys."""
        if self._left:
            left = (replace(p, interruptible=p.interruptible and yielding) for p in reversed(self._left))
            self._pieces.extendleft(left)
            self._left = ()
            self.busy = True
            self._wake.set()

    @property
    def cut_off(self) -> bool:
        """There is something to `resume`."""
        return bool(self._left)

    def hum(self, quiet: Callable[[], bool] | None) -> None:
        """Soft music where nothing is said, and while `quiet` does not hold; None: no more of it."""
        if (quiet is None) is (self._quiet is None) or self._music is None:
            return
        self._quiet = quiet
        self._wake.set()

    def awaited(self, since: float) -> None:
        """The caller is silent since then and waits for a word of ours."""
        self._awaited = since

    def forget(self) -> None:
        """Nothing of what was cut off will be said any more."""
        self._left = ()

    def take_heard(self) -> str:
        """What the caller was given to hear since the last call of this."""
        self._book()
        heard, self._heard = "".join(self._heard), []
        return heard

    # ── the task ────────────────────────────────────────────────────────────────────────────

    async def run(self) -> None:
        """Plays until cancelled."""
        while True:
            await self._hum()
            await self._wake.wait()
            self._wake.clear()
            epoch = self._epoch
            if not self._track:  # others may have played something on the line
                self._sent = max(self._sent, self._line.played())
            self._on_air = None
            while self._pieces and epoch == self._epoch:
                piece = self._pieces.popleft()
                sound = await self._sound(piece, epoch)
                if epoch != self._epoch:
                    break
                await self._play(piece, sound, epoch)
                if not self._pieces:
                    if self._unspoken:
                        await self._own_up(piece, epoch)
                    self._unspoken = self._aired = False
            if epoch == self._epoch:
                await self._drain(epoch)

    async def _hum(self) -> None:
        """Music until there is something else to do."""
        rate, gain = self._line.info.rate, 0.0
        due = self._clock.monotonic()
        while self._quiet is not None and self._music is not None and not self._wake.is_set():
            target = 0.0 if self._quiet() else 1.0
            if gain or target:
                part = AudioChunk(self._music.take(round(CHUNK * rate)).tobytes(), rate)
                part = faded(part, gain, target)
                self._listener.sent(part, level(part))
                self._sent += part.samples
                await self._line.send(part)
            gain = target
            due = max(due + CHUNK, self._clock.monotonic() - CHUNK)
            await asyncio.sleep(due - LEAD - self._clock.monotonic())  # a line that is gone takes all at once

    async def _sound(self, piece: Piece, epoch: int) -> AudioChunk | VoicebotError:
        """The clause once it is made. A wait is bridged, a voice that is stalled is given up on."""
        task = self._studio.make(piece.spoken, piece.language)
        longest = self._options.synthesis
        patience = longest / 2
        if self._awaited is not None:
            patience = min(patience, max(self._awaited + BRIDGED - self._clock.monotonic(), AT_HAND))
        if not await self._made(task, AT_HAND if self._stalled else patience, epoch):
            if not self._stalled and not await self._at_hand(self._options.waiting, piece, epoch):
                await self._beep(piece, epoch)
            if not await self._made(task, 0.0 if self._stalled else longest - patience, epoch):
                self._stalled = epoch == self._epoch
                return VoicebotError("tts.late", "the clause was not made in time", retryable=True)
        self._stalled = False
        return task.result()

    async def _made(self, task: Made, seconds: float, epoch: int) -> bool:
        return await self._studio.made_within(task, seconds, lambda: epoch == self._epoch)

    async def _own_up(self, instead: Piece, epoch: int) -> None:
        """Tells the caller that something could not be said; if nothing was heard at all, by a tone."""
        said = await self._at_hand(self._options.unspoken, instead, epoch)
        if not said and not self._aired and epoch == self._epoch:
            await self._beep(instead, epoch)
            self._listener.voice_failed(VoicebotError(MUTE, "nothing could be spoken", retryable=True))

    async def _beep(self, instead: Piece, epoch: int) -> None:
        """A tone for a caller who has heard nothing yet: somebody is there."""
        if not self._aired and epoch == self._epoch:
            await self._play(Piece("", 0.0, instead.interruptible), attention(self._line.info.rate), epoch)

    async def _at_hand(self, text: str, instead: Piece, epoch: int) -> bool:
        """Says a short sentence (Mandarin) if it was rendered ahead, in place of what cannot be said now;
        False when it was not."""
        for clause in plan(text):
            task = self._studio.make(clause.text, MANDARIN)
            if not await self._made(task, AT_HAND, epoch) or isinstance(task.result(), VoicebotError):
                return False
            piece = replace(instead, spoken=clause.text, pause=clause.pause, caption="")
            await self._play(piece, task.result(), epoch)
        return True

    async def _play(self, piece: Piece, sound: AudioChunk | VoicebotError, epoch: int) -> None:
        if self._on_air is not piece.interruptible:
            self._on_air = piece.interruptible
            self._listener.speaking(True, piece.interruptible)
        if piece.caption:
            await self._line.caption("bot", piece.caption, True)
        if self._pieces:
            self._studio.make(self._pieces[0].spoken, self._pieces[0].language)
        if isinstance(sound, VoicebotError):
            log.warning("clause not spoken", code=sound.code, error=sound.message)
            self._listener.voice_failed(sound)
            self._unspoken = self._unspoken or sound.code != "tts.language"  # nobody will ever say it
            return
        whole = AudioChunk(
            sound.pcm + silence(pause_at(piece.pause, self.settings.rate), sound.rate).pcm, sound.rate
        )
        self._aired = self._aired or bool(piece.spoken)
        self._track.append((piece, self._sent, sound.samples))
        self._awaited = None
        step = 2 * int(CHUNK * whole.rate)
        for start in range(0, len(whole.pcm), step):
            if epoch != self._epoch:
                return
            part = AudioChunk(whole.pcm[start : start + step], whole.rate)
            part = faded(part, self._gain, self._target)
            self._gain = self._target
            if self.first_sound_at is None:
                self.first_sound_at = self._clock.monotonic()
            self._listener.sent(part, level(part))
            self._sent += part.samples
            await self._line.send(part)

    async def _drain(self, epoch: int) -> None:
        """Waits until the far end has been given everything, unless more comes or we are stopped."""
        give_up = self._clock.monotonic() + LINGER
        while self._line.played() < self._sent and self._clock.monotonic() < give_up:
            await asyncio.sleep(CHUNK)
            if epoch != self._epoch or self._pieces:
                return
        if not self._pieces:
            self._finish()

    def _finish(self) -> None:
        self._book()
        self._sent = self._line.played()
        self._gain = self._target = 1.0
        self._on_air = None
        was, self.busy = self.busy, False
        if was:
            self._listener.speaking(False, True)

    def _book(self) -> None:
        """Notes the words of what was sent, in proportion to the samples the far end was given."""
        played = self._line.played()
        for piece, start, length in self._track:
            share = min(max(played - start, 0) / max(length, 1), 1.0)
            self._heard.append(piece.spoken[: round(len(piece.spoken) * share)])
        self._track.clear()
