"""Pacing, what was heard, allowances."""

from hypothesis import given
from hypothesis import strategies as st

from voicebot.adapters.websocket.pacing import Allowance, Pacer, Playout

RATE, FRAME = 16_000, 320


def test_first_frames_leave_at_once_then_one_every_20_ms() -> None:
    pacer, now, left = Pacer(RATE, lead=0.06), 100.0, []
    for _ in range(8):
        now += pacer.delay(FRAME, now)
        pacer.took(FRAME, now)
        left.append(round(now - 100, 3))
    assert left == [0, 0, 0, 0.02, 0.04, 0.06, 0.08, 0.1]


def test_a_late_wake_up_is_caught_up() -> None:
    pacer = Pacer(RATE, lead=0.06)
    for _ in range(3):
        pacer.took(FRAME, 0.0)
    for _ in range(2):
        assert pacer.delay(FRAME, 0.05) == 0.0
        pacer.took(FRAME, 0.05)
    assert round(pacer.delay(FRAME, 0.05), 6) == 0.01
    assert pacer.ahead(0.05) == 800


def test_a_pause_starts_the_timeline_anew_and_a_flush_forgets_it() -> None:
    pacer = Pacer(RATE, lead=0.06)
    pacer.took(FRAME, 0.0)
    pacer.took(FRAME, 10.0)
    assert pacer.ahead(10.0) == FRAME
    pacer.flushed()
    assert pacer.ahead(10.0) == 0
    assert pacer.delay(FRAME, 10.0) == 0.0


def test_the_word_of_the_client_counts() -> None:
    playout = Playout(RATE, lead=0.06, buffer=0.08)
    playout.took(1600, 0.0)
    playout.acknowledge(160, 0.05)
    assert playout.played(0.9) == 160
    playout.acknowledge(480, 0.91)
    assert playout.played(0.93) == 800, "it goes on playing between two words"
    assert playout.played(0.94) == 960
    playout.acknowledge(99_999, 0.95)
    assert playout.played(1.0) == 1600, "never more than was sent"


def test_a_silent_client_is_estimated_by_real_time_less_its_buffer() -> None:
    playout = Playout(RATE, lead=0.06, buffer=0.08)
    playout.took(1600, 0.0)
    assert playout.played(0.08) == 0
    assert playout.played(0.13) == 800
    assert playout.played(5.0) == 1600


def test_after_a_flush_the_rest_is_never_heard() -> None:
    playout = Playout(RATE, lead=0.06, buffer=0.08)
    playout.took(1600, 0.0)
    playout.acknowledge(640, 0.1)
    playout.flushed(0.1)
    assert (playout.played(9.0), playout.sent(), playout.taken()) == (640, 640, 1600)
    playout.took(320, 9.0)
    playout.acknowledge(960, 9.2)
    assert playout.played(9.2) == 960


def test_after_a_reconnection_the_client_counts_from_zero() -> None:
    playout = Playout(RATE, lead=0.06, buffer=0.08)
    playout.took(1600, 0.0)
    playout.acknowledge(640, 0.1)
    playout.reconnected()
    assert playout.played(0.1) == 1600
    playout.took(320, 0.2)
    playout.acknowledge(100, 0.25)
    assert playout.played(0.25) == 1700


events = st.lists(
    st.tuples(
        st.sampled_from(["took", "acknowledge", "flushed", "reconnected", "wait"]),
        st.integers(0, 5000),
        st.floats(0, 2),
    ),
    max_size=40,
)


@given(events)
def test_heard_never_falls_and_never_exceeds_what_was_sent(story: list[tuple[str, int, float]]) -> None:
    playout, now, before = Playout(RATE, lead=0.06, buffer=0.08), 50.0, 0
    for what, samples, wait in story:
        now += wait
        match what:
            case "took":
                playout.took(samples, now)
            case "acknowledge":
                playout.acknowledge(samples, now)
            case "flushed":
                playout.flushed(now)
            case "reconnected":
                playout.reconnected()
        heard = playout.played(now)
        assert before <= heard <= playout.sent() <= playout.taken()
        assert playout.unheard(now) >= 0
        before = heard
    assert playout.played(now + 1000) == playout.sent(), "in the end all of it counts as heard"


@given(st.lists(st.floats(0, 3), min_size=1, max_size=300))
def test_an_allowance_is_kept_in_the_long_run(gaps: list[float]) -> None:
    allowance, now, taken = Allowance(rate=10, burst=5), 7.0, 0
    for gap in gaps:
        now += gap
        taken += allowance.take(now)
    assert taken <= 5 + 10 * (now - 7.0) + 1e-6
    assert taken >= 1
