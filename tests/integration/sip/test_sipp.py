"""SIPp as the far end: registration with digest, and 200 short calls."""

import asyncio
import json
import re
import sys
from pathlib import Path

import pytest

from tests.contract.test_line import tone
from tests.integration.sip.conftest import open_desk, wait_for
from tests.peers.ports import free_port
from tests.peers.sipp import needs_sipp, registrar, run_sipp, short_call
from voicebot.adapters.sip.g711 import encode

pytestmark = [pytest.mark.integration, needs_sipp]

CALLS, RATE = 200, 20


async def test_register_with_digest(tmp_path: Path) -> None:
    port = free_port()
    serving = asyncio.create_task(
        run_sipp(registrar("12345", "secret words"), tmp_path, "-p", str(port), "-m", "1", seconds=20)
    )
    async with open_desk(registrar=f"127.0.0.1:{port}", password="secret words") as desk:
        await wait_for(lambda: desk.trunk.registered, 10)
    result = await serving
    assert result.code == 0, result.output


async def test_a_wrong_password_is_no_reason_not_to_serve(tmp_path: Path) -> None:
    port = free_port()
    serving = asyncio.create_task(
        run_sipp(registrar("12345", "right"), tmp_path, "-p", str(port), "-m", "1", seconds=20)
    )
    async with open_desk(registrar=f"127.0.0.1:{port}", password="wrong") as desk:
        await serving
        await asyncio.sleep(0.2)
        assert not desk.trunk.registered
        assert desk.trunk.alive


async def test_200_short_calls(tmp_path: Path) -> None:
    """All answered within a second, none left open, no growth from call 100 to call 200."""
    sound = tmp_path / "sound.al"
    sound.write_bytes(encode(tone(1.0, 8000), "pcma"))
    listen = f"127.0.0.1:{free_port()}"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.integration.sip.echo_trunk", listen, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        assert json.loads(await process.stdout.readline())["listen"] == listen
        running = asyncio.create_task(
            run_sipp(
                short_call(sound, 600), tmp_path, listen, "-s", "12345", "-m", str(CALLS), "-r", str(RATE)
            )
        )
        ended: list[dict[str, int]] = []
        async with asyncio.timeout(60):
            while len(ended) < CALLS:
                ended.append(json.loads(await process.stdout.readline()))
        result = await running
        assert result.code == 0, result.output
        assert re.search(rf"Successful call\s*\|\s*\d+\s*\|\s*{CALLS}\b", result.output), result.output
        assert ended[-1]["open"] == 0
        growth = ended[CALLS - 1]["rss"] - ended[CALLS // 2 - 1]["rss"]
        print(f"RSS grew by {growth / 1e6:.2f} MB from call {CALLS // 2} to {CALLS}")  # noqa: T201
        assert growth <= 3e6
    finally:
        process.terminate()
        await process.wait()
    assert process.returncode == 0
