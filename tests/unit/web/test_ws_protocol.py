"""The words of `/ws/call`."""

import dataclasses
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.adapters.websocket.protocol import (
    FRAME_BYTES,
    KEYS,
    MAX_TEXT_BYTES,
    Caption,
    Digit,
    Ended,
    Error,
    Flush,
    Hangup,
    Played,
    ProtocolError,
    Ready,
    ServerMessage,
    Sound,
    Start,
    State,
    Text,
    encode_server,
    parse_client,
)
from voicebot.core.ids import CallId


def code_of(message: str | bytes) -> str:
    with pytest.raises(ProtocolError) as caught:
        parse_client(message)
    assert caught.value.message
    return caught.value.code


def test_every_client_message_is_read() -> None:
    assert parse_client('{"type":"start","caller":"+86 138-0000-0000"}') == Start("8613800000000")
    assert parse_client('{"type":"start"}') == Start()
    assert parse_client('{"type":"start","caller":null,"resume":"abc"}') == Start("", "abc")
    assert parse_client('{"type":"digit","digit":"*"}') == Digit("*")
    assert parse_client('{"type":"played","samples":320,"later":1}') == Played(320)
    assert parse_client('{"type":"text","text":" 路灯\\u0000坏了\\n "}') == Text("路灯坏了")
    assert parse_client('{"type":"hangup"}') == Hangup()
    assert parse_client(bytes(FRAME_BYTES)) == Sound(bytes(FRAME_BYTES))


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (b"", "frame.size"),
        (bytes(FRAME_BYTES + 1), "frame.size"),
        ("", "message.not_json"),
        ("[1]", "message.not_json"),
        ("[" * 4000, "message.not_json"),
        ("x" * (MAX_TEXT_BYTES + 1), "message.too_large"),
        ("{}", "message.unknown_type"),
        ('{"type":["start"]}', "message.unknown_type"),
        ('{"type":"digit","digit":"12"}', "message.invalid"),
        ('{"type":"digit","digit":1}', "message.invalid"),
        ('{"type":"digit"}', "message.invalid"),
        ('{"type":"played","samples":-1}', "message.invalid"),
        ('{"type":"played","samples":true}', "message.invalid"),
        ('{"type":"played","samples":1e300}', "message.invalid"),
        ('{"type":"text","text":"  "}', "message.invalid"),
        ('{"type":"text"}', "message.invalid"),
        (json.dumps({"type": "text", "text": "好" * 301}), "message.invalid"),
        ('{"type":"start","caller":"<b>"}', "message.invalid"),
        ('{"type":"start","caller":"１３８００００"}', "message.invalid"),
        ('{"type":"start","resume":7}', "message.invalid"),
    ],
)
def test_what_is_not_of_the_protocol_has_a_code(message: str | bytes, code: str) -> None:
    assert code_of(message) == code


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)
messages = st.fixed_dictionaries(
    {"type": st.sampled_from(["start", "digit", "played", "text", "hangup", "?"]) | json_values},
    optional=dict.fromkeys(("caller", "resume", "digit", "samples", "text"), json_values),
)


@given(st.one_of(st.binary(max_size=2000), st.text(), json_values.map(json.dumps), messages.map(json.dumps)))
def test_whatever_comes_is_a_message_or_a_protocol_error(data: str | bytes) -> None:
    try:
        message = parse_client(data)
    except ProtocolError:
        return
    match message:
        case Digit(key):
            assert key in KEYS
        case Played(samples):
            assert samples >= 0
        case Text(text):
            assert 0 < len(text) <= 300
            assert text.isprintable()
        case Start(caller, _):
            assert caller == "" or caller.isdigit()


def _example(kind: type[ServerMessage]) -> ServerMessage:
    values = {"final": True, "call_id": CallId("20261124-093011-7f3a")}
    return kind(**{f.name: values.get(f.name, "“话”\n<b>") for f in dataclasses.fields(kind)})  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", [Ready, Caption, State, Flush, Ended, Error])
def test_every_server_message_is_one_json_object_with_its_fields(kind: type[ServerMessage]) -> None:
    message = _example(kind)
    assert json.loads(encode_server(message)) == {"type": kind.type, **dataclasses.asdict(message)}


def test_the_contract_of_the_house() -> None:
    """Names and fields that clients rely on."""
    fields = {kind.type: [f.name for f in dataclasses.fields(kind)] for kind in ServerMessage.__args__}
    assert fields == {
        "ready": ["call_id", "resume"],
        "caption": ["who", "text", "final"],
        "state": ["state"],
        "flush": [],
        "ended": ["reason"],
        "error": ["code", "message"],
    }
