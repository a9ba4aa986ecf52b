"""Several processes write at once, and die at once: no number without a ticket, no gap, no double."""

import asyncio
import random
from pathlib import Path

import pytest

from tests.contract.postgresql import emptied_postgresql, server_url
from voicebot.cli.benches.tickets_crash import WRITERS, Crowd, Place, gaps, pairs

pytestmark = pytest.mark.integration

EACH = 25
ROUNDS = 5
"""Four of the writers die in each."""


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.soak)])
async def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """On SQLite the writers also make the database, its tables and its key file together."""
    if request.param == "sqlite":
        folder = tmp_path / "new"
        return Place(str(folder / "hotline.sqlite3"), folder / "hotline.key")
    await (await emptied_postgresql(tmp_path)).close()
    return Place(server_url(), tmp_path / "hotline.key")


async def test_eight_processes_start_and_write_together(place: Place) -> None:
    writers = [await place.writer(f"w{n}", 1, EACH) for n in range(WRITERS)]
    outputs = await asyncio.gather(*(process.communicate() for process in writers))
    assert [process.returncode for process in writers] == [0] * WRITERS
    spoken = [number for out, _ in outputs for _, number in pairs(out)]
    assert len(spoken) == WRITERS * EACH
    assert sorted(spoken) == list(await place.stored())
    assert gaps(spoken) == 0
    assert await place.faults() == []


async def test_killed_at_any_moment(place: Place) -> None:
    """`kill -9` of twenty among eight writers: what was spoken is stored, what was not stored took no
    number, and a demand that is filed again after the crash is not stored twice."""
    crowd = Crowd(place)
    await crowd.suffer(ROUNDS, random.Random(12345))

    stored = await place.stored()
    assert {demand: len(numbers) for demand, numbers in crowd.spoken.items() if len(numbers) != 1} == {}
    assert {number: demand for demand, (number,) in crowd.spoken.items()}.items() <= stored.items()
    assert len(set(stored.values())) == len(stored)
    assert gaps(list(stored)) == 0
    assert await place.faults() == []
