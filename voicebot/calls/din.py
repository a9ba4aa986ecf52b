"""Sound that is taken for speech and says nothing: music, a television, noise on the line.

A call must not listen to it for ever: every turn it makes is judged, and what cannot be a person is met
like silence is, by reminders, then keys, then a polite end.
"""

from typing import Final

from voicebot.calls.drafting import Draft
from voicebot.core.meaning import Intent
from voicebot.dialogue.effects import Action, Say

REPAIRS: Final = 4
"""Turns in a row that we did not understand and asked back about; then it is taken for noise."""

FALSE_STOPS: Final = 3
"""Times since somebody was understood; then we go on, whatever it is."""

_IDLE: Final = (Intent.UNCLEAR, Intent.CHITCHAT)


class Din:
    """Judges the turns of one call.

    Args:
        breath: seconds of speech without the shortest pause, after which it is no person.
        long: length in seconds at which `turns` ends any turn.
    """

    def __init__(self, breath: float, long: float) -> None:
        self._breath = breath
        self._long = long
        self._since = float("inf")
        self._vain = 0
        self._false_stops = 0
        self._endless = False

    @property
    def loud(self) -> bool:
        """It goes on over whatever we say: our words must not yield to it, nor a goodbye wait for it."""
        return self._endless or self._vain >= REPAIRS or self._false_stops >= FALSE_STOPS

    def paused(self, at: float) -> None:
        """Speech began or paused at `at` (s)."""
        self._since = at

    def unbroken(self, at: float) -> bool:
        """The speech that is going on has lasted longer than anybody's breath."""
        return at - self._since >= self._breath

    def ended(self, seconds: float, at: float) -> bool:
        """A turn of `seconds` is over at `at`; whether it was cut off in the middle of its sound."""
        self._endless = self.unbroken(at) or seconds >= self._long - 0.1
        self._since = float("inf")
        return self._endless

    def understood(self) -> None:
        """A key or words of sense: somebody is there."""
        self._vain, self._false_stops, self._endless = 0, 0, False

    def false_stop(self) -> None:
        """Something made us stop, and it was no turn."""
        self._false_stops += 1

    def silence(self, draft: Draft | None) -> int:
        """For which time in a row this turn counts as silence; 0 when it is to be taken as it is.

        Args:
            draft: what was made of the turn; None when it could not be recognised.
        """
        if self._endless:
            vain = draft is None or not draft.utterance.text.strip() or draft.meaning.intent in _IDLE
        else:
            vain = draft is not None and any(
                isinstance(effect, Say) and effect.action is Action.REPAIR for effect in draft.step.effects
            )
        if not vain:
            self.understood()
            return 0
        self._vain += 1
        if self._endless:
            return self._vain
        return self._vain - 2 if self._vain > REPAIRS else 0
