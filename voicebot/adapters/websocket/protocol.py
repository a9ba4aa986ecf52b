"""The words of `/ws/call`, as bytes and back; knows no socket and no clock.

Sound is PCM16 mono little-endian at `RATE` in binary messages of exactly `FRAME_BYTES`, both ways.
Everything else is one JSON object a text message, told apart by its `type`.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import ClassVar, Final

from voicebot.core.ids import CallId

RATE: Final = 16_000
FRAME_SAMPLES: Final = RATE // 50
FRAME_BYTES: Final = 2 * FRAME_SAMPLES
MAX_TEXT_BYTES: Final = 4_096
"""Largest JSON message of a client; the longest allowed one needs about 1.6 kB."""
MAX_WORDS: Final = 300
"""Characters that a caller may type in one go."""
MAX_SAMPLES: Final = 2**40
KEYS: Final = frozenset("0123456789*#")


class ProtocolError(Exception):
    """The client sent something that is not in the protocol; the call itself is not harmed.

    Args:
        code: stable, e.g. ``frame.size``.
        message: Chinese, for whoever reads the client's log or screen.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code: Final = code
        self.message: Final = message


# ── from the client ─────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Start:
    """First message of each connection. `caller`: digits or "". `resume`: the secret of a call whose
    connection broke, "" for a new call."""

    type: ClassVar[str] = "start"
    caller: str = ""
    resume: str = ""


@dataclass(frozen=True, slots=True)
class Digit:
    type: ClassVar[str] = "digit"
    digit: str


@dataclass(frozen=True, slots=True)
class Played:
    """Samples given to the loudspeaker since the last `Ready` (a running total)."""

    type: ClassVar[str] = "played"
    samples: int


@dataclass(frozen=True, slots=True)
class Text:
    """Typed words, for callers who cannot or will not speak."""

    type: ClassVar[str] = "text"
    text: str


@dataclass(frozen=True, slots=True)
class Hangup:
    type: ClassVar[str] = "hangup"


@dataclass(frozen=True, slots=True)
class Sound:
    """One frame of the microphone."""

    pcm: bytes


ClientMessage = Start | Digit | Played | Text | Hangup | Sound


def parse_client(message: str | bytes) -> ClientMessage:
    """Reads one WebSocket message of a client. Unknown fields are ignored, so that newer pages work.

    Raises:
        ProtocolError: ``frame.size``, ``message.too_large``, ``message.not_json``,
            ``message.unknown_type``, ``message.invalid``.
    """
    if isinstance(message, bytes):
        if len(message) != FRAME_BYTES:
            raise ProtocolError("frame.size", f"声音每帧应为 {FRAME_BYTES} 字节，收到 {len(message)} 字节")
        return Sound(message)
    if len(message) > MAX_TEXT_BYTES:
        raise ProtocolError("message.too_large", f"消息不能超过 {MAX_TEXT_BYTES} 个字符")
    return _parse_object(_load_object(message))


def _load_object(message: str) -> Mapping[str, object]:
    try:
        loaded = json.loads(message)
    except (ValueError, RecursionError) as error:
        raise ProtocolError("message.not_json", "消息不是合法的 JSON") from error
    if not isinstance(loaded, dict):
        raise ProtocolError("message.not_json", "消息应是一个 JSON 对象")
    return loaded


def _parse_object(fields: Mapping[str, object]) -> ClientMessage:
    match fields.get("type"):
        case "start":
            return Start(_caller(fields.get("caller")), _text(fields, "resume", 200))
        case "digit":
            key = fields.get("digit")
            if not isinstance(key, str) or key not in KEYS:
                raise ProtocolError("message.invalid", "digit 应为 0-9、* 或 #")
            return Digit(key)
        case "played":
            samples = fields.get("samples")
            if not isinstance(samples, int) or isinstance(samples, bool) or not 0 <= samples <= MAX_SAMPLES:
                raise ProtocolError("message.invalid", "samples 应为非负整数")
            return Played(samples)
        case "text":
            text = _text(fields, "text", MAX_WORDS).strip()
            if not text:
                raise ProtocolError("message.invalid", "text 不能为空")
            return Text(text)
        case "hangup":
            return Hangup()
        case _:
            raise ProtocolError("message.unknown_type", "不认识的消息类型")


def _caller(value: object) -> str:
    """Digits of a phone number; "" when withheld."""
    if value is None or value == "":
        return ""
    if not isinstance(value, str) or len(value) > 40:
        raise ProtocolError("message.invalid", "caller 应为电话号码")
    number = value.removeprefix("+").replace("-", "").replace(" ", "")
    if not (number.isascii() and number.isdigit() and 3 <= len(number) <= 20):
        raise ProtocolError("message.invalid", "caller 应为 3 至 20 位数字")
    return number


def _text(fields: Mapping[str, object], name: str, limit: int) -> str:
    value = fields.get(name)
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > limit:
        raise ProtocolError("message.invalid", f"{name} 应为不超过 {limit} 个字符的文字")
    return "".join(letter for letter in value if letter.isprintable())


# ── to the client ───────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Ready:
    """The call (or its continuation) stands; `resume` is the secret to come back with."""

    type: ClassVar[str] = "ready"
    call_id: CallId
    resume: str


@dataclass(frozen=True, slots=True)
class Caption:
    """Words of ``caller``, ``bot`` or ``seat``; a non-final one is replaced by the speaker's next."""

    type: ClassVar[str] = "caption"
    who: str
    text: str
    final: bool


@dataclass(frozen=True, slots=True)
class State:
    type: ClassVar[str] = "state"
    state: str


@dataclass(frozen=True, slots=True)
class Flush:
    """Forget all sound received and not yet played."""

    type: ClassVar[str] = "flush"


@dataclass(frozen=True, slots=True)
class Ended:
    type: ClassVar[str] = "ended"
    reason: str


@dataclass(frozen=True, slots=True)
class Error:
    type: ClassVar[str] = "error"
    code: str
    message: str


ServerMessage = Ready | Caption | State | Flush | Ended | Error


def encode_server(message: ServerMessage) -> str:
    """The JSON text of one server message."""
    return json.dumps({"type": message.type, **asdict(message)}, ensure_ascii=False)


class CloseCode:
    """Why we close a WebSocket (RFC 6455 §7.4; 4000-4999 are ours)."""

    ENDED: Final = 1000
    TOO_MANY_ERRORS: Final = 1008
    BUSY: Final = 1013
    NO_START: Final = 4408
    NO_TICKET: Final = 4403
    NOT_RESUMABLE: Final = 4404
    REPLACED: Final = 4409
    """The same call was resumed on another connection."""
