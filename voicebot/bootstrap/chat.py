"""`voicebot chat`: the same call on the virtual clock, with a line that carries words."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from voicebot.adapters.db.calls import SqlJournal
from voicebot.adapters.db.database import FILE_NAME, Database
from voicebot.adapters.db.tickets import SqlTicketStore
from voicebot.adapters.text_line import NoSound, TextLine
from voicebot.adapters.virtual_time import VirtualClock
from voicebot.bootstrap.brain import load_brain
from voicebot.bootstrap.dispatching import open_dispatching
from voicebot.calls.call import Call
from voicebot.calls.parts import CallParts
from voicebot.calls.ports import AudioIn, DigitIn, HungUp, Line, TextIn, WaitingRoom
from voicebot.calls.round import Reply
from voicebot.core.errors import VoicebotError
from voicebot.core.handover import Handover, HandoverEnd, HandoverOutcome
from voicebot.core.ids import CallId, FlowName
from voicebot.dialogue.effects import WEIGHT
from voicebot.dialogue.trying.rehearsal import Hangup, Keys, Say, Silence
from voicebot.operations.notices import Notice
from voicebot.operations.ticket_desk import TicketDesk

ChatInput = Say | Keys | Silence | Hangup


@dataclass(frozen=True, slots=True)
class ChatOptions:
    """One call in writing.

    Args:
        content: folder with ``ivr_flows/`` and ``knowledge_base/``.
        now: wall time of the first word; None for the real one.
        flow: flow to begin in; "" for the one of the dialled number.
        seat: how a person's phone ends when it is rung.
    """

    content: Path
    data: Path
    caller: str = "13800000000"
    dialled: str = "12345"
    now: datetime | None = None
    flow: str = ""
    seat: HandoverOutcome = HandoverOutcome.COMPLETED


class Seat:
    """The port `Switchboard` with a person whose behaviour is an option."""

    def __init__(self, outcome: HandoverOutcome) -> None:
        self._outcome = outcome

    async def hand_over(
        self, handover: Handover, line: Line, audio: AsyncIterator[AudioIn], room: WaitingRoom
    ) -> HandoverEnd:
        return HandoverEnd(self._outcome)


class Unsent:
    """The port `Notifier`: nothing leaves the machine, and all messages count as taken."""

    def give(self, notice: Notice) -> "asyncio.Future[str]":
        outcome: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        outcome.set_result("")
        return outcome


class Chat:
    """A call that is fed one input at a time."""

    def __init__(self, line: TextLine, call: "asyncio.Task[str]", clock: VirtualClock) -> None:
        self._line = line
        self._call = call
        self._clock = clock
        self._fresh: dict[int, Reply] = {}
        self._last: Reply | None = None

    def on_reply(self, reply: Reply) -> None:
        self._fresh[reply.index] = self._last = reply

    async def greeting(self) -> Reply:
        """What is said before any input."""
        return await self._answered()

    async def put(self, given: ChatInput) -> Reply:
        """Does what the caller does; all that the call says to it, joined."""
        match given:
            case Say(text=text):
                self._line.put(TextIn(text))
            case Keys(keys=keys):
                for key in keys:
                    self._line.put(DigitIn(key))
            case Silence(seconds=seconds):
                await asyncio.sleep(seconds)
            case Hangup():
                self._line.put(HungUp("caller"))
        return await self._answered()

    async def _answered(self) -> Reply:
        await self._clock.settled()
        if self._call.done():
            self._call.result()  # a defect is raised here, not swallowed
        fresh, self._fresh = [self._fresh[i] for i in sorted(self._fresh)], {}
        return _joined(fresh, self._last, self._call.done())


def _joined(fresh: Iterable[Reply], last: Reply | None, ended: bool) -> Reply:
    replies = [reply for reply in fresh if reply.text]
    acted = sorted((r for r in replies if r.action), key=lambda r: WEIGHT.index(r.action) if r.action else 0)
    return Reply(
        index=last.index if last else 0,
        text="".join(reply.text for reply in replies),
        action=acted[0].action if acted else None,
        article=next((r.article for r in replies if r.article), None),
        ticket_no=next((r.ticket_no for r in reversed(replies) if r.ticket_no), None),
        queue=last.queue if last else None,
        state="ended" if ended else (last.state if last else ""),
        slots=last.slots if last else {},
        ended=ended,
        step=last.step if last else "",
    )


@asynccontextmanager
async def open_chat(options: ChatOptions) -> AsyncIterator[Chat]:
    """Starts the call; must run on a `VirtualLoop`.

    Raises:
        VoicebotError: content or database cannot be used; ``flow.unknown``.
    """
    brain = load_brain(options.content)
    if options.flow and options.flow not in brain.flows.flows:
        raise VoicebotError(
            "flow.unknown", f"没有流程「{options.flow}」，现有：{'、'.join(brain.flows.flows)}"
        )
    zone = ZoneInfo(brain.catalogue.city.timezone)
    clock = VirtualClock(options.now or datetime.now(zone))
    database = await Database.open(options.data / FILE_NAME)
    try:
        line = TextLine(
            CallId(clock.now().strftime("%Y%m%d-%H%M%S-") + f"{id(clock) & 0xFFFFFF:06x}"),
            options.caller,
            options.dialled,
        )
        silent, journal = NoSound(), SqlJournal(database, clock)
        tickets = SqlTicketStore(database)
        dispatching = open_dispatching(database, tickets, clock, lambda: brain)
        parts = CallParts(
            recogniser=silent,
            detector=silent,
            synthesizer=silent,
            desk=TicketDesk(tickets, clock, lambda: brain.deadlines, dispatching),
            switchboard=Seat(options.seat),
            journal=journal,
            clock=clock,
            notifier=Unsent(),
            earlier=journal.earlier,
        )
        flow = FlowName(options.flow) if options.flow else brain.flows.for_number(options.dialled)
        replies: list[Chat] = []
        call = asyncio.create_task(
            Call(line, parts, brain, flow, on_reply=lambda reply: replies[0].on_reply(reply)).run()
        )
        chat = Chat(line, call, clock)
        replies.append(chat)
        yield chat
        line.put(HungUp("caller"))
        await call
        await dispatching.drain()
    finally:
        await database.close()
