"""What counts as sustained, and what the engine alone could do."""

from dataclasses import replace

import numpy as np
import pytest

from voicebot.cli.benches.bare import Cost, Said, drafts
from voicebot.cli.benches.step_report import BAR, StepFigures, bare_load, summed_up
from voicebot.cli.benches.talker import Kind, Speech, Turn

SPEECH = Speech("?", b"", 0.3, 2.3)


def turn(waited: float, kind: Kind = Kind.ANSWER) -> Turn:
    return Turn(replace(SPEECH, kind=kind), 0.0, 2.0, replied=2.0 + waited, over=True)


def step(calls: int, waits: list[float], **other: object) -> StepFigures:
    figures = StepFigures(
        calls=calls,
        admitted=calls,
        deaf=0,
        refused=0,
        hung_up=0,
        turns=tuple(turn(wait) for wait in waits),
        sent=(bytes(8000 * 40),) * calls,
        gaps_ms=(),
        checked=1.0,
        fillers=0,
        engine="whisper-base",
        cpu={"line": 0.2, "web": 0.01, "supervisor": 0.0, "bus": 0.01, "recognition": 0.4, "synthesis": 0.1},
        generator=0.02,
        late_ms=1.0,
        speech_share=0.35,
    )
    return replace(figures, **other)  # type: ignore[arg-type]


def test_sustained_is_in_time_without_gaps_for_everyone() -> None:
    good = step(8, [0.7] * 40)
    assert good.sustained
    assert not step(8, [0.7] * 30 + [BAR / 1000 + 0.1] * 10).sustained
    assert not replace(good, gaps_ms=(("inserted", 60.0),)).sustained
    assert replace(good, gaps_ms=(("late", 15.0),)).sustained
    assert not replace(good, admitted=7).sustained
    assert not step(8, []).sustained


def test_dictated_turns_are_apart() -> None:
    figures = step(1, [0.5, 0.6])
    figures = replace(figures, turns=(*figures.turns, turn(3.0, Kind.DICTATION)))
    assert figures.sustained
    assert figures.as_json()["dictation_p95_ms"] == 3000


def test_a_turn_never_answered_weighs_in() -> None:
    figures = step(1, [0.5] * 8)
    lost = Turn(SPEECH, 0.0, 2.0, over=True)
    assert not replace(figures, turns=(*figures.turns, lost)).sustained


def test_the_engine_alone_gets_what_we_leave() -> None:
    best = step(8, [0.7] * 64)  # 320 s of calls, a turn each 5 s
    cost = Cost("whisper-base", turns=32, decodes=40, cpu=8.0, wall=4.0, workers=2)  # 0.25 s a turn
    assert bare_load(best, cost) == pytest.approx(0.05)
    result = summed_up([best], best, best, cost, 0.04, 2)
    assert result["calls"] == 8
    assert result["own_cpu_per_call"] == pytest.approx(2.75)
    assert result["bare_calls"] == pytest.approx((2 - 0.22 - 0.02 - 0.1) / 0.05, abs=0.1)
    assert result["ratio"] == pytest.approx(8 / 33.2, abs=0.01)
    assert result["peer_cpu_per_call"] == 4.0


def test_nothing_sustained_is_none() -> None:
    bad = step(2, [2.5] * 20)
    cost = Cost("whisper-base", turns=10, decodes=10, cpu=2.0, wall=1.0, workers=2)
    assert summed_up([bad], bad, bad, cost, 0.04, 2)["calls"] == 0


def test_a_turn_is_decoded_at_each_silence() -> None:
    random = np.random.default_rng(1)
    sound = random.standard_normal(8000 * 5) * 10
    for begins, ends in ((0.5, 1.5), (2.0, 2.1), (2.2, 3.5)):
        part = slice(round(begins * 8000), round(ends * 8000))
        sound[part] += random.standard_normal(part.stop - part.start) * 3000
    pieces = drafts(Said(sound.astype("<i2").tobytes(), 0.5, 3.5))
    assert [round(len(piece) / 16000 + 0.1, 2) for piece in pieces] == [1.7, 3.7]
