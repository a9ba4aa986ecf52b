"""Opening, migrating, reading while writing, backup, purge, the commands."""
# ruff: noqa: ASYNC240 - nothing else runs on these loops

import asyncio
import sqlite3
import tempfile
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from click.testing import CliRunner
from sqlalchemy import Connection, func, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.schema import CreateTable

from tests.fakes.clocks import MORNING, HandClock
from tests.fakes.demands import PHONE, lamp
from tests.virtual_time import on_virtual_time
from voicebot.adapters.db import dialect, upgrade
from voicebot.adapters.db.accounts import SqlAccounts
from voicebot.adapters.db.calls import SqlCalls, SqlJournal
from voicebot.adapters.db.content import SqlContentStore
from voicebot.adapters.db.database import Database
from voicebot.adapters.db.keeping import backup, purge
from voicebot.adapters.db.outbox import Outbox
from voicebot.adapters.db.schema import metadata, ticket
from voicebot.adapters.db.tickets import SqlTicketStore
from voicebot.adapters.db.vault import make_key_file
from voicebot.calls.ports import LineInfo
from voicebot.cli import main
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import CallId
from voicebot.operations.ports import Role
from voicebot.operations.ticket_desk import TicketDesk

pytestmark = pytest.mark.integration


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "hotline.sqlite3"


@pytest.fixture
async def database(path: Path) -> AsyncIterator[Database]:
    made = await Database.open(path)
    yield made
    await made.close()


async def test_migrations_make_the_tables_the_code_uses(database: Database) -> None:
    def differences(connection: Connection) -> list[object]:
        def ours(name: str | None, kind: str, _: object) -> bool:  # full text is of a kind of its own
            return not (kind == "table" and name is not None and name.startswith("ticket_text"))

        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_name": ours})
        return list(compare_metadata(context, metadata))

    async with database.read() as connection:
        assert await connection.run_sync(differences) == []


def test_the_newest_revision_is_the_one_the_code_knows() -> None:
    config = Config()
    config.set_main_option("script_location", str(upgrade.SCRIPTS))
    assert ScriptDirectory.from_config(config).get_current_head() == upgrade.HEAD


async def test_data_of_the_first_release_opens(path: Path) -> None:
    """Written by the tables of revision 0001, read by the code of today."""
    path.parent.mkdir()
    engine = create_async_engine(dialect.url_of(path))
    dialect.prepare(engine.sync_engine)

    def first_release(connection: Connection) -> None:
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", str(upgrade.SCRIPTS))
        command.upgrade(config, "0001")

    async with engine.execution_options(write=True).begin() as connection:
        await connection.run_sync(first_release)
        await connection.exec_driver_sql(
            "INSERT INTO call (id, caller_hash, caller_mask, dialled, channel, flow, started_at, ended_at,"
            " reason, state) VALUES ('old', '', '138****8000', '12345', 'phone', 'main',"
            " '2026-10-01 01:30:00.000000', '2026-10-01 01:31:00.000000', 'caller', 'ended')"
        )
        await connection.exec_driver_sql(
            "INSERT INTO call_turn VALUES ('old', 1, '路灯', 1.0, 'vosk', '', 'ticket', 'ask', NULL, NULL,"
            " '在什么地方？', '在什么地方？', 0.0, 1.0, 1.5, 0, '[]')"
        )
    await engine.dispose()
    make_key_file(path.parent / "hotline.key")
    database = await Database.open(path)
    view = await SqlCalls(database, HandClock()).call(CallId("old"))
    assert view is not None
    assert (view.caller, view.turns[0].said) == ("138****8000", "路灯")
    assert (await SqlContentStore(database, HandClock()).live()).revision == 0
    await database.close()


def test_tables_are_postgresql_clean() -> None:
    for table in metadata.sorted_tables:
        assert "CREATE TABLE" in str(CreateTable(table).compile(dialect=postgresql.dialect()))  # type: ignore[no-untyped-call]


async def test_an_upgrade_happens_wholly_or_not_at_all(tmp_path: Path) -> None:
    engine = create_async_engine(dialect.url_of(tmp_path / "x.sqlite3"))
    dialect.prepare(engine.sync_engine)

    async def die_on_the_way() -> None:
        async with engine.execution_options(write=True).begin() as connection:
            await connection.run_sync(upgrade.to_head, "x")
            assert await connection.run_sync(upgrade.revision) == upgrade.HEAD
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await die_on_the_way()
    async with engine.connect() as connection:
        tables = await connection.exec_driver_sql(
            "SELECT name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'"
        )
        assert tables.all() == []
    await engine.dispose()


@on_virtual_time
async def test_on_the_loop_of_voicebot_chat() -> None:
    """Virtual time stands still while the database works, so no time-out of a call fires."""
    with tempfile.TemporaryDirectory() as directory:
        database = await Database.open(Path(directory) / "hotline.sqlite3")
        before = asyncio.get_running_loop().time()
        async with asyncio.timeout(0.001):
            receipt = await TicketDesk(SqlTicketStore(database), HandClock()).file(lamp())
        assert asyncio.get_running_loop().time() == before
        assert receipt.ticket_no == "20261124000001"
        await database.close()


async def test_a_database_of_a_later_release_is_left_alone(path: Path) -> None:
    await (await Database.open(path)).close()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(VoicebotError, match=r"db\.newer.*9999"):
        await Database.open(path)


async def test_a_path_may_hold_any_character(tmp_path: Path) -> None:
    odd = tmp_path / "数据 ?#%41&=" / "hot line.sqlite3"
    await (await Database.open(odd)).close()
    assert odd.is_file()
    await backup(odd, tmp_path / "copy.sqlite3")


async def test_a_server_needs_a_key_file() -> None:
    with pytest.raises(VoicebotError, match=r"db\.key_missing"):
        await Database.open("postgresql+asyncpg://127.0.0.1:9/hotline")


async def test_one_file_opened_twice_in_one_process(path: Path) -> None:
    first, second = await asyncio.gather(Database.open(path), Database.open(path))
    desks = [TicketDesk(SqlTicketStore(database), HandClock()) for database in (first, second)]
    matters = [lamp(call_id=CallId(f"c{n}"), phone=f"138{n:08d}") for n in range(20)]
    receipts = await asyncio.gather(*(desks[n % 2].file(matter) for n, matter in enumerate(matters)))
    assert len({receipt.ticket_no for receipt in receipts}) == 20
    await first.close()
    await second.close()


async def test_errors_hold_no_personal_data(database: Database) -> None:
    async def twice() -> None:
        for _ in range(2):
            await SqlJournal(database, HandClock()).opened(
                LineInfo(CallId("once"), PHONE, PHONE, "phone", 8000), "main"
            )

    with pytest.raises(VoicebotError) as failed:
        await twice()
    assert failed.value.code == "db.failed"
    assert PHONE not in f"{failed.value} {failed.value.__cause__}"


async def test_readers_do_not_wait_for_a_writer(database: Database) -> None:
    async with database.write() as writing, asyncio.timeout(5):
        await writing.exec_driver_sql("INSERT INTO ticket_serial VALUES ('2026-11-24', 1)")
        async with database.read() as reading:
            count = await reading.execute(select(func.count()).select_from(metadata.tables["ticket_serial"]))
            assert count.scalar_one() == 0


async def test_a_cancelled_writer_leaves_nothing_and_frees_the_next(database: Database) -> None:
    inside = asyncio.Event()

    async def write() -> None:
        async with database.write() as connection:
            await connection.exec_driver_sql("INSERT INTO ticket_serial VALUES ('2026-11-24', 7)")
            inside.set()
            await asyncio.Event().wait()

    writing = asyncio.create_task(write())
    await inside.wait()
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    async with asyncio.timeout(5):
        receipt = await TicketDesk(SqlTicketStore(database), HandClock()).file(lamp())
    assert receipt.ticket_no.endswith("000001")


async def test_backup_of_a_living_database(database: Database, path: Path, tmp_path: Path) -> None:
    desk = TicketDesk(SqlTicketStore(database), HandClock())
    await desk.file(lamp())
    copy = tmp_path / "copy.sqlite3"
    await backup(path, copy)
    await desk.file(lamp(call_id=CallId("later")))
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("SELECT count(*) FROM ticket").fetchone() == (1,)
    assert not list(tmp_path.glob("*.part"))


async def test_a_backup_that_fails_leaves_the_old_one(tmp_path: Path) -> None:
    copy = tmp_path / "copy.sqlite3"
    copy.write_bytes(b"old")
    with pytest.raises(VoicebotError, match=r"db\.missing"):
        await backup(tmp_path / "none.sqlite3", copy)
    (tmp_path / "bad.sqlite3").write_bytes(b"no database" * 1000)
    with pytest.raises(VoicebotError, match=r"db\.backup_failed"):
        await backup(tmp_path / "bad.sqlite3", copy)
    assert copy.read_bytes() == b"old"
    assert not list(tmp_path.glob("*.part"))


async def test_purge(database: Database) -> None:
    clock = HandClock()
    journal = SqlJournal(database, clock)
    for name in ("old", "kept"):
        await journal.opened(LineInfo(CallId(name), PHONE, "12345", "phone", 8000), "main")
        await journal.closed(CallId(name), "us", "end", f"recordings/{name}.wav")
        clock.pass_(timedelta(days=200))
    await journal.opened(LineInfo(CallId("running"), PHONE, "12345", "phone", 8000), "main")
    receipt = await TicketDesk(SqlTicketStore(database), clock).file(lamp())
    accounts = SqlAccounts(database, clock)
    await accounts.create("admin", "云江12345!", Role.ADMIN)
    await accounts.sign_in("admin", "云江12345!")
    clock.pass_(timedelta(days=1))
    done = await purge(database, MORNING + timedelta(days=100), clock.now())
    assert (done.calls, done.turns, done.events, done.sessions) == (1, 0, 0, 1)
    assert done.recordings == ("recordings/old.wav",)
    left = {view.call_id for view in await SqlCalls(database, clock).calls(10)}
    assert left == {"kept", "running"}
    async with database.read() as connection:
        assert (await connection.execute(select(ticket.c.ticket_no))).scalars().all() == [receipt.ticket_no]


async def test_purge_keeps_events_nobody_has_had(database: Database) -> None:
    await TicketDesk(SqlTicketStore(database), HandClock()).file(lamp())
    far = MORNING + timedelta(days=3650)
    assert (await purge(database, far, far)).events == 0
    box = Outbox(database)
    await box.mark_published([row.id for row in await box.pending(10)])
    assert (await purge(database, far, far)).events == 1


def run(*arguments: str, password: str = "long enough") -> tuple[int, str]:
    result = CliRunner().invoke(main, list(arguments), env={"VOICEBOT_PASSWORD": password})
    return result.exit_code, result.output


def test_the_commands(path: Path, tmp_path: Path) -> None:
    data = ("--data", str(path.parent))
    code, said = run("db", "upgrade", *data)
    assert (code, upgrade.HEAD in said) == (0, True)
    assert run("account", "add", *data, "li", "--role", "handler")[0] == 0
    assert run("account", "list", *data) == (0, "li\thandler\n")
    code, token = run("account", "token", *data, "li")
    assert (code, token.startswith("vb_")) == (0, True)
    copy = tmp_path / "copy.sqlite3"
    assert run("db", "backup", *data, str(copy))[0] == 0
    assert copy.stat().st_size > 0
    code, said = run("db", "purge", *data, "--before", "2026-01-01")
    assert (code, "通话 0" in said) == (0, True)


def test_the_purge_command_deletes_recordings_inside_the_data_directory_only(path: Path) -> None:
    async def prepare() -> None:
        database = await Database.open(path)
        journal = SqlJournal(database, HandClock())
        for name, recording in (
            ("a", "recordings/a.wav"),
            ("b", "../outside.wav"),
            ("c", "recordings/gone.wav"),
        ):
            await journal.opened(LineInfo(CallId(name), "", "12345", "phone", 8000), "main")
            await journal.closed(CallId(name), "us", "end", recording)
        await database.close()

    asyncio.run(prepare())
    (path.parent / "recordings").mkdir()
    inside, outside = path.parent / "recordings" / "a.wav", path.parent.parent / "outside.wav"
    for file in (inside, outside):
        file.write_bytes(b"RIFF")
    code, said = run("db", "purge", "--data", str(path.parent), "--before", "2030-01-01")
    assert (code, "通话 3" in said, "录音文件 1" in said) == (0, True, True)
    assert not inside.exists()
    assert outside.exists()


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("account", "token", "nobody"), "account.unknown"),
        (("db", "backup", "copy.sqlite3"), "db.missing"),
    ],
)
def test_a_command_that_fails_says_why(tmp_path: Path, arguments: tuple[str, ...], code: str) -> None:
    exit_code, said = run(*arguments[:2], "--data", str(tmp_path / "data"), *arguments[2:])
    assert exit_code == 1
    assert code in said
    assert "Traceback" not in said


def test_short_passwords_are_refused(path: Path) -> None:
    code, said = run("account", "add", "--data", str(path.parent), "li", "--role", "admin", password="short")
    assert (code, "至少 8" in said) == (1, True)
