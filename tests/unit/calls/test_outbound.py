"""What a call that we made amounts to, however it ended."""

import pytest

from voicebot.calls.outbound import outcome_of
from voicebot.calls.reception import CallEnd
from voicebot.tickets.callbacks import TryOutcome as T


@pytest.mark.parametrize(
    ("reason", "score", "slots", "outcome"),
    [
        ("done", 5, {"result": "done", "solved": "yes", "right": "yes"}, T.DONE),
        ("done", None, {"result": "later", "again": "下午三点"}, T.LATER),
        ("done", None, {"result": "wrong_person"}, T.WRONG_PERSON),
        ("done", None, {"result": "never"}, T.NEVER),
        ("machine", None, {"result": "machine"}, T.MACHINE),
        ("caller", None, {}, T.CUT),
        ("caller", None, {"right": "yes"}, T.CUT),
        ("caller", None, {"right": "yes", "solved": "no"}, T.DONE),
        ("caller", 1, {"right": "yes"}, T.DONE),
        ("rtp_timeout", None, {}, T.CUT),
        ("lost", None, {"solved": "yes"}, T.DONE),
        ("no_input", None, {}, T.SILENT),
        ("handed_over", None, {}, T.DONE),
        ("error", None, {}, T.FAILED),
        ("done", None, {"right": "yes"}, T.DONE),
        ("done", None, {}, T.SILENT),
        ("done", None, {"result": "nonsense"}, T.SILENT),
    ],
)
def test_outcomes(reason: str, score: int | None, slots: dict[str, str], outcome: T) -> None:
    assert outcome_of(CallEnd(reason, score, slots)) is outcome
