"""One running hotline serves the whole folder; its last words go with every failure."""

from collections.abc import Generator
from typing import Any

import pytest

from tests.peers.hotline import Hotline, running_hotline

__all__ = ["running_hotline"]

TAIL = 6000
"""Characters of the log that are shown."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    arguments: dict[str, Any] = getattr(item, "funcargs", {})
    if report.failed:
        for value in arguments.values():
            if isinstance(value, Hotline):
                report.sections.append(("voicebot serve", value.log()[-TAIL:]))
    return report
