"""The port `WaitingRoom`: what a caller hears and may do until a person is there."""

import asyncio

from voicebot.core.handover import HandoverOutcome, Place


class SilentRoom:
    """Nothing is said; the caller's sound goes to the person from the start."""

    def news(self, place: Place) -> None:
        pass

    async def person(self) -> None:
        pass

    async def gone(self) -> HandoverOutcome:
        await asyncio.Event().wait()
        return HandoverOutcome.CALL_BACK
