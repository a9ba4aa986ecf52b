"""Dispatch as a use case, on the dict of tickets and on the real stores."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.contract.postgresql import emptied_postgresql
from tests.fakes.clocks import HandClock
from tests.fakes.demands import lamp
from tests.fakes.directories import shipped
from tests.fakes.ticket_access import ListedAccess
from tests.fakes.ticket_lists import DictTicketLists
from tests.fakes.tickets import DictTicketStore
from voicebot.adapters.db.database import Database
from voicebot.adapters.db.ticket_lists import SqlTicketLists
from voicebot.adapters.db.tickets import SqlTicketStore
from voicebot.core.demand import Demand, TicketReceipt
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import CallId, DepartmentName, TicketNo
from voicebot.core.meaning import DepartmentGuess
from voicebot.operations.dispatching import PATIENCE, Dispatching
from voicebot.operations.ports import Account, Role
from voicebot.operations.ticket_desk import TicketDesk
from voicebot.operations.ticket_work import TicketWork
from voicebot.tickets.directory import Directory
from voicebot.tickets.dispatch import Suggestion
from voicebot.tickets.given import Given
from voicebot.tickets.lifecycle import rebuild
from voicebot.tickets.listing import TicketLists
from voicebot.tickets.ports import TicketStore
from voicebot.tickets.returns import Designate, Review, Uphold
from voicebot.tickets.stale import StaleTicket
from voicebot.tickets.state import State
from voicebot.tickets.ticket import Ticket, TicketAction

HE = Account("he", Role.DISPATCHER)
LI = Account("li", Role.HANDLER)
HOUSING = DepartmentName("市住房和城乡建设局")
MARKET = DepartmentName("市市场监督管理局")
CITY = DepartmentName("市城市管理局")
POLICE = DepartmentName("市公安局")
STREET = DepartmentName("属地街道办事处")
SURE = (DepartmentGuess(HOUSING, 0.6, "事项：电梯"), DepartmentGuess(MARKET, 0.1, "相似的来电"))


def lift(**changed: object) -> Demand:
    fields = {
        "title": "电梯停运",
        "content": "来电人反映：小区电梯停运三天没人修。地点：柳荫里小区。",
        "object": "电梯",
        "address": "柳荫里小区",
        "department": HOUSING,
        "guesses": SURE,
        "call_id": None,
        "evidence": (),
    } | changed
    return lamp(**fields)


class People:
    """What dispatchers and units do, through the one place where people act."""

    def __init__(self, work: TicketWork, store: TicketStore, dispatching: Dispatching) -> None:
        self.work = work
        self.store = store
        self.dispatching = dispatching

    async def suggestions(self, no: TicketNo) -> tuple[Suggestion, ...]:
        return await self.dispatching.suggestions(await self.ticket(no))

    async def review(self, no: TicketNo) -> Review:
        return await self.dispatching.review(await self.ticket(no))

    async def ticket(self, no: TicketNo) -> Ticket:
        ticket = await self.store.ticket(no)
        assert ticket is not None
        return ticket

    async def dispatch(
        self,
        who: Account,
        no: TicketNo,
        unit: DepartmentName,
        *,
        expected: int,
        helpers: tuple[DepartmentName, ...] = (),
        reason: str = "",
    ) -> Ticket:
        given = Given(department=unit, co_departments=helpers)
        return await self.work.act(
            who, no, TicketAction.DISPATCH, reason=reason, given=given, expected=expected
        )

    async def designate(
        self, who: Account, no: TicketNo, unit: DepartmentName, *, expected: int, reason: str
    ) -> Ticket:
        given = Given(department=unit)
        return await self.work.act(
            who, no, TicketAction.DESIGNATE, reason=reason, given=given, expected=expected
        )

    async def uphold(self, who: Account, no: TicketNo, *, expected: int, reason: str) -> Ticket:
        return await self.work.act(who, no, TicketAction.UPHOLD, reason=reason, expected=expected)

    async def assign(
        self, who: Account, no: TicketNo, helpers: tuple[DepartmentName, ...], *, expected: int
    ) -> Ticket:
        given = Given(co_departments=helpers)
        return await self.work.act(who, no, TicketAction.ASSIGN, given=given, expected=expected)

    async def give_back(
        self, who: Account, no: TicketNo, ground: str, *, expected: int, reason: str
    ) -> Ticket:
        """By the unit that leads."""
        unit = (await self.ticket(no)).department
        given = Given(return_ground=ground)
        own = replace(who, department=unit)
        return await self.work.act(
            own, no, TicketAction.RETURN, reason=reason, given=given, expected=expected
        )


@dataclass
class Hotline:
    store: TicketStore
    lists: TicketLists
    clock: HandClock
    directory: Directory
    dispatching: Dispatching
    desk: TicketDesk
    people: "People"

    async def file(self, demand: Demand) -> Ticket:
        """Filed, and dispatched as the worker does."""
        receipt = await self.desk.file(demand)
        await self.dispatching.drain()
        return await self.at(receipt)

    async def at(self, receipt: TicketReceipt | Ticket) -> Ticket:
        ticket = await self.store.ticket(receipt.ticket_no)
        assert ticket is not None
        assert ticket == rebuild(await self.store.events(ticket.ticket_no))
        return ticket

    async def last(self, ticket: Ticket) -> tuple[TicketAction, str, str]:
        event = (await self.store.events(ticket.ticket_no))[-1]
        return event.action, event.actor, event.reason


def hotline(store: TicketStore, lists: TicketLists, clock: HandClock, known: Directory) -> Hotline:
    dispatching = Dispatching(store, lists, clock, lambda: made.directory)
    desk = TicketDesk(store, clock, dispatcher=dispatching)
    work = TicketWork(store, lists, ListedAccess(), desk, clock, lambda: made.directory)
    people = People(work, store, dispatching)
    made = Hotline(store, lists, clock, known, dispatching, desk, people)
    return made


@pytest.fixture(
    params=[
        "dict",
        pytest.param("sqlite", marks=pytest.mark.integration),
        pytest.param("postgresql", marks=pytest.mark.integration),
    ]
)
async def line(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Hotline]:
    clock = HandClock()
    if request.param == "dict":
        store = DictTicketStore()
        yield hotline(store, DictTicketLists(store), clock, shipped())
        return
    if request.param == "postgresql":
        database = await emptied_postgresql(tmp_path)
    else:
        database = await Database.open(tmp_path / "hotline.sqlite3")
    yield hotline(SqlTicketStore(database), SqlTicketLists(database, clock), clock, shipped())
    await database.close()


async def test_a_sure_demand_is_dispatched_at_once(line: Hotline) -> None:
    ticket = await line.file(lift())
    assert (ticket.state, ticket.department, ticket.co_departments) == (State.DISPATCHED, HOUSING, (MARKET,))
    assert ticket.category == "住房建设/物业管理/小区电梯"
    assert ticket.department_score is not None
    assert ticket.department_score >= (line.directory.automatic or 1)
    assert ticket.sign_due > line.clock.now()
    assert ticket.return_due is not None
    action, actor, reason = await line.last(ticket)
    assert (action, actor) == (TicketAction.DISPATCH, "clock")
    assert "电梯故障" in reason


async def test_a_doubtful_one_waits_with_what_is_suggested(line: Hotline) -> None:
    guesses = (DepartmentGuess(CITY, 0.3, "事项：市容"), DepartmentGuess(POLICE, 0.25, "相似的来电"))
    demand = lift(title="有人乱来", content="有人乱来没人管", object="", department=CITY, guesses=guesses)
    ticket = await line.file(demand)
    assert (ticket.state, ticket.department) == (State.PENDING_DISPATCH, CITY)
    action, actor, reason = await line.last(ticket)
    assert (action, actor) == (TicketAction.QUEUE, "clock")
    for told in ("把握", "1. 市城市管理局", "2. 市公安局", "事项：市容", "相似的来电"):
        assert told in reason
    shown = await line.people.suggestions(ticket.ticket_no)
    assert shown[0].department == CITY


async def test_of_nothing_nothing_is_suggested(line: Hotline) -> None:
    ticket = await line.file(lift(title="嗯", content="嗯", object="", department=None, guesses=()))
    assert (ticket.state, ticket.department, ticket.department_score) == (State.PENDING_DISPATCH, None, None)
    assert (await line.last(ticket))[2] == "没有找到合适的单位"


async def test_a_promised_call_back_is_nobody_elses(line: Hotline) -> None:
    ticket = await line.file(lift(callback_only=True, department=None, guesses=()))
    assert ticket.state is State.ACCEPTED
    assert await line.dispatching.sweep() == 0


async def test_the_sweep_finds_what_the_worker_never_got(line: Hotline) -> None:
    lost = await line.desk.file(lift())
    doubtful = await line.desk.file(lift(title="嗯", content="嗯", object="", guesses=(), department=None))
    assert (await line.at(lost)).state is State.ACCEPTED  # the process died before its worker came to it
    later = Dispatching(line.store, line.lists, line.clock, lambda: line.directory)
    assert await later.sweep() == 2
    assert (await line.at(lost)).state is State.DISPATCHED
    assert (await line.at(doubtful)).state is State.PENDING_DISPATCH
    assert await later.sweep() == 0


async def test_worker_and_sweeps_of_several_nodes_dispatch_once(line: Hotline) -> None:
    receipts = [
        await line.desk.file(lift(content=f"{i}号楼电梯停运没人修", address=f"{i}号楼")) for i in range(6)
    ]
    others = [Dispatching(line.store, line.lists, line.clock, lambda: line.directory) for _ in range(3)]
    await asyncio.gather(line.dispatching.drain(), *(other.sweep() for other in others))
    for receipt in receipts:
        ticket = await line.at(receipt)
        assert (ticket.state, ticket.dispatches, ticket.version) == (State.DISPATCHED, 1, 2)


async def test_a_person_dispatches_what_waits(line: Hotline) -> None:
    waiting = await line.file(lift(title="嗯", content="嗯", object="", department=None, guesses=()))
    after = await line.people.dispatch(
        HE, waiting.ticket_no, CITY, expected=waiting.version, helpers=(POLICE,), reason="按职责"
    )
    assert (after.department, after.co_departments, after.department_score) == (CITY, (POLICE,), None)
    assert await line.last(after) == (TicketAction.DISPATCH, "dispatcher:he", "按职责")
    helped = await line.people.assign(HE, after.ticket_no, (STREET,), expected=after.version)
    assert helped.co_departments == (STREET,)


async def test_roles_versions_and_duties_are_kept(line: Hotline) -> None:
    ticket = await line.file(lift())
    no, version = ticket.ticket_no, ticket.version
    for code, attempt in (
        ("ticket.forbidden", line.people.dispatch(LI, no, CITY, expected=version)),
        (
            "ticket.forbidden",
            line.people.give_back(HE, no, "同一事项已在办理", expected=version, reason="是"),
        ),
        ("ticket.forbidden", line.people.uphold(LI, no, expected=version, reason="是")),
        ("ticket.forbidden", line.people.work.split(LI, no, lift(), expected=version, reason="是")),
        ("ticket.illegal_move", line.people.dispatch(HE, no, CITY, expected=version)),
        ("ticket.illegal_move", line.people.uphold(HE, no, expected=version, reason="是")),
        ("ticket.no_dispute", line.people.review(no)),
        (
            "ticket.dispatch_refused",
            line.people.assign(HE, no, (DepartmentName("无此局"),), expected=version),
        ),
        ("ticket.dispatch_refused", line.people.designate(HE, no, STREET, expected=version, reason="是")),
        ("ticket.unknown", line.dispatching.consider(TicketNo("20200101000001"))),
    ):
        with pytest.raises(VoicebotError) as caught:
            await attempt
        assert caught.value.code == code
    with pytest.raises(StaleTicket):
        await line.people.give_back(LI, no, "同一事项已在办理", expected=version - 1, reason="上周受理过")
    assert await line.at(ticket) == ticket


async def test_returns_are_reviewed_and_the_third_dispatch_is_an_order(line: Hotline) -> None:
    guesses = (DepartmentGuess(CITY, 0.3), DepartmentGuess(POLICE, 0.2))
    waiting = await line.file(lift(content="有人乱来没人管", title="乱来", object="", guesses=guesses))
    people, no = line.people, waiting.ticket_no
    sent = await people.dispatch(HE, no, CITY, expected=waiting.version)
    back = await people.give_back(LI, no, "不属于本单位职责", expected=sent.version, reason="应由公安局办理")
    assert (back.state, back.disputed) == (State.RETURNED, True)
    assert CITY not in [each.department for each in await people.suggestions(no)]
    with pytest.raises(VoicebotError, match="已经退回"):
        await people.dispatch(HE, no, CITY, expected=back.version)
    sent = await people.dispatch(HE, no, POLICE, expected=back.version)
    assert not sent.disputed
    back = await people.give_back(LI, no, "不属于本单位职责", expected=sent.version, reason="应由城管办理")
    view = await people.review(no)
    assert (view.refusal.unit, view.earlier[0].unit) == (POLICE, CITY)
    assert isinstance(view.proposal, Designate)
    with pytest.raises(VoicebotError, match="指定办理"):
        await people.dispatch(HE, no, MARKET, expected=back.version)
    fixed = await people.designate(HE, no, CITY, expected=back.version, reason="两家互推，指定办理")
    assert (fixed.department, fixed.designated, fixed.dispatches) == (CITY, True, 3)
    with pytest.raises(VoicebotError, match="指定"):
        await people.give_back(LI, no, "同一事项已在办理", expected=fixed.version, reason="不办")


async def test_a_return_without_ground_is_turned_down(line: Hotline) -> None:
    ticket = await line.file(lift())
    no = ticket.ticket_no
    back = await line.people.give_back(
        LI, no, "不属于本单位职责", expected=ticket.version, reason="应由市监局办理"
    )
    view = await line.people.review(no)
    assert isinstance(view.proposal, Uphold)
    kept = await line.people.uphold(HE, no, expected=back.version, reason=view.proposal.reason)
    assert (kept.state, kept.department) == (State.DISPATCHED, HOUSING)


async def test_a_part_split_off_is_dispatched_as_any_new_one(line: Hotline) -> None:
    ticket = await line.file(lift())
    part = lift(
        title="路灯不亮",
        content="小区门口路灯不亮",
        object="路灯",
        department=CITY,
        guesses=(DepartmentGuess(CITY, 0.8),),
    )
    made = await line.people.work.split(HE, ticket.ticket_no, part, expected=ticket.version, reason="两件事")
    assert await line.dispatching.sweep() == 1
    apart = await line.at(made)
    assert (apart.state, apart.department, apart.split_from) == (State.DISPATCHED, CITY, ticket.ticket_no)
    assert (await line.at(ticket)).split_into == (made.ticket_no,)


async def test_an_edited_directory_is_obeyed_at_once(line: Hotline) -> None:
    line.directory = replace(shipped(), automatic=None)
    assert (await line.file(lift())).state is State.PENDING_DISPATCH
    line.directory = shipped()
    assert (await line.file(lift(address="桂花路", content="另一处电梯停运没人修"))).state is State.DISPATCHED


async def test_understanding_is_asked_about_tickets_that_no_call_made(line: Hotline) -> None:
    def guess(text: str) -> tuple[DepartmentGuess, ...]:
        return (DepartmentGuess(MARKET, 0.4, "相似的来电"),)

    line.dispatching = Dispatching(line.store, line.lists, line.clock, lambda: line.directory, guess=guess)
    line.desk = TicketDesk(line.store, line.clock, dispatcher=line.dispatching)
    demand = lift(content="有点怪", title="怪", object="", department=None, guesses=(), channel="web")
    assert (await line.file(demand)).department == MARKET


async def test_what_is_not_plain_is_left_a_while_to_who_understands_texts(line: Hotline) -> None:
    def guess(text: str) -> tuple[DepartmentGuess, ...]:
        return (DepartmentGuess(MARKET, 0.9, "相似的来电"),)

    web = Dispatching(line.store, line.lists, line.clock, lambda: line.directory, waits=PATIENCE)
    line.desk = TicketDesk(line.store, line.clock, dispatcher=web)
    odd = lift(content="有点怪", title="怪", object="", department=None, guesses=(), channel="web")
    plain, left = await line.desk.file(lift()), await line.desk.file(odd)
    forgotten = await line.desk.file(replace(odd, content="还是怪", title="还是怪", address="桂花路"))
    await web.drain()
    assert [(await line.at(each)).state for each in (plain, left)] == [State.DISPATCHED, State.ACCEPTED]
    understands = Dispatching(line.store, line.lists, line.clock, lambda: line.directory, guess=guess)
    assert (await understands.consider(left.ticket_no)).department == MARKET  # type: ignore[union-attr]
    assert await web.sweep() == 0
    line.clock.pass_(PATIENCE)
    assert await web.sweep() == 1
    assert (await line.at(forgotten)).state is State.PENDING_DISPATCH


async def test_a_store_that_is_away_keeps_no_receipt_back() -> None:
    store, clock = DictTicketStore(), HandClock()
    line = hotline(store, DictTicketLists(store), clock, shipped())
    receipt = await line.desk.file(lift(call_id=CallId("c1")))
    store.failing = VoicebotError("db.busy", "忙", retryable=True)
    await line.dispatching.drain()
    with pytest.raises(VoicebotError):
        await line.dispatching.sweep()
    store.failing = None
    assert (await line.at(receipt)).state is State.ACCEPTED
    assert await line.dispatching.sweep() == 1


async def test_a_full_queue_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("voicebot.operations.dispatching.QUEUE", 1)
    store, clock = DictTicketStore(), HandClock()
    line = hotline(store, DictTicketLists(store), clock, shipped())
    places = ("桂花路", "柳堤路", "书院路")
    made = [await line.desk.file(lift(address=p, content=f"{p}电梯停运没人修")) for p in places]
    await line.dispatching.drain()
    states = [(await line.at(receipt)).state for receipt in made]
    assert states == [State.DISPATCHED, State.ACCEPTED, State.ACCEPTED]
    assert await line.dispatching.sweep() == 2


async def test_one_broken_ticket_does_not_keep_the_others() -> None:
    store, clock = DictTicketStore(), HandClock()
    line = hotline(store, DictTicketLists(store), clock, shipped())
    first = await line.desk.file(lift())
    second = await line.desk.file(lift(address="书院路", content="书院路电梯停运没人修"))
    broken = [RuntimeError("broken")]

    def directory() -> Directory:
        if broken:
            raise broken.pop()
        return shipped()

    later = Dispatching(store, DictTicketLists(store), clock, directory)
    assert await later.sweep() == 1
    assert {(await line.at(first)).state, (await line.at(second)).state} == {State.ACCEPTED, State.DISPATCHED}
