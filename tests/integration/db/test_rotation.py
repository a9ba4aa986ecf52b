"""A new key: on both databases, while others write, killed at any moment."""
# ruff: noqa: ASYNC220 - nothing else runs on these loops

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import LargeBinary, select

from tests.contract.postgresql import emptied_postgresql, server_url
from tests.fakes.clocks import HandClock
from tests.fakes.demands import PHONE, lamp
from voicebot.adapters.db.calls import SqlJournal
from voicebot.adapters.db.database import Database
from voicebot.adapters.db.own_notes import SqlOwnNotes
from voicebot.adapters.db.rotation import count, drop_old, put_first, reseal, sealed_columns
from voicebot.adapters.db.schema import metadata, ticket
from voicebot.adapters.db.tickets import SqlTicketStore
from voicebot.adapters.db.vault import FROM_ENVIRONMENT, make_key_file, read_keys
from voicebot.calls.ports import LineInfo
from voicebot.cli import main
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import CallId, TicketNo
from voicebot.operations.ticket_desk import TicketDesk
from voicebot.tickets.ticket import Contact

pytestmark = pytest.mark.integration
ROTATOR = Path(__file__).parent / "key_rotator.py"


@pytest.fixture(params=["sqlite", "postgresql"])
async def kept(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[tuple[Database, str, Path]]:
    if request.param == "postgresql":
        where, database = server_url(), await emptied_postgresql(tmp_path)
    else:
        where = str(tmp_path / "hotline.sqlite3")
        database = await Database.open(where)
    yield database, where, tmp_path / "hotline.key"
    await database.close()


async def fill(database: Database, tickets: int) -> list[TicketNo]:
    clock = HandClock()
    journal = SqlJournal(database, clock)
    await journal.opened(LineInfo(CallId("c1"), PHONE, "12345", "phone", 8000), "main")
    await SqlOwnNotes(database, clock).put("li", "draft.1", {"text": "草稿"})
    desk = TicketDesk(SqlTicketStore(database), clock)
    made = []
    for n in range(tickets):
        content = f"路灯{n}坏了，打我另一个电话13911112222"
        made.append((await desk.file(lamp(call_id=None, phone=f"1380000{n:04d}", content=content))).ticket_no)
    return made


async def read(database: Database, made: list[TicketNo]) -> None:
    store = SqlTicketStore(database)
    for n, no in enumerate(made):
        phone = f"1380000{n:04d}"
        assert await store.contact(no) == Contact("王小明", phone, "")
        assert await store.hidden(no) == ("13911112222",)
        assert [each.ticket_no for each in await store.of_caller(phone)] == [no]  # hashes are the same


async def phones(database: Database) -> tuple[int, int]:
    """How many are sealed with the new key, and how many with the old."""
    found = {each.column: each for each in await count(database)}["ticket.phone_enc"]
    return found.current, found.left


def test_every_sealed_column_is_known() -> None:
    binary = {c for table in metadata.sorted_tables for c in table.columns if isinstance(c.type, LargeBinary)}
    assert set(sealed_columns()) == binary


async def test_a_new_key_while_the_old_process_goes_on(kept: tuple[Database, str, Path]) -> None:
    database, where, keys = kept
    made = await fill(database, 25)
    other = await Database.open(where, keys)
    first, fresh = await put_first(keys)
    assert fresh
    assert await put_first(keys) == (first, False)
    with pytest.raises(VoicebotError, match=r"db\.key_needed"):
        await drop_old(other, keys, settle=0)
    found = {each.column: each for each in await reseal(other, batch=7)}
    assert found["ticket.phone_enc"].done == found["ticket_event.hidden_enc"].done == 25
    assert found["call.caller_enc"].done == found["own_note.body_enc"].done == 1
    assert all(not each.left for each in await count(other))
    await read(database, made)  # has followed the file, without a restart
    await TicketDesk(SqlTicketStore(database), HandClock()).file(lamp(call_id=None, phone="13700000000"))
    with pytest.raises(VoicebotError, match=r"db\.key_needed"):
        await drop_old(other, keys)  # too soon: somebody may just be committing
    assert len(await drop_old(other, keys, settle=0)) == 1
    assert len(read_keys(keys)[1]) == 1
    await read(database, made)
    await other.close()
    again = await Database.open(where, keys)
    await read(again, made)
    await again.close()


async def test_tickets_filed_meanwhile_are_not_lost(kept: tuple[Database, str, Path]) -> None:
    database, where, keys = kept
    made = await fill(database, 30)
    desk, store = TicketDesk(SqlTicketStore(database), HandClock()), SqlTicketStore(database)
    other = await Database.open(where, keys)

    async def file() -> list[TicketNo]:
        return [(await desk.file(lamp(call_id=None, phone=f"1360000{n:04d}"))).ticket_no for n in range(20)]

    await put_first(keys)
    filed, _ = await asyncio.gather(file(), reseal(other, batch=3))
    assert all(not each.left for each in await count(other))
    await drop_old(other, keys, settle=0)
    await read(database, made)
    for n, no in enumerate(filed):
        assert await store.contact(no) == Contact("王小明", f"1360000{n:04d}", "")
    await other.close()


async def test_killed_again_and_again_it_ends_where_it_should(kept: tuple[Database, str, Path]) -> None:
    database, where, keys = kept
    made = await fill(database, 60)
    command = [sys.executable, str(ROTATOR), where, str(keys), "1"]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])}
    prints, halfway = set(), 0
    for aim in (1, 10, 25, 40):
        with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, text=True) as process:
            assert process.stdout is not None
            prints.add(process.stdout.readline())  # the key is in
            while process.poll() is None and (await phones(database))[0] < aim:
                pass
            process.send_signal(signal.SIGKILL)
        assert len(read_keys(keys)[1]) == 2
        done, left = await phones(database)
        halfway += bool(done and left)
        await read(database, made)
    assert halfway
    assert len(prints) == 1  # always the same new key
    await reseal(database)
    assert all(not each.left for each in await count(database))
    await drop_old(database, keys, settle=0)
    await read(database, made)


async def test_a_key_file_that_is_gone_or_broken_changes_nothing(kept: tuple[Database, str, Path]) -> None:
    database, _, keys = kept
    made = await fill(database, 2)
    good = keys.read_bytes()
    for wrong in (b"", b"search x\nseal y\n", b"\xff\xfe"):
        keys.write_bytes(wrong)
        await read(database, made)
    keys.unlink()
    await read(database, made)
    make_key_file(keys)  # of another database
    await read(database, made)
    keys.write_bytes(good)
    await read(database, made)


def test_the_command_and_keys_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def prepare() -> list[TicketNo]:
        database = await Database.open(tmp_path / "hotline.sqlite3")
        made = await fill(database, 3)
        await database.close()
        return made

    made, keys = asyncio.run(prepare()), tmp_path / "hotline.key"
    done = CliRunner().invoke(main, ["db", "rotate-key", "--data", str(tmp_path)])
    assert done.exit_code == 0, done.output
    assert "ticket.phone_enc：原已是新密钥 0，换封 3，剩余 0" in done.output
    soon = CliRunner().invoke(main, ["db", "rotate-key", "--drop-old", "--data", str(tmp_path)])
    assert soon.exit_code == 1
    assert "db.key_needed" in soon.output or "请稍后再试" in soon.output
    os.utime(keys, (time.time() - 100, time.time() - 100))
    assert (
        "已去掉旧密钥"
        in CliRunner().invoke(main, ["db", "rotate-key", "--drop-old", "--data", str(tmp_path)]).output
    )

    monkeypatch.setenv(FROM_ENVIRONMENT, " ".join(keys.read_text().split()))
    keys.unlink()

    async def look() -> None:
        database = await Database.open(tmp_path / "hotline.sqlite3")
        await read(database, made)
        await database.close()

    asyncio.run(look())
    done = CliRunner().invoke(main, ["db", "rotate-key", "--data", str(tmp_path)])
    assert (done.exit_code, "原已是新密钥 3，换封 0" in done.output) == (0, True), done.output


async def test_the_rows_really_change(kept: tuple[Database, str, Path]) -> None:
    database, _, keys = kept
    await fill(database, 1)
    query = select(ticket.c.phone_enc)
    async with database.read() as connection:
        before = (await connection.execute(query)).scalar_one()
    await put_first(keys)
    await reseal(database)
    async with database.read() as connection:
        assert (await connection.execute(query)).scalar_one() != before
