"""CPU of the processes of a hotline, from /proc (proc(5)); Linux."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

PROC: Final = Path("/proc")
PARTS: Final = {
    "voicebot.bootstrap.line": "line",
    "voicebot.bootstrap.web": "web",
    "voicebot.bootstrap.speech\0recognition": "recognition",
    "voicebot.bootstrap.speech\0synthesis": "synthesis",
    "nats-server": "bus",
    "\0serve\0": "supervisor",
}
"""What stands in a command line → part; the first that fits."""

OURS: Final = ("line", "web", "supervisor", "bus")
"""All but the speech workers."""


@dataclass(frozen=True, slots=True)
class Process:
    """One line of the process table; `seconds` of CPU, user and system, all threads."""

    pid: int
    parent: int
    command: str
    seconds: float


def parse(stat: str, command: str) -> Process:
    """From the texts of ``stat`` and ``cmdline``; the name in brackets may hold anything."""
    pid, _, rest = stat.partition(" (")
    fields = rest.rpartition(") ")[2].split()
    ticks = int(fields[11]) + int(fields[12])
    return Process(int(pid), int(fields[1]), command, ticks / os.sysconf("SC_CLK_TCK"))


def table() -> list[Process]:
    """All processes that can be read."""
    found = []
    for folder in PROC.iterdir():
        if folder.name.isdigit():
            try:
                stat = (folder / "stat").read_text()
                command = (folder / "cmdline").read_bytes().decode(errors="replace")
            except OSError:  # it ended meanwhile
                continue
            found.append(parse(stat, command))
    return found


def cpu_of_parts(processes: list[Process], root: int) -> Mapping[str, float]:
    """Part → seconds of CPU so far, of the hotline that is a descendant of `root`."""
    below = {root}
    size = 0
    while size < len(below):
        size = len(below)
        below |= {each.pid for each in processes if each.parent in below}
    seconds: dict[str, float] = {}
    for each in processes:
        part = next((name for mark, name in PARTS.items() if mark in each.command), None)
        if part is not None and each.pid in below and each.pid != root:
            seconds[part] = seconds.get(part, 0.0) + each.seconds
    return seconds


def shares(before: Mapping[str, float], after: Mapping[str, float], seconds: float) -> dict[str, float]:
    """Part → share of a core (1.0 is one core) between two looks `seconds` apart."""
    return {name: (after[name] - before.get(name, 0.0)) / seconds for name in after}
