"""How many calls at once are served well: learned from what recognition spends on those there are."""

from collections.abc import Collection
from math import exp, floor
from typing import Final

from voicebot.calls.options import AdmissionOptions

GREETED: Final = 15.0
"""Seconds from its start in which a call, still greeted, says nothing about what calls cost."""
TRUST: Final = 60.0
"""Seconds of calls that the first guess weighs as much as."""
MEMORY: Final = 600.0
"""Seconds of calls after which what was learned counts for a third."""


class Admission:
    """The limit of calls taken in full. Fed with what happened since the last look; knows no clock.

    A call costs a share of the recogniser's time. Callers come in waves and their greeting costs
    nothing, so it is not the load of the moment that counts but what the calls taken so far will
    come to: their number times what one has cost on average.
    """

    def __init__(self, options: AdmissionOptions) -> None:
        self._options = options
        self._seconds = TRUST
        self._spent = TRUST * options.first_guess
        self._at: float | None = None
        self._total = 0.0

    def learn(self, at: float, started: Collection[float], spent: float) -> None:
        """What happened since the last time.

        Args:
            started: when each of the calls began that were under way since then.
            spent: the recogniser's total; one that began anew counts from 0 again.
        """
        if self._at is not None:
            passed = sum(max(at - max(self._at, start + GREETED), 0.0) for start in started)
            fades = exp(-passed / MEMORY)
            self._seconds = self._seconds * fades + passed
            self._spent = self._spent * fades + (max(spent - self._total, 0.0) if started else 0.0)
        self._at, self._total = at, spent

    @property
    def cost(self) -> float:
        """Share of the recogniser's time that a call takes."""
        return self._spent / self._seconds

    @property
    def most(self) -> int:
        """Calls at once that keep the load bearable and the number in bounds; at least one."""
        bearable = floor(self._options.load / self.cost) if self.cost > 0 else self._options.max_calls
        return max(1, min(bearable, self._options.max_calls))
