"""The filter on a call's media sockets, run as the kernel runs it."""

import ipaddress
import struct

from hypothesis import given
from hypothesis import strategies as st

from voicebot.adapters.sip.media_gate import Source, program

ADDRESSES = st.sampled_from([ipaddress.IPv4Address(text) for text in ("10.0.0.1", "10.0.0.2", "192.0.2.7")])
PORTS = st.integers(1, 65535)


def passes(code: bytes, source: ipaddress.IPv4Address, port: int) -> bool:
    """Runs classic BPF over the source address and port of a packet."""
    lines = list(struct.iter_unpack("HBBI", code))
    accumulator, at = 0, 0
    while True:
        operation, if_true, if_false, constant = lines[at]
        at += 1
        match operation:
            case 0x20:
                accumulator = int(source)
            case 0x28:
                assert constant == 0, "the source port is the first half word of the UDP header"
                accumulator = port
            case 0x15:
                at += if_true if accumulator == constant else if_false
            case _:
                assert operation == 0x06
                return bool(constant)


@given(st.lists(st.builds(Source, ADDRESSES, st.none() | PORTS), max_size=4), ADDRESSES, PORTS)
def test_it_passes_what_comes_from_a_source_and_nothing_else(
    sources: list[Source], address: ipaddress.IPv4Address, port: int
) -> None:
    wanted = any(
        each.address == address and (each.port is None or port in (each.port, each.port + 1))
        for each in sources
    )
    assert passes(program(sources), address, port) is wanted
    for each in sources:
        assert passes(program(sources), each.address, each.port or port)
