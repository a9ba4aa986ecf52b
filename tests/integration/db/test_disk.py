"""Files that cannot be written, are damaged, or a disk that fills up: a clear word, nothing half done."""
# ruff: noqa: ASYNC221, ASYNC240 - these tests spoil files, on a loop where nothing else runs

import contextlib
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event, func, select

from tests.fakes.clocks import MORNING, HandClock
from tests.fakes.demands import lamp
from voicebot.adapters.db.database import Database
from voicebot.adapters.db.schema import metadata, outbox, ticket, ticket_event, ticket_serial
from voicebot.adapters.db.tickets import SqlTicketStore
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import CallId
from voicebot.operations.ticket_desk import TicketDesk

pytestmark = pytest.mark.integration

ROOM = 30
"""Pages that are left in a file that is to become full."""


class PageLimit:
    """Keeps every SQLite connection made from now on to a number of pages."""

    def __init__(self) -> None:
        self.pages = 1_000_000

    def __call__(self, connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA max_page_count={self.pages}")
        cursor.close()


@pytest.fixture
def limit() -> Iterator[PageLimit]:
    made = PageLimit()
    event.listen(Engine, "connect", made)
    yield made
    event.remove(Engine, "connect", made)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 1 MB."""
    where = tmp_path / "small"
    where.mkdir()
    if (
        os.geteuid()
        or subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", where], check=False, capture_output=True
        ).returncode
    ):
        pytest.skip("mounting a small tmpfs needs root")
    yield where
    subprocess.run(["umount", where], check=True)


async def file_until_full(database: Database, most: int = 3000) -> list[str]:
    """Numbers given out until the store said `db.full`."""
    desk = TicketDesk(SqlTicketStore(database), HandClock())
    given: list[str] = []

    async def file_all() -> None:
        for n in range(most):
            matter = lamp(call_id=CallId(f"c{n}"), phone=f"139{n:08d}", content="路灯坏了" * 60)
            given.append((await desk.file(matter)).ticket_no)

    with pytest.raises(VoicebotError) as full:
        await file_all()
    assert full.value.code == "db.full"
    assert full.value.retryable
    assert database.place in full.value.message
    return given


async def assert_nothing_half_done(database: Database, given: list[str]) -> None:
    async with database.read() as connection:
        stored = (await connection.execute(select(ticket.c.ticket_no).order_by(ticket.c.ticket_no))).scalars()
        assert list(stored) == given
        for table in (ticket_event, outbox):
            count = await connection.execute(select(func.count()).select_from(table))
            assert count.scalar_one() == len(given)
        assert (await connection.execute(select(ticket_serial.c.last))).scalar_one() == len(given)


async def test_a_full_file(tmp_path: Path, limit: PageLimit) -> None:
    path = tmp_path / "hotline.sqlite3"
    await (await Database.open(path)).close()
    with contextlib.closing(sqlite3.connect(path)) as empty:
        limit.pages = empty.execute("PRAGMA page_count").fetchone()[0] + ROOM
    database = await Database.open(path)
    given = await file_until_full(database)
    assert given
    await assert_nothing_half_done(database, given)
    await database.close()

    limit.pages = 1_000_000
    database = await Database.open(path)
    receipt = await TicketDesk(SqlTicketStore(database), HandClock()).file(lamp())
    assert int(receipt.ticket_no[8:]) == len(given) + 1
    await database.close()


async def test_a_full_disk(small_disk: Path) -> None:
    database = await Database.open(small_disk / "hotline.sqlite3")
    given = await file_until_full(database)
    assert given
    await assert_nothing_half_done(database, given)
    await database.close()


async def test_no_room_even_to_begin(small_disk: Path) -> None:
    with pytest.raises(OSError, match="No space"):
        (small_disk / "ballast").write_bytes(bytes(2 << 20))
    with pytest.raises(VoicebotError, match=r"db\.(full|unwritable)") as refused:
        await Database.open(small_disk / "hotline.sqlite3")
    assert str(small_disk) in refused.value.message


@pytest.fixture
async def used(tmp_path: Path) -> Path:
    """A closed database with a ticket in it."""
    path = tmp_path / "hotline.sqlite3"
    database = await Database.open(path)
    await TicketDesk(SqlTicketStore(database), HandClock()).file(lamp())
    await database.close()
    return path


async def opening(path: Path) -> VoicebotError:
    with pytest.raises(VoicebotError) as refused:
        await Database.open(path)
    return refused.value


async def test_garbage_instead_of_a_database(used: Path) -> None:
    used.write_bytes(b"certainly no database\n" * 1000)
    error = await opening(used)
    assert error.code == "db.damaged"
    assert str(used) in error.message
    assert "备份" in error.message


async def test_a_damaged_page(used: Path) -> None:
    whole = used.read_bytes()
    used.write_bytes(whole[:4096] + os.urandom(len(whole) - 4096))
    assert (await opening(used)).code == "db.damaged"


async def test_a_directory_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "hotline.sqlite3").mkdir()
    assert (await opening(tmp_path / "hotline.sqlite3")).code in {"db.unwritable", "db.key_missing"}


async def test_a_file_where_the_directory_should_be(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("no directory")
    error = await opening(tmp_path / "data" / "hotline.sqlite3")
    assert error.code == "db.unwritable"
    assert "data" in error.message


async def test_a_read_only_directory(used: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    used.chmod(0o400)
    used.parent.chmod(0o500)
    try:
        assert (await opening(used)).code == "db.unwritable"
    finally:
        used.parent.chmod(0o700)


async def test_a_read_only_disk(small_disk: Path) -> None:
    path = small_disk / "hotline.sqlite3"
    await (await Database.open(path)).close()
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    error = await opening(path)
    assert error.code == "db.unwritable"
    assert str(path) in error.message


async def test_the_key_file_is_private_and_made_once(used: Path) -> None:
    key = used.with_name("hotline.key")
    before = key.read_bytes()
    assert key.stat().st_mode & 0o777 == 0o600
    assert used.stat().st_mode & 0o777 == 0o600
    await (await Database.open(used)).close()
    assert key.read_bytes() == before


async def test_a_lost_or_spoilt_key_file_is_never_replaced(used: Path) -> None:
    key = used.with_name("hotline.key")
    kept = key.read_bytes()
    key.unlink()
    assert (await opening(used)).code == "db.key_missing"
    assert not key.exists()
    for spoilt in (b"", b"seal x\n", kept[:50], b"\xff\xfe", b"search !!\nseal ??\n"):
        key.write_bytes(spoilt)
        assert (await opening(used)).code == "db.key_damaged"
    key.write_bytes(kept)
    await (await Database.open(used)).close()


async def test_another_databases_key(used: Path, tmp_path: Path) -> None:
    other = tmp_path / "other" / "hotline.sqlite3"
    await (await Database.open(other)).close()
    shutil.copy(other.with_name("hotline.key"), used.with_name("hotline.key"))
    database = await Database.open(used)
    store = SqlTicketStore(database)
    async with database.read() as connection:
        number = (await connection.execute(select(ticket.c.ticket_no))).scalar_one()
    with pytest.raises(VoicebotError, match=r"db\.key_wrong"):
        await store.contact(number)
    await database.close()


async def test_no_number_or_name_is_readable_in_the_file(used: Path) -> None:
    content = used.read_bytes() + used.with_name("hotline.key").read_bytes()
    for secret in ("13800008000", "王小明"):
        assert secret.encode() not in content
    assert "路灯不亮".encode() in content


def test_all_moments_have_zones() -> None:
    with pytest.raises(ValueError, match="time zone"):
        metadata.tables["outbox"].c.at.type.process_bind_param(MORNING.replace(tzinfo=None), None)  # type: ignore[attr-defined]
