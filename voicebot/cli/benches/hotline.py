"""A hotline to measure: the one that runs on the data directory, or one started for the time."""

import asyncio
import os
import socket
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from voicebot.core.errors import VoicebotError
from voicebot.settings import Settings, load_settings

READY_WITHIN = 120.0


@asynccontextmanager
async def own_hotline(models: Path, log: Path, **env: str) -> AsyncIterator[Settings]:
    """Runs `voicebot serve` on free loopback ports with fresh data; its settings.

    Args:
        models: installed models, shared.
        log: file for its output.

    Raises:
        VoicebotError: ``bench.not_ready``: names the log.
    """
    with tempfile.TemporaryDirectory(prefix="voicebot-bench-") as folder:
        data = Path(folder)
        (data / "models").symlink_to(models.absolute())  # noqa: ASYNC240 - before anything runs
        sip, http, line = (_free_port() for _ in range(3))
        env = {
            "VOICEBOT_DATA": folder,
            "VOICEBOT_SIP__LISTEN": f"127.0.0.1:{sip}",
            "VOICEBOT_HTTP__HOST": "127.0.0.1",
            "VOICEBOT_HTTP__PORT": str(http),
            "VOICEBOT_HTTP__HTTPS_PORT": "0",
            "VOICEBOT_HTTP__LINE_PORT": str(line),
            **env,
        }
        with log.open("wb") as output:
            program = (
                sys.executable,
                "-c",
                "from voicebot.cli import main; main()",
                "serve",
                "--data",
                folder,
            )
            process = await asyncio.create_subprocess_exec(
                *program, env={**os.environ, **env}, stdout=output, stderr=output
            )
            try:
                await _ready(f"http://127.0.0.1:{http}/readyz", process, log)
                yield _settings(env)
            finally:
                if process.returncode is None:
                    process.terminate()
                await process.wait()


async def _ready(url: str, process: asyncio.subprocess.Process, log: Path) -> None:
    async with httpx.AsyncClient() as client:
        for _ in range(int(READY_WITHIN / 0.5)):
            try:
                if (await client.get(url)).status_code == httpx.codes.OK:
                    return
            except httpx.HTTPError:
                pass
            if process.returncode is not None:
                break
            await asyncio.sleep(0.5)
    raise VoicebotError("bench.not_ready", f"the hotline did not start; see {log}")


def _settings(env: dict[str, str]) -> Settings:
    before = {name: os.environ.get(name) for name in env}
    os.environ.update(env)
    try:
        return load_settings()
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
