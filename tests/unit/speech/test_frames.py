"""The worker protocol: what is encoded comes back, however it is cut; rubbish is refused."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.adapters.worker.frames import LONGEST_HEADER, Decoder, Frame, encode
from voicebot.core.errors import VoicebotError

scalars = st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.text(max_size=20)
headers = st.dictionaries(st.text(max_size=8).filter(lambda k: k != "size"), scalars, max_size=5)
frames = st.builds(Frame, headers, st.binary(max_size=200))


@given(st.lists(frames, max_size=6), st.lists(st.integers(1, 40), min_size=1, max_size=20))
def test_round_trip_cut_anywhere(sent: list[Frame], cuts: list[int]) -> None:
    stream = b"".join(encode(frame) for frame in sent)
    decoder, received, at, turn = Decoder(), [], 0, 0
    while at < len(stream):
        size = cuts[turn % len(cuts)]
        received += decoder.feed(stream[at : at + size])
        at, turn = at + size, turn + 1
    assert received == sent


@pytest.mark.parametrize(
    "rubbish",
    [
        b"not json\n",
        b"[1]\n",
        b"{}\n",
        b'{"size": -1}\n',
        b'{"size": true}\n',
        b'{"size": 99999999999}\n',
        b'{"size": "3"}\n',
        b"\xff\xfe\n",
        b"[" * 70_000 + b"\n",
        b"x" * (LONGEST_HEADER + 1),
    ],
)
def test_rubbish_is_refused(rubbish: bytes) -> None:
    with pytest.raises(VoicebotError, match=r"worker\.protocol"):
        Decoder().feed(rubbish)


@given(st.binary(max_size=300))
def test_any_bytes_give_frames_or_the_one_error(data: bytes) -> None:
    with contextlib.suppress(VoicebotError):
        assert all(isinstance(frame, Frame) for frame in Decoder().feed(data))


def test_what_the_other_side_would_refuse_is_not_sent() -> None:
    for frame in (Frame({"size": 1}), Frame({"text": "长" * LONGEST_HEADER}), Frame({}, bytes(17 << 20))):
        with pytest.raises(VoicebotError, match=r"worker\.protocol"):
            encode(frame)
