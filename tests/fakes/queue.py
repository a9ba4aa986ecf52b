"""A `Switchboard` with a queue that the test moves."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from voicebot.calls.ports import AudioIn, Line, WaitingRoom
from voicebot.core.handover import Handover, HandoverEnd, HandoverOutcome, Place


@dataclass
class FakeQueue:
    """Everybody waits until `answer()`; then `person_says`, `hang_up()`, `vanish()`.

    Args:
        place: told at once; None: no news until `news`.
    """

    place: Place | None = field(default_factory=lambda: Place(3, 130.0))
    handovers: list[Handover] = field(default_factory=list)
    cancelled: int = 0
    left: list[HandoverOutcome] = field(default_factory=list)
    told: tuple[str, Mapping[str, str]] = ("", {})
    heard: list[AudioIn] = field(default_factory=list)
    talking: bool = False
    room: WaitingRoom | None = None

    def __post_init__(self) -> None:
        self._answered, self._over = asyncio.Event(), asyncio.Event()
        self._end = HandoverEnd(HandoverOutcome.RETURNED)
        self._vanished = False

    async def hand_over(
        self, handover: Handover, line: Line, audio: AsyncIterator[AudioIn], room: WaitingRoom
    ) -> HandoverEnd:
        self.handovers.append(handover)
        self.room = room
        if self.place:
            room.news(self.place)
        gone = asyncio.create_task(room.gone())
        tasks: set[asyncio.Task[Any]] = {gone}
        try:
            while True:
                answered = asyncio.create_task(self._answered.wait())
                tasks.add(answered)
                await asyncio.wait({answered, gone}, return_when=asyncio.FIRST_COMPLETED)
                if gone.done():
                    self.left.append(gone.result())
                    return HandoverEnd(gone.result())
                await room.person()
                self.told = room.told()
                self.talking = True
                listening = asyncio.create_task(self._listen(audio))
                tasks.add(listening)
                await self._over.wait()
                listening.cancel()
                self.talking = False
                if not self._vanished:
                    return self._end
                self._vanished = False
                self._answered.clear()
                self._over.clear()
                room.back()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _listen(self, audio: AsyncIterator[AudioIn]) -> None:
        async for sound in audio:
            self.heard.append(sound)

    # ── the test's side ─────────────────────────────────────────────────────────────────────

    def news(self, ahead: int, seconds: float | None = None) -> None:
        assert self.room is not None
        self.room.news(Place(ahead, seconds))

    def answer(self) -> None:
        self._answered.set()

    def vanish(self) -> None:
        """The person is gone; another is sought."""
        self._vanished = True
        self._over.set()

    def hang_up(self, flow: str = "", outcome: HandoverOutcome = HandoverOutcome.RETURNED) -> None:
        self._end = HandoverEnd(outcome, flow)
        self._over.set()
