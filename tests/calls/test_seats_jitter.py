"""One leg's clock against ours: nothing is lost, nothing piles up, nothing is heard of it."""

import random

import numpy as np
import pytest

from voicebot.calls.jitter import MOST, JitterBuffer

RATE = 8000
FRAME = 160


def tone(first: int, count: int) -> bytes:
    at = np.arange(first, first + count)
    return (8000 * np.sin(2 * np.pi * 200 * at / RATE)).astype("<i2").tobytes()


def far_end(buffer: JitterBuffer, seconds: float, ppm: float, late: float = 0.0) -> list[float]:
    """A leg whose clock is wrong sends a packet every 20 ms of its own; delays after each take."""
    period, at, sent, delays = 0.02 / (1 + ppm * 1e-6), 0.013, 0, []
    chance = random.Random(7)
    due = at
    for tick in range(round(seconds / 0.02)):
        now = tick * 0.02
        while due <= now:
            buffer.put(bytes(2 * FRAME), due)
            sent += 1
            due = at + sent * period + (chance.random() * late if late else 0.0)
        buffer.take(FRAME, now)
        delays.append(buffer.seconds)
    return delays


@pytest.mark.parametrize("ppm", [100.0, -100.0])
def test_an_hour_at_a_wrong_clock_makes_no_gap_and_no_delay(ppm: float) -> None:
    buffer = JitterBuffer(RATE)
    delays = far_end(buffer, 3600, ppm)
    assert (buffer.gaps, buffer.excess, buffer.late) == (0, 0, 0)
    assert max(delays[500:]) < 0.06
    assert abs(np.mean(delays[-3000:]) - np.mean(delays[500:3500])) < 0.012


def test_a_jumpy_network_costs_delay_and_stops_making_gaps() -> None:
    buffer = JitterBuffer(RATE)
    far_end(buffer, 60, 0, late=0.05)
    learned = buffer.gaps
    far_end(buffer, 60, 0, late=0.05)
    assert learned < 20
    assert buffer.gaps - learned <= 4


def test_a_burst_is_bounded_and_made_up() -> None:
    buffer = JitterBuffer(RATE)
    far_end(buffer, 4, 0)
    for _ in range(25):
        buffer.put(bytes(2 * FRAME), 0.0)
    assert buffer.excess > 0
    assert buffer.seconds <= MOST + 1e-9
    assert far_end(buffer, 15, 0)[-1] < 0.05


def test_old_sound_is_not_played() -> None:
    buffer = JitterBuffer(RATE)
    buffer.put(bytes(2 * FRAME), 0.0, age=2.0)
    assert buffer.late == 1
    assert buffer.seconds == 0


def test_making_up_time_leaves_no_click() -> None:
    buffer = JitterBuffer(RATE)
    buffer.put(tone(0, 7 * FRAME), 0.0)
    heard, at = [], 7 * FRAME
    for tick in range(400):
        buffer.put(tone(at, FRAME), tick * 0.02 - 0.005)
        at += FRAME
        frame = buffer.take(FRAME, tick * 0.02)
        assert frame is not None
        heard.append(frame)
    whole = np.concatenate(heard).astype(np.float64)
    assert buffer.seconds < 0.05
    assert np.abs(np.diff(whole)).max() < 8000 * 2 * np.pi * 200 / RATE * 1.1
