"""When a worker is old."""

from voicebot.adapters.supervisor.workers import resident, worn


def test_by_work_or_by_size_whichever_is_more() -> None:
    assert worn({"decoded": 500}, 0, 1_000, 1_000) == 0.5
    assert worn({"decoded": 500}, 1_500, 1_000, 1_000) == 1.5
    assert worn({"decoded": 10**9}, 10**9, 0, 0) == 0
    assert worn({}, 0, 1_000, 1_000) == 0


def test_a_process_that_is_gone_has_no_size() -> None:
    assert resident(2**22 + 1) == 0
