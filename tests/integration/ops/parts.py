"""Parts made of dummy programs."""

import sys
from pathlib import Path

from voicebot.adapters.supervisor import Part

PROGRAM = Path(__file__).with_name("dummy_part.py")


def dummy(name: str, directory: Path, *behaviours: str, stops: int = 0, start_within: float = 20) -> Part:
    """A part that is ready when its file names a living process."""

    async def ready() -> bool:
        return alive(directory / f"{name}.ready")

    argv = (sys.executable, str(PROGRAM), name, str(directory), *behaviours)
    return Part(name, argv, ready, stops=stops, start_within=start_within, stop_within=3)


def alive(pid_file: Path) -> bool:
    """Whether the process that the file names exists."""
    return pid_file.exists() and Path("/proc", pid_file.read_text()).exists()
