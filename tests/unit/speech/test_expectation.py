"""What is expected survives the process boundary."""

import json

from hypothesis import given
from hypothesis import strategies as st

from voicebot.adapters.stt.expectation import from_wire, to_wire
from voicebot.core.utterance import Expect, ExpectKind


@given(st.sampled_from(ExpectKind), st.lists(st.text(max_size=5), max_size=4), st.integers(0, 20))
def test_round_trip(kind: ExpectKind, choices: list[str], digits: int) -> None:
    expect = Expect(kind=kind, choices=tuple(choices), digits=digits)
    assert from_wire(json.loads(json.dumps(to_wire(expect)))) == expect


def test_nothing_is_an_open_question() -> None:
    assert from_wire({}) == Expect()
