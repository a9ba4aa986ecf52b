"""Faults put into a stream are found, and nothing else."""

import numpy as np
import pytest

from voicebot.adapters.sip import g711
from voicebot.adapters.sip.rtp import RtpPacket
from voicebot.cli.benches.gaps import QUIET, Gap, Library, align, covered, gaps, stream

RANDOM = np.random.default_rng(7)


def clause(seconds: float) -> bytes:
    """s16 noise that swells and fades like syllables do."""
    at = np.arange(round(seconds * 8000))
    sound = RANDOM.standard_normal(len(at)) * 3000 * (0.3 + np.abs(np.sin(2 * np.pi * at / 2400)))
    return np.clip(sound, -32000, 32000).astype("<i2").tobytes()


CLAUSES = {"a": clause(1.5), "b": clause(2.0)}
LIBRARY = Library(CLAUSES)
A, B = (g711.encode(CLAUSES[key], "pcma") for key in "ab")
PAUSE = bytes([QUIET]) * 1200
PAUSES = {("a", "b"): 1200}


def faults(heard: bytes) -> list[tuple[str, int]]:
    return [(gap.kind, gap.samples) for gap in gaps(heard, align(heard, LIBRARY), LIBRARY, PAUSES)]


def quiet(samples: int) -> bytes:
    return bytes([QUIET]) * samples


def test_a_whole_reply_has_none_and_is_covered() -> None:
    heard = quiet(1000) + A + PAUSE + B + quiet(700)
    runs = align(heard, LIBRARY)
    assert [run.key for run in runs] == ["a", "b"]
    assert covered(heard, runs) > 0.99
    assert faults(heard) == []


@pytest.mark.parametrize("samples", [160, 480, 4000])
def test_silence_inserted_in_a_clause(samples: int) -> None:
    assert faults(A + PAUSE + B[:8000] + quiet(samples) + B[8000:]) == [("inserted", samples)]


@pytest.mark.parametrize("samples", [160, 800])
def test_samples_left_out(samples: int) -> None:
    assert faults(B[:8000] + B[8000 + samples :]) == [("lost", samples)]


def test_a_packet_in_whose_place_is_silence() -> None:
    heard = B[:8000] + quiet(160) + B[8160:]
    assert [(kind, 150 <= samples <= 170) for kind, samples in faults(heard)] == [("lost", True)]


def test_the_next_clause_comes_late() -> None:
    assert faults(A + PAUSE + quiet(320) + B) == [("late", 320)]


def test_a_duck_and_codes_that_differ_by_a_step_are_no_fault() -> None:
    soft = (np.frombuffer(CLAUSES["b"], "<i2").astype(np.float32) * np.float32(0.2)).astype("<i2").tobytes()
    heard = bytearray(B[:6400] + g711.encode(soft, "pcma")[6400:9600] + B[9600:])
    for place in RANDOM.integers(0, len(heard), len(heard) // 100):
        heard[place] ^= 1
    assert faults(bytes(heard)) == []


def test_a_clause_cut_off_and_begun_again_is_no_fault() -> None:
    assert faults(B[:6000] + quiet(4000) + B) == []


def test_what_nobody_rendered_is_not_covered() -> None:
    strange = g711.encode(clause(1.0), "pcma")
    assert covered(A + strange, align(A + strange, LIBRARY)) == pytest.approx(0.6, abs=0.02)


def test_packets_are_laid_out_by_their_time_stamps() -> None:
    packets = [
        RtpPacket(8, number, 5000 + number * 160, 1, B[number * 160 : number * 160 + 160]).encode()
        for number in (0, 2, 1, 4)
    ]
    assert stream(packets) == B[:480] + quiet(160) + B[640:800]


def test_gap_values() -> None:
    heard = B[:8000] + quiet(160) + B[8000:]
    assert gaps(heard, align(heard, LIBRARY), LIBRARY, {}) == [Gap("inserted", 8000, 160)]
