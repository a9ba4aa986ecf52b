"""The queue of a line's events, and the meter of played sound."""

from hypothesis import given
from hypothesis import strategies as st

from voicebot.adapters.pipecat_line.far_end import Meter
from voicebot.adapters.pipecat_line.inbox import AUDIO_LIMIT, OTHER_LIMIT, Inbox
from voicebot.calls.ports import AudioIn, DigitIn, HungUp, LineEvent
from voicebot.core.audio import AudioChunk


def sound(at: float) -> AudioIn:
    return AudioIn(AudioChunk(b"\0\0", 8000), at)


async def test_order_is_kept_and_it_ends_after_hung_up() -> None:
    inbox = Inbox()
    events: list[LineEvent] = [sound(0), DigitIn("1"), sound(1), DigitIn("2"), HungUp("caller")]
    for event in [*events, DigitIn("3"), HungUp("us")]:
        inbox.put(event)
    assert [event async for event in inbox.events()] == events
    assert [event async for event in inbox.events()] == []


async def test_late_readers_lose_the_oldest_sound_but_no_key() -> None:
    inbox = Inbox()
    inbox.put(DigitIn("1"))
    for at in range(AUDIO_LIMIT + 7):
        inbox.put(sound(at))
    inbox.put(HungUp("caller"))
    events = [event async for event in inbox.events()]
    assert events[0] == DigitIn("1")
    assert events[1] == sound(7)
    assert len(events) == AUDIO_LIMIT + 2
    assert inbox.dropped == 7


async def test_a_flood_of_keys_is_bounded_and_the_end_still_fits() -> None:
    inbox = Inbox()
    for _ in range(OTHER_LIMIT + 50):
        inbox.put(DigitIn("1"))
    inbox.put(HungUp("caller"))
    events = [event async for event in inbox.events()]
    assert len(events) == OTHER_LIMIT + 1
    assert events[-1] == HungUp("caller")


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("took"), st.integers(0, 1000)),
            st.tuples(st.just("heard"), st.integers(-10, 100000)),
            st.tuples(st.just("flushed"), st.just(0)),
        )
    )
)
def test_meter(steps: list[tuple[str, int]]) -> None:
    meter, played = Meter(), 0
    for name, value in steps:
        match name:
            case "took":
                meter.took(value)
            case "heard":
                meter.heard(value)
            case _:
                meter.flushed()
                assert meter.ahead() == 0
        assert meter.ahead() >= 0
        assert played <= meter.played() <= meter.taken()
        played = meter.played()
