"""A scripted caller: says sentences with hand-made meanings, presses keys, is silent; and the world
behind the effects (tickets, people), whose answers the test chooses."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from typing import TypeVar

from voicebot.core.answer import Answer, ArticleHit, NoAnswer
from voicebot.core.catalogue import Catalogue, CityProfile, Department
from voicebot.core.demand import TicketReceipt, TicketSummary
from voicebot.core.handover import HandoverOutcome
from voicebot.core.ids import ArticleId, CallId, DepartmentName, QueueName, TicketNo
from voicebot.core.meaning import Command, DepartmentGuess, Intent, Meaning, Mood, Slot
from voicebot.core.utterance import Expect, ExpectKind, Utterance
from voicebot.dialogue import Flows, Label, State, from_json, load_flows, start, step, to_json
from voicebot.dialogue.effects import Action, Effect, EndCall, HandOver, Listen, Say
from voicebot.dialogue.events import (
    CallStarted,
    Event,
    HandoverEnded,
    Heard,
    Keyed,
    NoInput,
    StepFailed,
    TicketChanged,
    TicketFiled,
    TicketsFound,
)

E = TypeVar("E")
CALL = CallId("c1")
ROOT = Path(__file__).parents[2]
AT = datetime(2026, 11, 24, 9, 30, tzinfo=timezone(timedelta(hours=8)))
CITY = CityProfile("云江市", "云江12345", "云江市政务服务和数据管理局")
QUEUES = tuple(QueueName(name) for name in ("综合", "企业", "长者"))
SOCIAL_CARD = Answer(
    ArticleId("KB001"),
    "社保卡挂失补办",
    "先打12333挂失，再带身份证到网点补卡。",
    more="也可以在电子社保卡里申请，补卡一般当场可取。",
    aspects=(("materials", "带本人身份证就可以。"), ("cost", "有的地方收工本费。")),
)
RECEIPT = TicketReceipt(TicketNo("20261124000072"), None, datetime(2026, 12, 1, 17, 0, tzinfo=AT.tzinfo))
LAMP = TicketSummary(
    TicketNo("20261120000007"),
    "幸福小区路灯不亮",
    "办理中",
    DepartmentName("市城市管理局"),
    datetime(2026, 11, 27, 17, 0, tzinfo=AT.tzinfo),
)


@cache
def catalogue() -> Catalogue:
    rows = (ROOT / "knowledge_base/departments.tsv").read_text(encoding="utf-8").splitlines()[1:]
    fields = [row.split("\t") for row in rows if row.strip()]
    departments = tuple(Department(DepartmentName(f[0]), f[1], f[2]) for f in fields)
    return Catalogue(CITY, departments, {ArticleId("KB001"): "社保卡挂失补办"}, QUEUES)


def shipped_texts() -> dict[str, str]:
    return {
        f"ivr_flows/{path.name}": path.read_text(encoding="utf-8")
        for path in sorted((ROOT / "ivr_flows").glob("*.yaml"))
        if not path.name.endswith(".test.yaml")
    }


@cache
def shipped_flows() -> Flows:
    return load_flows(shipped_texts(), catalogue())


def meaning(
    intent: Intent = Intent.UNCLEAR,
    *,
    slots: Mapping[str, str] | None = None,
    confidence: float = 0.9,
    department: str = "",
    yes: bool | None = None,
    command: Command | None = None,
    choice: int | None = None,
    certain: bool = False,
    mood: Mood = Mood.CALM,
    **more: object,
) -> Meaning:
    """A meaning in short form; slot values are their own spans."""
    found = {name: Slot(value, value) for name, value in (slots or {}).items()}
    guesses = (DepartmentGuess(DepartmentName(department), 0.9),) if department else ()
    plain = Meaning(
        intent,
        confidence,
        slots=found,
        departments=guesses,
        yes=yes,
        command=command,
        choice=choice,
        emergency_is_certain=certain,
        mood=mood,
    )
    return replace(plain, **more)  # type: ignore[arg-type]


TICKET, FAQ, STATUS, HUMAN = Intent.TICKET, Intent.FAQ, Intent.TICKET_STATUS, Intent.HUMAN
YES = meaning(Intent.CHITCHAT, yes=True)
NO = meaning(Intent.CHITCHAT, yes=False)
PERSON = meaning(HUMAN)
UNCLEAR = meaning(Intent.UNCLEAR, confidence=0.2)


@dataclass
class Caller:
    """One conversation. `effects` are those of the last event, `log` all events with effects.

    The state goes through JSON between events, as it does when a call moves to another process.
    """

    flows: Flows
    caller: str = "13800000000"
    dialled: str = "12345"
    channel: str = "phone"
    call_id: CallId = CALL
    now: datetime = AT
    state: State = field(init=False)
    effects: tuple[Effect, ...] = ()
    log: list[tuple[Event, tuple[Effect, ...]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.state = start(self.flows, self.flows.for_number(self.dialled))
        self.give(CallStarted(self.call_id, self.caller, self.dialled, self.channel, self.now))

    def give(self, event: Event) -> "Caller":
        after = step(self.flows, self.state, event)
        self.state, self.effects = from_json(to_json(after.state)), after.effects
        assert self.state == after.state
        self.log.append((event, after.effects))
        return self

    def says(self, text: str, what: Meaning, answer: Answer | None = None, seconds: float = 0.0) -> "Caller":
        """The caller says something, in so many seconds (0: nobody knows)."""
        found = answer or NoAnswer(ArticleHit(ArticleId("KB009"), "x", None, 0.1))
        return self.give(Heard(Utterance(text, started=10.0, ended=10.0 + seconds), what, found, AT))

    def presses(self, keys: str) -> "Caller":
        return self.give(Keyed(keys, AT))

    def is_silent(self, count: int = 1) -> "Caller":
        return self.give(NoInput(count, AT))

    def stored(self, receipt: TicketReceipt = RECEIPT) -> "Caller":
        return self.give(TicketFiled(receipt, AT))

    def finds(self, *tickets: TicketSummary) -> "Caller":
        return self.give(TicketsFound(tickets, AT))

    def changes(self, ticket: TicketSummary | None, reason: str = "") -> "Caller":
        return self.give(TicketChanged(ticket, AT, reason))

    def person(self, outcome: HandoverOutcome) -> "Caller":
        return self.give(HandoverEnded(outcome, AT))

    def fails(self, code: str) -> "Caller":
        return self.give(StepFailed(code, AT))

    @property
    def said(self) -> str:
        """Our words of the last step."""
        return "".join(e.text for e in self.effects if isinstance(e, Say))

    @property
    def action(self) -> Action:
        return [e.action for e in self.effects if isinstance(e, Say)][-1]

    @property
    def expect(self) -> Expect:
        last = self.effects[-1]
        assert isinstance(last, Listen)
        return last.expect

    def waits_for(self, kind: ExpectKind) -> bool:
        return self.expect.kind is kind

    def stands(self, label: Label) -> bool:
        return self.state.label is label

    @property
    def over(self) -> bool:
        return isinstance(self.effects[-1], EndCall)

    def only(self, kind: type[E]) -> E:
        (found,) = [e for e in self.effects if isinstance(e, kind)]
        return found

    @property
    def handover(self) -> HandOver:
        return self.only(HandOver)
