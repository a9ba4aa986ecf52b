"""Figures of a trial beside the rest."""

from voicebot.operations.outcomes import Comparison, Outcomes
from voicebot.web.flows.comparison import figures


def test_both_sides_in_shares_and_means() -> None:
    trial = Outcomes(calls=4, human=1, ticket=2, answered=1, turns=10, repairs=2, scores=1, score=5)
    shown = {name: sides for name, *sides in figures(Comparison(trial, Outcomes()))}
    assert shown["通话"] == ["4", "0"]
    assert shown["登记"] == ["2（50%）", "—"]
    assert shown["平均轮数"] == ["2.5", "0.0"]
    assert shown["平均评分"] == ["5.0", "—"]
