"""A stand-in for a FunASR runtime server: its WebSocket protocol, with the language of tones.

There is no real server in the packages; this one is written from the published protocol
(``runtime/docs/websocket_protocol.md``) and hears tones (`tones.written`).
"""

import contextlib
import json
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import Server, ServerConnection, serve

from tests.peers.tones import written
from voicebot.core.audio import AudioChunk


@dataclass
class FunasrServer:
    """Serves on loopback while `running`.

    Args:
        break_after: messages of sound after which each of the first `breaks` connections is cut.
        silent: takes everything, answers nothing.
        segments: answers with a second-pass text for every so many messages, as its own speech
            detection would; 0 only at the end.
        rubbish: messages sent before every answer.
    """

    break_after: int = 0
    breaks: int = 0
    silent: bool = False
    segments: int = 0
    rubbish: tuple[str, ...] = ()
    openings: list[dict[str, Any]] = field(default_factory=list)
    pieces: list[int] = field(default_factory=list)
    """Bytes of every message of sound."""
    port: int = 0

    @contextlib.contextmanager
    def running(self, trust: ssl.SSLContext | None = None) -> Iterator["FunasrServer"]:
        with serve(self._converse, "127.0.0.1", 0, ssl=trust, compression=None) as server:
            self.port = server.socket.getsockname()[1]
            thread = threading.Thread(target=_run, args=(server,), name="funasr")
            thread.start()
            try:
                yield self
            finally:
                server.shutdown()
                thread.join(5)

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}"

    def _converse(self, link: ServerConnection) -> None:
        with contextlib.suppress(ConnectionClosed):
            self._turn(link)

    def _turn(self, link: ServerConnection) -> None:
        opening = json.loads(link.recv())
        self.openings.append(opening)
        segment, sent, count = bytearray(), "", 0
        for message in link:
            if isinstance(message, bytes):
                count += 1
                self.pieces.append(len(message))
                segment += message
                if self.breaks and count == self.break_after:
                    self.breaks -= 1
                    link.socket.close()
                    return
                if count % 10 == 0:
                    text = written(AudioChunk(bytes(segment), opening["audio_fs"]))
                    self._say(link, "2pass-online", text[len(sent) :])
                    sent = text
                if self.segments and count % self.segments == 0:
                    self._say(link, "2pass-offline", written(AudioChunk(bytes(segment), opening["audio_fs"])))
                    segment, sent = bytearray(), ""
            elif not json.loads(message)["is_speaking"]:
                self._say(link, "2pass-offline", written(AudioChunk(bytes(segment), opening["audio_fs"])))
                segment, sent = bytearray(), ""

    def _say(self, link: ServerConnection, mode: str, text: str) -> None:
        if self.silent or not text:
            return
        for line in self.rubbish:
            link.send(line)
        link.send(json.dumps({"mode": mode, "text": text, "wav_name": "call", "is_final": False}))


def _run(server: Server) -> None:
    server.serve_forever()
