"""The one table of how long we wait."""

import pytest

from voicebot.core.utterance import Expect, ExpectKind, TextVerdict
from voicebot.turns.options import TurnOptions
from voicebot.turns.patience import patience

LONG = 0.9
"""Seconds of silence inside a sentence of this caller."""


@pytest.mark.parametrize(
    ("what", "kind", "completeness", "paused", "seconds"),
    [
        ("a whole question", ExpectKind.OPEN, 0.95, 0.0, 0.4),
        ("a whole question of a slow speaker", ExpectKind.OPEN, 0.95, LONG, 0.4),
        ("it answers what was asked", ExpectKind.TIME, 0.6, 0.0, 0.9),
        ("something is told", ExpectKind.OPEN, 0.5, 0.0, 1.2),
        ("something is told slowly", ExpectKind.OPEN, 0.5, LONG, 1.5),
        ("a topic, no question yet", ExpectKind.OPEN, 0.3, 0.0, 1.5),
        ("it breaks off: 就是那个", ExpectKind.OPEN, 0.15, 0.0, 1.5),
        ("it breaks off, slowly", ExpectKind.OPEN, 0.15, LONG, 1.8),
        ("the text is not there", ExpectKind.OPEN, None, 0.0, 1.5),
        ("a place", ExpectKind.ADDRESS, 0.6, 0.0, 1.05),
        ("half a number", ExpectKind.PHONE, 0.1, 0.0, 2.0),
        ("a number at its length", ExpectKind.PHONE, 0.95, LONG, 0.4),
        ("half a number of a slow speaker", ExpectKind.DIGITS, 0.1, LONG, 2.0),
    ],
)
def test_silence_that_ends_a_turn(
    what: str, kind: ExpectKind, completeness: float | None, paused: float, seconds: float
) -> None:
    verdict = None if completeness is None else TextVerdict(completeness)
    assert patience(verdict, 1.0, paused, Expect(kind), TurnOptions()) == pytest.approx(seconds), what


def test_a_patient_call_waits_longer_but_not_for_ever() -> None:
    whole, half = TextVerdict(0.95), TextVerdict(0.1)
    assert patience(whole, 1.0, 0.0, Expect(patience=0.4), TurnOptions()) == pytest.approx(0.8)
    assert patience(half, 1.0, LONG, Expect(patience=5.0), TurnOptions()) == TurnOptions().longest_wait


def test_a_question_whose_melody_goes_on_is_waited_for() -> None:
    options = TurnOptions(unfinished=0.2)
    assert patience(TextVerdict(0.95), 0.1, 0.0, Expect(), options) == options.normal
    assert patience(TextVerdict(0.95), 0.3, 0.0, Expect(), options) == options.quick
