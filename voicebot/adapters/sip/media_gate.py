"""Sound and keys of a call only from where its far end said they would come from.

The stack takes RTP from anybody who finds the port: a stranger's packets would be heard, and their
telephone-events would be keys (findings: injected digits). Every call's sockets therefore get a packet
filter as `gate` has it on the SIP sockets: the address and port of the SDP (RFC 4961: who sends from
another port than he receives on cannot be told from a stranger). A far end of which nothing comes that
way is given more room: any port of that address, or of the one that its SIP came from (a phone behind
NAT announces an address that nobody sees).

The stack exports what is needed; the functions are those of `husks`, called with its thread stopped
(microseconds).
"""

import ctypes
import ipaddress
import os
import socket
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

import baresip._native
import structlog

from voicebot.adapters.sip.gate import PASS, attach_program, instruction

log = structlog.get_logger()

_DETACH: Final = 27
"""SO_DETACH_FILTER."""
_SOURCE_ADDRESS: Final = 0xFFF00000 + 12
_LOAD, _LOAD_HALF, _EQUAL, _RETURN = 0x20, 0x28, 0x15, 0x06


class Room(Enum):
    """From where packets of a call are taken."""

    ANNOUNCED = "announced"
    """Address and port of the SDP, and the port above it (RTCP)."""
    ADDRESS = "address"
    """Any port of the SDP's address or of the SIP source."""
    ANY = "any"


@dataclass(frozen=True, slots=True)
class Source:
    """Where the far end sends from; `port` None for any."""

    address: ipaddress.IPv4Address
    port: int | None = None


def program(sources: Sequence[Source]) -> bytes:
    """Classic BPF for a UDP socket: passes packets of `sources`, drops all others."""
    lines: list[bytes] = []
    for source in sources:
        wanted = int(source.address)
        if source.port is None:
            lines += [instruction(_LOAD, _SOURCE_ADDRESS), instruction(_EQUAL, wanted, 0, 1)]
        else:  # the data of the socket begins at the UDP header: the source port is its first half word
            lines += [
                instruction(_LOAD, _SOURCE_ADDRESS),
                instruction(_EQUAL, wanted, 0, 4),
                instruction(_LOAD_HALF, 0),
                instruction(_EQUAL, source.port, 1, 0),
                instruction(_EQUAL, source.port + 1, 0, 1),
            ]
        lines.append(instruction(_RETURN, PASS))
    lines.append(instruction(_RETURN, 0))
    return b"".join(lines)


def _native() -> ctypes.CDLL:
    lib = ctypes.CDLL(baresip._native.__file__)
    pointer = ctypes.c_void_p
    for name, result, arguments in (
        ("uag_call_find", pointer, [ctypes.c_char_p]),
        ("call_audio", pointer, [pointer]),
        ("audio_strm", pointer, [pointer]),
        ("stream_sdpmedia", pointer, [pointer]),
        ("stream_rtp_sock", pointer, [pointer]),
        ("stream_metric_get_rx_n_packets", ctypes.c_uint32, [pointer]),
        ("rtp_sock", pointer, [pointer]),
        ("rtcp_sock", pointer, [pointer]),
        ("udp_sock_fd", ctypes.c_int, [pointer, ctypes.c_int]),
        ("sdp_media_raddr", pointer, [pointer]),
        ("sa_in", ctypes.c_uint32, [pointer]),
        ("sa_port", ctypes.c_uint16, [pointer]),
        ("re_thread_enter", None, []),
        ("re_thread_leave", None, []),
    ):
        function = getattr(lib, name)
        function.restype, function.argtypes = result, arguments
    return lib


def confine(call_id: str, sip_source: str, room: Room) -> bool:
    """Lets only packets within `room` reach the sound of a call; again after each SDP.

    Args:
        call_id: the Call-ID of its dialogue.
        sip_source: IPv4 address its signalling came from; "" when unknown.

    Returns False when there is no such call, or its SDP names no address now: all stays as it was.
    """
    lib = _native()
    lib.re_thread_enter()
    try:
        stream = _stream(lib, call_id)
        if not stream:
            return False
        announced = lib.sdp_media_raddr(lib.stream_sdpmedia(stream))
        address = ipaddress.IPv4Address(lib.sa_in(announced))
        port = lib.sa_port(announced)
        if address.is_unspecified or not port:  # a late offer is still to come, or an old way to hold
            return False
        sources = _sources(address, port, sip_source, room)
        rtp = lib.stream_rtp_sock(stream)
        descriptors = {
            lib.udp_sock_fd(each, socket.AF_INET) for each in (lib.rtp_sock(rtp), lib.rtcp_sock(rtp)) if each
        }
        for descriptor in descriptors - {-1}:
            _filter(descriptor, sources)
        return True
    finally:
        lib.re_thread_leave()


def packets(call_id: str) -> int:
    """RTP packets that have come in on a call; 0 when it is gone."""
    lib = _native()
    lib.re_thread_enter()
    try:
        stream = _stream(lib, call_id)
        return int(lib.stream_metric_get_rx_n_packets(stream)) if stream else 0
    finally:
        lib.re_thread_leave()


def _stream(lib: ctypes.CDLL, call_id: str) -> int | None:
    call = lib.uag_call_find(call_id.encode())
    audio = lib.call_audio(call) if call else None
    return lib.audio_strm(audio) if audio else None


def _sources(address: ipaddress.IPv4Address, port: int, sip_source: str, room: Room) -> list[Source]:
    """Who may send; empty for everybody."""
    if room is Room.ANY:
        return []
    known = [address]
    if sip_source and (seen := ipaddress.IPv4Address(sip_source)) != address:
        known.append(seen)
    if room is Room.ADDRESS:
        return [Source(each) for each in known]
    return [Source(address, port), *(Source(each) for each in known[1:])]


def _filter(descriptor: int, sources: Sequence[Source]) -> None:
    """A failure leaves the socket open to all, as it was: the call is worth more."""
    with socket.socket(fileno=os.dup(descriptor)) as twin:
        try:
            if sources:
                attach_program(program(sources), twin)
            else:
                twin.setsockopt(socket.SOL_SOCKET, _DETACH, struct.pack("i", 0))
        except FileNotFoundError:  # there was no filter to take away
            return
        except OSError as error:
            log.warning("sip.media_not_gated", error=str(error))
