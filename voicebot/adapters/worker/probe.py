"""How a worker is, asked from outside over its own socket."""

import asyncio
import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from voicebot.adapters.worker.frames import Decoder
from voicebot.core.errors import VoicebotError


async def probe(path: Path, timeout: float) -> Mapping[str, Any] | None:
    """What the worker at `path` says of itself when somebody connects: its status and ``pid``.

    None when there is no worker, or it does not say so within `timeout` seconds: a stopped or hung
    process still lets one connect, but it greets nobody.
    """
    with contextlib.suppress(OSError, TimeoutError, VoicebotError):
        async with asyncio.timeout(timeout):
            reader, writer = await asyncio.open_unix_connection(str(path))
            try:
                return await _greeting(reader)
            finally:
                writer.close()
    return None


async def _greeting(reader: asyncio.StreamReader) -> Mapping[str, Any] | None:
    decoder, said = Decoder(), dict[str, Any]()
    while data := await reader.read(65536):
        for frame in decoder.feed(data):
            said |= frame.header
        if "pid" in said:
            return said
    return None
