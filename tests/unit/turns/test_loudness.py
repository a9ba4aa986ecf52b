"""What is made of levels alone: the surroundings, the caller, our own echo."""

from dataclasses import dataclass, field

import numpy as np
import pytest

from voicebot.turns import loudness as loud
from voicebot.turns.loudness import Loudness

W = 0.032
SYLLABLES = np.random.default_rng(1)


@dataclass
class Room:
    """A telephone in a room: speech has levels that change from syllable to syllable."""

    at: float = 100.0
    state: Loudness = field(default_factory=Loudness)
    lately: list[tuple[float, float]] = field(default_factory=list)

    def hears(self, level: float) -> None:
        self.at += W
        self.state = loud.heard(self.state, level, self.at)

    def we_speak(self, seconds: float, echo: float | None, lag: float = 0.2, noise: float = -62.0) -> "Room":
        end = self.at + seconds
        level = -20.0
        while self.at < end:
            if len(self.lately) % 5 == 0:
                level = float(SYLLABLES.uniform(-40, -15))
            self.lately.append((self.at, level))
            self.state = loud.sent(self.state, level, self.at)
            back = [each for when, each in self.lately if abs(self.at + W - lag - when) <= W]
            self.hears(max(back) + echo if echo is not None and back else noise)
        return self


@pytest.mark.parametrize(("gain", "lag"), [(-10.0, 0.1), (-14.0, 0.3), (-25.0, 0.2), (-4.0, 0.45)])
def test_an_echo_is_measured_within_two_seconds(gain: float, lag: float) -> None:
    found = Room().we_speak(2.2, gain, lag).state.echo
    assert found is not None
    assert found[0] == pytest.approx(gain, abs=4)
    assert found[1] is not None
    assert found[1] == pytest.approx(lag, abs=0.08)


def test_a_quiet_line_lets_quiet_callers_in() -> None:
    state = Room().we_speak(10, None).state
    assert state.echo is not None
    assert state.echo[0] < -30
    assert loud.own_echo(state, state.sent[-1][0], 18.0, 0.5) < -50


def test_speech_of_somebody_else_is_no_echo() -> None:
    room = Room()
    for _ in range(80):
        room.we_speak(float(SYLLABLES.uniform(0.08, 0.2)), None, noise=float(SYLLABLES.uniform(-50, -20)))
    assert room.state.echo is None


def test_an_echo_that_went_away_is_forgotten() -> None:
    room = Room().we_speak(3, -8.0)
    assert room.state.echo is not None
    gain = room.we_speak(6, None).state.echo
    assert gain is not None
    assert gain[0] < -30


def test_before_it_is_measured_the_margin_holds() -> None:
    state = loud.sent(Loudness(), -18.0, 100.0)
    assert loud.own_echo(state, 100.3, 18.0, 0.5) == -36.0
    assert loud.own_echo(state, 101.0, 18.0, 0.5) == loud.SILENT - 18.0


def test_the_surroundings_are_known_after_two_seconds() -> None:
    room = Room()
    for _ in range(loud.LEAST - 1):
        room.hears(-40.0)
    assert room.state.floor == loud.SILENT
    for _ in range(loud.EVERY):
        room.hears(-40.0)
    assert room.state.floor == -40.0


def test_a_caller_who_talks_over_noise_does_not_raise_it() -> None:
    room = Room()
    for i in range(300):
        room.hears(-20.0 if i % 6 else -50.0)
    assert room.state.floor == -50.0


def test_only_what_was_understood_tells_how_loud_the_caller_is() -> None:
    state = Loudness()
    for _ in range(30):
        state = loud.voiced(state, -25.0)
    assert state.caller is None
    assert loud.silent(state).spoken == ()
    assert loud.understood(state).caller == -25.0
    assert loud.understood(Loudness(spoken=(-25.0,))).caller is None
