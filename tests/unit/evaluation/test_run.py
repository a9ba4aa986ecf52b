"""Samples and character errors."""

from hypothesis import given
from hypothesis import strategies as st

from voicebot.cli.evaluation.labels import Item
from voicebot.cli.evaluation.run import error_rates, sampled

ITEMS = [Item(str(i), f"第{i}句") for i in range(200)]


@given(st.integers(0, 220), st.integers(0, 220))
def test_a_sample_is_part_of_every_larger_one(a: int, b: int) -> None:
    small, large = sorted((a, b))
    part, whole = sampled(ITEMS, small), sampled(ITEMS, large)
    assert len(part) == min(small, len(ITEMS))
    assert {item.id for item in part} <= {item.id for item in whole}
    assert [int(item.id) for item in part] == sorted(int(item.id) for item in part)


def test_a_set_that_grows_keeps_most_of_its_sample() -> None:
    before = {item.id for item in sampled(ITEMS[:190], 50)}
    after = {item.id for item in sampled(ITEMS, 50)}
    assert len(before & after) >= 40
    assert sampled(ITEMS, None) == ITEMS


def test_error_rates() -> None:
    assert error_rates([("翠湖路18号", "翠湖路，十八号。")]) == {"character_errors": 0, "syllable_errors": 0}
    assert error_rates([("路灯坏了", "路登坏了"), ("停水了啊", "停水")]) == {
        "character_errors": 3 / 8,
        "syllable_errors": 2 / 8,
    }
    assert error_rates([("", "")])["character_errors"] == 0
