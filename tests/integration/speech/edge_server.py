"""A stand-in for the read-aloud service on loopback, that fails in the ways the real one does."""

import asyncio
import contextlib
import io
import json
import re
from typing import Final

import numpy as np
import soundfile
from aiohttp import WSMsgType, web

TICKS: Final = 10_000_000
SECONDS: Final = 2.0


def _mp3() -> bytes:
    wave = (0.3 * np.sin(2 * np.pi * 440 * np.arange(int(SECONDS * 24_000)) / 24_000)).astype(np.float32)
    out = io.BytesIO()
    soundfile.write(out, wave, 24_000, format="MP3", subtype="MPEG_LAYER_III")
    return out.getvalue()


class EdgeServer:
    """`mode`: ``ok``, ``refused`` (403), ``silent`` (no sound), ``drop`` (broken off), ``stall``,
    ``trickle`` (a little sound at a time, for ever)."""

    def __init__(self) -> None:
        self.mode = "ok"
        self.asked: list[str] = []
        self.url = ""
        self._sound = _mp3()
        self._gone = asyncio.Event()

    async def start(self) -> web.AppRunner:
        app = web.Application()
        app.router.add_get("/edge", self._serve)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        self.url = f"ws://{host}:{port}/edge?TrustedClientToken=t"
        return runner

    def release(self) -> None:
        """Ends stalled conversations."""
        self._gone.set()

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        if self.mode == "refused":
            return web.Response(status=403, headers={"Date": "Tue, 24 Nov 2026 02:00:00 GMT"})
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        async for message in socket:
            if message.type is WSMsgType.TEXT and "Path:ssml" in message.data:
                self.asked.append(message.data)
                found = re.search(r"X-RequestId:(\w+)", message.data)
                await self._speak(socket, found.group(1) if found else "")
        return socket

    async def _speak(self, socket: web.WebSocketResponse, request_id: str) -> None:
        async def tell(path: str, body: object) -> None:
            head = f"X-RequestId:{request_id}\r\nContent-Type:application/json\r\nPath:{path}\r\n\r\n"
            await socket.send_str(head + json.dumps(body))

        await tell("turn.start", {})
        if self.mode != "silent":
            text = {"Text": "您好", "Length": 2, "BoundaryType": "SentenceBoundary"}
            data = {"Offset": 0, "Duration": int((SECONDS - 0.1) * TICKS), "text": text}
            await tell("audio.metadata", {"Metadata": [{"Type": "SentenceBoundary", "Data": data}]})
            if not await self._send_sound(socket, request_id):
                return
        await tell("turn.end", {})

    async def _send_sound(self, socket: web.WebSocketResponse, request_id: str) -> bool:
        head = f"X-RequestId:{request_id}\r\nContent-Type:audio/mpeg\r\nPath:audio\r\n".encode()
        for at in range(0, len(self._sound), 720):
            await socket.send_bytes(len(head).to_bytes(2, "big") + head + self._sound[at : at + 720])
            if at > 2_000 and self.mode == "drop":
                await socket.close()
                return False
            if self.mode == "trickle":
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._gone.wait(), 0.2)
            if at > 2_000 and self.mode == "stall":
                await self._gone.wait()
                return False
        return True
