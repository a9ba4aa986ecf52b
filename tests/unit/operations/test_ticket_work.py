"""Who may see and do what to a ticket, and that nothing personal gets through."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.fakes.clocks import MORNING, HandClock
from tests.fakes.demands import PHONE, lamp
from tests.fakes.directories import shipped
from tests.fakes.ticket_access import ListedAccess
from tests.fakes.ticket_lists import DictTicketLists
from tests.fakes.tickets import DictTicketStore
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import CallId, DepartmentName, TicketNo
from voicebot.core.meaning import AppealType
from voicebot.operations.ports import Account, Role
from voicebot.operations.ticket_access import AccessWanted, Looked
from voicebot.operations.ticket_desk import TicketDesk
from voicebot.operations.ticket_work import TicketWork
from voicebot.tickets.given import NOTHING, Correction, Given
from voicebot.tickets.listing import Filter
from voicebot.tickets.parts import Reference
from voicebot.tickets.stale import StaleTicket
from voicebot.tickets.state import State
from voicebot.tickets.ticket import TicketAction as A

CITY, WATER = DepartmentName("市城市管理局"), DepartmentName("市水务局")
CHIEF = Account("he", Role.SUPERVISOR)
SEAT = Account("8001", Role.SEAT)
SENDER = Account("pai", Role.DISPATCHER)
LAMPS = Account("li", Role.HANDLER, CITY)
PIPES = Account("wang", Role.HANDLER, WATER)
STRAY = Account("nobody", Role.HANDLER)
POLICE = Account("jjj", Role.SYSTEM, "110")
EDITOR = Account("bian", Role.EDITOR)


class Office:
    def __init__(self) -> None:
        self.store = DictTicketStore()
        self.access = ListedAccess()
        self.clock = HandClock()
        self.work = TicketWork(
            self.store,
            DictTicketLists(self.store),
            self.access,
            TicketDesk(self.store, self.clock),
            self.clock,
            shipped,
        )

    async def filed(self, **changed: object) -> TicketNo:
        ticket, _ = await self.work.file(SEAT, lamp(call_id=None, **changed))
        return ticket.ticket_no

    async def sent(self, **changed: object) -> TicketNo:
        number = await self.filed(**changed)
        await self.work.act(SENDER, number, A.DISPATCH, given=Given(department=CITY, co_departments=(WATER,)))
        return number


@pytest.fixture
def office() -> Office:
    return Office()


def refused(code: str) -> "pytest.RaisesExc[VoicebotError]":
    return pytest.raises(VoicebotError, match=code)


async def test_a_ticket_goes_from_the_seat_to_the_unit_and_back(office: Office) -> None:
    number = await office.sent()
    for action, given in (
        (A.SIGN, NOTHING),
        (A.START, NOTHING),
        (A.REPLY, Given(reply="已经修好")),
        (A.CLOSE, NOTHING),
    ):
        office.clock.pass_(timedelta(minutes=5))
        after = await office.work.act(LAMPS, number, action, given=given)
    assert after.state is State.CLOSED
    seen = await office.work.look(CHIEF, number)
    assert [event.actor for event in seen.events] == ["seat:8001", "dispatcher:pai", *["handler:li"] * 4]
    assert seen.ticket.sign_due > MORNING


@pytest.mark.parametrize("who", [PIPES, STRAY, POLICE, EDITOR, Account("x", Role.HANDLER, "市教育局")])
async def test_what_is_not_theirs_is_not_there(office: Office, who: Account) -> None:
    number = await office.filed()
    with refused("ticket.unknown"):
        await office.work.look(who, number)
    assert (await office.work.page(who, Filter())).tickets == ()
    assert str((await office.work.counts(who, [Filter()]))[0]) == "0"


async def test_a_suggested_unit_sees_nothing_before_it_is_dispatched(office: Office) -> None:
    number = await office.filed()
    with refused("ticket.unknown"):
        await office.work.act(LAMPS, number, A.SUPPLEMENT, reason="看看")
    with refused("ticket.unknown"):
        await office.work.reveal(LAMPS, number, "看看")
    assert (await office.work.page(LAMPS, Filter())).tickets == ()


async def test_a_unit_that_helps_sees_it_and_adds_to_it_only(office: Office) -> None:
    number = await office.sent()
    assert A.SIGN not in (await office.work.look(PIPES, number)).actions
    assert A.SIGN in (await office.work.look(LAMPS, number)).actions
    await office.work.act(PIPES, number, A.SUPPLEMENT, reason="水管在灯杆下面")
    with refused("ticket.forbidden"):
        await office.work.act(PIPES, number, A.SIGN)


async def test_roles(office: Office) -> None:
    number = await office.sent()
    for who, action in ((SEAT, A.SIGN), (LAMPS, A.SUPERVISE), (EDITOR, A.URGE), (SENDER, A.REPLY)):
        with refused("ticket.forbidden"):
            await office.work.act(who, number, action)
    for action in (A.MERGE, A.GROUP, A.SPLIT, A.DRAFT):
        with refused("ticket.own_way"):
            await office.work.act(Account("root", Role.ADMIN), number, action)


async def test_numbers_and_names_in_reasons_are_concealed_and_kept_sealed(office: Office) -> None:
    number = await office.sent()
    await office.work.act(LAMPS, number, A.SUPPLEMENT, reason="王小明说打幺三九一二三四五六七八找他")
    await office.work.act(
        SEAT, number, A.CORRECT, given=Given(correction=Correction(content="王小明 13877776666 门口的灯"))
    )
    seen = await office.work.look(CHIEF, number)
    told = repr((seen.ticket, seen.events))
    assert "王小明" not in told
    assert "13877776666" not in told
    assert "139****5678" in told
    assert set(await office.store.hidden(number)) >= {"13912345678", "13877776666"}


async def test_a_stale_edit_names_what_happened_since(office: Office) -> None:
    number = await office.sent()
    await office.work.act(LAMPS, number, A.SIGN, expected=2)
    with pytest.raises(StaleTicket) as stale:
        await office.work.act(LAMPS, number, A.SIGN, expected=2)
    assert [event.action for event in stale.value.since] == [A.SIGN]


async def test_a_request_that_is_sent_again_is_carried_out_once(office: Office) -> None:
    number = await office.sent()
    for _ in range(2):
        assert (await office.work.act(LAMPS, number, A.SIGN, expected=2, key="k")).version == 3
    with refused("ticket.key_reused"):
        await office.work.act(LAMPS, number, A.START, key="k")
    await office.work.act(PIPES, number, A.SUPPLEMENT, reason="又来", key="k")


async def test_a_number_is_shown_for_a_reason_that_is_noted_first(office: Office) -> None:
    number = await office.sent()
    with refused("ticket.incomplete"):
        await office.work.reveal(LAMPS, number, "  ")
    assert await office.work.reveal(LAMPS, number, "约上门时间") == PHONE
    (noted,) = await office.access.of_ticket(number)
    assert (noted.who, noted.what, noted.why) == ("handler:li", Looked.NUMBER, "约上门时间")
    office.access.failing = VoicebotError("db.full", "满了")
    with refused("db.full"):
        await office.work.reveal(LAMPS, number, "约上门时间")
    with refused("db.full"):
        await office.work.look(LAMPS, number)


@pytest.mark.parametrize("kind", [{"confidential": True}, {"appeal_type": AppealType.REPORT}])
async def test_units_do_not_learn_who_reported(office: Office, kind: dict[str, object]) -> None:
    number = await office.sent(**kind)
    seen = await office.work.look(LAMPS, number)
    assert (seen.ticket.name_mask, seen.ticket.phone_mask, seen.ticket.evidence) == ("", "", ())
    assert seen.secret
    assert not seen.reveals
    assert "138****8000" not in repr(seen)
    assert "138****8000" not in repr(await office.work.page(LAMPS, Filter()))
    with refused("ticket.forbidden"):
        await office.work.reveal(LAMPS, number, "约上门时间")
    assert await office.work.reveal(CHIEF, number, "核实") == PHONE


async def test_nobody_gets_the_number_of_an_anonymous_caller(office: Office) -> None:
    number = await office.filed(anonymous=True)
    with refused("ticket.no_number"):
        await office.work.reveal(CHIEF, number, "核实")


async def test_the_rules_of_the_directory_hold(office: Office) -> None:
    number = await office.filed()
    with refused("ticket.dispatch_refused"):
        await office.work.act(
            SENDER, number, A.DISPATCH, given=Given(department=DepartmentName("没有这个局"))
        )
    await office.work.act(SENDER, number, A.DISPATCH, given=Given(department=CITY))
    with refused("ticket.unknown_ground"):
        await office.work.act(LAMPS, number, A.RETURN, reason="不想办", given=Given(return_ground="不想办"))
    with refused("ticket.dispatch_refused"):
        units = (DepartmentName("没有这个局"),)
        await office.work.act(SENDER, number, A.ASSIGN, given=Given(co_departments=units))


# ── other channels and systems ──────────────────────────────────────────────────────────────


async def test_a_matter_told_again_on_another_channel_is_added_to_the_open_ticket(office: Office) -> None:
    first = await office.filed()
    again, before = await office.work.file(SEAT, lamp(call_id=None, channel="wechat"))
    assert (again.ticket_no, before) == (first, True)


async def test_a_request_key_stands_for_one_demand(office: Office) -> None:
    first, before = await office.work.file(SEAT, lamp(call_id=None), key="k1")
    again, known = await office.work.file(SEAT, lamp(call_id=None), key="k1")
    assert (first.ticket_no, before, known) == (again.ticket_no, False, True)
    with refused("ticket.key_reused"):
        await office.work.file(SEAT, lamp(call_id=None, content="井盖丢了"), key="k1")
    assert len(office.store.tickets) == 1


async def test_110_hands_a_matter_over_once(office: Office) -> None:
    ref = Reference("110", "JQ2026112400017")
    demand = lamp(call_id=None, channel="110", caller_name="", phone="")
    first, _ = await office.work.file(POLICE, demand, refs=[ref])
    assert (first.state, first.refs) == (State.DRAFT, (ref,))
    again, known = await office.work.file(POLICE, replace(demand, content="同一件，说法不同"), refs=[ref])
    assert (again.ticket_no, known) == (first.ticket_no, True)
    assert (await office.work.look(POLICE, first.ticket_no)).ticket.refs == (ref,)
    with refused("ticket.forbidden"):
        await office.work.file(POLICE, demand, refs=[Reference("信访", "1")])


async def test_what_110_hands_over_about_an_open_ticket_is_linked_to_it(office: Office) -> None:
    first, ref = await office.filed(), Reference("110", "JQ1")
    ticket, before = await office.work.file(POLICE, lamp(call_id=None, channel="110"), refs=[ref])
    assert (ticket.ticket_no, before, ticket.refs) == (first, True, (ref,))


async def test_a_ticket_is_linked_to_the_case_of_110(office: Office) -> None:
    number = await office.filed()
    given = Given(reference=Reference("110", "JQ1"))
    assert (await office.work.act(SEAT, number, A.LINK, given=given)).refs == (given.reference,)
    await office.work.act(POLICE, number, A.SUPPLEMENT, reason="民警到过现场")


# ── several tickets ─────────────────────────────────────────────────────────────────────────


async def test_mergers_happen_whole_or_not_at_all(office: Office) -> None:
    into = await office.filed()
    others = [await office.filed(phone=f"1390000000{n}", address=f"云江路{n}号") for n in range(3)]
    with pytest.raises(StaleTicket):
        await office.work.merge(
            SENDER, into, {others[0]: 1, others[1]: 1, others[2]: 7}, reason="同一盏灯", expected=1
        )
    assert {t.version for t in office.store.tickets.values()} == {1}
    done = await office.work.merge(SENDER, into, dict.fromkeys(others), reason="同一盏灯，打13912345678")
    assert [t.state for t in done] == [State.ACCEPTED, *[State.MERGED] * 3]
    events = await office.store.events(into)
    assert all(number in events[-1].reason for number in others)
    assert await office.store.hidden(into) == ("13912345678",)


async def test_a_group_keeps_every_number(office: Office) -> None:
    head, one, two = [await office.filed(phone=f"1390000000{n}", address=f"云江路{n}号") for n in range(3)]
    done = await office.work.group(SENDER, head, {one: 1, two: None})
    assert [t.group for t in done] == [head, head]
    with refused("ticket.illegal_move"):
        await office.work.group(SENDER, one, {head: None})
    with refused("ticket.incomplete"):
        await office.work.group(SENDER, head, {})
    with refused("ticket.unknown"):
        await office.work.group(SENDER, head, {TicketNo("20261124999999"): None})


async def test_mergers_and_groups_that_are_sent_again_happen_once(office: Office) -> None:
    head, one, two = [await office.filed(phone=f"1390000000{n}", address=f"云江路{n}号") for n in range(3)]
    for _ in range(2):
        (done,) = await office.work.group(SENDER, head, {one: 1}, key="g")
        assert (done.group, done.version) == (head, 2)
        merged = await office.work.merge(SENDER, head, {two: 1}, reason="同一盏灯", expected=1, key="m")
        assert [t.version for t in merged] == [2, 2]
    with refused("ticket.key_reused"):
        await office.work.group(SENDER, two, {one: None}, key="g")
    with refused("ticket.key_reused"):
        await office.work.merge(SENDER, head, {one: None}, reason="同一盏灯", key="g")


async def test_a_part_is_split_off_for_the_same_person(office: Office) -> None:
    number = await office.filed(confidential=True)
    part = lamp(call_id=None, content="王小明13912345678家门口井盖也坏了", title="井盖坏了", phone="")
    made = await office.work.split(SENDER, number, part, reason="两件事", expected=1, key="s")
    again = await office.work.split(SENDER, number, part, reason="两件事", expected=1, key="s")
    assert made == again
    assert made.split_from == number
    assert made.confidential
    assert "王小明" not in made.content
    assert await office.store.hidden(made.ticket_no) == ("13912345678",)
    assert await office.work.reveal(CHIEF, made.ticket_no, "回访") == PHONE


async def test_calls_are_heard_by_those_who_may_and_it_is_noted(office: Office) -> None:
    number, call = await office.sent(), CallId("c1")
    secret = await office.sent(confidential=True, address="云江路99号", content="另一件事，工地夜里施工")
    await office.work.hear(LAMPS, call, (number,), Looked.TRANSCRIPT)
    noted = office.access.noted[-1]
    assert (noted.who, noted.what, noted.call_id) == ("handler:li", Looked.TRANSCRIPT, call)
    for who, about in ((LAMPS, (secret,)), (LAMPS, ()), (LAMPS, (number, secret)), (STRAY, (number,))):
        with refused(r"call\.unknown"):
            await office.work.hear(who, call, about, Looked.TRANSCRIPT)
    with refused(r"ticket\.incomplete"):
        await office.work.hear(CHIEF, call, (secret,), Looked.RECORDING)
    await office.work.hear(CHIEF, call, (secret,), Looked.RECORDING, "复核举报")
    assert office.access.noted[-1].why == "复核举报"
    with refused(r"ticket\.forbidden"):
        await office.work.access_log(SEAT, AccessWanted())
    page = await office.work.access_log(CHIEF, AccessWanted(call_id=call))
    assert len(page.items) == 2


async def test_units_never_see_the_door_of_a_secret_ticket(office: Office) -> None:
    number = await office.sent(
        confidential=True, address="幸福路8号3单元501室", content="我家住幸福路8号3单元501，楼下烧烤摊很吵"
    )
    seen = await office.work.look(LAMPS, number)
    assert "501" not in repr(seen)
    assert "8号" not in repr(seen)
    assert "幸福路" in seen.ticket.address
    assert "501" in (await office.work.look(SENDER, number)).ticket.address


async def test_what_goes_outside_holds_nothing_of_the_caller(office: Office) -> None:
    number = await office.sent(content=f"我叫王小明，电话{PHONE}，路灯坏了")
    text = await office.work.for_party(LAMPS, number)
    for part in ("王小明", "8000", "138", number):
        assert part not in text
    with refused(r"ticket\.unknown"):
        await office.work.for_party(STRAY, number)
