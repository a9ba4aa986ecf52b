"""Fixtures of all tests."""

import asyncio
import inspect
from collections.abc import AsyncIterator

import pytest

from tests.virtual_time import assert_no_leaked_tasks


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
