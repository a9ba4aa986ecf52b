"""The turn machine over durations: no sound, no clock."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.core.utterance import Expect, ExpectKind, TextVerdict
from voicebot.turns import events as told
from voicebot.turns.effects import (
    DraftTurn,
    DropDraft,
    Duck,
    KeysEntered,
    NoInput,
    StopSpeaking,
    TurnBegan,
    TurnDiscarded,
    TurnEffect,
    TurnEnded,
)
from voicebot.turns.hearing import WINDOW
from voicebot.turns.machine import step
from voicebot.turns.options import TurnOptions
from voicebot.turns.state import State
from voicebot.turns.timers import deadline

W = WINDOW
OPTIONS = TurnOptions()


class Talk:
    """Feeds a machine and keeps (time, effect) of all that it decides."""

    def __init__(self, options: TurnOptions = OPTIONS) -> None:
        self.at = 100.0
        self.state = State(options=options)
        self.seen: list[tuple[float, TurnEffect]] = []

    def tell(self, event: told.TurnInput) -> None:
        self.state, effects = step(self.state, event)
        self.seen += [(self.at, effect) for effect in effects]

    def voice(self, seconds: float, probability: float = 0.9, level: float = -25.0) -> "Talk":
        for _ in range(round(seconds / W)):
            self.at += W
            self.tell(told.Vad(probability, level, self.at))
        return self

    def silence(self, seconds: float) -> "Talk":
        return self.voice(seconds, 0.02, -60.0)

    def expect(self, kind: ExpectKind = ExpectKind.OPEN, **more: float | int) -> "Talk":
        self.tell(told.Expecting(replace(Expect(kind), **more), self.at))  # type: ignore[arg-type]
        return self

    def we_speak(self, on: bool, interruptible: bool = True) -> "Talk":
        self.tell(told.Speaking(on, self.at, interruptible))
        return self

    def text(
        self, completeness: float, *, echo: float = 0.0, empty: bool = False, backchannel: float = 0.0
    ) -> "Talk":
        verdict = TextVerdict(completeness, echo_likeness=echo, backchannel=backchannel)
        self.tell(told.Verdict(self.state.revision, verdict, empty, self.at))
        return self

    def kinds(self) -> list[str]:
        return [type(effect).__name__ for _, effect in self.seen]

    def first(self, kind: type) -> float:
        return next(at for at, effect in self.seen if isinstance(effect, kind))


def test_the_silence_that_ends_a_turn_is_the_policy_s() -> None:
    for completeness, wait in ((1.0, OPTIONS.quick), (0.5, OPTIONS.normal), (None, OPTIONS.slow)):
        talk = Talk().expect().voice(1.0).silence(0.3)
        if completeness is not None:
            talk.text(completeness)
        talk.silence(3.0)
        assert talk.first(TurnEnded) - 101.0 == pytest.approx(wait, abs=2 * W)


def test_who_has_paused_long_is_waited_for() -> None:
    talk = Talk().expect().voice(0.8).silence(0.9).voice(0.8)
    resumed = talk.at
    talk.silence(0.3).text(0.5).silence(3.0)
    assert talk.first(TurnEnded) - resumed == pytest.approx(OPTIONS.normal + OPTIONS.unhurried, abs=2 * W)


def test_a_click_begins_nothing() -> None:
    assert Talk().expect(no_input=60).voice(W).silence(1.0).voice(2 * W).silence(1.0).kinds() == []


def test_a_pause_drafts_and_going_on_drops() -> None:
    talk = Talk().expect().voice(0.6).silence(0.35).voice(0.5).silence(0.35).text(1.0).silence(0.5)
    assert talk.kinds() == ["TurnBegan", "DraftTurn", "DropDraft", "DraftTurn", "TurnEnded"]
    drafts = [effect.revision for _, effect in talk.seen if isinstance(effect, DraftTurn)]
    assert drafts == [1, 2]


def test_a_click_in_a_pause_drops_nothing() -> None:
    talk = Talk().expect().voice(0.6).silence(0.3).voice(W).silence(0.1).text(1.0).silence(0.5)
    assert talk.kinds() == ["TurnBegan", "DraftTurn", "TurnEnded"]


def test_verdict_of_an_old_revision_is_ignored() -> None:
    talk = Talk().expect().voice(0.6).silence(0.3)
    talk.tell(told.Verdict(0, TextVerdict(1.0), False, talk.at))
    assert talk.state.verdict is None


def test_turn_reports_the_first_and_last_speech() -> None:
    talk = Talk().expect().silence(1.0).voice(0.96).silence(0.3).text(1.0).silence(1.0)
    ended = next(effect for _, effect in talk.seen if isinstance(effect, TurnEnded))
    assert ended.started == pytest.approx(101.0, abs=2 * W)
    assert ended.ended == pytest.approx(101.96, abs=2 * W)


class TestMelody:
    def talk(self) -> Talk:
        talk = Talk(replace(OPTIONS, unfinished=0.2)).expect().voice(1.0).silence(0.3).text(1.0)
        assert talk.kinds()[-1] == "JudgeMelody"
        return talk

    def test_a_question_that_sounds_unfinished_is_waited_on(self) -> None:
        talk = self.talk()
        talk.tell(told.Melody(talk.state.revision, 0.1, talk.at))
        talk.silence(3.0)
        assert talk.first(TurnEnded) - 101.0 == pytest.approx(OPTIONS.normal, abs=2 * W)

    def test_one_that_sounds_finished_or_comes_too_late_is_not(self) -> None:
        for revision, finished in ((1, 0.9), (0, 0.1)):
            talk = self.talk()
            talk.tell(told.Melody(revision, finished, talk.at))
            talk.silence(3.0)
            assert talk.first(TurnEnded) - 101.0 == pytest.approx(OPTIONS.quick, abs=2 * W)


class TestOverOurVoice:
    def talk(self, kind: ExpectKind = ExpectKind.OPEN) -> Talk:
        """We have been speaking for some time."""
        return Talk().we_speak(True).expect(kind).silence(2.5)

    def test_ducks_then_stops(self) -> None:
        talk = self.talk()
        began = talk.at
        talk.voice(0.6)
        assert talk.kinds() == ["Duck", "TurnBegan", "DraftTurn", "StopSpeaking"]
        assert talk.first(Duck) - began <= 0.13
        assert talk.first(StopSpeaking) - began == pytest.approx(OPTIONS.stop, abs=2 * W)

    def test_words_stop_us_before_the_speech_is_long_enough(self) -> None:
        talk = self.talk()
        assert talk.voice(0.2).text(0.5).kinds()[-1] == "StopSpeaking"

    def test_words_of_assent_do_not_stop_us_for_long(self) -> None:
        talk = self.talk().voice(0.2).text(0.5, backchannel=1.0).voice(0.2)
        assert "StopSpeaking" not in talk.kinds()
        assert talk.silence(0.3).text(0.5, backchannel=1.0).kinds()[-1] == "TurnDiscarded"
        assert "StopSpeaking" in self.talk().voice(0.2).text(0.5, backchannel=1.0).voice(1.0).kinds()

    def test_a_mutter_that_stopped_us_is_no_turn(self) -> None:
        talk = self.talk().voice(0.5).we_speak(False).silence(0.3).text(0.5, backchannel=0.5)
        assert talk.kinds()[-1] == "TurnDiscarded"

    def test_our_first_words_are_only_lowered(self) -> None:
        talk = Talk().we_speak(True).expect().voice(1.0)
        assert talk.kinds() == ["Duck", "TurnBegan", "DraftTurn"]
        assert talk.voice(1.0).kinds()[-1] == "StopSpeaking"

    def test_behind_a_strong_echo_only_keys_interrupt(self) -> None:
        talk = self.talk()
        strong = replace(talk.state.loudness, echo=(-3.0, 0.2))
        talk.state = replace(talk.state, loudness=strong)
        assert "StopSpeaking" not in talk.voice(1.0).kinds()
        talk.tell(told.Key("0", talk.at))
        assert "StopSpeaking" in talk.kinds()

    def test_backchannel_only_ducks(self) -> None:
        talk = self.talk().voice(0.13).silence(0.3).text(0.1).silence(1.0)
        assert talk.kinds() == ["Duck", "TurnBegan", "DraftTurn", "Duck", "TurnDiscarded"]
        assert [effect.on for _, effect in talk.seen if isinstance(effect, Duck)] == [True, False]

    def test_a_click_lowers_us_for_a_moment_and_is_no_turn(self) -> None:
        talk = self.talk().voice(2 * W).silence(0.3)
        assert talk.kinds() == ["Duck", "Duck"]
        assert [effect.on for _, effect in talk.seen if isinstance(effect, Duck)] == [True, False]

    def test_a_short_word_that_answers_is_a_turn(self) -> None:
        talk = self.talk(ExpectKind.YES_NO).voice(0.13).silence(0.3).text(1.0)
        talk.silence(0.5)
        assert talk.kinds()[-2:] == ["StopSpeaking", "TurnEnded"]

    def test_echo_below_the_floor_is_not_heard(self) -> None:
        talk = Talk().we_speak(True).expect()
        for _ in range(30):
            talk.tell(told.Sent(-18.0, talk.at))
            talk.voice(W, 0.95, -40.0)
        assert talk.kinds() == []

    def test_caller_louder_than_the_floor_is_heard(self) -> None:
        talk = Talk().we_speak(True).expect()
        for _ in range(90):
            talk.tell(told.Sent(-18.0, talk.at))
            talk.voice(W, 0.95, -30.0)
        assert "StopSpeaking" in talk.kinds()

    def test_our_own_words_are_no_turn(self) -> None:
        talk = self.talk().voice(0.5).we_speak(False).silence(0.3).text(1.0, echo=0.9)
        assert talk.kinds()[-1] == "TurnDiscarded"

    def test_speech_that_must_be_heard_is_not_stopped(self) -> None:
        talk = Talk().we_speak(True, interruptible=False).expect().voice(1.0)
        assert talk.kinds() == ["TurnBegan"]

    def test_not_timed_while_we_speak(self) -> None:
        talk = Talk().we_speak(True).expect(no_input=5).silence(20.0)
        assert talk.kinds() == []


class TestSilence:
    def test_counts_up_and_waits_for_our_prompt(self) -> None:
        talk = Talk().expect(no_input=5).silence(5.2)
        assert talk.kinds() == ["NoInput"]
        talk.we_speak(True).expect(no_input=5).silence(3).we_speak(False).silence(4.5)
        assert talk.kinds() == ["NoInput"]
        talk.silence(0.7)
        assert [effect.count for _, effect in talk.seen if isinstance(effect, NoInput)] == [1, 2]

    def test_speech_starts_the_count_anew(self) -> None:
        talk = Talk().expect(no_input=5).silence(5.2).voice(1.0).silence(0.3).text(1.0).silence(1.0)
        talk.expect(no_input=5).silence(5.2)
        assert [effect.count for _, effect in talk.seen if isinstance(effect, NoInput)] == [1, 1]

    def test_noise_goes_on_counting(self) -> None:
        talk = Talk().expect(no_input=5).silence(3).voice(0.3).silence(0.3).text(0, empty=True).silence(5.2)
        assert talk.kinds()[-2:] == ["TurnDiscarded", "NoInput"]

    def test_long_speech_without_text_is_a_turn_not_noise(self) -> None:
        talk = Talk().expect().voice(1.5).silence(0.3).text(0, empty=True).silence(2.0)
        assert talk.kinds()[-1] == "TurnEnded"

    def test_not_while_on_hold(self) -> None:
        talk = Talk().expect(no_input=5)
        talk.tell(told.Held(True, talk.at))
        talk.silence(60)
        talk.tell(told.Held(False, talk.at))
        assert talk.kinds() == []
        assert talk.silence(5.2).kinds() == ["NoInput"]


class TestKeys:
    def press(self, talk: Talk, keys: str, gap: float = 0.3) -> Talk:
        for key in keys:
            talk.tell(told.Key(key, talk.at))
            talk.silence(gap)
        return talk

    def entered(self, talk: Talk) -> list[str]:
        return [effect.keys for _, effect in talk.seen if isinstance(effect, KeysEntered)]

    def test_one_key_stops_speech_at_once(self) -> None:
        talk = self.press(Talk().we_speak(True).expect(), "0")
        assert talk.kinds() == ["StopSpeaking", "KeysEntered"]

    def test_a_number_ends_with_hash(self) -> None:
        assert self.entered(self.press(Talk().expect(digits=20), "13800138000#")) == ["13800138000"]

    def test_a_number_ends_with_its_last_digit(self) -> None:
        assert self.entered(self.press(Talk().expect(digits=11), "13800138000")) == ["13800138000"]

    def test_a_number_ends_with_a_pause(self) -> None:
        talk = self.press(Talk().expect(digits=11), "0571")
        assert self.entered(talk) == []
        assert self.entered(talk.silence(3.2)) == ["0571"]

    def test_deadline_tells_when_to_tick(self) -> None:
        talk = Talk().expect(no_input=5)
        assert deadline(talk.state) == pytest.approx(105.0)
        talk.tell(told.Tick(105.0))
        assert talk.kinds() == ["NoInput"]


moves = st.one_of(
    st.builds(lambda p, level: ("vad", p, level), st.floats(0, 1), st.floats(-90, 0)),
    st.sampled_from([("speak", True), ("speak", False), ("expect",), ("hold", True), ("hold", False)]),
    st.builds(lambda c, e: ("text", c, e), st.floats(0, 1), st.booleans()),
    st.sampled_from([("key", k) for k in "0123456789*#"]),
)


@given(st.lists(moves, max_size=300))
def test_any_course_is_in_order(course: list[tuple[object, ...]]) -> None:
    """Turns begin before they end, drafts belong to the current turn, time is never asked back."""
    talk = Talk()
    for move in course:
        match move:
            case ("vad", float(p), float(level)):
                talk.voice(W, p, level)
            case ("speak", bool(on)):
                talk.we_speak(on)
            case ("expect",):
                talk.expect()
            case ("hold", bool(on)):
                talk.tell(told.Held(on, talk.at))
            case ("text", float(c), bool(empty)):
                talk.text(c, empty=empty)
            case ("key", str(key)):
                talk.tell(told.Key(key, talk.at))
    in_turn, revision = False, 0
    for _, effect in talk.seen:
        match effect:
            case TurnBegan():
                in_turn = True
            case TurnEnded() | TurnDiscarded():
                assert in_turn
                in_turn = False
            case DraftTurn(revision=number):
                assert in_turn
                assert number > revision
                revision = number
            case DropDraft(revision=number):
                assert number == revision
            case _:
                pass
