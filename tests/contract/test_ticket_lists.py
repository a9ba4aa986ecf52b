"""The port `TicketLists`: filters find what they say, on both databases, each change at once."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.contract.postgresql import emptied_postgresql
from tests.fakes.clocks import MORNING, HandClock
from tests.fakes.demands import OTHER, PHONE, lamp
from voicebot.adapters.db.database import Database
from voicebot.adapters.db.ticket_lists import SqlTicketLists
from voicebot.adapters.db.tickets import SqlTicketStore
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import DepartmentName, TicketNo
from voicebot.core.meaning import AppealType, Urgency
from voicebot.tickets.clocks import Light
from voicebot.tickets.deadlines import Deadlines
from voicebot.tickets.given import Correction, Given
from voicebot.tickets.lifecycle import accept, transition
from voicebot.tickets.listing import WORK_LISTS, Filter, Mark, WorkList
from voicebot.tickets.parts import Difficulty, SupervisionLevel
from voicebot.tickets.state import State
from voicebot.tickets.ticket import Contact, Ticket, TicketAction

pytestmark = pytest.mark.integration

CITY = DepartmentName("市城市管理局")
WATER = DepartmentName("市水务集团")
DISPATCH = Given(department=CITY, sign_due=MORNING + timedelta(hours=10))


@dataclass
class Desk:
    """A store with its lists, and short words for what happens in it."""

    store: SqlTicketStore
    lists: SqlTicketLists
    clock: HandClock

    async def file(self, phone: str = PHONE, days: int = 0, **changed: Any) -> TicketNo:
        at = self.clock.now() + timedelta(days=days)
        demand = lamp(**changed)
        due = Deadlines().of(demand.appeal_type, demand.urgency, False, at)
        contact = Contact("王小明", phone, "")
        made, _ = await self.store.create(at.date(), lambda no: accept(no, demand, due, "bot", at), contact)
        return made.ticket_no

    async def move(
        self, no: TicketNo, action: TicketAction, reason: str = "", given: Given | None = None
    ) -> Ticket:
        at = self.clock.now()
        done, _ = await self.store.change(
            no, lambda ticket: transition(ticket, action, "handler:li", at, reason, given or Given())
        )
        return done

    async def found(self, **wanted: Any) -> list[TicketNo]:
        """Through pages of two, so that every case also turns pages."""
        numbers: list[TicketNo] = []
        after = None
        while True:
            page = await self.lists.page(Filter(**wanted), limit=2, after=after)
            numbers += [ticket.ticket_no for ticket in page.tickets]
            if page.following is None:
                return numbers
            after = page.following

    async def listed(self, work: WorkList) -> list[TicketNo]:
        page = await self.lists.page(WORK_LISTS[work])
        counted = (await self.lists.counts([WORK_LISTS[work]]))[0]
        assert (counted.number, counted.more) == (len(page.tickets), False)
        return [ticket.ticket_no for ticket in page.tickets]


@pytest.fixture(params=["sqlite", "postgresql"])
async def desk(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Desk]:
    if request.param == "postgresql":
        database = await emptied_postgresql(tmp_path)
    else:
        database = await Database.open(tmp_path / "hotline.sqlite3")
    clock = HandClock()
    yield Desk(SqlTicketStore(database), SqlTicketLists(database, clock), clock)
    await database.close()


async def test_everything_newest_first_page_by_page(desk: Desk) -> None:
    made = [await desk.file() for _ in range(5)]
    assert await desk.found() == made[::-1]


async def test_words_of_any_length_find_a_ticket(desk: Desk) -> None:
    lamp_no = await desk.file()
    pipe = await desk.file(
        title="水管爆了", content="幸福小区3栋楼下水管爆裂", address="幸福小区3栋", object="水管"
    )
    assert await desk.found(text="路灯") == [lamp_no]
    assert await desk.found(text="一片漆黑") == [lamp_no]
    assert await desk.found(text="爆") == [pipe]
    assert await desk.found(text="幸福小区 水管") == [pipe]
    assert await desk.found(text="幸福 路灯") == []
    assert await desk.found(text="灯路") == []
    assert await desk.found(text="，。 ！") == []


async def test_words_find_old_tickets_after_new_ones(desk: Desk) -> None:
    old = [await desk.file(days=-days) for days in (900, 400, 40, 8, 1)]
    other = await desk.file(title="水管", content="水管", address="", object="水管")
    assert await desk.found(text="路灯") == old[::-1]
    assert other not in await desk.found(text="路灯")


async def test_what_callers_add_and_units_reply_is_found(desk: Desk) -> None:
    no = await desk.file()
    await desk.move(no, TicketAction.SUPPLEMENT, "旁边还有一个井盖松了")
    assert await desk.found(text="井盖") == [no]
    await desk.move(no, TicketAction.REPLY, given=Given(reply="已更换灯泡"))
    assert await desk.found(text="灯泡") == [no]
    assert await desk.found(text="路灯") == [no]


async def test_a_corrected_text_is_found_by_the_new_words_only(desk: Desk) -> None:
    no = await desk.file()
    await desk.move(no, TicketAction.CORRECT, given=Given(correction=Correction(address="石坝镇")))
    assert await desk.found(text="石坝镇") == [no]
    await desk.move(no, TicketAction.CORRECT, given=Given(correction=Correction(address="石桥镇")))
    assert await desk.found(text="石坝镇") == []
    assert await desk.found(text="石桥镇") == [no]


async def test_numbers_of_callers_are_not_words(desk: Desk) -> None:
    await desk.file(content=f"请打{PHONE}找我")
    assert await desk.found(text=PHONE) == []
    assert await desk.found(text="8000") == []


async def test_a_number_or_its_tail(desk: Desk) -> None:
    first, second = await desk.file(days=-1), await desk.file()
    assert await desk.found(number=first) == [first]
    assert await desk.found(number="000001") == [second, first]
    assert await desk.found(number="24000001") == [second]
    assert await desk.found(number="0002") == []
    with pytest.raises(VoicebotError, match="至少"):
        await desk.found(number="001")


async def test_a_phone_or_its_tail(desk: Desk) -> None:
    mine, theirs = await desk.file(), await desk.file(phone=OTHER)
    assert await desk.found(phone=PHONE) == [mine]
    assert await desk.found(phone=f"+86 {OTHER}") == [theirs]
    assert await desk.found(phone=PHONE[-4:]) == [mine]
    assert await desk.found(phone="0001") == []


async def test_plain_fields_and_days(desk: Desk) -> None:
    old = await desk.file(days=-3, district="江北区", appeal_type=AppealType.COMPLAINT)
    new = await desk.file(urgency=Urgency.URGENT, channel="web")
    assert await desk.found(district="江北区") == [old]
    assert await desk.found(appeal=AppealType.COMPLAINT) == [old]
    assert await desk.found(urgency=Urgency.URGENT, channel="web") == [new]
    assert await desk.found(since=MORNING.date()) == [new]
    assert await desk.found(until=(MORNING - timedelta(days=1)).date()) == [old]
    await desk.move(
        old, TicketAction.CORRECT, given=Given(correction=Correction(category="城市管理/路灯/不亮"))
    )
    assert await desk.found(category="城市管理") == [old]


async def test_units_that_lead_or_help(desk: Desk) -> None:
    lead, helped = await desk.file(), await desk.file(department=WATER)
    await desk.move(lead, TicketAction.DISPATCH, given=DISPATCH)
    await desk.move(helped, TicketAction.ASSIGN, given=Given(co_departments=(CITY,)))
    assert await desk.found(departments=frozenset({CITY})) == [helped, lead]
    assert await desk.found(departments=frozenset({CITY}), states=frozenset({State.DISPATCHED})) == [lead]
    assert await desk.found(departments=frozenset({CITY, WATER})) == [helped, lead]
    assert await desk.found(departments=frozenset({DepartmentName("市教育局")})) == []


async def test_lights_turn_with_the_clock_and_go_out_with_the_answer(desk: Desk) -> None:
    late = await desk.file(urgency=Urgency.URGENT)
    slow = await desk.file()
    assert await desk.found(light=Light.GREEN) == [late, slow]
    desk.clock.pass_(timedelta(hours=20))
    assert await desk.found(light=Light.YELLOW) == [late]
    desk.clock.pass_(timedelta(hours=5))
    assert await desk.found(light=Light.YELLOW) == []
    assert await desk.listed(WorkList.RED) == [late]
    desk.clock.pass_(timedelta(days=20))
    assert await desk.found(light=Light.RED) == [late, slow]
    assert await desk.found(light=Light.RED, text="路灯") == [slow, late]
    await desk.move(late, TicketAction.REPLY, given=Given(reply="修好了"))
    assert await desk.listed(WorkList.RED) == [slow]


async def test_lights_of_a_returned_ticket_are_out(desk: Desk) -> None:
    no = await desk.file()
    await desk.move(no, TicketAction.DISPATCH, given=DISPATCH)
    await desk.move(no, TicketAction.RETURN, "不是我们的路段", Given(return_ground="职责清单第三条"))
    desk.clock.pass_(timedelta(days=60))
    assert await desk.found(light=Light.RED) == []
    assert await desk.listed(WorkList.DISPUTES) == [no]


async def test_work_lists_fill_and_empty(desk: Desk) -> None:
    no = await desk.file(department=None)
    assert await desk.listed(WorkList.TO_DISPATCH) == [no]
    assert await desk.listed(WorkList.UNSURE) == [no]
    await desk.move(no, TicketAction.DISPATCH, given=DISPATCH)
    assert await desk.listed(WorkList.TO_DISPATCH) == await desk.listed(WorkList.UNSURE) == []
    assert await desk.listed(WorkList.UNSIGNED) == [no]
    await desk.move(no, TicketAction.SIGN)
    assert await desk.listed(WorkList.WORKING) == [no]
    later = MORNING + timedelta(days=30)
    await desk.move(no, TicketAction.ASK_EXTENSION, "等零件", Given(until=later))
    assert await desk.listed(WorkList.EXTENSIONS) == [no]
    await desk.move(no, TicketAction.APPROVE_EXTENSION)
    assert await desk.listed(WorkList.EXTENSIONS) == []
    watch = Given(level=SupervisionLevel.KEY, note="抓紧", due=later)
    await desk.move(no, TicketAction.SUPERVISE, given=watch)
    assert await desk.listed(WorkList.SUPERVISED) == [no]
    await desk.move(no, TicketAction.FLAG, "多年未决", Given(difficult=Difficulty.LEGACY))
    assert await desk.listed(WorkList.HARD) == [no]
    await desk.move(no, TicketAction.REPLY, given=Given(reply="修好了"))
    await desk.move(no, TicketAction.CLOSE)
    await desk.move(no, TicketAction.RATE, given=Given(rating=1, rating_reason="还是黑的"))
    assert await desk.listed(WorkList.LOW_SCORES) == [no]
    await desk.move(no, TicketAction.OBJECT, "没有修好")
    assert await desk.listed(WorkList.OBJECTIONS) == [no]
    assert await desk.listed(WorkList.HARD) == []


async def test_marks_are_counted_up_to_a_bound(desk: Desk) -> None:
    for _ in range(4):
        await desk.move(await desk.file(), TicketAction.URGE)
    urged = Filter(marks=frozenset({Mark.URGED}))
    exact, bounded, words = await desk.lists.counts([urged, Filter(), Filter(text="路灯")], most=4)
    assert (exact.number, exact.more) == (words.number, words.more) == (4, False)
    assert str(bounded) == "4"
    assert str((await desk.lists.counts([Filter(text="路灯")], most=3))[0]) == "3+"


@pytest.mark.parametrize("cursor", ["", "x", "2026", "'; DROP TABLE ticket", "2026-11-24_20261124000001"])
async def test_a_cursor_of_nothing_is_refused(desk: Desk, cursor: str) -> None:
    await desk.file()
    for wanted in (Filter(), Filter(light=Light.RED)):
        with pytest.raises(VoicebotError, match="翻页"):
            await desk.lists.page(wanted, after=cursor)


async def test_the_index_of_another_format_is_made_anew(tmp_path: Path) -> None:
    from voicebot.adapters.db import ticket_text
    from voicebot.adapters.db.schema import ticket_clock, ticket_index_format, ticket_key, ticket_unit

    database = await Database.open(tmp_path / "hotline.sqlite3")
    clock = HandClock()
    first = Desk(SqlTicketStore(database), SqlTicketLists(database, clock), clock)
    no = await first.file()
    async with database.write() as connection:
        await ticket_text.clear(connection)
        for table in (ticket_key, ticket_clock, ticket_unit):
            await connection.execute(table.delete())
        await connection.execute(ticket_index_format.update().values(format="0"))
    assert await first.found(text="路灯") == []
    await database.close()
    database = await Database.open(tmp_path / "hotline.sqlite3")
    again = Desk(SqlTicketStore(database), SqlTicketLists(database, clock), clock)
    assert await again.found(text="路灯", phone=PHONE[-4:], light=Light.GREEN, number=no[-4:]) == [no]
    assert await again.found(departments=frozenset({CITY})) == [no]
    await database.close()
