"""Many short calls: all answered, none left open, no growth."""

import re
from pathlib import Path

import pytest

from tests.peers.hotline import Hotline
from tests.peers.sipp import needs_sipp, run_sipp, short_call

pytestmark = [pytest.mark.integration, pytest.mark.soak, pytest.mark.timeout(240), needs_sipp]

HALF, A_SECOND = 100, 5
PAUSE = 1500
"""Milliseconds a caller stays."""
GROWTH = 3.0
"""MB."""


async def test_200_short_calls_at_5_a_second(running_hotline: Hotline, tmp_path: Path) -> None:
    memory = []
    for _ in range(2):
        result = await run_sipp(
            short_call(None, PAUSE),
            tmp_path,
            f"127.0.0.1:{running_hotline.sip_port}",
            *("-s", "12345", "-m", str(HALF), "-r", str(A_SECOND)),
            seconds=90,
        )
        assert result.code == 0, result.output
        assert re.search(rf"Successful call\s*\|\s*\d+\s*\|\s*{HALF}\b", result.output), result.output
        await running_hotline.until_idle()
        memory.append(running_hotline.rss("line"))
    print(f"RSS of the line: {memory[0]:.1f} MB after call {HALF}, {memory[1]:.1f} MB after {2 * HALF}")  # noqa: T201
    assert memory[1] - memory[0] <= GROWTH, memory
    async with running_hotline.api() as api:
        last = (await api.calls())[: 2 * HALF]
    assert len(last) == 2 * HALF
    assert [call for call in last if call["ended"] is None or call["reason"] != "caller"] == []
