"""No dead air: while it is our turn, the caller never waits long without a word."""

from collections.abc import Sequence
from typing import Final

from voicebot.calls.options import CallOptions

LISTENED: Final = 0.8
"""Seconds of silence at the end of a turn that the caller takes for listening; more counts as waiting."""


class Courtesy:
    """When a filler is due, and which."""

    def __init__(self, options: CallOptions) -> None:
        self._options = options
        self._since: float | None = None
        self._said = 0

    @property
    def owed(self) -> bool:
        """The caller waits for an answer of ours."""
        return self._since is not None

    def owe(self, at: float, *, silent: float | None = None) -> None:
        """It is our turn from `at` on, unless it was already; the caller was silent since `silent`."""
        if self._since is None:
            self._since, self._said = at if silent is None else min(at, silent + LISTENED), 0

    def spoke(self, at: float) -> None:
        """Words of ours ended at `at`; the answer may be owed all the same."""
        if self._since is not None:
            self._since = max(self._since, at)

    def paid(self) -> None:
        """We have answered, or it is no longer our turn."""
        self._since = None

    def due(self) -> float | None:
        """When a filler has to be said; None while none has."""
        if self._since is None:
            return None
        return self._since + (self._options.filler_again if self._said else self._options.filler_after)

    def filler(self, at: float, words: Sequence[str]) -> str:
        """The one of `words` to say now; the last one repeats."""
        text = words[min(self._said, len(words) - 1)]
        self._since, self._said = at, self._said + 1
        return text
