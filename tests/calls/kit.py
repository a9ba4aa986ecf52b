"""A whole call in memory on virtual time: the test is the caller."""

import asyncio
import math
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, cast

from tests.fakes.detector import FakeDetector
from tests.fakes.dialer import FakeDialer
from tests.fakes.journal import FakeJournal, Kept
from tests.fakes.line import INFO, FakeLine
from tests.fakes.speech import FakeRecogniser, FakeSynthesizer
from tests.fakes.tickets import DictTicketStore
from tests.fakes.understanding import FakeUnderstander
from tests.virtual_time import SHANGHAI_MORNING, VirtualClock
from voicebot.adapters.files.content import read_content
from voicebot.bootstrap.brain import QUEUES
from voicebot.calls.brain import Brain
from voicebot.calls.call import Call
from voicebot.calls.helper import Helper, LanguageModel
from voicebot.calls.options import CallOptions, SeatOptions
from voicebot.calls.parts import CallParts
from voicebot.calls.ports import LineInfo, Notifier, Switchboard
from voicebot.calls.switchboard import SeatSwitchboard
from voicebot.core.catalogue import Catalogue, CityProfile
from voicebot.core.ids import FlowName
from voicebot.core.utterance import Utterance
from voicebot.dialogue import load_flows
from voicebot.knowledge import load_knowledge
from voicebot.operations.ticket_desk import Dispatcher, TicketDesk
from voicebot.understanding import Understander, load_departments

ROOT: Final = Path(__file__).parents[2]


@cache
def brain() -> Brain:
    """The shipped flows and articles, with understanding as the test tells it."""
    content = read_content(ROOT)
    departments = load_departments(*content.departments)
    knowledge = load_knowledge(content.articles)
    titles = {article: found.title for article, found in knowledge.articles.items()}
    catalogue = Catalogue(CityProfile("云江市", "云江12345", "数据局"), departments, titles, QUEUES)
    flows = load_flows(content.flows, catalogue)
    return Brain(catalogue, cast(Understander, FakeUnderstander()), knowledge, flows, "test")


def voice(seconds: float, level: float = -20.0, rate: int = 8000) -> bytes:
    """A tone of so many dBFS (RMS)."""
    peak = 32767 * math.sqrt(2) * 10 ** (level / 20)
    return b"".join(
        struct.pack("<h", int(peak * math.sin(2 * math.pi * 300 * i / rate)))
        for i in range(int(seconds * rate))
    )


async def until(condition: Callable[[], bool], within: float = 60.0) -> None:
    """Waits (on virtual time, in steps of a packet) until it holds."""
    async with asyncio.timeout(within):
        while not condition():  # noqa: ASYNC110 - a condition over many things, and time is free
            await asyncio.sleep(0.02)


@dataclass
class Scene:
    """A call under way."""

    clock: VirtualClock
    line: FakeLine
    recogniser: FakeRecogniser
    synthesizer: FakeSynthesizer
    journal: FakeJournal
    store: DictTicketStore
    dialer: FakeDialer
    call: "asyncio.Task[str]"
    helper: Helper | None = None

    @property
    def kept(self) -> Kept:
        return self.journal.calls[self.line.info.call_id]

    @property
    def said(self) -> list[str]:
        """Our sentences so far."""
        return [text for who, text, _ in self.line.captions if who == "bot"]

    async def until_we_listen(self) -> None:
        """Waits until all was said."""
        await until(lambda: self.line.states[-1:] == ["listening"] or self.call.done())

    async def says(self, text: str | Utterance, seconds: float = 1.5, level: float = -20.0) -> None:
        """The caller speaks and waits for the whole answer; an `Utterance` is how it is recognised."""
        self.starts_saying(text, seconds, level)
        await asyncio.sleep(seconds + 1.0)
        await self.until_we_listen()

    def starts_saying(self, text: str | Utterance, seconds: float = 1.5, level: float = -20.0) -> None:
        self.recogniser.say(text)
        self.line.says(voice(seconds, level, self.line.info.rate))

    async def ends(self) -> None:
        """Waits for the end of the call."""
        await asyncio.wait_for(self.call, 120)


@asynccontextmanager
async def calling(
    *,
    info: LineInfo = INFO,
    options: CallOptions | None = None,
    seats: SeatOptions | None = None,
    flow: str = "main",
    deaf: bool = False,
    failing_journal: int = 0,
    notifier: Notifier | None = None,
    known: Brain | None = None,
    earlier: Callable[[str], Awaitable[int]] | None = None,
    model: LanguageModel | None = None,
    switchboard: Switchboard | None = None,
    dispatcher: Callable[[DictTicketStore, VirtualClock], Dispatcher] | None = None,
) -> AsyncIterator[Scene]:
    """A call that has just been answered; it is hung up at the end if it still runs."""
    clock = VirtualClock(SHANGHAI_MORNING)
    line, recogniser, synthesizer = FakeLine(clock, info), FakeRecogniser(), FakeSynthesizer()
    journal, store, dialer = FakeJournal(failing_journal), DictTicketStore(), FakeDialer(clock)
    detector = FakeDetector()
    parts = CallParts(
        recogniser=recogniser,
        detector=detector,
        synthesizer=synthesizer,
        desk=TicketDesk(store, clock, dispatcher=dispatcher(store, clock) if dispatcher else None),
        switchboard=switchboard or SeatSwitchboard(dialer, seats or SeatOptions({"*": "sip:seat"}), clock),
        journal=journal,
        clock=clock,
        options=options or CallOptions(),
        notifier=notifier,
        earlier=earlier,
        helper=Helper(model, clock) if model else None,
    )
    call = asyncio.create_task(Call(line, parts, known or brain(), FlowName(flow), deaf=deaf).run())
    try:
        yield Scene(clock, line, recogniser, synthesizer, journal, store, dialer, call, parts.helper)
    finally:
        line.hangs_up()
        await asyncio.wait_for(call, 60)
        assert detector.open_streams == 0
