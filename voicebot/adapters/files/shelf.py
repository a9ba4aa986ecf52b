"""A `Shelf` in a folder: one file a result, the least recently used ones give way."""

import hashlib
import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Final

import structlog

MOST_BYTES: Final = 512 * 1024 * 1024
DIGEST: Final = hashlib.sha256().digest_size

log = structlog.get_logger(__name__)


class FolderShelf:
    """Files are written whole beside their place and then moved there, so that readers in other
    processes never see half of one; a digest in front tells a damaged file, which counts as missing."""

    def __init__(self, folder: Path, most_bytes: int = MOST_BYTES) -> None:
        """`folder` is made when the first result is kept."""
        self._folder = folder
        self._most = most_bytes

    def get(self, key: str) -> bytes | None:
        path = self._path(key)
        try:
            content = path.read_bytes()
        except OSError:
            return None
        value = content[DIGEST:]
        if hashlib.sha256(value).digest() != content[:DIGEST]:
            log.warning("shelf.damaged", path=str(path))
            path.unlink(missing_ok=True)
            return None
        with suppress(OSError):  # a read-only folder keeps what it has
            os.utime(path)
        return value

    def put(self, key: str, value: bytes) -> None:
        path = self._path(key)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self._folder, prefix=".", delete=False) as file:
                file.write(hashlib.sha256(value).digest() + value)
            Path(file.name).replace(path)
            self._make_room(path)
        except OSError as error:
            log.warning("shelf.not_kept", path=str(path), error=str(error))

    def _path(self, key: str) -> Path:
        return self._folder / hashlib.sha256(key.encode()).hexdigest()

    def _make_room(self, newest: Path) -> None:
        files = [(p.stat().st_mtime, p.stat().st_size, p) for p in self._folder.iterdir() if p.is_file()]
        total = sum(size for _, size, _ in files)
        for _, size, path in sorted(files):
            if total <= self._most:
                return
            if path != newest:
                path.unlink(missing_ok=True)
                total -= size
