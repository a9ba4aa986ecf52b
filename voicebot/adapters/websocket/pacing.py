"""When sound may be sent, how much of it was heard, and how fast a client may talk to us.

Pure over the times handed in (seconds, `Clock.monotonic`). There is no native stack below a
WebSocket, so frames leave at absolute deadlines: a late wake-up is caught up, never added up.
"""

import math
from dataclasses import dataclass


class Pacer:
    """Keeps at most `lead` seconds of sound ahead of the listener.

    Args:
        rate: samples per second.
        lead: seconds that may be ahead of real time.
    """

    def __init__(self, rate: int, lead: float) -> None:
        self._rate = rate
        self._lead = lead
        self._edge = -math.inf
        self._sent = 0

    @property
    def sent(self) -> int:
        """Samples sent and not forgotten by a flush."""
        return self._sent

    def delay(self, now: float) -> float:
        """Seconds to wait until the next frame may leave; 0 when it may leave now."""
        return max(0.0, self._edge - self._lead - now)

    def add(self, samples: int, now: float) -> None:
        """A frame left; after a pause the clock of the listener starts anew."""
        self._edge = max(self._edge, now) + samples / self._rate
        self._sent += samples

    def ahead(self, now: float) -> int:
        """Samples sent that real time has not reached yet."""
        return min(self._sent, max(0, round((self._edge - now) * self._rate)))

    def flush(self, heard: int) -> None:
        """The client forgets all beyond `heard` samples (see `Playout.played`)."""
        self._edge = -math.inf
        self._sent = min(self._sent, heard)


class Playout:
    """How many of our samples the far end has been given to hear.

    The client's word counts; when it says nothing for `patience` seconds although sound is under
    way (a page in the background, a client that never acknowledges), real time less the client's
    `buffer` is the estimate. The figure never falls and never exceeds what was sent.

    Args:
        buffer: seconds a client holds back before it plays.
    """

    def __init__(self, rate: int, buffer: float, patience: float = 1.0) -> None:
        self._rate = rate
        self._buffer = buffer
        self._patience = patience
        self._base = 0
        self._acknowledged: int | None = None
        self._heard_at = -math.inf
        self._best = 0

    def reconnected(self, sent: int) -> None:
        """The client begins to count at zero; what is under way is lost and counts as heard."""
        self._base, self._acknowledged, self._heard_at = sent, None, -math.inf

    def acknowledge(self, samples: int, now: float) -> None:
        """The client has played `samples` since it connected; a smaller figure than before is ignored."""
        if self._acknowledged is None or samples >= self._acknowledged:
            self._acknowledged, self._heard_at = samples, now

    def played(self, pacer: Pacer, now: float) -> int:
        """Samples heard since the call began."""
        sent = pacer.sent
        estimate = sent - pacer.ahead(now - self._buffer)
        if self._acknowledged is not None:
            known = self._base + self._acknowledged
            fresh = now - self._heard_at <= self._patience or known >= sent
            estimate = known if fresh else max(known, estimate)
        self._best = max(self._best, min(sent, estimate))
        return self._best


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
