"""What a listener without a buffer calls a gap."""

from typing import cast

import pytest
from websockets.asyncio.client import ClientConnection

from voicebot.adapters.websocket.protocol import FRAME_BYTES
from voicebot.cli.benches.content import AUDIBLE, FRAME, PAUSE, Listener


def listening(*arrivals: float) -> list[float]:
    """Lengths of the gaps when a frame arrives at each of these times."""
    listener = Listener(cast(ClientConnection, None), iter(()))
    for at in arrivals:
        listener.heard(100 + at, FRAME_BYTES)
    return [length for _, length in listener.gaps]


def test_frames_in_time_leave_no_gap() -> None:
    assert listening(*(n * FRAME for n in range(50))) == []


def test_what_is_ahead_covers_a_late_frame() -> None:
    assert listening(0, 0, 0, 3 * FRAME) == []
    assert listening(0, 0, 0, 3 * FRAME + AUDIBLE / 2) == []


def test_a_frame_after_all_was_played_is_a_gap() -> None:
    assert listening(0, FRAME + 0.1, FRAME + 0.12) == [pytest.approx(0.1)]


def test_a_new_sentence_fills_no_gap() -> None:
    assert listening(0, FRAME, FRAME + PAUSE + 0.1) == []
