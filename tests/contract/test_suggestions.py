"""Suggestions of one matter: the port `SuggestionBook` and its use cases, on the dict of tickets and on the
real stores."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.contract.postgresql import emptied_postgresql, server_url
from tests.fakes.clocks import HandClock
from tests.fakes.demands import lamp
from tests.fakes.directories import shipped
from tests.fakes.suggestions import DictSuggestions
from tests.fakes.ticket_access import ListedAccess
from tests.fakes.ticket_lists import DictTicketLists
from tests.fakes.tickets import DictTicketStore
from voicebot.adapters.db.database import Database
from voicebot.adapters.db.ticket_lists import SqlTicketLists
from voicebot.adapters.db.ticket_suggestions import SqlSuggestions
from voicebot.adapters.db.tickets import SqlTicketStore
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import TicketNo
from voicebot.operations.comparing import Comparing
from voicebot.operations.ports import Account, Role
from voicebot.operations.similar import SimilarTickets
from voicebot.operations.suggestion_book import SuggestionBook
from voicebot.operations.ticket_desk import TicketDesk
from voicebot.operations.ticket_work import TicketWork
from voicebot.tickets.deadlines import Deadlines
from voicebot.tickets.given import Correction, Given
from voicebot.tickets.lifecycle import accept
from voicebot.tickets.listing import WORK_LISTS, TicketLists, WorkList
from voicebot.tickets.ports import TicketStore
from voicebot.tickets.stale import StaleTicket
from voicebot.tickets.state import OPEN, State
from voicebot.tickets.suggestions import Standing, together
from voicebot.tickets.ticket import Contact, Ticket, TicketAction

PAI = Account("pai", Role.DISPATCHER)
LI = Account("li", Role.HANDLER, "市城市管理局")


@dataclass
class Office:
    store: TicketStore
    book: SuggestionBook
    lists: TicketLists

    def __post_init__(self) -> None:
        self.clock = HandClock()
        desk = TicketDesk(self.store, self.clock)
        self.work = TicketWork(self.store, self.lists, ListedAccess(), desk, self.clock, shipped)
        self.similar = SimilarTickets(self.work, self.store, self.book, self.clock)
        self.comparing = Comparing(self.book, self.clock)

    async def file(self, phone: str, **changed: Any) -> TicketNo:
        """Stored as it is, without the desk that adds to what a caller has open."""
        at, demand = self.clock.now(), lamp(call_id=None, phone=phone, **changed)
        due = Deadlines().of(demand.appeal_type, demand.urgency, demand.callback_only, at)
        contact = Contact("", phone, "")
        made, _ = await self.store.create(at.date(), lambda no: accept(no, demand, due, "bot", at), contact)
        return made.ticket_no

    async def pair(self) -> tuple[TicketNo, TicketNo]:
        """(later, earlier) of two callers about one lamp, compared."""
        earlier, later = await self.file("13800000001"), await self.file("13800000002")
        await self.compare()
        return later, earlier

    async def compare(self) -> None:
        while await self.comparing.work():
            pass

    async def ticket(self, no: TicketNo) -> Ticket:
        found = await self.store.ticket(no)
        assert found is not None
        return found

    async def standing(self, no: TicketNo) -> dict[TicketNo, Standing]:
        return {
            each.suggestion.other(no): each.suggestion.standing for each in await self.similar.of(PAI, no)
        }

    async def correct(self, no: TicketNo, **values: Any) -> None:
        given = Given(correction=Correction(**values))
        await self.work.act(PAI, no, TicketAction.CORRECT, given=given, reason="更正")


@pytest.fixture(
    params=[
        "dict",
        pytest.param("sqlite", marks=pytest.mark.integration),
        pytest.param("postgresql", marks=pytest.mark.integration),
    ]
)
async def office(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Office]:
    if request.param == "dict":
        store = DictTicketStore()
        yield Office(store, DictSuggestions(store), DictTicketLists(store))
        return
    if request.param == "postgresql":
        database = await emptied_postgresql(tmp_path)
    else:
        database = await Database.open(tmp_path / "hotline.sqlite3")
    yield office_on(database)
    await database.close()


def office_on(database: Database) -> Office:
    lists = SqlTicketLists(database, HandClock())
    return Office(SqlTicketStore(database), SqlSuggestions(database), lists)


async def test_a_new_ticket_is_compared_once_and_suggested_on_both(office: Office) -> None:
    later, earlier = await office.pair()
    other = await office.file(
        "13800000003", title="井盖", content="书院街井盖丢了", address="书院街", object="井盖"
    )
    await office.compare()
    (mine,) = await office.similar.of(PAI, later)
    assert (mine.other.ticket_no, mine.suggestion.earlier) == (earlier, earlier)
    assert mine.suggestion.score >= 0.76
    assert any("地点相同" in reason for reason in mine.suggestion.reasons)
    assert not mine.suggestion.own
    assert await office.standing(earlier) == {later: Standing.OPEN}
    assert await office.standing(other) == {}
    assert await office.book.owed(office.clock.now(), 10) == []


async def test_comparing_twice_at_once_suggests_once(office: Office) -> None:
    await office.file("13800000001")
    later = await office.file("13800000002")
    made = await asyncio.gather(*(office.comparing.compare(later) for _ in range(3)))
    assert sorted(made) == [0, 0, 1]
    assert await office.comparing.compare(TicketNo("20200101000001")) == 0


async def test_accepted_they_are_one_group_and_each_keeps_its_number(office: Office) -> None:
    later, earlier = await office.pair()
    done = await office.similar.accept(PAI, later, earlier, expected=1, key="k")
    assert (done.ticket_no, done.group) == (later, earlier)
    event = (await office.store.events(later))[-1]
    assert (event.action, event.actor) == (TicketAction.GROUP, "dispatcher:pai")
    assert "相似" in event.reason
    assert await office.standing(earlier) == {later: Standing.ACCEPTED}
    again = await office.similar.accept(PAI, later, earlier, expected=1, key="k")
    assert again.version == done.version


async def test_the_third_caller_joins_the_group(office: Office) -> None:
    later, earlier = await office.pair()
    await office.similar.accept(PAI, later, earlier)
    third = await office.file("13800000003")
    await office.compare()
    (shown,) = await office.similar.of(PAI, third)
    await office.similar.accept(PAI, third, shown.other.ticket_no)
    assert (await office.ticket(third)).group == earlier


async def test_the_earlier_one_joins_a_group_of_the_later(office: Office) -> None:
    later, earlier = await office.pair()
    member = await office.file("13800000004", address="远山镇", content="别的事", title="别的", object="桥")
    await office.work.group(PAI, later, {member: None})
    done = await office.similar.accept(PAI, later, earlier)
    assert (done.group, (await office.ticket(earlier)).group) == (None, later)
    assert await office.standing(later) == {earlier: Standing.ACCEPTED}


async def test_undone_it_is_undecided_again(office: Office) -> None:
    later, earlier = await office.pair()
    await office.similar.accept(PAI, later, earlier)
    with pytest.raises(VoicebotError, match="理由"):
        await office.similar.undo(PAI, later, earlier, reason="")
    back = await office.similar.undo(PAI, earlier, later, reason="看错了", expected=1)
    assert back.standing is Standing.OPEN
    assert (await office.ticket(later)).group is None
    assert (await office.store.events(later))[-1].action is TicketAction.UNGROUP
    assert (await office.similar.undo(PAI, earlier, later, reason="看错了")).standing is Standing.OPEN


async def test_refused_it_is_never_suggested_again(office: Office) -> None:
    later, earlier = await office.pair()
    refused = await office.similar.refuse(PAI, later, earlier, reason="两盏灯，打13912345678", expected=1)
    assert (refused.standing, refused.by) == (Standing.REFUSED, "dispatcher:pai")
    assert refused.why == "两盏灯，打139****5678"
    await office.similar.refuse(PAI, later, earlier, expected=1)
    await office.correct(later, content="云江路12号门口的路灯还是坏的，晚上一片漆黑，要求维修")
    await office.compare()
    assert await office.standing(later) == {earlier: Standing.REFUSED}
    with pytest.raises(VoicebotError, match="不是同一件事"):
        await office.similar.accept(PAI, later, earlier)
    back = await office.similar.undo(PAI, later, earlier, reason="再看看")
    assert (back.standing, back.by) == (Standing.OPEN, "dispatcher:pai")


async def test_stale_looks_are_refused_and_nothing_is_stored(office: Office) -> None:
    later, earlier = await office.pair()
    await office.work.act(PAI, later, TicketAction.URGE)
    for attempt in (
        office.similar.accept(PAI, later, earlier, expected=1),
        office.similar.refuse(PAI, later, earlier, expected=1),
    ):
        with pytest.raises(StaleTicket):
            await attempt
    assert await office.standing(later) == {earlier: Standing.OPEN}


async def test_units_see_only_what_is_theirs_and_decide_nothing(office: Office) -> None:
    later, earlier = await office.pair()
    for attempt in (
        office.similar.accept(LI, later, earlier),
        office.similar.refuse(LI, later, earlier),
        office.similar.undo(LI, later, earlier, reason="看错了"),
    ):
        with pytest.raises(VoicebotError) as caught:
            await attempt
        assert caught.value.code == "ticket.forbidden"
    with pytest.raises(VoicebotError, match="没有查到"):
        await office.similar.of(LI, later)
    with pytest.raises(VoicebotError) as caught:
        await office.similar.refuse(PAI, later, TicketNo("20261124000099"))
    assert caught.value.code == "ticket.unknown"


async def test_what_ends_is_suggested_no_more_until_it_goes_on(office: Office) -> None:
    later, earlier = await office.pair()
    await office.work.merge(
        PAI, await office.file("13800000009", address="远山镇"), {earlier: None}, reason="是"
    )
    assert await office.standing(later) == {}
    await office.work.act(PAI, earlier, TicketAction.UNMERGE, reason="不是")
    assert await office.standing(later) == {earlier: Standing.OPEN}


async def test_a_correction_takes_an_undecided_suggestion_back(office: Office) -> None:
    later, earlier = await office.pair()
    await office.correct(earlier, address="云江路13号", content="云江路13号门口的路灯坏了")
    await office.compare()
    assert await office.standing(later) == {}


async def test_a_secret_matter_is_suggested_to_nobody(office: Office) -> None:
    later, earlier = await office.pair()
    await office.correct(later, confidential=True)
    assert await office.similar.of(PAI, earlier) == ()
    await office.compare()
    assert await office.book.of_ticket(earlier) == []
    await office.file("13800000005", confidential=True)
    await office.compare()
    assert await office.book.of_ticket(earlier) == []


async def test_two_tickets_of_one_caller_are_merged_and_taken_apart(office: Office) -> None:
    earlier, later = await office.file("13800000001"), await office.file("13800000001")
    await office.compare()
    (shown,) = await office.similar.of(PAI, later)
    assert shown.suggestion.own
    done = await office.similar.accept(PAI, later, earlier, expected=1)
    assert (done.state, done.merge_parent) == (State.MERGED, earlier)
    assert await office.standing(later) == {earlier: Standing.ACCEPTED}
    back = await office.similar.undo(PAI, later, earlier, reason="两件事")
    assert back.standing is Standing.OPEN
    assert (await office.ticket(later)).state is State.ACCEPTED


async def test_by_hand_grouped_it_is_accepted_as_well(office: Office) -> None:
    later, earlier = await office.pair()
    await office.work.group(PAI, earlier, {later: None})
    assert await office.standing(later) == {earlier: Standing.ACCEPTED}


async def test_one_broken_ticket_keeps_nobody_waiting(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = await office.file("13800000001", title="坏的")
    fine = await office.file("13800000002")
    weigh = "voicebot.operations.comparing.spots_of"

    def spots(ticket: Ticket) -> tuple[Any, ...]:
        if ticket.ticket_no == broken:
            raise RuntimeError("broken")
        return ()

    monkeypatch.setattr(weigh, spots)
    await office.compare()
    assert await office.standing(fine) == {broken: Standing.OPEN}
    assert await office.book.owed(office.clock.now(), 10) == []
    assert await office.book.owed(office.clock.now() + timedelta(hours=1), 10) == [broken]


@pytest.mark.integration
@pytest.mark.parametrize("office", ["sqlite", "postgresql"], indirect=True)
async def test_what_is_undecided_is_a_work_list(office: Office) -> None:
    later, earlier = await office.pair()
    wanted = WORK_LISTS[WorkList.LIKELY_GROUPS]

    async def listed() -> list[TicketNo]:
        page = await office.lists.page(wanted)
        (count,) = await office.lists.counts([wanted])
        assert count.number == len(page.tickets)
        return [ticket.ticket_no for ticket in page.tickets]

    assert await listed() == [later]
    await office.similar.accept(PAI, later, earlier)
    assert await listed() == []
    await office.similar.undo(PAI, later, earlier, reason="看错了")
    assert await listed() == [later]
    await office.similar.refuse(PAI, later, earlier)
    assert await listed() == []


@pytest.mark.integration
@pytest.mark.parametrize("office", ["postgresql"], indirect=True)
async def test_people_and_nodes_at_once_never_wait_crosswise(office: Office, tmp_path: Path) -> None:
    """Whatever several processes do at once: no deadlock, and each suggestion tells what its tickets are."""
    databases = [await Database.open(server_url(), tmp_path / "hotline.key") for _ in range(3)]
    offices = [office_on(each) for each in databases]
    numbers = [await office.file(f"1380000000{n}") for n in range(6)]
    lists = await asyncio.gather(*(at_random(o, numbers, random.Random(n)) for n, o in enumerate(offices)))
    refused = {code for codes in lists for code in codes}
    assert refused <= {"ticket.no_suggestion", "ticket.illegal_move", "ticket.stale", "ticket.incomplete"}
    tickets = {no: await office.ticket(no) for no in numbers}
    pairs = {each: other for no in numbers for each, other in await office.book.of_ticket(no)}
    assert pairs
    for each in pairs:
        later, earlier = tickets[each.later], tickets[each.earlier]
        merged = later.merge_parent == earlier.ticket_no or earlier.merge_parent == later.ticket_no
        assert (each.standing is Standing.ACCEPTED) == (merged or together(later, earlier)), each
        assert each.standing is not Standing.OPEN or {later.state, earlier.state} <= OPEN, each
    for database in databases:
        await database.close()


async def at_random(office: Office, numbers: list[TicketNo], chance: random.Random) -> list[str]:
    """What one process does; codes of what was refused."""
    refused = []
    for _ in range(25):
        one, other = chance.sample(numbers, 2)
        version = chance.choice([None, 1])
        attempts: list[Callable[[], Awaitable[object]]] = [
            partial(office.comparing.compare, one),
            partial(office.similar.accept, PAI, one, other, expected=version),
            partial(office.similar.refuse, PAI, one, other),
            partial(office.similar.undo, PAI, one, other, reason="再看看"),
            partial(office.work.group, PAI, one, {other: None}),
            partial(office.work.act, PAI, one, TicketAction.UNGROUP, reason="不是"),
            partial(office.work.merge, PAI, one, {other: None}, reason="是"),
            partial(office.work.act, PAI, one, TicketAction.UNMERGE, reason="不是"),
        ]
        try:
            await chance.choice(attempts)()
        except VoicebotError as error:
            refused.append(error.code)
    return refused
