"""Which hosts are ours: a caller's voice and words stay among them unless the operator says otherwise."""

import ipaddress
import socket

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def is_near(address: str) -> bool:
    """`address` (an IP address) is this machine or in a private network."""
    try:
        ip: Address = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is not None:
        ip = ip.ipv4_mapped
    return ip.is_loopback or ip.is_link_local or (ip.is_private and not ip.is_unspecified)


def addresses_of(host: str, port: int) -> list[str]:
    """IP addresses of `host`, in the order the system prefers; raises OSError when it has none."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))
