"""The garbage collector, kept out of the calls' way."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


class Collector:
    """Python's collector stops everything while it looks at all there is: 0.2 s for our content, which
    20 callers would hear. So nothing is collected while content is loaded, what was loaded is set aside
    unseen, and the looking is made up for when nobody is on the phone."""

    def __init__(self) -> None:
        self._owed = True

    @contextmanager
    def resting(self) -> Iterator[None]:
        """Collects nothing; what lives afterwards is not looked at any more. Not to be nested."""
        gc.disable()
        try:
            yield
        finally:
            gc.freeze()
            gc.enable()
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
