"""Settings, the packet filter made from them, and the words for failures."""

import ipaddress
import struct

import baresip
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.adapters.sip.failures import dial_outcome, hung_up_reason, stack_failed, start_failed
from voicebot.adapters.sip.gate import program
from voicebot.adapters.sip.options import SipOptions, contains, networks
from voicebot.adapters.sip.stack_config import config
from voicebot.calls.ports import Unanswered
from voicebot.core.errors import VoicebotError


def test_defaults() -> None:
    options = SipOptions()
    assert options.address == ("0.0.0.0", 5060)
    assert options.jitter_range == (20, 160)
    assert SipOptions(jitter="off").jitter_range is None


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"listen": "5060"}, "listen"),
        ({"listen": "[::]:5060"}, "listen"),
        ({"listen": "10.0.0.1:0"}, "listen"),
        ({"listen": "hotline:5060"}, "listen"),
        ({"rtp_ports": (30000, 20000)}, "rtp_ports"),
        ({"codecs": ("opus",)}, "codecs"),
        ({"codecs": ()}, "codecs"),
        ({"max_calls": 0}, "max_calls"),
        ({"jitter": "200-20"}, "jitter"),
        ({"jitter": "yes"}, "jitter"),
        ({"allow_sources": ("10.0.0.0/33",)}, "allow_sources"),
        ({"trusted_trunks": ("sbc",)}, "trusted_trunks"),
    ],
)
def test_mistakes_are_named(changes: dict[str, object], name: str) -> None:
    with pytest.raises(VoicebotError) as wrong:
        SipOptions(**changes)  # type: ignore[arg-type]
    assert wrong.value.code == "sip.options"
    assert name in wrong.value.message


def test_the_stack_is_told() -> None:
    text = config(SipOptions(listen="127.0.0.1:5070", rtp_timeout=9, jitter="30-90")).render()
    for line in ("sip_listen 127.0.0.1:5070", "net_interface 127.0.0.1", "rtp_timeout 9", "call_max_calls 0"):
        assert line + "\n" in text
    assert "audio_jitter_buffer_ms 30-90\n" in text
    assert "net_interface" not in config(SipOptions()).render()


def run(code: bytes, source: str) -> bool:
    """Interprets classic BPF, as far as `program` uses it."""
    lines = list(struct.iter_unpack("HBBI", code))
    accumulator, at = 0, 0
    while True:
        operation, if_true, if_false, constant = lines[at]
        at += 1
        match operation:
            case 0x20:
                accumulator = int(ipaddress.IPv4Address(source))
            case 0x54:
                accumulator &= constant
            case 0x15:
                at += if_true if accumulator == constant else if_false
            case _:
                assert operation == 0x06
                return bool(constant)


@given(
    st.lists(st.tuples(st.ip_addresses(v=4), st.integers(0, 32)), max_size=6),
    st.ip_addresses(v=4),
)
def test_the_filter_agrees_with_the_list(
    wanted: list[tuple[ipaddress.IPv4Address, int]], source: ipaddress.IPv4Address
) -> None:
    allowed = networks("allow_sources", tuple(f"{address}/{bits}" for address, bits in wanted))
    assert run(program(allowed), str(source)) is contains(allowed, str(source))
    for network in allowed:
        assert run(program(allowed), str(network.network_address))


def test_contains_knows_ipv4_only() -> None:
    assert not contains(networks("x", ("0.0.0.0/0",)), "fe80::1")
    assert not contains(networks("x", ("0.0.0.0/0",)), "sbc")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Connection reset by peer [104]", "caller"),
        ("rtp stream error", "rtp_timeout"),
        ("Call transfered", "transferred"),
        ("Broken pipe [32]", "lost"),
        (None, "lost"),
    ],
)
def test_close_reasons(text: str | None, reason: str) -> None:
    assert hung_up_reason(text) == reason


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (baresip.CallBusy("x", status=486), Unanswered.BUSY),
        (baresip.CallDeclined("x", status=603), Unanswered.REFUSED),
        (baresip.CallTimeout("x"), Unanswered.NO_ANSWER),
        (baresip.CallFailed("x", status=600), Unanswered.BUSY),
        (baresip.CallFailed("x", status=408), Unanswered.NO_ANSWER),
        (baresip.CallFailed("x", status=404), Unanswered.UNREACHABLE),
        (baresip.CallFailed("x", status=503), Unanswered.FAILED),
        (baresip.CallFailed("x"), Unanswered.FAILED),
    ],
)
def test_dial_outcomes(error: baresip.BaresipError, outcome: Unanswered) -> None:
    assert dial_outcome(error) is outcome


@pytest.mark.parametrize("way", ["sip:{number}@10.0.0.5", "sip:9{number}@gw.example:5080;transport=tcp"])
def test_a_way_out(way: str) -> None:
    options = SipOptions(outbound=way)
    assert options.way_to("13800138000") == way.replace("{number}", "13800138000")


@pytest.mark.parametrize(
    "way",
    [
        "10.0.0.5",
        "sip:10.0.0.5",
        "sip:8001@10.0.0.5",
        "sip:{number}",
        "sip:{number}{number}@x",
        "tel:{number}",
    ],
)
def test_what_leads_nowhere_is_refused(way: str) -> None:
    with pytest.raises(VoicebotError, match="outbound"):
        SipOptions(outbound=way)


@pytest.mark.parametrize("shown", ["12345", "sip:12345", "sip:12345@a\r\nX: y"])
def test_a_number_to_show_is_a_uri(shown: str) -> None:
    with pytest.raises(VoicebotError, match="outbound_caller"):
        SipOptions(outbound_caller=shown)


def test_start_failures_name_the_address() -> None:
    for text, code in (
        ("SIP thread failed to start: Address already in use", "sip.address_in_use"),
        ("SIP thread failed to start: Cannot assign requested address", "sip.no_such_address"),
        ("no ready signal", "sip.start"),
    ):
        failed = start_failed(baresip.BaresipError(text), "10.0.0.1:5060")
        assert failed.code == code
        assert "10.0.0.1:5060" in failed.message


def test_stack_failures() -> None:
    assert stack_failed(baresip.CommandTimeout("late")).retryable
    assert stack_failed(baresip.RuntimeDead("dead")).code == "sip.dead"
