"""A process that learns one lesson beside the calls. ``python -m voicebot.bootstrap.study``.

stdin: the lesson, pickled by `in_a_process`. The result goes to the user's shelf.
"""

import asyncio
import os
import pickle
import sys
from pathlib import Path
from typing import Final

from voicebot.adapters.supervisor import child
from voicebot.core.errors import VoicebotError
from voicebot.understanding.learned import Lesson, learn_anew

NICENESS: Final = 19
LONGEST: Final = 900.0
"""Seconds; some 15 on a free machine, many times that beside calls."""
TOLD: Final = 500
"""Characters of what a failed process said."""


async def in_a_process(lesson: Lesson) -> None:
    """Learns in a process that gives way to everything else and dies with this one.

    Raises:
        VoicebotError: ``learning.failed``.
    """
    given = await asyncio.to_thread(pickle.dumps, lesson)
    shim = (sys.executable, "-I", "-S", str(Path(child.__file__)), str(os.getpid()), str(NICENESS))
    try:
        process = await asyncio.create_subprocess_exec(
            *shim,
            *(sys.executable, "-m", __name__),
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
    except OSError as error:
        raise VoicebotError("learning.failed", f"学习进程起不来：{error.strerror or error}") from error
    try:
        async with asyncio.timeout(LONGEST):
            _, said = await process.communicate(given)
    except TimeoutError as error:
        raise VoicebotError("learning.failed", f"学习超过 {LONGEST:.0f} 秒") from error
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        told = said.decode(errors="replace").strip()[-TOLD:]
        raise VoicebotError("learning.failed", f"学习进程结束，代码 {process.returncode}：{told}")


def main() -> None:
    from voicebot.bootstrap.brain import user_shelf  # heavy; the parent has it already

    lesson = pickle.load(sys.stdin.buffer)
    assert isinstance(lesson, Lesson)
    learn_anew(lesson, user_shelf())


if __name__ == "__main__":
    main()
