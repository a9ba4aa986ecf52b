"""What was kept long enough goes, with proof; what somebody still needs stays. On both databases."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select, update

from tests.contract.postgresql import emptied_postgresql
from tests.fakes.clocks import MORNING, HandClock
from tests.fakes.demands import PHONE, lamp
from voicebot.adapters.db.calls import SqlCalls, SqlJournal
from voicebot.adapters.db.database import Database
from voicebot.adapters.db.purge_proof import broken_at, reports
from voicebot.adapters.db.retention import Retention
from voicebot.adapters.db.schema import call, purge_report, ticket, ticket_access, ticket_event, ticket_key
from voicebot.adapters.db.ticket_access import SqlAccessLog
from voicebot.adapters.db.ticket_lists import SqlTicketLists
from voicebot.adapters.db.tickets import SqlTicketStore
from voicebot.calls.ports import LineInfo
from voicebot.cli import main
from voicebot.core.ids import CallId, TicketNo
from voicebot.operations.retention import KeepOptions, Kept
from voicebot.operations.ticket_access import Access, Looked
from voicebot.operations.ticket_desk import TicketDesk
from voicebot.tickets.given import Given
from voicebot.tickets.lifecycle import rebuild, transition
from voicebot.tickets.listing import Filter
from voicebot.tickets.parts import SupervisionLevel
from voicebot.tickets.state import State
from voicebot.tickets.ticket import Contact, Ticket, TicketAction, TicketEvent

pytestmark = pytest.mark.integration
OTHER = "13911112222"


class Archive:
    def __init__(self, database: Database, folder: Path) -> None:
        self.database, self.folder, self.clock = database, folder, HandClock()
        self.store = SqlTicketStore(database)
        self.journal = SqlJournal(database, self.clock)
        self.calls = SqlCalls(database, self.clock)

    async def called(self, name: str) -> Path:
        """A call that has ended, with a recording."""
        file = self.folder / f"{name}.wav"
        file.write_bytes(b"RIFF")
        await self.journal.opened(LineInfo(CallId(name), PHONE, "12345", "phone", 8000), "main")
        await self.journal.closed(CallId(name), "us", "end", file.name)
        return file

    async def filed(self, name: str, phone: str = PHONE) -> TicketNo:
        demand = lamp(
            call_id=CallId(name), phone=phone, content=f"{name}路灯坏了，另一个电话{OTHER}", address=name
        )
        return (await TicketDesk(self.store, self.clock).file(demand)).ticket_no

    async def cancel(self, no: TicketNo) -> None:
        def step(one: Ticket) -> tuple[Ticket, TicketEvent]:
            return transition(one, TicketAction.CANCEL, "seat:8001", self.clock.now(), "已修好", Given())

        await self.store.change(no, step)

    def retention(self, options: KeepOptions | None = None) -> Retention:
        return Retention(self.database, self.folder, options or KeepOptions())


@pytest.fixture(params=["sqlite", "postgresql"])
async def archive(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Archive]:
    if request.param == "postgresql":
        database = await emptied_postgresql(tmp_path)
    else:
        database = await Database.open(tmp_path / "hotline.sqlite3")
    folder = tmp_path / "recordings"
    folder.mkdir()
    yield Archive(database, folder)
    await database.close()


async def test_recordings_go_first_and_calls_later(archive: Archive) -> None:
    old, secret = await archive.called("old"), archive.folder.parent / "outside.wav"
    secret.write_bytes(b"RIFF")
    archive.clock.pass_(timedelta(days=170))
    young = await archive.called("young")
    await archive.journal.opened(LineInfo(CallId("out"), PHONE, "12345", "phone", 8000), "main")
    await archive.journal.closed(CallId("out"), "us", "end", "../outside.wav")
    now = MORNING + timedelta(days=181)
    (report,) = await archive.retention().run(now)
    assert (report.what, report.count) == (Kept.RECORDING, 1)
    assert (old.exists(), young.exists()) == (False, True)
    view = await archive.calls.call(CallId("old"))
    assert view is not None
    assert view.recording is None
    assert await archive.retention().run(now) == ()  # nothing twice
    done = await archive.retention().run(MORNING + timedelta(days=1100))
    assert [(each.what, each.count) for each in done] == [(Kept.RECORDING, 2), (Kept.TRANSCRIPT, 1)]
    assert secret.exists()  # never a file of others
    assert await archive.calls.call(CallId("old")) is None


async def test_nothing_open_or_supervised_is_touched(archive: Archive) -> None:
    files = [await archive.called(name) for name in ("open", "watched", "done")]
    numbers = [
        await archive.filed(name, f"1380000000{n}") for n, name in enumerate(("open", "watched", "done"))
    ]
    for no in numbers[1:]:
        await archive.cancel(no)
    async with archive.database.write() as connection:
        watched = {"level": SupervisionLevel.KEY.value, "note": "", "due": MORNING.isoformat()}
        await connection.execute(
            update(ticket).where(ticket.c.ticket_no == numbers[1]).values(supervision=watched)
        )
    await archive.retention().run(MORNING + timedelta(days=9000))
    assert [file.exists() for file in files] == [True, True, False]
    assert [await archive.calls.call(CallId(n)) is None for n in ("open", "watched", "done")] == [
        False,
        False,
        True,
    ]
    known = [await archive.store.contact(no) for no in numbers]
    assert known[2] == Contact()
    assert all(each is not None and each.phone for each in known[:2])


async def test_of_a_finished_ticket_the_person_goes_and_the_texts_stay(archive: Archive) -> None:
    no = await archive.filed("幸福路3号")
    await archive.cancel(no)
    before = await archive.store.ticket(no)
    assert before is not None
    assert before.state is State.CANCELLED
    soon = await archive.retention().run(MORNING + timedelta(days=1824))
    assert [each.what for each in soon] == []
    (report,) = await archive.retention().run(MORNING + timedelta(days=1826))
    assert (report.what, report.count) == (Kept.PERSON, 1)
    assert await archive.store.contact(no) == Contact()
    assert await archive.store.hidden(no) == ()
    assert await archive.store.of_caller(PHONE) == ()
    after = await archive.store.ticket(no)
    assert after == before == rebuild(await archive.store.events(no))
    lists = SqlTicketLists(archive.database, archive.clock)
    assert len((await lists.page(Filter(text="路灯坏了"))).tickets) == 1
    assert (await lists.page(Filter(phone=PHONE[-4:]))).tickets == ()
    async with archive.database.read() as connection:
        keys = select(func.count()).where(ticket_key.c.key.startswith("ph:"))
        assert (await connection.execute(keys)).scalar_one() == 0
        sealed = select(func.count()).where(ticket_event.c.hidden_enc.is_not(None))
        assert (await connection.execute(sealed)).scalar_one() == 0


async def test_what_happens_to_a_ticket_begins_its_time_anew(archive: Archive) -> None:
    no = await archive.filed("长江路")
    archive.clock.pass_(timedelta(days=1000))
    await archive.cancel(no)
    assert await archive.retention().run(MORNING + timedelta(days=2000)) == ()
    assert await archive.store.contact(no) != Contact()


async def test_looks_go_after_their_time(archive: Archive) -> None:
    log = SqlAccessLog(archive.database)
    for days in (0, 10):
        await log.note(Access(MORNING + timedelta(days=days), "seat:1", None, Looked.VIEW))
    (report,) = await archive.retention().run(MORNING + timedelta(days=1100))
    assert (report.what, report.count) == (Kept.ACCESS, 1)
    async with archive.database.read() as connection:
        assert (await connection.execute(select(func.count(ticket_access.c.id)))).scalar_one() == 1


async def test_zero_days_keep_for_ever(archive: Archive) -> None:
    await archive.called("old")
    await archive.cancel(await archive.filed("old"))
    forever = KeepOptions(recordings=0, transcripts=0, persons=0, access=0)
    assert await archive.retention(forever).run(MORNING + timedelta(days=99999)) == ()


async def test_the_proofs_are_a_chain(archive: Archive) -> None:
    for n in range(3):
        await archive.called(f"c{n}")
        archive.clock.pass_(timedelta(days=400))
        await archive.retention().run(archive.clock.now())
    found = await reports(archive.database)
    assert [each.what for each in found].count(Kept.RECORDING) == 3
    assert broken_at(found) is None
    assert broken_at((found[0], replace(found[1], count=9), *found[2:])) == 1
    assert broken_at((found[0], *found[2:])) == 1


async def test_killed_between_file_and_row_it_goes_on(archive: Archive) -> None:
    (await archive.called("old")).unlink()
    (report,) = await archive.retention().run(MORNING + timedelta(days=200))
    assert (report.what, report.count) == (Kept.RECORDING, 1)


def test_the_command_purges_what_is_due_and_checks_the_proofs(tmp_path: Path) -> None:
    async def prepare() -> Path:
        database = await Database.open(tmp_path / "hotline.sqlite3")
        (tmp_path / "recordings").mkdir()
        file = await Archive(database, tmp_path / "recordings").called("old")
        async with database.write() as connection:
            long_ago = MORNING - timedelta(days=4000)
            await connection.execute(update(call).values(ended_at=long_ago))
        await database.close()
        return file

    file = asyncio.run(prepare())
    done = CliRunner().invoke(main, ["db", "purge", "--data", str(tmp_path)])
    assert done.exit_code == 0, done.output
    assert not file.exists()
    assert "清理凭证 2 条，首尾相接" in done.output

    async def forge() -> None:
        database = await Database.open(tmp_path / "hotline.sqlite3")
        async with database.write() as connection:
            await connection.execute(update(purge_report).values(count=7))
        await database.close()

    asyncio.run(forge())
    done = CliRunner().invoke(main, ["db", "purge", "--data", str(tmp_path)])
    assert done.exit_code == 1
    assert "第 1 条清理凭证被改动过" in done.output
