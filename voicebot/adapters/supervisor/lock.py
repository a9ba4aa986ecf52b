"""One hotline per data directory."""

import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import IO

from voicebot.core.errors import VoicebotError


class DataLock:
    """Context manager: holds `directory`/serve.lock; the kernel frees it even after SIGKILL.

    Raises:
        VoicebotError: ``serve.locked`` (another hotline runs on it), ``serve.data_dir`` (not writable).
    """

    def __init__(self, directory: Path) -> None:
        self._path = directory / "serve.lock"
        self._file: IO[str] | None = None

    def __enter__(self) -> "DataLock":
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            file = self._path.open("a+", encoding="ascii")
        except OSError as error:
            message = f"数据目录 {self._path.parent} 不可写：{error.strerror}"
            raise VoicebotError("serve.data_dir", message) from error
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            holder = file.read().strip() or "未知"
            file.close()
            message = f"数据目录 {self._path.parent} 已有热线在运行（进程 {holder}），请先停止它"
            raise VoicebotError("serve.locked", message) from error
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        self._file = file
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
