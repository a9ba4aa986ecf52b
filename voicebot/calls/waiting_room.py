"""The port `WaitingRoom`: what a caller hears and may do until a person is there."""

import asyncio
from collections.abc import Mapping

from voicebot.calls.ports import AudioIn
from voicebot.core.handover import HandoverOutcome, Place


class SilentRoom:
    """Nothing is said; the caller's sound goes to the person from the start."""

    @property
    def sounding(self) -> bool:
        return False

    def told(self) -> tuple[str, Mapping[str, str]]:
        return "", {}

    def news(self, place: Place) -> None:
        pass

    async def person(self) -> None:
        pass

    def back(self) -> None:
        pass

    def people(self, sound: AudioIn) -> None:
        pass

    def record(self, on: bool) -> bool:
        return False

    async def gone(self) -> HandoverOutcome:
        await asyncio.Event().wait()
        return HandoverOutcome.CALL_BACK
