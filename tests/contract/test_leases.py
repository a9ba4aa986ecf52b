"""What every book of leases does: the dict fake of our tests, and the database on SQLite and PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.contract.postgresql import emptied_postgresql
from tests.fakes.clocks import MORNING
from tests.fakes.due_clocks import DictLeases
from voicebot.adapters.db.database import Database
from voicebot.adapters.db.leases import SqlLeases
from voicebot.operations.leases import Lease, Leases


@pytest.fixture(
    params=[
        "dict",
        pytest.param("sqlite", marks=pytest.mark.integration),
        pytest.param("postgresql", marks=pytest.mark.integration),
    ]
)
async def leases(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Leases]:
    if request.param == "dict":
        yield DictLeases()
        return
    if request.param == "postgresql":
        database = await emptied_postgresql(tmp_path)
    else:
        database = await Database.open(tmp_path / "hotline.sqlite3")
    yield SqlLeases(database)
    await database.close()


async def test_nobody_ever_ran_anything(leases: Leases) -> None:
    assert await leases.all() == {}
    assert await leases.beat("a") == frozenset()
    await leases.release("a")
    await leases.ran("sweep", "a", MORNING, 0, "")
    assert await leases.all() == {}


async def test_one_takes_it_and_the_other_does_not(leases: Leases) -> None:
    taken = await asyncio.gather(*(leases.take("sweep", owner, None) for owner in "abcdef"))
    assert sum(taken) == 1
    owner = "abcdef"[taken.index(True)]
    assert (await leases.all())["sweep"] == Lease(owner, 1)


async def test_a_holder_that_lives_is_not_robbed(leases: Leases) -> None:
    await leases.take("sweep", "a", None)
    seen = (await leases.all())["sweep"]
    assert await leases.beat("a") == {"sweep"}
    assert not await leases.take("sweep", "b", seen)
    assert not await leases.take("sweep", "b", None)
    seen = (await leases.all())["sweep"]
    assert await leases.take("sweep", "b", seen)
    assert not await leases.take("sweep", "c", seen)
    assert await leases.beat("a") == frozenset()
    assert (await leases.all())["sweep"].owner == "b"


async def test_runs_are_noted_by_the_holder_only_and_survive_a_change_of_hands(leases: Leases) -> None:
    await leases.take("sweep", "a", None)
    await leases.ran("sweep", "a", MORNING, 2, "db.busy: 正忙")
    await leases.ran("sweep", "b", MORNING, 0, "")
    noted = (await leases.all())["sweep"]
    assert (noted.ran_at, noted.failures, noted.trouble) == (MORNING, 2, "db.busy: 正忙")
    assert await leases.take("sweep", "b", noted)
    after = (await leases.all())["sweep"]
    assert (after.ran_at, after.failures) == (MORNING, 2)


async def test_what_is_given_back_is_free_at_once(leases: Leases) -> None:
    for name in ("one", "two"):
        await leases.take(name, "a", None)
    await leases.take("three", "b", None)
    await leases.release("a")
    assert {name: lease.owner for name, lease in (await leases.all()).items()} == {
        "one": "",
        "two": "",
        "three": "b",
    }
    assert await leases.take("one", "b", (await leases.all())["one"])
    assert await leases.beat("b") == {"one", "three"}
