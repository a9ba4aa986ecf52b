"""Help for a seat, asked of the process that has the brain."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Final

from voicebot.calls.brain import Brain
from voicebot.calls.records import CallReader
from voicebot.core.answer import Answer, NoAnswer
from voicebot.core.clock import Clock
from voicebot.core.ids import CallId
from voicebot.core.meaning import Meaning
from voicebot.core.utterance import Expect, Utterance
from voicebot.operations.seat_help import TO_BOT, SeatHelp, Sentence, seat_help
from voicebot.operations.talk_lines import Speaker, TalkLines
from voicebot.seats.ports import SeatStore

KEPT: Final = 2000
"""Sentences whose meaning is remembered: a page asks again every few seconds."""

Known = tuple[Meaning, Answer | NoAnswer]


class SeatHelper:
    """Reads what was said in a call, and works out what helps; off the event loop."""

    def __init__(
        self,
        calls: CallReader,
        lines: TalkLines,
        seats: SeatStore,
        brain: Callable[[], Brain],
        clock: Clock,
    ) -> None:
        self._calls = calls
        self._lines = lines
        self._seats = seats
        self._brain = brain
        self._clock = clock
        self._kept: dict[tuple[str, str, float], Known] = {}

    async def help(self, call_id: CallId) -> SeatHelp:
        """Empty for a call that nobody knows. May raise VoicebotError ``db.…``."""
        view = await self._calls.call(call_id)
        if view is None:
            return SeatHelp()
        lines, contact = await self._lines.lines(call_id), await self._seats.contact(call_id)
        said = [Sentence(TO_BOT, turn.said, turn.confidence) for turn in view.turns if turn.said]
        said += [Sentence(x.index, x.text, x.confidence) for x in lines if x.who is Speaker.CALLER]
        answered = [x.text for x in lines if x.who is Speaker.PERSON and x.text]
        slots = contact.slots if contact is not None else {}
        at = self._clock.now()
        return await asyncio.to_thread(
            seat_help, said, self._comprehend, at, answered=answered, known=dict(slots)
        )

    def _comprehend(self, utterance: Utterance, expect: Expect, at: datetime) -> Known:
        brain = self._brain()
        key = (brain.version, utterance.text, utterance.confidence)
        known = self._kept.get(key)
        if known is None:
            known = brain.comprehend(utterance, expect, at)
            if len(self._kept) >= KEPT:
                self._kept.clear()
            self._kept[key] = known
        return known
