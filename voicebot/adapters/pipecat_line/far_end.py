"""What a leg tells `PipecatLine` about the wire under its transport."""

from typing import Protocol


class FarEnd(Protocol):
    """The part of a line that only the wire knows: how much sound it took, and how much of it the
    listener was given. All counts are samples at the line's rate and never run backwards; they
    are read on the event loop and must not block.

    For every sample: taken = played + ahead + lost, where lost are those that a flush or a
    renegotiation threw away.
    """

    def taken(self) -> int:
        """Samples the transport's output has handed to the wire, those lost later included."""
        ...

    def ahead(self) -> int:
        """Samples that were taken and are still to be played (native ring, browser buffer)."""
        ...

    def played(self) -> int:
        """Samples that the listener was given to hear."""
        ...

    async def answer(self) -> None: ...

    async def transfer(self, target: str, reference: str) -> bool:
        """REFER or the like; False when this wire cannot or it failed."""
        ...

    async def send_keys(self, keys: str) -> bool:
        """Presses keys for the far end; False when this wire cannot."""
        ...

    async def hang_up(self) -> None:
        """Ends the wire; does nothing when it is gone."""
        ...


class Screen(Protocol):
    """Where a line has one: the citizen's page. Lines without a screen are given None."""

    async def caption(self, who: str, text: str, final: bool) -> None: ...

    async def state(self, state: str) -> None: ...


class Meter:
    """Counts for a `FarEnd` whose wire acknowledges what was played (browser, Twilio mark).

    >>> meter = Meter()
    >>> meter.took(320); meter.heard(160)
    >>> meter.ahead()
    160
    """

    def __init__(self) -> None:
        self._taken = 0
        self._played = 0
        self._lost = 0

    def took(self, samples: int) -> None:
        """The transport wrote `samples`."""
        self._taken += samples

    def heard(self, total: int) -> None:
        """The far end says that it has played `total` samples since answer. A claim that is lower
        than the last one, or higher than what was sent, is cut to what is possible."""
        self._played = max(self._played, min(total, self._taken - self._lost))

    def flushed(self) -> None:
        """The far end was told to forget what it has not played."""
        self._lost = self._taken - self._played

    def taken(self) -> int:
        return self._taken

    def ahead(self) -> int:
        return self._taken - self._lost - self._played

    def played(self) -> int:
        return self._played
