"""The 回访 from the due call to the ticket: a closed ticket, a person rung in memory, on virtual time."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import cast

from tests.calls.kit import brain, until, voice
from tests.fakes.callbacks import FakeOutward, ListCallbacks, owed
from tests.fakes.demands import PHONE, lamp
from tests.fakes.detector import FakeDetector
from tests.fakes.dialer import FakeDialer
from tests.fakes.journal import FakeJournal
from tests.fakes.line import FakeLine
from tests.fakes.speech import FakeRecogniser, FakeSynthesizer
from tests.fakes.tickets import DictTicketStore
from tests.fakes.understanding import FakeUnderstander
from tests.virtual_time import SHANGHAI_MORNING, VirtualClock, on_virtual_time
from voicebot.calls.brain import Brain
from voicebot.calls.options import AdmissionOptions, OutboundOptions, SeatOptions
from voicebot.calls.outbound import OutboundCalls
from voicebot.calls.parts import CallParts
from voicebot.calls.ports import Unanswered
from voicebot.calls.reception import Reception
from voicebot.calls.switchboard import SeatSwitchboard
from voicebot.core.demand import Demand
from voicebot.core.ids import TicketNo
from voicebot.core.utterance import Expect, TextVerdict
from voicebot.operations.callbacks import Callbacks
from voicebot.operations.ticket_desk import TicketDesk
from voicebot.tickets.birth import accept
from voicebot.tickets.callbacks import Over, TryOutcome
from voicebot.tickets.deadlines import Deadlines
from voicebot.tickets.given import Given
from voicebot.tickets.lifecycle import transition
from voicebot.tickets.state import State
from voicebot.tickets.ticket import Contact, Ticket, TicketAction
from voicebot.understanding import Understander

T = TryOutcome
LONG = 18
"""Characters that nobody says at once here but a machine."""


class Finished(FakeUnderstander):
    """What people say on the phone here is whole; machines go on."""

    def verdict(self, text: str, expect: Expect, saying: str = "") -> TextVerdict:
        return TextVerdict(1.0 if len(text) < LONG else 0.1, expect.kind)


def known() -> Brain:
    return replace(brain(), understander=cast(Understander, Finished()))


async def in_time(condition: Callable[[], bool], within: timedelta = timedelta(days=4)) -> None:
    """Waits for what may be days away."""
    async with asyncio.timeout(within.total_seconds()):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(15)


CALLED = "请问您是王小明吗"


@dataclass
class Town:
    """The hotline and the person it rings."""

    clock: VirtualClock
    outward: FakeOutward
    recogniser: FakeRecogniser
    journal: FakeJournal
    tickets: DictTicketStore
    callbacks: ListCallbacks
    dialer: FakeDialer
    reception: Reception
    ticket_no: TicketNo

    @property
    def line(self) -> FakeLine:
        return self.outward.lines[-1]

    @property
    def said(self) -> str:
        """All that we said in the last call."""
        return "".join(text for who, text, _ in self.line.captions if who == "bot")

    @property
    def ticket(self) -> Ticket:
        return self.tickets.tickets[self.ticket_no]

    @property
    def tries(self) -> list[TryOutcome]:
        return [each.outcome for due in self.callbacks.calls.values() for each in due.tries]

    async def answered(self, calls: int = 1) -> None:
        """Until somebody has picked up and heard our first words."""
        seen = len(self.outward.rung)
        while len(self.outward.lines) < calls:  # noqa: ASYNC110
            await asyncio.sleep(0.1 if len(self.outward.rung) > seen or not self.tries else 15)
        await asyncio.sleep(1)
        await self.listens()

    async def listens(self) -> None:
        await until(lambda: self.line.states[-1:] == ["listening"] or not self.reception.running)

    async def says(self, text: str, seconds: float = 1.2) -> None:
        self.recogniser.say(text)
        self.line.says(voice(seconds))
        await asyncio.sleep(seconds + 1.0)
        await self.listens()

    async def presses(self, keys: str) -> None:
        self.line.press(keys)
        await asyncio.sleep(0.5)
        await self.listens()

    async def kept(self, tries: int = 1) -> None:
        await in_time(lambda: len(self.tries) == tries)


@asynccontextmanager
async def town(
    *,
    demand: Demand | None = None,
    outcomes: list[Unanswered] | None = None,
    admission: AdmissionOptions | None = None,
) -> AsyncIterator[Town]:
    """One closed ticket whose caller is to be rung, at half past nine on a Tuesday."""
    clock = VirtualClock(SHANGHAI_MORNING)
    recogniser, journal, tickets = FakeRecogniser(), FakeJournal(), DictTicketStore()
    dialer, callbacks = FakeDialer(clock), ListCallbacks()
    outward = FakeOutward(clock, list(outcomes or ()))
    parts = CallParts(
        recogniser=recogniser,
        detector=FakeDetector(),
        synthesizer=FakeSynthesizer(),
        desk=TicketDesk(tickets, clock),
        switchboard=SeatSwitchboard(dialer, SeatOptions({"*": "sip:seat"}), clock),
        journal=journal,
        clock=clock,
    )
    reception = Reception(parts, lambda call_id: known(), admission)
    ticket_no = await _closed(tickets, clock, demand or lamp())
    callbacks.add(owed(ticket_no, since=clock.now()))
    calls = OutboundCalls(outward, reception, OutboundOptions())
    work = Callbacks(callbacks, tickets, calls, clock, lambda: brain().catalogue.city, "test")
    running = asyncio.create_task(work.run())
    yield Town(clock, outward, recogniser, journal, tickets, callbacks, dialer, reception, ticket_no)
    for line in outward.lines:
        line.hangs_up()
    await reception.drain(60)
    await work.drain(60)
    running.cancel()
    await asyncio.wait({running})


async def _closed(tickets: DictTicketStore, clock: VirtualClock, demand: Demand) -> TicketNo:
    at = clock.now()
    due = Deadlines().of(demand.appeal_type, demand.urgency, demand.callback_only, at)
    born, _ = await tickets.create(
        at.date(), lambda no: accept(no, demand, due, "bot", at), Contact("王小明", PHONE)
    )
    for action, given in ((TicketAction.REPLY, Given(reply="修好了")), (TicketAction.CLOSE, Given())):
        await tickets.change(
            born.ticket_no,
            lambda t, a=action, g=given: transition(t, a, "handler:li", at, "", g),  # type: ignore[misc]
        )
    return born.ticket_no


@on_virtual_time
async def test_a_satisfied_caller() -> None:
    async with town() as t:
        await t.answered()
        assert CALLED in t.said
        assert "录音" in t.said
        assert "路灯" not in t.said  # nothing before we know who it is
        await t.says("是我")
        assert "路灯" not in t.said
        await t.says("方便你说吧")
        assert "您反映的路灯不亮，部门已经办结" in t.said
        await t.says("解决了")
        await t.presses("5")
        await t.kept()
        assert (t.ticket.state, t.ticket.rating, t.ticket.solved) == (State.CALLBACK, 5, True)
        assert t.ticket.called_back_at is not None
        assert not t.ticket.low_score
        assert t.tries == [T.DONE]
        assert t.callbacks.over == {f"revisit:{t.ticket_no}:1": Over.DONE}
        (kept,) = t.journal.calls.values()
        assert (kept.flow, kept.info.outbound, kept.info.caller, kept.score) == ("revisit", True, PHONE, 5)


@on_virtual_time
async def test_a_low_score_brings_the_reason_and_a_review() -> None:
    async with town() as t:
        await t.answered()
        await t.says("我是")
        await t.says("可以")
        await t.says("没人来修")
        await t.presses("1")
        await t.says("拖了两个多月也没有人来看过一眼")
        await t.kept()
        assert (t.ticket.rating, t.ticket.solved, t.ticket.low_score) == (1, False, True)
        assert t.ticket.rating_reason == "拖了两个多月也没有人来看过一眼"


@on_virtual_time
async def test_part_of_it_is_not_all_of_it() -> None:
    async with town() as t:
        await t.answered()
        await t.says("我是")
        await t.says("可以")
        await t.says("解决了一部分")
        await t.presses("3")
        await t.says("还差两盏")
        await t.kept()
        assert (t.ticket.rating, t.ticket.solved) == (3, False)
        assert t.ticket.rating_reason == "部分解决。还差两盏"


@on_virtual_time
async def test_whoever_hangs_up_half_way_has_said_what_they_said() -> None:
    async with town() as t:
        await t.answered()
        await t.says("我是")
        await t.says("可以")
        await t.says("没有解决")
        t.line.hangs_up()
        await t.kept()
        assert t.tries == [T.DONE]
        assert (t.ticket.solved, t.ticket.rating, t.ticket.low_score) == (False, None, True)


@on_virtual_time
async def test_whoever_hangs_up_at_once_is_rung_again_in_another_window() -> None:
    async with town() as t:
        await t.answered()
        t.line.hangs_up()
        await t.kept()
        assert t.tries == [T.CUT]
        assert (t.ticket.callbacks, t.ticket.called_back_at) == (1, None)
        await t.answered(2)
        assert t.outward.rung[1][1].hour == 14


@on_virtual_time
async def test_a_wrong_person_learns_nothing() -> None:
    async with town() as t:
        await t.answered()
        await t.says("你打错了")
        await t.kept()
        assert "路灯" not in t.said
        assert "回访" not in t.said
        assert t.tries == [T.WRONG_PERSON]
        assert list(t.callbacks.over.values()) == [Over.WRONG_NUMBER]
        history = await t.tickets.events(t.ticket_no)
        assert history[-1].reason == "回访：接听的不是本人；号码不对或打不通，请人工联系"


@on_virtual_time
async def test_an_answering_machine_is_hung_up_on() -> None:
    """Long speech right after the pick-up, over our first words."""
    async with town() as t:
        spoken = bytes(8000) + (voice(0.4) + bytes(2400)) * 15  # with the breaks that speech has
        t.outward.on_answer = lambda line: line.says(spoken)
        t.recogniser.say("欢迎致电云江科技有限公司请直拨分机号查号请拨零")
        await until(lambda: bool(t.outward.lines))
        await t.kept()
        assert t.tries == [T.MACHINE]
        assert "路灯" not in t.said
        assert "机主" not in t.said
        assert t.line.hang_up_reason is not None


@on_virtual_time
async def test_silence_ends_politely_and_says_nothing() -> None:
    async with town() as t:
        await t.answered()
        await t.kept()
        assert t.tries == [T.SILENT]
        assert t.said.endswith("打扰了，再见。")
        assert "路灯" not in t.said


@on_virtual_time
async def test_barging_in_is_heard() -> None:
    """是我 in the middle of our first sentence: we stop and go on."""
    async with town() as t:
        await until(lambda: bool(t.outward.lines))
        await asyncio.sleep(2.0)
        await t.says("是我你说")
        assert t.line.flushes
        assert "现在方便吗" in t.said


@on_virtual_time
async def test_who_is_busy_is_rung_when_they_said() -> None:
    async with town() as t:
        await t.answered()
        await t.says("我在开会")
        assert "什么时候" in t.said
        await t.says("下午三点吧")
        await t.kept()
        assert t.tries == [T.LATER]
        await t.answered(2)
        rung = t.outward.rung[1][1]
        assert (rung.hour, rung.minute) == (15, 0)
        await t.says("是我")
        assert "现在方便吗" in t.said


@on_virtual_time
async def test_no_call_any_more_where_none_is_wanted() -> None:
    async with town() as t:
        await t.answered()
        await t.says("不用回访以后别再打了")
        await t.kept()
        assert t.tries == [T.NEVER]
        assert list(t.callbacks.over.values()) == [Over.NEVER]
        assert t.ticket.called_back_at is not None


@on_virtual_time
async def test_a_busy_line_then_nobody_then_another_day() -> None:
    async with town(outcomes=[Unanswered.BUSY, Unanswered.NO_ANSWER, Unanswered.NO_ANSWER]) as t:
        await t.kept(3)
        first, second, third = (at for _, at in t.outward.rung)
        assert timedelta(minutes=10) <= second - first <= timedelta(minutes=11)
        assert third.date() > second.date()
        assert t.tries == [T.BUSY, T.NO_ANSWER, T.NO_ANSWER]
        assert list(t.callbacks.over.values()) == [Over.UNREACHED]
        assert (t.ticket.callbacks, t.ticket.state) == (3, State.CALLBACK)
        history = await t.tickets.events(t.ticket_no)
        assert history[-1].reason == "回访：无人接听；多次未接通，请人工联系"


@on_virtual_time
async def test_a_number_that_does_not_exist_is_for_a_person() -> None:
    async with town(outcomes=[Unanswered.UNREACHABLE]) as t:
        await t.kept()
        assert list(t.callbacks.over.values()) == [Over.WRONG_NUMBER]


@on_virtual_time
async def test_a_failure_of_ours_is_no_try() -> None:
    async with town(outcomes=[Unanswered.FAILED]) as t:
        await t.answered()
        assert t.tries == [T.FAILED]
        assert t.ticket.callbacks == 0
        assert t.outward.rung[1][1] - t.outward.rung[0][1] >= timedelta(minutes=10)


@on_virtual_time
async def test_a_secret_matter_is_never_named() -> None:
    async with town(demand=replace(lamp(), confidential=True)) as t:
        await t.answered()
        assert "机主本人" in t.said
        assert "王小明" not in t.said
        await t.says("是我")
        await t.says("方便")
        assert "您登记的事项，部门已经办结" in t.said
        assert "路灯" not in t.said


@on_virtual_time
async def test_who_wants_a_person_gets_one() -> None:
    async with town() as t:
        t.dialer.on_answer = lambda person: person.hangs_up()
        await t.answered()
        await t.says("转人工")
        await until(lambda: bool(t.dialer.dialled))
        assert t.dialer.dialled[0][0] == "sip:seat"


@on_virtual_time
async def test_nobody_is_rung_from_the_places_of_callers() -> None:
    """One place, and it is for those who call us."""
    async with town(admission=AdmissionOptions(max_calls=1)) as t:
        await asyncio.sleep(600)
        assert t.outward.rung == []
        assert t.tries == []


@on_virtual_time
async def test_a_ticket_that_is_worked_on_again_is_not_asked_about() -> None:
    async with town(outcomes=[Unanswered.BUSY]) as t:
        await t.kept()
        at = t.clock.now()
        await t.tickets.change(
            t.ticket_no,
            lambda k: transition(
                k, TicketAction.REDO, "handler:li", at, "没修好", Given(due_at=at + timedelta(days=3))
            ),
        )
        await in_time(lambda: bool(t.callbacks.over))
        assert len(t.outward.rung) == 1
        assert list(t.callbacks.over.values()) == [Over.VOID]
