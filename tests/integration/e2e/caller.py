"""Somebody with a telephone: speaks in a voice of his own, listens until the other has finished."""

import asyncio
import contextlib
import difflib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import numpy as np

from tests.peers.hotline import Hotline, eventually
from tests.peers.softphone import Softphone
from tests.peers.voices import caller_voice
from voicebot.language.pinyin import syllables

RATE: Final = 8000
FRAME: Final = 160
HEADER: Final = 44
"""Bytes before the sound in a WAV file."""
LOUD: Final = -42.0
"""RMS in dBFS of 20 ms of speech; the line itself is far below."""
QUIET: Final = 1.3
"""Seconds of silence after which the other has finished."""
PATIENCE: Final = 40.0
"""Seconds to wait for what the other says: a busy machine is slow."""


def alike(heard: str, said: str) -> float:
    """0-1: how much of `said` is in `heard` by sound: recognition errs mostly in homophones. Other
    sentences of these tests reach 0.3 at most."""
    ours, theirs = ([s for s in syllables(text) if s.isalpha()] for text in (said, heard))
    return difflib.SequenceMatcher(None, ours, theirs, autojunk=False).ratio()


class Tape:
    """What a softphone hears, while it is being recorded."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def pcm(self, since: int = 0) -> bytes:
        """s16 sound from sample `since` on."""
        data = self.path.read_bytes()[HEADER:] if self.path.is_file() else b""
        return data[since * 2 : len(data) // 2 * 2]

    @property
    def samples(self) -> int:
        size = self.path.stat().st_size if self.path.is_file() else 0
        return max(0, size - HEADER) // 2

    def loud(self, since: int) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """Whether each 20 ms from sample `since` on holds speech."""
        return loud_frames(self.pcm(since))

    def finished(self, since: int, least: float = 0.3) -> bool:
        """Speech of at least `least` seconds, then silence."""
        loud = np.flatnonzero(self.loud(since))
        total = (self.samples - since) // FRAME
        return loud.size * FRAME >= least * RATE and total - loud[-1] > QUIET * RATE / FRAME


def loud_frames(pcm: bytes) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Whether each 20 ms of s16 sound holds speech."""
    sound = np.frombuffer(pcm, "<i2").astype(np.float64) / 32768
    frames = sound[: sound.size // FRAME * FRAME].reshape(-1, FRAME)
    power: np.ndarray[tuple[int], np.dtype[np.float64]] = np.mean(frames**2, axis=1)
    return power > 10 ** (LOUD / 10)


class Caller:
    """A call under way; made by `calling`."""

    def __init__(self, phone: Softphone, tape: Tape) -> None:
        self.phone = phone
        self.tape = tape
        self._mark = 0

    async def listen(self, seconds: float = PATIENCE) -> bytes:
        """What the other says next, once he has finished; TimeoutError when he says nothing."""
        since = self._mark
        try:
            await eventually(lambda: self.tape.finished(since), seconds)
        except TimeoutError:
            loud = int(self.tape.loud(since).sum()) * FRAME / RATE
            heard = (self.tape.samples - since) / RATE
            raise TimeoutError(f"{loud:.1f} s of speech in {heard:.1f} s, not finished") from None
        self._mark = self.tape.samples
        return self.tape.pcm(since)[: (self._mark - since) * 2]

    async def next(self) -> bytes:
        """What the other begins to say from now on, once he has finished."""
        self._mark = self.tape.samples
        return await self.listen()

    async def begins(self) -> None:
        """Until the other says something from now on."""
        since = self.tape.samples
        await eventually(lambda: int(self.tape.loud(since).sum()) * FRAME > 0.2 * RATE, PATIENCE)

    async def say(self, text: str) -> None:
        """Returns when the last sample has left."""
        await self.phone.say(caller_voice(text))
        self._mark = self.tape.samples

    async def ask(self, text: str) -> bytes:
        """Says it, and what is said to it."""
        await self.say(text)
        return await self.listen()

    async def press(self, keys: str) -> None:
        self._mark = self.tape.samples
        await self.phone.digits(keys)

    async def hang_up(self) -> None:
        await self.phone.hang_up()
        await self.phone.wait_for("DISCONNECTED")


@contextlib.asynccontextmanager
async def calling(hotline: Hotline, folder: Path, number: str, *sentences: str) -> AsyncIterator[Caller]:
    """`number` has called and has heard the greeting.

    Args:
        sentences: what the caller is going to say; made ready before the call, since a caller who
            hesitates is asked whether he is still there.
    """
    for sentence in sentences:
        await asyncio.to_thread(caller_voice, sentence)
    async with Softphone(user=number) as phone:
        caller = Caller(phone, Tape(folder / f"tape-{number}.wav"))
        await phone.call(hotline.sip, record=caller.tape.path)
        await phone.wait_for("CONFIRMED")
        await caller.listen()
        yield caller
