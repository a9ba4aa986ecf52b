"""Figures of samples against values known from elsewhere."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.cli.evaluation.statistics import Share, calibration, f1, percentile, share, wilson


@pytest.mark.parametrize(
    ("right", "n", "low", "high"),
    [
        # R: prop.test(right, n, correct=FALSE)$conf.int
        (0, 10, 0.0, 0.2775),
        (10, 10, 0.7225, 1.0),
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 0, 0.0, 1.0),
    ],
)
def test_wilson(right: int, n: int, low: float, high: float) -> None:
    assert wilson(right, n) == pytest.approx((low, high), abs=2e-4)


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_interval_holds_the_share(case: tuple[int, int]) -> None:
    right, n = case
    low, high = wilson(right, n)
    assert 0 <= low <= right / n + 1e-9
    assert right / n - 1e-9 <= high <= 1
    assert low < high


def test_share_of_nothing_has_no_value() -> None:
    assert Share(0, 0).told() == {"value": None, "n": 0, "right": 0, "low": 0.0, "high": 1.0}
    assert share([True, False, True]).told()["value"] == 0.6667


def test_f1_counts_a_wrong_value_twice() -> None:
    wanted = ["a", "b", None, "c", None]
    found = ["a", "x", "y", None, None]
    assert f1(wanted, found) == {"precision": 0.3333, "recall": 0.3333, "f1": 0.3333}


def test_f1_without_anything() -> None:
    assert f1([None], [None]) == {"precision": None, "recall": None, "f1": None}
    assert f1(["a"], [None]) == {"precision": None, "recall": 0.0, "f1": 0.0}


def test_calibration() -> None:
    stated = [0.95] * 10 + [0.55] * 10
    right = [True] * 9 + [False] + [True] * 3 + [False] * 7
    told = calibration(stated, right)
    assert told["ece"] == pytest.approx((0.05 * 10 + 0.25 * 10) / 20)
    assert [(row["n"], row["right"]) for row in told["bins"]] == [(10, 0.3), (10, 0.9)]


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1))
def test_every_case_is_in_one_bin(cases: list[tuple[float, bool]]) -> None:
    told = calibration([p for p, _ in cases], [r for _, r in cases])
    assert sum(row["n"] for row in told["bins"]) == told["n"] == len(cases)
    assert 0 <= told["ece"] <= 1


def test_percentiles() -> None:
    assert percentile([], 0.5) is None
    assert percentile([3.0, 1.0, 2.0], 0.5) == 2.0
    assert percentile([float(i) for i in range(1, 101)], 0.95) == 95.0
