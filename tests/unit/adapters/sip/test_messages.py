"""SIP, SDP, RTP and G.711 as our caller reads and writes them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.adapters.sip.g711 import decode, encode
from voicebot.adapters.sip.messages import Message, make_sdp, parse_sdp, reply
from voicebot.adapters.sip.rtp import RtpPacket, event_payload

REQUEST = Message(
    "BYE sip:peer@10.0.0.1 SIP/2.0",
    (
        ("via", "SIP/2.0/UDP 10.0.0.2;branch=z9hG4bK1"),
        ("via", "SIP/2.0/UDP 10.0.0.3;branch=z9hG4bK2"),
        ("from", "<sip:a@x>;tag=1"),
        ("to", "<sip:b@x>"),
        ("call-id", "c1"),
        ("cseq", "2 BYE"),
    ),
)


def test_a_message_survives_the_wire() -> None:
    read = Message.parse(REQUEST.encode())
    assert read.method == "BYE"
    assert read.status == 0
    assert read.headers[:-1] == REQUEST.headers
    assert read.all("via") == REQUEST.all("via")
    assert read.one("missing") == ""


def test_compact_headers() -> None:
    read = Message.parse(b"SIP/2.0 200 OK\r\nv: x\r\ni: c1\r\nm: <sip:b@x>\r\nCSeq: 1 INVITE\r\n\r\n")
    assert (read.one("via"), read.one("call-id"), read.one("contact")) == ("x", "c1", "<sip:b@x>")
    assert (read.status, read.method) == (200, "INVITE")


def test_reply_copies_what_it_must() -> None:
    answer = reply(REQUEST, "200 OK", tag="t2")
    assert answer.status == 200
    assert answer.all("via") == REQUEST.all("via")
    assert answer.one("to") == "<sip:b@x>;tag=t2"
    assert answer.one("cseq") == "2 BYE"


@given(st.binary(max_size=300))
def test_any_bytes_are_a_message_or_a_value_error(data: bytes) -> None:
    try:
        Message.parse(data)
    except ValueError:
        return


@given(
    st.sampled_from([("pcma",), ("pcmu",), ("pcmu", "pcma")]),
    st.sampled_from([10, 20, 40]),
    st.sampled_from(["sendrecv", "sendonly", "recvonly", "inactive"]),
    st.booleans(),
)
def test_sdp_round_trip(codecs: tuple[str, ...], ptime: int, direction: str, events: bool) -> None:
    text = make_sdp(
        "10.0.0.1", 4000, codecs=codecs, ptime=ptime, direction=direction, telephone_event=events, version=1
    )
    media = parse_sdp(text)
    assert (media.host, media.port, media.codec) == ("10.0.0.1", 4000, codecs[0])
    assert (media.ptime, media.direction, media.telephone_event) == (
        ptime,
        direction,
        101 if events else None,
    )


@pytest.mark.parametrize(
    "body", ["", "v=0\r\n", "c=IN IP4 1.2.3.4\r\nm=audio 0 RTP/AVP 8\r\n", "m=video 1 x 8"]
)
def test_sdp_without_sound(body: str) -> None:
    with pytest.raises(ValueError, match="audio"):
        parse_sdp(body)


@given(
    st.integers(0, 127),
    st.integers(0, 65535),
    st.integers(0, 2**32 - 1),
    st.binary(max_size=200),
    st.booleans(),
)
def test_rtp_round_trip(
    payload_type: int, sequence: int, timestamp: int, payload: bytes, marker: bool
) -> None:
    packet = RtpPacket(payload_type, sequence, timestamp, 7, payload, marker)
    assert RtpPacket.parse(packet.encode()) == packet


@given(st.binary(max_size=100))
def test_any_bytes_are_rtp_or_a_value_error(data: bytes) -> None:
    try:
        RtpPacket.parse(data)
    except ValueError:
        return


def test_telephone_event() -> None:
    assert event_payload("#", end=True, duration=800) == bytes([11, 0x8A, 3, 0x20])


@pytest.mark.parametrize("law", ["pcma", "pcmu"])
def test_every_code_survives(law: str) -> None:
    codes = bytes(range(256))
    again = encode(decode(codes, law), law)
    # µ-law has two codes for zero.
    assert [code for code in range(256) if again[code] != code] == ([] if law == "pcma" else [127])


@pytest.mark.parametrize("law", ["pcma", "pcmu"])
def test_g711_is_close(law: str) -> None:
    samples = np.arange(-32768, 32768).astype("<i2")
    error = np.abs(np.frombuffer(decode(encode(samples.tobytes(), law), law), "<i2").astype(int) - samples)
    assert np.all(error <= np.maximum(16, np.abs(samples.astype(int)) // 24))


def test_g711_known_values() -> None:
    assert encode(bytes(2), "pcma") == b"\xd5"
    assert encode(bytes(2), "pcmu") == b"\xff"
    assert decode(b"\x2a\xaa", "pcma") == np.array([-32256, 32256], "<i2").tobytes()
    assert decode(b"\x00\x80", "pcmu") == np.array([-32124, 32124], "<i2").tobytes()
