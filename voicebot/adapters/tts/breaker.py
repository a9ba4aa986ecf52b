"""When an engine that fails is left alone; time is handed in."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Breaker:
    """Closed (asked), open (left alone), half open (one clause tries it again).

    Args:
        limit: failures in a row that open it.
        rest: seconds it stays open.
    """

    limit: int
    rest: float
    failures: int = 0
    opened: float | None = None

    def allows(self, now: float) -> bool:
        """May the engine be asked at `now`?"""
        return self.opened is None or now - self.opened >= self.rest

    def asked(self, now: float) -> "Breaker":
        """A try begins: while half open, the others wait until its outcome is known."""
        return self if self.opened is None else replace(self, opened=now)

    def succeeded(self) -> "Breaker":
        return replace(self, failures=0, opened=None)

    def failed(self, now: float) -> "Breaker":
        failures = self.failures + 1
        return replace(self, failures=failures, opened=now if failures >= self.limit else self.opened)
