"""The place where an event loop would sleep, and where a virtual one jumps instead."""

import selectors
from collections.abc import Callable, Mapping
from typing import Any


class JumpingSelector(selectors.BaseSelector):
    """A selector that asks `idle` what to do whenever nothing is ready.

    Args:
        idle: handed the seconds until the next timer (None: no timer); returns how long to wait for
            real (None: until woken), or 0 when it moved the clock.
        stuck: called when such a real wait ended without a wake-up.
    """

    def __init__(self, idle: Callable[[float | None], float | None], stuck: Callable[[], None]) -> None:
        self._real = selectors.DefaultSelector()
        self._idle = idle
        self._stuck = stuck

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = self._real.select(0)
        if ready or (timeout is not None and timeout <= 0):
            return ready
        wait = self._idle(timeout)
        if wait == 0:
            return []
        ready = self._real.select(wait)
        if not ready:
            self._stuck()
        return ready

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self._real.register(fileobj, events, data)

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        return self._real.unregister(fileobj)

    def modify(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self._real.modify(fileobj, events, data)

    def close(self) -> None:
        self._real.close()

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        return self._real.get_map()
