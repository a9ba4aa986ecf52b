"""Fixtures of all tests."""

import asyncio
import inspect
import logging
from collections.abc import AsyncIterator, Iterator

import pytest
import structlog

from tests.virtual_time import assert_no_leaked_tasks


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    """Commands under test set up logging for their whole process; the next test must not see it."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    if root.handlers == handlers and root.level == level:
        return
    for handler in set(root.handlers) - set(handlers):
        root.removeHandler(handler)
        handler.close()
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(False)
    structlog.reset_defaults()


@pytest.fixture(autouse=True)
def no_leaked_tasks(request: pytest.FixtureRequest) -> None:
    """Every async test must end its tasks (tests on virtual time check this themselves)."""
    function = getattr(request.node, "obj", None)
    if inspect.iscoroutinefunction(function):
        request.getfixturevalue("_no_leaked_tasks_on_the_loop")


@pytest.fixture
async def _no_leaked_tasks_on_the_loop() -> AsyncIterator[None]:
    known = frozenset(asyncio.all_tasks())
    yield
    await assert_no_leaked_tasks(known)
