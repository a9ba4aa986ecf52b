"""Work of a second beside calls that must not hear of it: threads and the garbage collector."""

import gc
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

SHORT: Final = 0.0002
"""Seconds for which a busy thread keeps the interpreter once another wants it. With Python's 5 ms each
round of the event loop takes 5 ms longer, and a frame of sound needs several rounds."""


def yield_soon() -> float:
    """From now on a busy thread of this process yields after `SHORT`; what it was before."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(SHORT)
    return before


@contextmanager
def uncollected() -> Iterator[None]:
    """For a command that loads content once: what it makes stays, so nothing is looked through while it
    is made, which takes half the time of loading."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


class Collector:
    """Python's collector stops everything while it looks at all there is: 0.2 s for our content, which
    20 callers would hear. So nothing is collected while content is loaded, what was loaded is set aside
    unseen, and the looking is made up for when nobody is on the phone."""

    def __init__(self) -> None:
        self._owed = True
        self._lock = threading.Lock()

    @contextmanager
    def resting(self) -> Iterator[None]:
        """For work in a thread: it yields to the event loop at once, and nothing is collected; what lives
        afterwards is not looked at any more. One at a time; not to be nested."""
        with self._lock:
            interval = yield_soon()
            gc.disable()
            try:
                yield
            finally:
                gc.freeze()
                gc.enable()
                sys.setswitchinterval(interval)
                self._owed = True

    def settle(self) -> None:
        """Collects what loading left behind, if that is owed: 0.2 s.

        What is loaded now lives on: from now on the collector looks at what calls leave behind only. A
        call leaves 240 kB of objects in cycles. Python would collect them once a quarter as many new
        objects have come as are old: with content and libraries loaded that is after 150 calls, in one
        long pause. Now it is after about 20, in a pause of milliseconds.
        """
        if not self._owed:
            return
        self._owed = False
        gc.unfreeze()
        gc.collect()
        gc.freeze()
        gc.collect()  # of nothing: the quarter is counted without what is frozen
        gc.set_threshold(700, 10, 2)
