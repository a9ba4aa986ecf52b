"""When sound may be sent, how much of it was heard, and how fast a client may talk to us.

Pure over the times handed in (seconds, `Clock.monotonic`). There is no native stack below a
WebSocket, so frames leave at absolute deadlines: a late wake-up is caught up, never added up.
"""

import math
from dataclasses import dataclass
from typing import Final

from voicebot.adapters.pipecat_line import Meter

STEP: Final = 0.06
"""Seconds that the far end is taken to go on playing after its last word; the page speaks every 50 ms
while it plays, a provider every 20 ms."""


class Pacer:
    """The timeline of a listener to whom sound is sent in real time.

    Args:
        rate: samples per second.
        lead: seconds that may be ahead of real time.
    """

    def __init__(self, rate: int, lead: float) -> None:
        self._rate = rate
        self._lead = lead
        self._edge = -math.inf

    def delay(self, samples: int, now: float) -> float:
        """Seconds to wait until a frame of `samples` may leave; 0 when it may leave now."""
        return max(0.0, self._edge + samples / self._rate - self._lead - now)

    def took(self, samples: int, now: float) -> None:
        """A frame left; after a pause the timeline starts anew."""
        self._edge = max(self._edge, now) + samples / self._rate

    def ahead(self, now: float) -> int:
        """Samples sent that real time has not reached yet."""
        return max(0, round((self._edge - now) * self._rate)) if self._edge > now else 0

    def flushed(self) -> None:
        self._edge = -math.inf


class Playout:
    """How many of our samples the far end has been given to hear.

    Its own word counts (`acknowledge`), carried on for `STEP` between two words. When it says nothing
    for `patience` seconds although sound is under way (a page in the background, a client that
    never acknowledges), real time less the client's buffer is the estimate.

    Args:
        rate: samples per second.
        lead: see `Pacer`.
        buffer: seconds a client holds back before it plays.
    """

    def __init__(self, rate: int, lead: float, buffer: float, patience: float = 1.0) -> None:
        self._pacer = Pacer(rate, lead)
        self._meter = Meter()
        self._rate = rate
        self._buffer = buffer
        self._patience = patience
        self._base = 0
        self._said_at = -math.inf
        self._said = 0
        self._speaks = False

    def delay(self, samples: int, now: float) -> float:
        """See `Pacer.delay`."""
        return self._pacer.delay(samples, now)

    def took(self, samples: int, now: float) -> None:
        self._pacer.took(samples, now)
        self._meter.took(samples)

    def acknowledge(self, total: int, now: float) -> None:
        """The far end has played `total` samples since it connected."""
        self._speaks, self._said_at, self._said = True, now, self._base + total
        self._meter.heard(self._said)

    def flushed(self, now: float) -> None:
        """The far end was told to forget what it has not played."""
        self.played(now)
        self._pacer.flushed()
        self._meter.flushed()

    def reconnected(self) -> None:
        """The far end counts from zero. What was under way is lost with the old connection and
        counts as heard, so that nobody waits for it."""
        self._meter.heard(self._meter.taken())
        self._base, self._speaks = self._meter.played(), False
        self._pacer.flushed()

    def taken(self) -> int:
        return self._meter.taken()

    def sent(self) -> int:
        """Samples taken and not lost."""
        return self._meter.played() + self._meter.ahead()

    def ahead(self, now: float) -> int:
        """Samples ahead of the listener's timeline. Acknowledgements are a round trip old, so real
        time paces; the client's buffer delays its timeline and is not counted."""
        return self._pacer.ahead(now)

    def unheard(self, now: float) -> float:
        """Seconds of sound that the far end has and has not played yet, as far as we know."""
        self.played(now)
        return self._meter.ahead() / self._rate

    def played(self, now: float) -> int:
        """Samples heard since the call began; never falls."""
        age = now - self._said_at
        if not self._speaks or age > self._patience:
            under_way = self._pacer.ahead(now - self._buffer)
            self._meter.heard(self._meter.played() + max(0, self._meter.ahead() - under_way))
        elif age <= STEP:
            self._meter.heard(self._said + round(age * self._rate))
        return self._meter.played()


@dataclass(slots=True)
class Allowance:
    """A token bucket: `rate` messages a second in the long run, `burst` at once.

    A phone that comes out of a tunnel delivers seconds of frames in one go, hence the burst.
    """

    rate: float
    burst: float
    _left: float = math.nan
    _at: float = 0.0

    def take(self, now: float) -> bool:
        """True when one more message is within the allowance."""
        left = self.burst if math.isnan(self._left) else self._left + (now - self._at) * self.rate
        self._left, self._at = min(self.burst, left), now
        if self._left < 1.0:
            return False
        self._left -= 1.0
        return True
