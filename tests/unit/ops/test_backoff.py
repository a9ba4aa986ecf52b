"""How long a restart waits."""

from hypothesis import given
from hypothesis import strategies as st

from voicebot.adapters.supervisor.keeper import how_it_ended
from voicebot.adapters.supervisor.part import Backoff


def test_doubles_up_to_half_a_minute_and_forgives_a_healthy_life() -> None:
    backoff, delays = Backoff(), []
    for lived in (5, 0, 0, 0, 0, 0, 0, 60, 59.9):
        backoff = backoff.after(lived)
        delays.append(backoff.delay)
    assert delays == [1, 2, 4, 8, 16, 30, 30, 1, 2]


@given(st.lists(st.floats(0, 1000)))
def test_never_shorter_than_first_nor_longer_than_most(lives: list[float]) -> None:
    backoff = Backoff(first=0.5, most=7)
    for lived in lives:
        backoff = backoff.after(lived)
        assert 0.5 <= backoff.delay <= 7


def test_words_for_the_end() -> None:
    assert how_it_ended(3) == "退出码 3"
    assert how_it_ended(-9) == "信号 SIGKILL"
    assert how_it_ended(-99) == "信号 99"
