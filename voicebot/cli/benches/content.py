"""What publishing costs the calls that run: callers listen, and files are edited meanwhile.

A caller hears a gap when a frame comes after all before it has been played. The answers come from the
cache (each was asked for once before), so that a gap is one of the line, not of the voice.
"""

import asyncio
import contextlib
import json
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import cycle, islice
from pathlib import Path
from typing import Any, Final

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from voicebot.adapters.websocket.protocol import FRAME_BYTES
from voicebot.cli.benches.hotline import own_hotline
from voicebot.cli.benches.latency import QUESTIONS
from voicebot.core.errors import VoicebotError
from voicebot.settings import Settings

BYTES_A_SECOND: Final = FRAME_BYTES * 50
FRAME: Final = 0.02
QUIET: Final = 1.5
"""Seconds of silence of ours after which a caller asks the next question."""
PAUSE: Final = 0.6
"""A frame that is later than this begins something new: it fills no gap."""
AUDIBLE: Final = 0.005
EDITED: Final = {
    "flow": "ivr_flows/main.yaml",
    "articles": "knowledge_base/synonyms.yaml",
    "lexicon": "knowledge_base/lexicons/intents.yaml",
}
LIVE_WITHIN: Final = 20.0
CHANGED: Final = "content.changed"
_WARM_UP: Final = 75.0
"""Seconds in which one caller asks each question once."""
_SETTLE: Final = 8.0
_BETWEEN: Final = 4.0
_ASKED: Final = 6
"""Different questions: few, since the warm-up waits for each answer."""


@dataclass(slots=True)
class Listener:
    """A caller who types questions and listens, by the page's WebSocket.

    Args:
        gaps: (when, seconds) in which nothing was left to play.
    """

    socket: ClientConnection
    questions: Iterator[str]
    gaps: list[tuple[float, float]] = field(default_factory=list)
    received: int = 0
    asked: int = 0
    lost: bool = False
    _played_until: float = 0.0

    async def listen(self) -> None:
        with contextlib.suppress(ConnectionClosed):
            async for data in self.socket:
                if isinstance(data, bytes):
                    self.heard(time.monotonic(), len(data))
        self.lost = True

    def heard(self, at: float, size: int) -> None:
        """Sound of so many bytes came in."""
        late = at - self._played_until
        if AUDIBLE < late < PAUSE and self.received:
            self.gaps.append((at, late))
        self.received += size
        self._played_until = max(self._played_until, at) + size / BYTES_A_SECOND

    async def say(self, **message: object) -> None:
        with contextlib.suppress(ConnectionClosed):
            await self.socket.send(json.dumps(message))

    async def live(self) -> None:
        """Microphone frames, acknowledgements, and a question whenever it is quiet; until cancelled."""
        await self.say(type="start", caller="")
        began, frames = time.monotonic(), 0
        while not self.lost:
            frames += 1
            await asyncio.sleep(max(0.0, began + frames * FRAME - time.monotonic()))
            with contextlib.suppress(ConnectionClosed):
                await self.socket.send(bytes(FRAME_BYTES))
            if frames % 5 == 0:
                await self.say(type="played", samples=self.received // 2)
            if self.received and time.monotonic() - self._played_until > QUIET:
                self.asked += 1
                self._played_until = time.monotonic()
                await self.say(type="text", text=next(self.questions))


async def measure(settings: Settings, calls: int, edits: int) -> dict[str, Any]:
    """Runs a hotline of its own.

    Returns:
        ``live_s``: kind of file → longest time from saving to serving; ``gaps_ms``: longest gap of any
        caller and their number, without edits and while they were made; ``lost``: calls cut.

    Raises:
        VoicebotError: ``bench.not_ready``, ``bench.not_live``.
    """
    log = settings.data / "bench-hotline.log"
    with tempfile.TemporaryDirectory(prefix="voicebot-content-") as folder:
        root = Path(folder)
        for name in ("ivr_flows", "knowledge_base"):
            shutil.copytree(settings.content.root / name, root / name)
        env = {
            "VOICEBOT_CONTENT__ROOT": folder,
            "VOICEBOT_RENDER_AHEAD": "false",
            "VOICEBOT_LOG__FORMAT": "json",
        }
        async with own_hotline(settings.stt.models, log, **env) as own:
            url = f"ws://127.0.0.1:{own.http.port}/ws/call"
            async with _calling(url, 1):
                await asyncio.sleep(_WARM_UP)
            async with _calling(url, calls) as listeners:
                await asyncio.sleep(_SETTLE)
                began = time.monotonic()
                await asyncio.sleep(edits * _BETWEEN)
                editing = time.monotonic()
                live = await _edit(root, log, edits)
                ended = time.monotonic()
    return {
        "calls": calls,
        "edits": edits,
        "live_s": {kind: round(max(took), 2) for kind, took in live.items() if took},
        "gaps_ms": {
            "without": _worst(listeners, began, editing),
            "editing": _worst(listeners, editing, ended),
        },
        "questions": sum(listener.asked for listener in listeners),
        "lost": sum(listener.lost for listener in listeners),
    }


@contextlib.asynccontextmanager
async def _calling(url: str, calls: int) -> AsyncIterator[Sequence[Listener]]:
    """So many callers until the block is left; `lost` tells of the time before."""
    questions = [question.replace("|", "") for question in QUESTIONS[:_ASKED]]
    async with contextlib.AsyncExitStack() as stack, asyncio.TaskGroup() as group:
        listeners, tasks = [], []
        for number in range(calls):
            socket = await stack.enter_async_context(connect(url, compression=None, proxy=None))
            listener = Listener(socket, islice(cycle(questions), number, None))
            listeners.append(listener)
            tasks += [group.create_task(listener.listen()), group.create_task(listener.live())]
            await asyncio.sleep(_SETTLE / 2 / calls)
        yield listeners
        for task in tasks:
            task.cancel()


async def _edit(root: Path, log: Path, edits: int) -> dict[str, list[float]]:
    """Saves files in turn; how long each took to serve, by kind."""
    took: dict[str, list[float]] = {kind: [] for kind in EDITED}
    for number, (kind, path) in enumerate(islice(cycle(EDITED.items()), edits)):
        known = len(_changes(log))
        text = (root / path).read_text(encoding="utf-8")
        saved = datetime.now().astimezone()
        (root / path).write_text(f"{text}# {number}\n", encoding="utf-8")
        took[kind].append(await _served(log, known, saved))
        await asyncio.sleep(_BETWEEN - 1)
    return took


async def _served(log: Path, known: int, saved: datetime) -> float:
    for _ in range(round(LIVE_WITHIN / 0.1)):
        await asyncio.sleep(0.1)
        if len(changes := _changes(log)) > known:
            return (changes[known] - saved).total_seconds()
    raise VoicebotError("bench.not_live", f"what was saved does not serve; see {log}")


def _changes(log: Path) -> list[datetime]:
    """When new content began to serve."""
    lines = (line for line in log.read_text(encoding="utf-8").splitlines() if CHANGED in line)
    return [datetime.fromisoformat(json.loads(line)["at"]) for line in lines]


def _worst(listeners: Sequence[Listener], since: float, until: float) -> dict[str, float]:
    gaps = [length for listener in listeners for at, length in listener.gaps if since <= at < until]
    return {"most": round(max(gaps, default=0.0) * 1000, 1), "number": len(gaps)}
