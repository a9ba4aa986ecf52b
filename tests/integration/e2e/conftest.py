"""One running hotline serves the whole folder; its last words go with every failure."""

from collections.abc import Generator, Iterator
from typing import Any

import pytest

from tests.peers.hotline import Hotline, no_models, running_hotline

__all__ = ["running_hotline"]

TAIL = 6000
"""Characters of the log that are shown."""


@pytest.fixture(scope="session")
def hotline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hotline]:
    """One that bridges waits as it is shipped."""
    if why := no_models():
        pytest.skip(why)
    with Hotline(tmp_path_factory.mktemp("hotline"), VOICEBOT_CALL__FILLER_AFTER="1.2") as running:
        yield running


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    arguments: dict[str, Any] = getattr(item, "funcargs", {})
    if report.failed:
        for value in arguments.values():
            if isinstance(value, Hotline):
                report.sections.append(("voicebot serve", value.log()[-TAIL:]))
    return report
