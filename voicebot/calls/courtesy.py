"""No dead air: while it is our turn, the caller never waits long without a word."""

from voicebot.calls.options import CallOptions


class Courtesy:
    """When a filler is due, and which."""

    def __init__(self, options: CallOptions) -> None:
        self._options = options
        self._since: float | None = None
        self._said = 0

    def owe(self, at: float) -> None:
        """It is our turn from `at` on, unless it was already."""
        if self._since is None:
            self._since, self._said = at, 0

    def paid(self) -> None:
        """We have answered, or it is no longer our turn."""
        self._since = None

    def due(self) -> float | None:
        """When a filler has to be said; None while none has."""
        if self._since is None:
            return None
        return self._since + (self._options.filler_again if self._said else self._options.filler_after)

    def filler(self, at: float) -> str:
        """The words to say now."""
        fillers = self._options.fillers
        text = fillers[min(self._said, len(fillers) - 1)]
        self._since, self._said = at, self._said + 1
        return text
