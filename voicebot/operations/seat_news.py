"""Who changed a seat or a waiting call tells everybody at once; the truth stays in the rows."""

import asyncio
import contextlib
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Final

import structlog

from voicebot.core.errors import VoicebotError
from voicebot.operations.bus import Bus

log = structlog.get_logger(__name__)

NUDGE: Final = "seats.moved"
"""Sooner than the events, which another process may have to relay. Body: ``from``, ``keys``."""
EVENTS: Final = ("seat.>", "contact.>")
EVERYTHING: Final = ""
PAUSE: Final = 2.0
"""Seconds of rest after the bus refused."""


class Ear:
    """One listener; `wait` returns at once when something was told since the last one."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def ring(self) -> None:
        self._rung.set()

    async def wait(self, timeout: float) -> bool:
        """False when nothing was told for so many seconds."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                await self._rung.wait()
        heard = self._rung.is_set()
        self._rung.clear()
        return heard


class SeatNews:
    """One per process. Keys are ids of seats and calls.

    Args:
        bus: None where there is only this process, or until one is joined. own: tells this process from
            all others.
    """

    def __init__(self, bus: Bus | None = None, own: str = "") -> None:
        self._bus = bus
        self._own = own
        self._ears: dict[str, set[Ear]] = {}

    def join(self, bus: Bus) -> None:
        """From now on others are told."""
        self._bus = bus

    @contextmanager
    def listening(self, key: str = EVERYTHING) -> Iterator[Ear]:
        """To what happens to one seat or call, or to everything."""
        ear = Ear()
        self._ears.setdefault(key, set()).add(ear)
        try:
            yield ear
        finally:
            left = self._ears[key]
            left.discard(ear)
            if not left:
                del self._ears[key]

    async def tell(self, keys: Iterable[str]) -> None:
        """Tells this process and all others. A bus that is away is no failure: they look for themselves
        every second."""
        named = tuple(keys)
        self._ring(named)
        if self._bus is None:
            return
        body = json.dumps({"from": self._own, "keys": named}, ensure_ascii=False).encode()
        try:
            await self._bus.publish(NUDGE, body)
        except VoicebotError as error:
            log.warning("seats.not_told", code=error.code)

    async def follow(self) -> None:
        """Passes on what others tell, until cancelled."""
        if self._bus is None:
            return
        async with asyncio.TaskGroup() as group:
            for subject in (NUDGE, *EVENTS):
                group.create_task(self._pass_on(self._bus, subject))

    async def _pass_on(self, bus: Bus, subject: str) -> None:
        while True:
            try:
                async for _, body in bus.subscribe(subject):
                    self._ring(self._keys(body))
                return  # the bus was closed
            except VoicebotError as error:
                log.warning("seats.not_heard", subject=subject, code=error.code)
                await asyncio.sleep(PAUSE)

    def _keys(self, body: bytes) -> tuple[str, ...]:
        """Of a nudge or an event; what is not readable may be about anything."""
        try:
            told = json.loads(body)
            if self._own and told.get("from") == self._own:
                return ()
            keys = told.get("keys", [told.get("seat"), told.get("call_id")])
            return tuple(key for key in keys if isinstance(key, str))
        except (ValueError, AttributeError, TypeError):
            return (EVERYTHING,)

    def _ring(self, keys: tuple[str, ...]) -> None:
        for key in {*keys, EVERYTHING} if keys else ():
            for ear in tuple(self._ears.get(key, ())):
                ear.ring()
