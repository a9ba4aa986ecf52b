"""SIP messages as text (RFC 3261 §7), as far as our test caller needs them. Pure."""

from dataclasses import dataclass
from typing import Final, Self

_COMPACT: Final = {"v": "via", "f": "from", "t": "to", "i": "call-id", "m": "contact", "l": "content-length"}


@dataclass(frozen=True, slots=True)
class Message:
    """A request or response.

    Args:
        start: the first line.
        headers: name in lower case and value, in order.
    """

    start: str
    headers: tuple[tuple[str, str], ...]
    body: str = ""

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Raises ValueError for what is no SIP message."""
        head, _, body = data.decode("utf-8", "replace").partition("\r\n\r\n")
        start, *lines = head.split("\r\n")
        if "SIP/2.0" not in start:
            raise ValueError("no SIP start line")
        headers = []
        for line in lines:
            name, colon, value = line.partition(":")
            if not colon:
                raise ValueError(f"no header: {line!r}")
            key = name.strip().lower()
            headers.append((_COMPACT.get(key, key), value.strip()))
        return cls(start, tuple(headers), body)

    @property
    def status(self) -> int:
        """Status code of a response, 0 for a request."""
        if not self.start.startswith("SIP/2.0 "):
            return 0
        code = self.start[8:11]
        return int(code) if code.isdigit() else 0

    @property
    def method(self) -> str:
        """Method of a request; of a response, the method it answers."""
        if self.status:
            return self.one("cseq").partition(" ")[2].strip()
        return self.start.partition(" ")[0]

    def one(self, name: str) -> str:
        """First value of a header (name in lower case), "" when it is missing."""
        return next((value for key, value in self.headers if key == name), "")

    def all(self, name: str) -> tuple[str, ...]:
        return tuple(value for key, value in self.headers if key == name)

    def encode(self) -> bytes:
        lines = [self.start, *(f"{name}: {value}" for name, value in self.headers)]
        lines.append(f"Content-Length: {len(self.body.encode())}")
        return ("\r\n".join(lines) + "\r\n\r\n" + self.body).encode()


def reply(
    request: Message, status: str, *, tag: str, extra: tuple[tuple[str, str], ...] = (), body: str = ""
) -> Message:
    """A response with the headers that RFC 3261 §8.2.6 copies; `status` such as ``200 OK``."""
    to = request.one("to")
    if ";tag=" not in to:
        to += f";tag={tag}"
    headers = [("via", via) for via in request.all("via")]
    headers += [
        ("from", request.one("from")),
        ("to", to),
        ("call-id", request.one("call-id")),
        ("cseq", request.one("cseq")),
        *extra,
    ]
    return Message(f"SIP/2.0 {status}", tuple(headers), body)


@dataclass(frozen=True, slots=True)
class Media:
    """What a session description says about sound.

    Args:
        direction: ``sendrecv``, ``sendonly``, ``recvonly`` or ``inactive``.
        telephone_event: payload type of RFC 4733 events, None without.
    """

    host: str
    port: int
    codec: str
    ptime: int
    direction: str
    telephone_event: int | None


def parse_sdp(body: str) -> Media:
    """First audio stream (RFC 8866); raises ValueError without a usable one."""
    host, port, direction, ptime, telephone_event, payloads = "", 0, "sendrecv", 20, None, []
    for line in body.splitlines():
        kind, _, value = line.partition("=")
        if kind == "c" and not host:
            host = value.split()[-1]
        elif kind == "m" and value.startswith("audio "):
            words = value.split()
            port, payloads = int(words[1]), words[3:]
        elif kind == "a" and value in ("sendrecv", "sendonly", "recvonly", "inactive"):
            direction = value
        elif kind == "a" and value.startswith("ptime:"):
            ptime = int(value[6:])
        elif kind == "a" and value.startswith("rtpmap:") and "telephone-event" in value.lower():
            telephone_event = int(value[7:].split()[0])
    codec = next((name for pt, name in (("8", "pcma"), ("0", "pcmu")) if payloads and payloads[0] == pt), "")
    if not host or not port or not codec:
        raise ValueError("no usable audio stream")
    return Media(host, port, codec, ptime, direction, telephone_event)


def make_sdp(
    host: str,
    port: int,
    *,
    codecs: tuple[str, ...],
    ptime: int,
    direction: str,
    telephone_event: bool,
    version: int,
) -> str:
    """An offer or answer with G.711."""
    types = {
        "pcma": (8, "PCMA/8000"),
        "pcmu": (0, "PCMU/8000"),
        "g729": (18, "G729/8000"),
        "cn": (13, "CN/8000"),
    }
    chosen = [types[codec] for codec in codecs]
    payloads = [str(pt) for pt, _ in chosen] + (["101"] if telephone_event else [])
    lines = [
        "v=0",
        f"o=- 1 {version} IN IP4 {host}",
        "s=-",
        f"c=IN IP4 {host}",
        "t=0 0",
        f"m=audio {port} RTP/AVP {' '.join(payloads)}",
        *(f"a=rtpmap:{pt} {name}" for pt, name in chosen),
    ]
    if telephone_event:
        lines += ["a=rtpmap:101 telephone-event/8000", "a=fmtp:101 0-15"]
    lines += [f"a=ptime:{ptime}", f"a={direction}"]
    return "\r\n".join(lines) + "\r\n"
