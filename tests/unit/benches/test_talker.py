"""The scripted caller: when it speaks, what it takes for a reply."""

from itertools import cycle

from voicebot.cli.benches.talker import (
    PACKET,
    REPLY_WITHIN,
    SPEECH_SHARE,
    STEP,
    TAIL,
    Kind,
    Speech,
    Talker,
)


def speech(seconds: float = 2.0, *, interrupts: bool = True) -> Speech:
    packets = round((seconds + 1.0) / STEP)
    return Speech("?", bytes(packets * PACKET), 0.4, 0.4 + seconds, Kind.ANSWER, interrupts)


class Call:
    """A call whose other side speaks when told."""

    def __init__(self, talker: Talker) -> None:
        self.talker = talker
        self.at = 0.0

    def goes_on(self, seconds: float, *, voice: bool = False) -> None:
        for _ in range(round(seconds / STEP)):
            self.at += STEP
            self.talker.heard(self.at, voice)
            self.talker.packet(self.at)


def call(*lines: Speech) -> Call:
    return Call(Talker(cycle(lines or (speech(),)), 0.0))


def test_it_speaks_once_the_greeting_is_over() -> None:
    one = call()
    one.goes_on(3.0, voice=True)
    assert one.talker.turns == []
    one.goes_on(TAIL + 0.1)
    assert len(one.talker.turns) == 1
    assert not one.talker.turns[0].interrupted


def test_a_reply_is_our_first_sound_after_the_speech() -> None:
    one = call()
    one.goes_on(1.0, voice=True)
    one.goes_on(TAIL + 2.5 + 0.9)
    turn = one.talker.turns[0]
    replied = one.at + STEP
    one.goes_on(0.1, voice=True)
    assert turn.replied is not None
    assert abs(turn.replied - replied) < 0.001
    assert turn.waited is not None
    assert turn.waited > 0.5


def test_our_voice_inside_the_speech_is_a_cut_in() -> None:
    one = call()
    one.goes_on(1.0, voice=True)
    one.goes_on(TAIL + 1.5)
    one.goes_on(2.0, voice=True)
    assert one.talker.turns[0].cut_in
    assert one.talker.turns[0].waited is None


def test_an_answer_that_goes_on_through_the_speech_was_not_yielded() -> None:
    one = call()
    one.goes_on(1.0, voice=True)
    one.goes_on(TAIL + 2.5 + 0.5)
    one.goes_on(40.0, voice=True)
    second = one.talker.turns[1]
    assert second.interrupted
    assert second.not_yielded
    assert second.waited is None
    assert not second.cut_in


def test_no_reply_counts_as_the_longest_wait() -> None:
    one = call()
    one.goes_on(1.0, voice=True)
    one.goes_on(TAIL + 3.5 + REPLY_WITHIN)
    assert one.talker.turns[0].waited == REPLY_WITHIN
    assert len(one.talker.turns) == 2


def test_it_breaks_into_long_answers_to_hold_its_share() -> None:
    one = call()
    one.goes_on(1.0, voice=True)
    for _ in range(12):
        one.goes_on(3.5)
        one.goes_on(4.0, voice=True)
    assert any(turn.interrupted for turn in one.talker.turns)
    assert abs(one.talker.share(one.at) - SPEECH_SHARE) < 0.1


def test_a_word_or_two_waits_for_our_silence() -> None:
    one = call(speech(2.0), speech(0.5, interrupts=False))
    one.goes_on(1.0, voice=True)
    one.goes_on(TAIL + 3.0)
    one.goes_on(60.0, voice=True)
    assert len(one.talker.turns) == 1
