"""The sentence for the person who takes over, written by the language model while we announce them."""

from collections import deque
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import replace
from typing import Any, Final

import structlog

from voicebot.calls.helper import Helper
from voicebot.core.clock import Clock
from voicebot.core.errors import VoicebotError
from voicebot.dialogue.effects import HandOver
from voicebot.understanding import assist

log = structlog.get_logger(__name__)

NOTE: Final = "model:summary"
TURNS: Final = 40
LETTERS: Final = 200
"""So much of a call is summed up: the last turns, the beginning of each."""


class Whisper:
    """Never waited for: a summary that is not there when the phone is to ring is not used.

    Args:
        helper: None where there is no model: the summary of the dialogue stands.
    """

    def __init__(
        self, helper: Helper | None, clock: Clock, spawn: Callable[[Coroutine[Any, Any, Any]], object]
    ) -> None:
        self._helper = helper
        self._clock = clock
        self._spawn = spawn
        self._turns: deque[tuple[str, str]] = deque(maxlen=TURNS)
        self._spans: set[tuple[str, str]] = set()
        self._of: HandOver | None = None
        self._written = ""
        self._notes: dict[str, float] = {}

    def said(self, who: str, text: str, spans: tuple[tuple[str, str], ...] = ()) -> None:
        """Args: who: ``caller`` or ``bot``; spans: (slot, words) that were found in it."""
        if self._helper is not None and text.strip():
            self._turns.append((who, " ".join(text.split())[:LETTERS]))
            self._spans.update(spans)

    def begin(self, effect: HandOver) -> None:
        """A person is to take the call soon; an emergency is left to plain words."""
        if self._helper is None or effect.emergency or not self._turns or effect == self._of:
            return
        self._of, self._written = effect, ""
        if why := self._helper.unwilling:
            self._notes = {f"{NOTE}:{why}": 0.0}
            return
        self._notes = {f"{NOTE}:late": 0.0}
        self._spawn(self._write(self._helper, effect, tuple(self._turns)))

    def end(self, effect: HandOver) -> tuple[HandOver, Mapping[str, float]]:
        """`effect` with the summary that has been written, if any; and what is noted of it: name → ms."""
        if effect != self._of:
            return effect, {}
        written, notes = self._written, self._notes
        self._of, self._written, self._notes = None, "", {}
        return (replace(effect, summary=written) if written else effect), notes

    async def _write(self, helper: Helper, effect: HandOver, turns: tuple[tuple[str, str], ...]) -> None:
        began = self._clock.monotonic()
        whole = "\n".join(text for _, text in turns)
        said = assist.open_text(whole) if helper.private else assist.mask(whole, self._spans)
        words = said.text.split("\n")
        prompt = assist.summary_prompt([(who, text) for (who, _), text in zip(turns, words, strict=True)])
        written, note = "", NOTE
        try:
            written = assist.read_summary(await helper.ask(prompt), whole, said)
            note = NOTE if written else f"{NOTE}:unusable"
        except VoicebotError as error:
            log.warning("no summary of the language model", code=error.code)
            note = f"{NOTE}:{error.code}"
        if effect is self._of:
            self._written, self._notes = written, {note: (self._clock.monotonic() - began) * 1000}
