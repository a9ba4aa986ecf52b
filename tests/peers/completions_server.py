"""An OpenAI-compatible server on loopback that behaves as a test wants: real sockets, real HTTP."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

REPLY = '{"article": 1}'


@dataclass
class Completions:
    """What it has been asked, and what it does.

    Args:
        delay: seconds before each answer.
        body: bytes of the answer instead of a completion of `reply`.
        endless: the body never ends.
        refuses_format: 400 for a request with `response_format`.
    """

    url: str = ""
    reply: str = REPLY
    delay: float = 0.0
    status: int = 200
    body: bytes | None = None
    endless: bool = False
    refuses_format: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)
    asked: list[dict[str, Any]] = field(default_factory=list)
    asked_with: list[dict[str, str]] = field(default_factory=list)
    lost: int = 0
    """Connections that the client closed before it had its answer."""
    open: set[asyncio.StreamWriter] = field(default_factory=set)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open.add(writer)
        try:
            while head := await _head(reader):
                line, headers = head
                body = await reader.readexactly(int(headers.get("content-length", "0")))
                assert line.startswith("POST /v1/chat/completions ")
                self.asked.append(json.loads(body))
                self.asked_with.append(headers)
                if self.delay and await _gone(reader, self.delay):
                    self.lost += 1
                    return
                await self._answer(writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            self.lost += 1
        finally:
            self.open.discard(writer)
            writer.close()

    async def _answer(self, writer: asyncio.StreamWriter) -> None:
        refused = self.refuses_format and "response_format" in self.asked[-1]
        status = 400 if refused else self.status
        body = self.body
        if body is None:
            message = {"role": "assistant", "content": self.reply}
            body = json.dumps({"choices": [{"index": 0, "message": message}]}).encode()
        more = "".join(f"{name}: {value}\r\n" for name, value in self.headers.items())
        length = "Transfer-Encoding: chunked" if self.endless else f"Content-Length: {len(body)}"
        head = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\n{length}\r\n{more}\r\n"
        writer.write(head.encode())
        if not self.endless:
            writer.write(body)
        await writer.drain()
        while self.endless:
            writer.write(b"1000\r\n" + b"x" * 0x1000 + b"\r\n")
            await writer.drain()


async def _head(reader: asyncio.StreamReader) -> tuple[str, dict[str, str]] | None:
    try:
        text = (await reader.readuntil(b"\r\n\r\n")).decode()
    except asyncio.IncompleteReadError:
        return None
    line, *rows = text.strip().split("\r\n")
    return line, {name.lower(): value.strip() for name, _, value in (row.partition(":") for row in rows)}


async def _gone(reader: asyncio.StreamReader, within: float) -> bool:
    """The client closes the connection before `within` seconds have passed."""
    try:
        async with asyncio.timeout(within):
            return await reader.read(1) == b""
    except TimeoutError:
        return False


@asynccontextmanager
async def completions(**behaviour: Any) -> AsyncIterator[Completions]:
    """Such a server on a port of its own."""
    peer = Completions(**behaviour)
    server = await asyncio.start_server(peer.serve, "127.0.0.1", 0)
    peer.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    try:
        yield peer
    finally:
        server.close()
        for writer in tuple(peer.open):
            writer.transport.abort()
        while peer.open:  # noqa: ASYNC110 - the handlers end at once
            await asyncio.sleep(0)
