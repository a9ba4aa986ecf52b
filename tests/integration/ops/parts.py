"""Parts made of dummy programs."""

import sys
from dataclasses import replace
from pathlib import Path

from voicebot.adapters.supervisor import Health, Part

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


def healthy(name: str, directory: Path, *behaviours: str) -> Part:
    """A dummy that can be asked how it is: as the file ``NAME.health`` says (absent: well), for the
    process that became ready last."""

    async def health() -> Health | None:
        ready, said = directory / f"{name}.ready", directory / f"{name}.health"
        how = said.read_text() if said.exists() else ""
        if how == "silent" or not alive(ready):
            return None
        return Health(int(ready.read_text()), tired=how == "tired", stuck=how == "stuck")

    return replace(dummy(name, directory, *behaviours), health=health)
