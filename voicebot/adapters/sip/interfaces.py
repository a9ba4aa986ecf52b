"""The machine's own IPv4 addresses."""

import fcntl
import ipaddress
import socket
import struct
from typing import Final

_SIOCGIFADDR: Final = 0x8915


def addresses() -> list[ipaddress.IPv4Address]:
    """First address of each interface that has one (Linux ``netdevice(7)``)."""
    found = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        for _, name in socket.if_nameindex():
            try:
                answer = fcntl.ioctl(probe, _SIOCGIFADDR, struct.pack("256s", name.encode()[:15]))
            except OSError:  # no IPv4 address there
                continue
            found.append(ipaddress.IPv4Address(answer[20:24]))
    return found


def only_loopback() -> bool:
    """Nobody but this machine itself can reach it."""
    return all(address.is_loopback for address in addresses())
