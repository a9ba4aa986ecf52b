"""How long things are kept."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.clocks import MORNING
from voicebot.operations.retention import KeepOptions, Kept


@given(st.integers(1, 4000), st.integers(0, 4000), st.integers(0, 9000), st.integers(0, 9000))
def test_sound_never_outlives_the_call_it_belongs_to(
    sound: int, more: int, persons: int, access: int
) -> None:
    keep = KeepOptions(sound, sound + more, persons, access)
    recordings, calls = keep.until(Kept.RECORDING, MORNING), keep.until(Kept.TRANSCRIPT, MORNING)
    assert recordings is not None
    assert calls is not None
    assert calls <= recordings == MORNING - timedelta(days=sound)
    assert (keep.until(Kept.PERSON, MORNING) is None) == (persons == 0)


@pytest.mark.parametrize(
    "days", [{"recordings": -1}, {"recordings": 0}, {"recordings": 2000}, {"persons": -1}, {"access": -5}]
)
def test_absurd_times_are_refused(days: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"保留|录音"):
        KeepOptions(**days)
