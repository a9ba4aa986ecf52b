"""The limit of calls follows what a call costs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.calls.admission import Admission
from voicebot.calls.options import AdmissionOptions

OLD = (-100.0,)
"""Start of a call that is long past its greeting."""
OPTIONS = AdmissionOptions(max_calls=40, load=0.6, first_guess=0.06)


def test_before_anything_is_learned_the_guess_counts() -> None:
    assert Admission(OPTIONS).most == 10


@pytest.mark.parametrize(("cost", "most"), [(0.03, 20), (0.06, 10), (0.2, 3), (2.0, 1), (0.0001, 40)])
def test_the_limit_follows_what_calls_cost(cost: float, most: int) -> None:
    admission = Admission(OPTIONS)
    for second in range(2000):
        admission.learn(float(second), OLD * 5, second * 5 * cost)
    assert admission.cost == pytest.approx(cost, rel=0.05)
    assert admission.most == pytest.approx(most, abs=1)


def test_time_without_calls_teaches_nothing() -> None:
    admission = Admission(OPTIONS)
    admission.learn(0.0, (), 0.0)
    admission.learn(10_000.0, (), 5.0)
    assert admission.cost == pytest.approx(OPTIONS.first_guess)


def test_a_wave_of_callers_who_are_being_greeted_widens_no_limit() -> None:
    admission = Admission(OPTIONS)
    for second in range(15):
        admission.learn(float(second), [0.0] * 20, 0.0)
    assert admission.cost == pytest.approx(OPTIONS.first_guess)


def test_a_recogniser_that_began_anew_takes_nothing_back() -> None:
    admission = Admission(OPTIONS)
    admission.learn(0.0, OLD * 4, 100.0)
    admission.learn(1.0, OLD * 4, 0.5)
    assert 0 < admission.cost < OPTIONS.first_guess


@given(
    st.lists(
        st.tuples(st.floats(-5, 600), st.integers(0, 60), st.floats(0, 1e6)),
        max_size=50,
    )
)
def test_there_is_always_room_for_one_and_never_for_more_than_allowed(
    looks: list[tuple[float, int, float]],
) -> None:
    admission, at = Admission(OPTIONS), 0.0
    for passed, calls, spent in looks:
        at += passed
        admission.learn(at, OLD * calls, spent)
        assert 1 <= admission.most <= OPTIONS.max_calls
