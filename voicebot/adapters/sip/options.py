"""Settings of the SIP trunk."""

import ipaddress
import re
from dataclasses import dataclass
from typing import Final

from voicebot.core.errors import VoicebotError

PRIVATE: Final = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16")
LOOPBACK: Final = ("127.0.0.0/8",)
CODECS: Final = ("pcma", "pcmu")
NUMBER: Final = "{number}"
_WAY_OUT: Final = re.compile(r"sips?:[^\s<>\"{}@]*\{number\}[^\s<>\"{}@]*@[^\s<>\"{}]+")
_SHOWN: Final = re.compile(r"sips?:[^\s<>\"@]+@[^\s<>\"]+")

Network = ipaddress.IPv4Network


@dataclass(frozen=True, slots=True)
class SipOptions:
    """How the trunk listens, whom it serves, and its limits. Times in seconds.

    Args:
        listen: IPv4 ``host:port`` for UDP and TCP; ``0.0.0.0`` means every address of the machine
            but loopback (the stack binds each one), or loopback alone when it has no other.
        net_interface: interface or address to bind and route from when there are several.
        rtp_ports: first and last UDP port of media, inclusive.
        codecs: of ``pcma``, ``pcmu``, in order of preference.
        max_calls: incoming calls at once; the next one is answered 486.
        allow_sources: networks that may send us SIP; empty means all private networks, loopback
            and this machine.
        trusted_trunks: networks whose P-Asserted-Identity is believed.
        registrar: ``host[:port]`` to register at as a client; empty registers nowhere.
        user: SIP user name, also at the registrar.
        password: at the registrar.
        register_interval: seconds between registrations.
        rtp_timeout: a call without RTP so long, outside hold, is hung up; whole seconds.
        max_duration: longest call.
        jitter: ``off``, or milliseconds ``least-most`` of the adaptive jitter buffer.
        inband_digits: listen for touch tones in the sound when no telephone-event was agreed.
        check_media_source: take sound and keys only from where the far end's SDP or SIP says.
        outbound: SIP URI by which people are rung, with ``{number}`` for whom, such as
            ``sip:{number}@10.0.0.5``; empty: we ring nobody.
        outbound_caller: SIP URI of the number that they are shown, in P-Preferred-Identity; empty leaves
            that to the trunk.
        half_open: seconds that a caller's side may take to confirm our answer; after them the call
            gives way to a new one when there are `max_calls`.
    """

    listen: str = "0.0.0.0:5060"
    net_interface: str = ""
    rtp_ports: tuple[int, int] = (20000, 29999)
    codecs: tuple[str, ...] = CODECS
    max_calls: int = 30
    allow_sources: tuple[str, ...] = ()
    trusted_trunks: tuple[str, ...] = ()
    registrar: str = ""
    user: str = "12345"
    password: str = ""
    register_interval: int = 600
    rtp_timeout: int = 30
    max_duration: float = 7200.0
    jitter: str = "20-160"
    inband_digits: bool = True
    check_media_source: bool = True
    half_open: float = 2.0
    outbound: str = ""
    outbound_caller: str = ""

    def __post_init__(self) -> None:
        self.address  # noqa: B018 - raises when it is wrong
        first, last = self.rtp_ports
        if not 1024 <= first < last <= 65535:
            raise _wrong("rtp_ports", f"{first}-{last}", "two ports between 1024 and 65535, the lower first")
        if unknown := set(self.codecs) - set(CODECS):
            raise _wrong("codecs", ",".join(sorted(unknown)), "of " + ", ".join(CODECS))
        if not self.codecs:
            raise _wrong("codecs", "", "at least one of " + ", ".join(CODECS))
        if self.rtp_timeout < 1 or self.max_calls < 1 or self.max_duration <= 0:
            raise _wrong("rtp_timeout, max_calls, max_duration", "0", "values above 0")
        self.jitter_range  # noqa: B018
        if self.outbound and not _WAY_OUT.fullmatch(self.outbound):
            raise _wrong("outbound", self.outbound, "a SIP URI with {number}, such as sip:{number}@10.0.0.5")
        if self.outbound_caller and not _SHOWN.fullmatch(self.outbound_caller):
            raise _wrong("outbound_caller", self.outbound_caller, "a SIP URI such as sip:12345@example.org")
        networks("allow_sources", self.allow_sources)
        networks("trusted_trunks", self.trusted_trunks)

    @property
    def address(self) -> tuple[str, int]:
        """`listen` taken apart; raises VoicebotError ``sip.options``."""
        host, colon, port = self.listen.rpartition(":")
        try:
            ipaddress.IPv4Address(host)
        except ValueError:
            colon = ""
        if not colon or not port.isdigit() or not 1 <= int(port) <= 65535:
            raise _wrong("listen", self.listen, "an IPv4 address and a port, such as 0.0.0.0:5060")
        return host, int(port)

    def way_to(self, number: str) -> str:
        """The URI that rings a number."""
        return self.outbound.replace(NUMBER, number)

    @property
    def jitter_range(self) -> tuple[int, int] | None:
        """Least and most milliseconds, None for off; raises VoicebotError ``sip.options``."""
        if self.jitter == "off":
            return None
        least, _, most = self.jitter.partition("-")
        if not (least.isdigit() and most.isdigit() and 0 < int(least) < int(most) <= 500):
            raise _wrong("jitter", self.jitter, "off, or two numbers of ms such as 20-160")
        return int(least), int(most)


def networks(name: str, cidrs: tuple[str, ...]) -> tuple[Network, ...]:
    """Parsed networks (a bare address is a network of one); raises VoicebotError ``sip.options``."""
    found = []
    for cidr in cidrs:
        try:
            found.append(ipaddress.IPv4Network(cidr, strict=False))
        except ValueError as wrong:
            raise _wrong(name, cidr, "IPv4 networks such as 10.0.0.0/8") from wrong
    return tuple(found)


def contains(nets: tuple[Network, ...], address: str) -> bool:
    """`address` is IPv4 and in one of `nets`."""
    try:
        wanted = ipaddress.IPv4Address(address)
    except ValueError:
        return False
    return any(wanted in net for net in nets)


def _wrong(name: str, value: str, wanted: str) -> VoicebotError:
    return VoicebotError("sip.options", f"sip.{name} is {value!r}; it must be {wanted}")
