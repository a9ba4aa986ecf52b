"""The port `WaitingRoom`: what a caller hears and may do until a person is there."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

from voicebot.calls.options import CallOptions
from voicebot.calls.ports import AudioIn
from voicebot.core.clock import Clock
from voicebot.core.handover import HandoverOutcome, Place
from voicebot.turns.events import Tick

AT_ONCE: Final = 3.0
"""Seconds that somebody who is next is given to be answered before we speak of waiting."""


class Tapes(Protocol):
    """What keeps the sound and the words of a talk; implemented by the call."""

    @property
    def dropped(self) -> int:
        """Sentences that were not written down."""
        ...

    def people(self, sound: AudioIn) -> None:
        """All but the caller, mixed, as the caller hears it."""
        ...

    def record(self, on: bool) -> bool:
        """Pauses the keeping of sound and words, or goes on; whether sound is kept now."""
        ...


@dataclass(frozen=True, slots=True)
class PersonGone:
    """The person of `room` is gone, and another is sought."""

    room: "CallRoom"


@dataclass(frozen=True, slots=True)
class PersonThere:
    """A person takes the call; `ready` is set when we are silent and the caller's sound goes to them."""

    room: "CallRoom"
    ready: asyncio.Event = field(default_factory=asyncio.Event)


class CallRoom:
    """The waiting of one hand-over: news for the conductor, which tells them when nobody speaks.

    Args:
        post: puts a message into the inbox of the call.
        told: summary and slots of the call as they stand now.
    """

    def __init__(
        self,
        clock: Clock,
        options: CallOptions,
        post: Callable[["PersonThere | PersonGone | Tick"], None],
        told: Callable[[], tuple[str, Mapping[str, str]]],
        tapes: Tapes,
    ) -> None:
        self._tapes = tapes
        self._clock = clock
        self._options = options
        self._post = post
        self._told = told
        self._began = clock.monotonic()
        self._said: tuple[Place, float] | None = None
        """The place the caller knows, and since when."""
        self._left: asyncio.Future[HandoverOutcome] = asyncio.get_running_loop().create_future()
        self.place: Place | None = None
        """The last news."""
        self.superseded = False
        """Another person is wanted: nobody waits for how this ends."""

    # ── the switchboard's side ──────────────────────────────────────────────────────────────

    @property
    def sounding(self) -> bool:
        return self.place is not None

    def news(self, place: Place) -> None:
        self.place = place
        self._post(Tick(self._clock.monotonic()))

    def told(self) -> tuple[str, Mapping[str, str]]:
        return self._told()

    async def person(self) -> None:
        there = PersonThere(self)
        self._post(there)
        await there.ready.wait()

    def back(self) -> None:
        self.place, self._said = None, None
        self._post(PersonGone(self))

    def people(self, sound: AudioIn) -> None:
        self._tapes.people(sound)

    @property
    def dropped(self) -> int:
        return self._tapes.dropped

    def record(self, on: bool) -> bool:
        return self._tapes.record(on)

    async def gone(self) -> HandoverOutcome:
        return await asyncio.shield(self._left)

    # ── the conductor's side ────────────────────────────────────────────────────────────────

    def leave(self, outcome: HandoverOutcome) -> None:
        """The caller waits no longer."""
        if not self._left.done():
            self._left.set_result(outcome)

    @property
    def due(self) -> float | None:
        """When the caller is to be told where they stand: at once, soon after a change, and now and then."""
        if self.place is None:
            return None
        if self._said is None:
            return self._began + (AT_ONCE if not self.place.ahead else 0.0)
        known, since = self._said
        changed = known.ahead != self.place.ahead
        return since + (self._options.place_changed if changed else self._options.place_again)

    def telling(self) -> Place:
        """The news, which the caller hears now."""
        assert self.place is not None
        self._said = (self.place, self._clock.monotonic())
        return self.place


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

    @property
    def dropped(self) -> int:
        return 0

    def record(self, on: bool) -> bool:
        return False

    async def gone(self) -> HandoverOutcome:
        await asyncio.Event().wait()
        return HandoverOutcome.CALL_BACK
