"""A packet filter on our own SIP sockets: who is not on the list is not heard at all.

The stack has no access list and answers everybody. A classic BPF program on its sockets drops
other sources in the kernel, before any parser of the stack sees a byte of them; it costs nothing
per packet and gives scanners no sign of life.
"""

import ctypes
import os
import socket
import struct
import sys
from collections.abc import Iterable, Sequence
from typing import Final

from voicebot.adapters.sip.options import Network

_SO_ATTACH_FILTER: Final = 26
_SOURCE_ADDRESS: Final = 0xFFF00000 + 12
"""Offset of the source address in the IPv4 header; SKF_NET_OFF is where that header begins."""

_LOAD, _AND, _EQUAL, _RETURN = 0x20, 0x54, 0x15, 0x06
PASS: Final = 0xFFFFFFFF
"""Bytes of a packet that a filter lets through: all of them."""


def instruction(code: int, constant: int, if_true: int = 0, if_false: int = 0) -> bytes:
    """One ``struct sock_filter``, in the byte order of the machine; jumps skip so many instructions."""
    return struct.pack("HBBI", code, if_true, if_false, constant)


def program(allowed: Sequence[Network]) -> bytes:
    """Classic BPF: passes IPv4 packets whose source is in one of `allowed`, drops all others."""
    lines: list[bytes] = []
    for network in allowed:
        lines += [
            instruction(_LOAD, _SOURCE_ADDRESS),
            instruction(_AND, int(network.netmask)),
            instruction(_EQUAL, int(network.network_address), 0, 1),
            instruction(_RETURN, PASS),
        ]
    lines.append(instruction(_RETURN, 0))
    return b"".join(lines)


def attach(allowed: Sequence[Network], sockets: Iterable[socket.socket]) -> None:
    """Puts the filter on `sockets`; connections accepted from a listening one inherit it.

    Raises:
        OSError: the kernel does not know such filters (not Linux).
    """
    if sys.platform != "linux":
        raise OSError("socket filters need Linux")
    code = program(allowed)
    for each in sockets:
        attach_program(code, each)


def attach_program(code: bytes, to: socket.socket) -> None:
    """Puts a filter on a socket, in place of one that it has; OSError where that is not known."""
    held = ctypes.create_string_buffer(code, len(code))
    # struct sock_fprog: number of instructions, padding, pointer to them.
    fprog = struct.pack(
        "HxxxxxxP" if struct.calcsize("P") == 8 else "HxxP", len(code) // 8, ctypes.addressof(held)
    )
    to.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, fprog)


def own_sockets(port: int) -> list[socket.socket]:
    """Duplicates of this process's IPv4 sockets bound to `port`; the caller closes them.

    The stack does not hand out its descriptors, but they are ours: the process's own table has
    them. Empty where there is no ``/proc``.
    """
    found: list[socket.socket] = []
    try:
        descriptors = os.listdir("/proc/self/fd")  # noqa: PTH208 - names of descriptors, not paths
    except OSError:
        return found
    for name in descriptors:
        try:
            descriptor = os.dup(int(name))
        except OSError:  # closed since it was listed
            continue
        try:
            twin = socket.socket(fileno=descriptor)
        except OSError:  # not a socket
            os.close(descriptor)
            continue
        if twin.family is socket.AF_INET and twin.getsockname()[1] == port:
            found.append(twin)
        else:
            twin.close()
    return found
