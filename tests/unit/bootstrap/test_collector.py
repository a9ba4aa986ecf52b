"""The collector and the interpreter, while content is loaded."""

import contextlib
import gc
import sys
from collections.abc import Iterator

import pytest

from voicebot.bootstrap.collector import SHORT, Collector


@pytest.fixture(autouse=True)
def as_it_was() -> Iterator[None]:
    thresholds = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*thresholds)


def test_nothing_is_collected_and_threads_yield_while_content_is_loaded() -> None:
    interval, collector = sys.getswitchinterval(), Collector()
    with contextlib.suppress(ValueError), collector.resting():
        assert not gc.isenabled()
        assert sys.getswitchinterval() == pytest.approx(SHORT)
        raise ValueError("broken")
    assert gc.isenabled()
    assert sys.getswitchinterval() == interval
    assert gc.get_freeze_count() > 0


def test_what_loading_left_behind_is_collected_once_nobody_calls() -> None:
    class Left:
        """Something that only the collector finds."""

    collector = Collector()
    collector.settle()
    with collector.resting():
        one, other = Left(), Left()
        one.other, other.one = other, one  # type: ignore[attr-defined]
        del one, other
    assert sum(isinstance(each, Left) for each in gc.get_objects()) == 0, "set aside, not looked at"
    collections: list[str] = []
    gc.callbacks.append(lambda phase, info: collections.append(phase))
    try:
        collector.settle()
        done = len(collections)
        collector.settle()
    finally:
        gc.callbacks.pop()
    assert done > 0
    assert len(collections) == done, "nothing is owed any more"
    gc.unfreeze()
    assert sum(isinstance(each, Left) for each in gc.get_objects()) == 0
