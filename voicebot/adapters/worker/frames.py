"""The protocol between our processes, without I/O: bytes in → frames out, frames → bytes.

A frame is one line of JSON (an object; its member ``size`` is the payload's length in bytes), a
line feed, and the payload as it is.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from voicebot.core.errors import VoicebotError

LONGEST_HEADER: Final = 64 * 1024
LONGEST_PAYLOAD: Final = 16 * 1024 * 1024
"""Bytes: eight minutes of sound at 16 kHz; more is an error of the sender."""


@dataclass(frozen=True, slots=True)
class Frame:
    """`header` is a JSON object without ``size``; `payload` any bytes."""

    header: Mapping[str, Any]
    payload: bytes = b""


def protocol_error(why: str) -> VoicebotError:
    return VoicebotError("worker.protocol", f"进程之间的消息有误：{why}")


def encode(frame: Frame) -> bytes:
    """The frame's bytes.

    Raises:
        VoicebotError: ``worker.protocol``, too long or ``size`` used as a header.
    """
    if "size" in frame.header or len(frame.payload) > LONGEST_PAYLOAD:
        raise protocol_error("size 是保留字，或内容过长")
    line = json.dumps({**frame.header, "size": len(frame.payload)}, ensure_ascii=False).encode()
    if len(line) > LONGEST_HEADER:
        raise protocol_error("消息头过长")
    return line + b"\n" + frame.payload


@dataclass(slots=True)
class Decoder:
    """Puts frames together from bytes as they come, cut anywhere."""

    _buffer: bytearray = field(default_factory=bytearray)
    _header: dict[str, Any] | None = None
    _size: int = 0

    def feed(self, data: bytes) -> list[Frame]:
        """The frames that `data` completes, in order.

        Raises:
            VoicebotError: ``worker.protocol``; the connection is of no use afterwards.
        """
        self._buffer += data
        frames = []
        while (frame := self._next()) is not None:
            frames.append(frame)
        return frames

    def _next(self) -> Frame | None:
        if self._header is None:
            end = self._buffer.find(b"\n", 0, LONGEST_HEADER + 1)
            if end < 0:
                if len(self._buffer) > LONGEST_HEADER:
                    raise protocol_error("消息头过长")
                return None
            self._header, self._size = _header(bytes(self._buffer[:end]))
            del self._buffer[: end + 1]
        if len(self._buffer) < self._size:
            return None
        frame = Frame(self._header, bytes(self._buffer[: self._size]))
        del self._buffer[: self._size]
        self._header = None
        return frame


def _header(line: bytes) -> tuple[dict[str, Any], int]:
    try:
        header = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise protocol_error("消息头不是 JSON") from error
    if not isinstance(header, dict):
        raise protocol_error("消息头不是对象")
    size = header.pop("size", None)
    if not isinstance(size, int) or isinstance(size, bool) or not 0 <= size <= LONGEST_PAYLOAD:
        raise protocol_error("size 不对")
    return header, size
