"""How a program of ours ends when it cannot do its work."""

import contextlib
import sys
from collections.abc import Iterator

from voicebot.core.errors import VoicebotError


@contextlib.contextmanager
def one_line_failures(exit_code: int = 1) -> Iterator[None]:
    """A `VoicebotError` inside becomes its message on stderr and `exit_code`, without a traceback."""
    try:
        yield
    except VoicebotError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(exit_code)
