"""Silence inserted and samples lost inside our prompts, found by aligning what was heard with what was
rendered. Pure.

The native stack paces packets even when we are late, so their spacing proves nothing. But what it
sends is the A-law of the rendered clause, code for code (1 % of the codes differ by one step): short
pieces of the clauses are looked up in the sound that came in, and from there on the clause is
followed packet by packet. Within one playing of a clause its place in the stream may not move.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

from voicebot.adapters.sip import g711
from voicebot.adapters.sip.rtp import RtpPacket
from voicebot.calls.speaker import DUCKED

QUIET: Final = g711.encode(b"\0\0", "pcma")[0]
"""The A-law code of silence."""
PIECE: Final = 24
"""Samples that are looked up; the chance that other speech has the same codes is nil."""
VARIED: Final = 8
"""Different codes a piece must have: near silence sounds alike everywhere."""
BLOCK: Final = 160
ALIKE: Final = 0.5
"""Of a block's codes that must agree to follow the clause."""
EDGE: Final = 800
"""Samples at the ends of a clause that may be too soft to be found (0.1 s)."""
HOLE: Final = 80
"""Samples of silence in place of speech that are a loss (10 ms)."""
JUMP: Final = 80_000
"""Samples by which a clause may move and still be the same playing (10 s)."""

_LOUD: Final = np.abs(np.frombuffer(g711.decode(bytes(range(256)), "pcma"), "<i2").astype(int)) >= 64
"""By code: surely no silence, even when ducked."""

Codes = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch that is a clause: ``stream[at:at + length] == clause[begin:begin + length]``."""

    key: str
    at: int
    begin: int
    length: int

    @property
    def start(self) -> int:
        """Where sample 0 of the clause would be."""
        return self.at - self.begin


@dataclass(frozen=True, slots=True)
class Gap:
    """A fault of `samples` at that place of the stream: ``inserted``, ``lost`` or ``late`` (the next
    clause of a reply came later than its pause)."""

    kind: str
    at: int
    samples: int


class Library:
    """Rendered clauses by key, as they may be heard: in full and ducked.

    Args:
        clauses: key → s16 at 8 kHz.
    """

    def __init__(self, clauses: Mapping[str, bytes]) -> None:
        self.sounds: dict[str, tuple[Codes, Codes]] = {}
        self._index: dict[bytes, tuple[str, int]] = {}
        for key, pcm in clauses.items():
            soft = (np.frombuffer(pcm, "<i2").astype(np.float32) * np.float32(DUCKED)).astype("<i2")
            both = g711.encode(pcm, "pcma"), g711.encode(soft.tobytes(), "pcma")
            self.sounds[key] = _codes(both[0]), _codes(both[1])
            for sound in both:
                for start in range(0, len(sound) - PIECE, PIECE):
                    piece = sound[start : start + PIECE]
                    if len(set(piece)) >= VARIED:
                        self._index.setdefault(piece, (key, start))

    def find(self, piece: bytes) -> tuple[str, int] | None:
        """Clause and place of `PIECE` codes."""
        return self._index.get(piece)


def _codes(sound: bytes) -> Codes:
    return np.frombuffer(sound, np.uint8)


def stream(packets: Iterable[bytes]) -> bytes:
    """A-law of RTP packets laid out by their time stamps; what did not come is silence."""
    laid: dict[int, bytes] = {}
    first: int | None = None
    for data in packets:
        packet = RtpPacket.parse(data)
        if packet.payload_type == g711.PAYLOAD_TYPES["pcma"]:
            first = packet.timestamp if first is None else first
            laid[packet.timestamp - first & 0xFFFFFFFF] = packet.payload
    laid = {place: sound for place, sound in laid.items() if place < 1 << 31}
    whole = bytearray([QUIET]) * max((place + len(sound) for place, sound in laid.items()), default=0)
    for place, sound in laid.items():
        whole[place : place + len(sound)] = sound
    return bytes(whole)


def align(heard: bytes, library: Library) -> list[Run]:
    """The clauses in `heard`, in order; a run goes on as long as the clause stays in its place."""
    codes = _codes(heard)
    runs: list[Run] = []
    at, last = 0, len(heard) - PIECE
    while at < last:
        found = library.find(heard[at : at + PIECE])
        if found is None:
            at += 1
            continue
        run = _followed(codes, library, *found, at)
        at = run.at + max(run.length, PIECE)
        before = runs[-1] if runs else None
        if before is not None and (before.key, before.start) == (run.key, run.start):
            runs[-1] = replace(before, length=run.at + run.length - before.at)
        else:
            runs.append(run)
    return runs


def _followed(codes: Codes, library: Library, key: str, begin: int, at: int) -> Run:
    """From the piece found at `at`, forward in blocks while most codes agree."""
    full, soft = library.sounds[key]
    length = min(len(full) - begin, len(codes) - at)
    there = codes[at : at + length]
    same = (there == full[begin : begin + length]) | (there == soft[begin : begin + length])
    done = 0
    while done < length and (done == 0 or np.mean(same[done : done + BLOCK]) >= ALIKE):
        done = min(done + BLOCK, length)
    return Run(key, at, begin, max(done, PIECE))


def gaps(
    heard: bytes, runs: Sequence[Run], library: Library, pauses: Mapping[tuple[str, str], int]
) -> list[Gap]:
    """What is wrong in them.

    Args:
        pauses: samples between two clauses that follow each other in a reply.
    """
    found = [gap for run in runs for gap in _holes(heard, run, library)]
    for before, after in pairwise(runs):
        ends = before.at + before.length
        if before.key == after.key and before.begin < after.begin and after.start - before.start < JUMP:
            moved = after.start - before.start
            if moved:
                found.append(Gap("inserted" if moved > 0 else "lost", ends, abs(moved)))
        elif (pause := pauses.get((before.key, after.key))) is not None:
            size = len(library.sounds[before.key][0])
            if before.begin + before.length >= size - EDGE and after.begin <= EDGE:
                late = after.start - (before.start + size) - pause
                if late > 0:
                    found.append(Gap("late", ends, late))
    return found


def _holes(heard: bytes, run: Run, library: Library) -> list[Gap]:
    """Silence where the clause has sound; at its end it was cut off."""
    there = _codes(heard[run.at : run.at + run.length]) == QUIET
    expected = _LOUD[library.sounds[run.key][1][run.begin : run.begin + run.length]]
    edges = np.flatnonzero(np.diff(np.concatenate(([0], there.astype(np.int8), [0]))))
    return [
        Gap("lost", run.at + int(a), int(b - a))
        for a, b in edges.reshape(-1, 2)
        if b - a >= HOLE and b < run.length - BLOCK and np.mean(expected[a:b]) > ALIKE
    ]


def covered(heard: bytes, runs: Sequence[Run]) -> float:
    """Share of what was heard that is a known clause; the rest could not be checked."""
    sound = _codes(heard) != QUIET
    known = sum(int(np.count_nonzero(sound[run.at : run.at + run.length])) for run in runs)
    return known / max(int(np.count_nonzero(sound)), 1)
