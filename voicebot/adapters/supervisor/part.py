"""A process of the hotline, what can happen to it, and how long to wait before another try."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Health:
    """What a part says of itself when it is asked.

    Args:
        pid: of the process that answered; that of a successor once it has taken over.
        tired: has done or grown so much that a fresh one should take over when one can.
        stuck: hangs although it answers.
    """

    pid: int
    tired: bool = False
    stuck: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """One process to keep alive.

    Args:
        argv: program and arguments.
        ready: whether it can do its work now; asked again and again after each start.
        starts: parts with a lower number are ready before this one is started.
        stops: parts with a lower number have ended before this one is told to.
        start_within: seconds until it must be ready.
        stop_within: seconds from SIGTERM until it is killed.
        niceness: 0 for audio, more for work that may wait.
        health: asked every second once it is ready; None: no answer in time. A part that has it can
            also be renewed: its successor is started beside it and takes over.
    """

    name: str
    argv: tuple[str, ...]
    ready: Callable[[], Awaitable[bool]]
    env: Mapping[str, str] = field(default_factory=dict)
    starts: int = 0
    stops: int = 0
    start_within: float = 60.0
    stop_within: float = 10.0
    niceness: int = 0
    health: Callable[[], Awaitable[Health | None]] | None = None


class Happening(StrEnum):
    STARTING = "starting"
    READY = "ready"
    LATE = "late"
    """Runs, but is not ready in time after a restart."""
    HUNG = "hung"
    """Lives but does not answer, or makes no headway; it will be killed."""
    RENEWING = "renewing"
    """A successor is started beside it."""
    ENDED = "ended"
    WAITING = "waiting"
    """Will be started again after `PartEvent.seconds`."""
    STOPPING = "stopping"
    KILLED = "killed"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class PartEvent:
    """Something that happened to a part.

    Args:
        seconds: READY: since its start; WAITING: until the next try; ENDED: that it lived.
        code: ENDED, STOPPED: exit code, negative: the signal that ended it.
    """

    part: str
    what: Happening
    pid: int = 0
    seconds: float = 0.0
    code: int | None = None


@dataclass(frozen=True, slots=True)
class Backoff:
    """Seconds before the next start; doubles with every early death.

    Args:
        first: of the first restart.
        most: never longer.
        healthy: a life this long is forgiven all that came before.
        delay: before the coming restart.
    """

    first: float = 1.0
    most: float = 30.0
    healthy: float = 60.0
    delay: float = 0.0

    def after(self, lived: float) -> "Backoff":
        """What to wait after a life of `lived` seconds."""
        fresh = lived >= self.healthy or self.delay == 0
        return replace(self, delay=self.first if fresh else min(self.delay * 2, self.most))
