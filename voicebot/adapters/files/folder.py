"""A content folder that tells whether somebody has saved something."""

import socket
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from voicebot.adapters.files.content import content_files, read_texts

QUIET: Final = 0.2
"""Seconds for which nothing may change before files are read: editors and copies write in pieces."""
_TRIES: Final = 10
_PLACE_LENGTH: Final = 255

Signature = Mapping[str, tuple[int, int, int]]
"""Path → inode, size, time of change in ns."""


class WatchedFolder:
    """Implements `voicebot.operations.content_folder.ContentFolder`.

    Args:
        pause: waits for so many seconds.
    """

    def __init__(self, root: Path, quiet: float = QUIET, pause: Callable[[float], None] = time.sleep) -> None:
        self._root = root
        self._quiet = quiet
        self._pause = pause
        self._last: Signature | None = None
        self.place: Final = f"{socket.gethostname()}:{root.resolve()}"[-_PLACE_LENGTH:]

    def changed(self) -> bool:
        return self._signature() != self._last

    def read(self) -> Mapping[str, str]:
        for left in reversed(range(_TRIES)):
            self._last = self._settled()
            try:
                return read_texts(self._root)
            except FileNotFoundError:  # between listing and reading
                if not left:
                    raise
        raise AssertionError("the last try returns or raises")

    def _settled(self) -> Signature:
        """The files once they stand still; those of the first look that are old are taken at once."""
        found = self._signature()
        newest = max((changed for _, _, changed in found.values()), default=0) / 1e9
        if self._last is None and time.time() - newest > self._quiet:
            return found
        for _ in range(_TRIES):
            self._pause(self._quiet)
            before, found = found, self._signature()
            if found == before:
                break
        return found

    def _signature(self) -> Signature:
        signature = {}
        for path, file in content_files(self._root).items():
            try:
                status = file.stat()
            except OSError:
                continue  # just deleted, or not to be read: then reading says so
            signature[path] = (status.st_ino, status.st_size, status.st_mtime_ns)
        return signature
