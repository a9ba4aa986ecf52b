"""One turn on the wire of a FunASR runtime server."""

import contextlib
import json
import socket
import ssl
import struct
import time
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urlsplit

import structlog
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from voicebot.adapters.nearby import addresses_of, is_near
from voicebot.adapters.stt.options import FunasrOptions
from voicebot.adapters.stt.simplified import simplified
from voicebot.adapters.stt.text import join_hanzi
from voicebot.core.errors import VoicebotError

_log = structlog.get_logger(__name__)

RATE: Final = 16_000
CHUNKS: Final = (5, 10, 5)
"""Latency of the first pass in units of 60 ms: 600 ms at a time."""
SETTLE: Final = 0.15
"""Seconds of quiet after a text of the second pass that make it the last one."""
LAG: Final = 0.5
"""Seconds the second pass of what was said last may take, when a text of it is there already."""
ALIVE: Final = 0.5
"""Seconds a server may take to answer a ping."""
BURST: Final = 200
"""Messages taken in at once; more wait for the next look."""
_MESSAGE: Final = 64 * 1024


class Exchange:
    """One turn's connection.

    Raises:
        OSError, WebSocketException: no connection in time.
        VoicebotError: ``stt.remote``.
    """

    def __init__(self, options: FunasrOptions) -> None:
        self._link = _connected(options)
        self._seconds = 0.0
        self.pieces = ""
        """First pass of the segment that is being spoken."""
        self.segments = ""
        """Second pass of the segments before it."""
        opening: dict[str, Any] = {
            "mode": "2pass",
            "wav_name": "call",
            "wav_format": "pcm",
            "audio_fs": RATE,
            "is_speaking": True,
            "chunk_size": CHUNKS,
            "chunk_interval": 10,
            "itn": False,
        }
        if options.hotwords:
            opening["hotwords"] = json.dumps(dict(options.hotwords), ensure_ascii=False)
        try:
            self._link.send(json.dumps(opening, ensure_ascii=False))
        except BaseException:
            self.drop()
            raise

    def send(self, pcm: bytes) -> None:
        self._link.send(pcm)

    def finish(self) -> None:
        self._link.send(json.dumps({"is_speaking": False}))

    def take(self, wait: float) -> str:
        """Takes in the next message, at most `wait` seconds; its mode, or empty when there is none."""
        try:
            message = self._link.recv(timeout=wait)
        except TimeoutError:
            return ""
        try:
            answer = json.loads(message)
            mode, text = str(answer["mode"]), str(answer.get("text", ""))
        except (ValueError, TypeError, KeyError):
            _log.warning("stt.funasr_answer", message=repr(message[:80]))
            return "unknown"
        if mode.endswith("online"):
            self.pieces += text
        else:
            self.segments += text
            self.pieces = ""
        return mode

    def take_all(self) -> None:
        """Takes in what has come."""
        for _ in range(BURST):
            if not self.take(0):
                return

    def last_text(self, deadline: float, cancelled: Callable[[], bool]) -> bool:
        """Takes in messages after `finish` until the last one; False when `deadline` comes first.

        Raises:
            OSError, WebSocketException: the connection broke before there was a text.
        """
        # all that was said may have had its second pass before the end
        settled = time.monotonic() + LAG if self.segments and not self.pieces else 0.0
        """When the text counts as the last one; 0 before there is one of the second pass."""
        while not cancelled():
            now = time.monotonic()
            if settled and now >= settled:
                return True
            if now >= deadline:
                return False
            try:
                mode = self.take(max(0.0, min((settled or deadline) - now, 0.1)))
            except ConnectionClosed:
                if settled:
                    return True
                raise
            if mode.endswith("offline") or (mode and settled):
                settled = time.monotonic() + SETTLE
        return False

    def alive(self) -> bool:
        """The server answers a ping: it had nothing to say, rather than hangs."""
        try:
            return self._link.ping().wait(ALIVE)
        except (OSError, ConnectionClosed):
            return False

    @property
    def text(self) -> str:
        return join_hanzi(simplified(self.segments + self.pieces))

    def drop(self) -> None:
        """Ends the connection without waiting for the server."""
        with contextlib.suppress(OSError):
            self._link.socket.shutdown(socket.SHUT_RDWR)


def _connected(options: FunasrOptions) -> ClientConnection:
    """An open connection. It is not left by ``with``: that waits for the library's own thread, for ever
    when the process is ending; `Exchange.drop` ends the socket instead."""
    parts = urlsplit(options.url)
    secure, host = parts.scheme == "wss", str(parts.hostname)
    made = _dial(options, host, parts.port or (443 if secure else 80))
    try:
        opening = connect(
            options.url,
            sock=made,
            ssl=_trust(options.certificate) if secure else None,
            server_hostname=host if secure else None,
            compression=None,
            open_timeout=options.connect,
            close_timeout=options.connect,
            max_size=_MESSAGE,
            proxy=None,
        )
        return opening.__enter__()
    except BaseException:
        made.close()
        raise


def _dial(options: FunasrOptions, host: str, port: int) -> socket.socket:
    # looked up here and connected to as found: a name that changes meanwhile leads nowhere else
    address = addresses_of(host, port)[0]
    if not options.allow_remote and not is_near(address):
        raise VoicebotError(
            "stt.remote",
            f"FunASR 服务器 {options.url}（{address}）不在本机或内网，来电人的声音不能送出。"
            "处理办法：改用内网服务器；确实允许送出时，把设置 stt.funasr.allow_remote 设为 true",
        )
    made = socket.create_connection((address, port), timeout=options.connect)
    made.settimeout(None)
    # a server that reads no more must not hold our thread
    whole, part = divmod(options.connect, 1)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", int(whole), int(part * 1e6)))
    return made


def _trust(certificate: str) -> ssl.SSLContext:
    if not certificate:
        return ssl.create_default_context()
    context = ssl.create_default_context(cafile=certificate)
    context.check_hostname = False  # the one certificate trusted is the server's own, whatever its name
    return context
