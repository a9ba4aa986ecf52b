"""Flows with a mistake: refused with file and line, at the start and while calls run."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.e2e.test_bad_input import good_call
from tests.peers.hotline import ROOT, VOICEBOT, Hotline, eventually

pytestmark = [pytest.mark.integration, pytest.mark.timeout(120)]

GREETING = "请问您要办什么事？\n"
NEW_GREETING = "请问需要办什么事？\n"
MISTAKE = "  greet:\n    kind: nonsense\n"


@pytest.fixture
def main_flow(running_hotline: Hotline) -> Iterator[Path]:
    """As it was, afterwards."""
    path = running_hotline.content / "ivr_flows" / "main.yaml"
    text = read(path)
    yield path
    write(path, text)


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def with_mistake(text: str) -> tuple[str, int]:
    """A step of a kind that does not exist, and its line."""
    before, step, after = text.partition("  greet:\n    kind: ask\n")
    assert step
    return before + MISTAKE + after, before.count("\n") + 2


async def test_a_mistake_while_running_keeps_the_old_flow(running_hotline: Hotline, main_flow: Path) -> None:
    good = read(main_flow)
    wrong, line = with_mistake(good)
    write(main_flow, wrong)
    await eventually(lambda: f"main.yaml:{line}" in running_hotline.log(), 30)
    assert "content.refused" in running_hotline.log()
    await good_call(running_hotline, "13800138021")

    changes = running_hotline.log().count("content.changed")
    write(main_flow, good.replace(GREETING, NEW_GREETING))
    await eventually(lambda: running_hotline.log().count("content.changed") > changes, 30)
    await good_call(running_hotline, "13800138022")
    async with running_hotline.api() as api:
        old, new = await api.ended_call("13800138021"), await api.ended_call("13800138022")
    assert old["turns"][0]["reply"].endswith(GREETING.strip())
    assert new["turns"][0]["reply"].endswith(NEW_GREETING.strip())


def test_a_mistake_at_the_start_is_refused(tmp_path: Path) -> None:
    hotline = Hotline(tmp_path)
    hotline.lay_out()
    path = hotline.content / "ivr_flows" / "main.yaml"
    wrong, line = with_mistake(read(path))
    write(path, wrong)
    done = subprocess.run(
        [*VOICEBOT, "serve"], cwd=ROOT, env=hotline.environment, capture_output=True, text=True, timeout=100
    )
    said = done.stdout + done.stderr
    assert done.returncode == 1, said
    assert f"main.yaml:{line}" in said
    assert "nonsense" in said
    assert "Traceback" not in said
