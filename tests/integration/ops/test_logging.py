"""Logging of a whole process."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.integration

PROGRAM = """
import logging, warnings
import loguru, structlog
from voicebot.adapters.logs import LogOptions, setup_logging

early = structlog.get_logger("early")
setup_logging(LogOptions(format={format!r}, level="INFO"), part="line")
with structlog.contextvars.bound_contextvars(call_id="20261124-093011-7f3a"):
    early.info("call.opened", caller="13800138000")
    logging.getLogger("nats").warning("from %s", "stdlib")
    loguru.logger.error("from {{}}", "loguru")
warnings.warn("from warnings")
logging.getLogger("x").debug("too low")
try:
    1 / 0
except ZeroDivisionError:
    early.exception("broken")
"""


def run(format: str) -> str:
    root = Path(__file__).parents[3]
    program = PROGRAM.format(format=format)
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=root, capture_output=True, timeout=60, check=True
    )
    assert done.stdout == b""
    return done.stderr.decode()


def test_everything_ends_in_json_lines() -> None:
    lines: list[dict[str, Any]] = [json.loads(line) for line in run("json").splitlines()]
    assert [line["event"] for line in lines[:3]] == ["call.opened", "from stdlib", "from loguru"]
    assert [line["level"] for line in lines] == ["info", "warning", "error", "warning", "error"]
    assert {line["part"] for line in lines} == {"line"}
    assert {line.get("call_id") for line in lines[:3]} == {"20261124-093011-7f3a"}
    assert lines[0]["caller"] == "138****8000"
    assert lines[0]["logger"] == "early"
    assert "from warnings" in lines[3]["event"]
    assert "ZeroDivisionError" in lines[4]["exception"]
    assert all(line["at"][10] == "T" for line in lines)


def test_people_read_words() -> None:
    text = run("console")
    assert "call.opened" in text
    assert "13800138000" not in text
    assert "ZeroDivisionError" in text


def test_a_stuck_reader_does_not_stop_the_program() -> None:
    """50,000 lines into a pipe that nobody reads."""
    program = """
import sys, structlog
from voicebot.adapters.logs import LogOptions, setup_logging
setup_logging(LogOptions(format="json"))
log = structlog.get_logger()
for n in range(50_000):
    log.info("line", n=n)
sys.stdout.write("done\\n")
sys.stdout.flush()
"""
    root = Path(__file__).parents[3]
    with subprocess.Popen(
        [sys.executable, "-c", program], cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"done\n"
        _, err = process.communicate(timeout=30)
    assert b"log lines lost" in err


def test_a_failure_is_one_line() -> None:
    program = """
from voicebot.adapters.logs import one_line_failures
from voicebot.core.errors import VoicebotError
with one_line_failures():
    raise VoicebotError("model.missing", "缺少模型")
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, timeout=60)
    assert (done.returncode, done.stderr.decode()) == (1, "[model.missing] 缺少模型\n")
