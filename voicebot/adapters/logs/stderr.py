"""Writes log lines without ever making a call wait for the terminal, the disk or the journal."""

import atexit
import logging
import queue
import sys
import threading
from typing import Final

CAPACITY: Final = 10_000


class QueuedStderr(logging.Handler):
    """Formats at once, writes in a thread; when the reader is stuck, new lines are dropped and counted."""

    def __init__(self) -> None:
        super().__init__()
        self._lines: queue.Queue[str | None] = queue.Queue(CAPACITY)
        self._dropped = 0
        self._thread = threading.Thread(target=self._write, name="log", daemon=True)
        self._thread.start()
        atexit.register(self.close)

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._lines.put_nowait(self.format(record) + "\n")
        except queue.Full:
            self._dropped += 1

    def close(self) -> None:
        """Waits up to 2 s for what is still to be written."""
        atexit.unregister(self.close)
        if self._thread.is_alive():
            try:
                self._lines.put(None, timeout=2)
            except queue.Full:
                return
            self._thread.join(2)
        super().close()

    def _write(self) -> None:
        while (line := self._lines.get()) is not None:
            if self._dropped:
                line, self._dropped = f"{self._dropped} log lines lost\n{line}", 0
            try:
                sys.stderr.write(line)
                if self._lines.empty():
                    sys.stderr.flush()
            except (OSError, ValueError):  # nobody reads any more: going on without a log beats ending
                return
