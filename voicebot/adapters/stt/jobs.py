"""The work that waits for a decoding thread: bounded, final before speculative, in order per stream."""

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final

from voicebot.core.utterance import Expect

StreamKey = tuple[int, int]
"""(connection, stream number of that connection)."""


class Rank(IntEnum):
    """What goes first."""

    FINAL = 0
    FEED = 1
    SPECULATIVE = 2


@dataclass(slots=True, eq=False)
class Job:
    """Feed `pcm` to a stream (after a reset if `fresh`), then decode unless it is `Rank.FEED`.

    Args:
        number: of the request that waits for the answer; None for feeding.
        seconds: of sound in the whole turn so far; the cost grows with it.
    """

    key: StreamKey
    rank: Rank
    pcm: bytes = b""
    fresh: bool = False
    number: int | None = None
    expect: Expect = field(default_factory=Expect)
    seconds: float = 0.0
    cancelled: bool = False


class JobQueue:
    """Jobs by stream; a stream's own jobs stay in order and never run side by side.

    Args:
        limit: decodes that may wait.
    """

    def __init__(self, limit: int) -> None:
        self._limit: Final = limit
        self._waiting: dict[StreamKey, list[Job]] = {}
        self._busy: set[StreamKey] = set()

    def __len__(self) -> int:
        return sum(1 for job in self.decodes())

    def decodes(self) -> list[Job]:
        """Waiting decodes."""
        return [job for jobs in self._waiting.values() for job in jobs if job.rank is not Rank.FEED]

    def put(self, job: Job) -> list[Job]:
        """Adds `job`; returns the decodes dropped for it, `job` itself when there is no room.

        A new decode of a stream makes its waiting speculative ones stale. When the queue is full,
        the oldest speculative decode of any stream gives way to a final one.
        """
        dropped = []
        waiting = self._waiting.setdefault(job.key, [])
        if waiting and waiting[-1].rank is Rank.FEED and not job.fresh:
            # sound that waits for a thread goes along with what comes after it
            earlier = waiting.pop()
            job.pcm, job.fresh = earlier.pcm + job.pcm, earlier.fresh
        if job.rank is not Rank.FEED:
            dropped = [old for old in waiting if old.rank is Rank.SPECULATIVE]
            if len(self) - len(dropped) >= self._limit:
                oldest = next((old for old in self.decodes() if old.rank is Rank.SPECULATIVE), None)
                if job.rank is not Rank.FINAL or oldest is None or oldest in dropped:
                    self._demote(job)
                    waiting.append(job)
                    return [job]
                dropped.append(oldest)
            for old in dropped:
                self._demote(old)
        waiting.append(job)
        return dropped

    @staticmethod
    def _demote(job: Job) -> None:
        """The answer is not wanted any more, but its sound belongs to the turn."""
        job.rank = Rank.FEED

    def cancel(self, connection: int, number: int) -> None:
        """The caller does not wait for this request any more."""
        for key, jobs in self._waiting.items():
            for job in jobs:
                if key[0] == connection and job.number == number and job.rank is not Rank.FEED:
                    job.cancelled = True
                    self._demote(job)

    def forget(self, key: StreamKey) -> list[Job]:
        """Takes out all waiting jobs of a stream; returns those whose answers somebody awaits."""
        return [job for job in self._waiting.pop(key, []) if job.rank is not Rank.FEED]

    def take(self) -> Job | None:
        """The next job to run, or None; its stream is busy until `done`."""
        heads = [jobs[0] for key, jobs in self._waiting.items() if jobs and key not in self._busy]
        if not heads:
            return None
        job = min(heads, key=lambda head: min(j.rank for j in self._waiting[head.key]))
        jobs = self._waiting[job.key]
        jobs.pop(0)
        if not jobs:
            del self._waiting[job.key]
        self._busy.add(job.key)
        return job

    def done(self, key: StreamKey) -> None:
        self._busy.discard(key)
