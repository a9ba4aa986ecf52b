"""An engine that fails rests; one clause tries it again."""

from hypothesis import given
from hypothesis import strategies as st

from voicebot.adapters.tts.breaker import Breaker


def test_opens_after_failures_in_a_row_and_tries_again_after_the_rest() -> None:
    breaker = Breaker(2, 60.0).failed(0.0)
    assert breaker.allows(0.0)
    breaker = breaker.failed(1.0)
    assert not breaker.allows(60.9)
    assert breaker.allows(61.0)
    trying = breaker.asked(61.0)
    assert not trying.allows(61.0), "only one clause tries"
    assert trying.succeeded().allows(61.1)
    assert not trying.failed(62.0).allows(63.0)


def test_success_between_failures_keeps_it_closed() -> None:
    assert Breaker(2, 60.0).failed(0.0).succeeded().failed(1.0).allows(1.0)


@given(st.lists(st.booleans(), max_size=30), st.integers(1, 4))
def test_it_is_open_exactly_after_the_limit(outcomes: list[bool], limit: int) -> None:
    breaker, row = Breaker(limit, 10.0), 0
    for now, good in enumerate(outcomes):
        breaker = breaker.succeeded() if good else breaker.failed(float(now))
        row = 0 if good else row + 1
        assert breaker.allows(float(now)) == (row < limit)
