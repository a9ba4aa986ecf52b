"""What a random caller may do, and a world that answers anything (see `random_calls`)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Final, Protocol, TypeVar, assert_never

from voicebot.core.answer import Answer, NoAnswer
from voicebot.core.catalogue import CityProfile
from voicebot.core.demand import TicketReceipt, TicketSummary
from voicebot.core.handover import HandoverOutcome, Place
from voicebot.core.hours import DayType, Hours, Outage
from voicebot.core.ids import ArticleId, DepartmentName, FlowName, LanguageTag, TicketNo
from voicebot.core.meaning import AppealType, Command, DepartmentGuess, Intent, Meaning, Mood, Slot, Urgency
from voicebot.core.utterance import Utterance
from voicebot.dialogue.effects import ChangeTicket, FileTicket, FindTickets, HandOver, LeaveQueue, Notify
from voicebot.dialogue.engine import start
from voicebot.dialogue.events import (
    HandoverEnded,
    Heard,
    Notified,
    PersonCame,
    Queued,
    StepFailed,
    TicketChanged,
    TicketFiled,
    TicketsFound,
)
from voicebot.dialogue.facts import FACTS
from voicebot.dialogue.flows import MAIN, Flows
from voicebot.dialogue.schema import AskStep, BranchStep, MenuStep
from voicebot.dialogue.state import Filled, Frame, State
from voicebot.dialogue.trying.rehearsal import Hangup, Input, Keys, Say, Silence
from voicebot.dialogue.trying.world import Errand, Result

T = TypeVar("T")

PHRASES: Final = (
    "嗯", "对", "不对", "好的", "不用了", "没有了", "有", "谢谢", "再见", "喂", "你是谁",
    "再说一遍", "慢一点", "说快点", "大声点", "等一下", "上一步", "怎么用", "详细一点", "没解决", "跳过",
    "转人工", "找个会说英语的", "说普通话", "Do you speak English", "我七十多了，听不清",
    "我要投诉", "登记", "幸福小区3号楼的路灯坏了", "人民路有人占道经营", "不对，是五号楼",
    "昨天晚上", "不知道",
    "我要匿名举报", "13912345678", "打我电话13912345678", "查一下我的工单", "催一下工单", "我要撤单",
    "补充一下，灯还是不亮", "对结果不满意", "20261120000007", "零零零零零七",
    "社保卡丢了怎么补办", "要带什么材料", "煤气费怎么交", "怎么养猫", "火车票怎么退", "今天天气怎么样",
    "我家着火了", "有股煤气味", "我不想活了", "出车祸了", "救命", "没有危险",
    "你们太气人了", "五分", "两分", "阿巴阿巴", "",
)  # fmt: skip
"""What callers say to a hotline; each flow adds the labels of its own choices."""

KEYS: Final = (
    "0",
    "1",
    "2",
    "3",
    "5",
    "7",
    "8",
    "9",
    "*",
    "#",
    "13912345678#",
    "000007#",
    "20261120000007",
    "12",
)
CODES: Final = ("stt.lost", "stt.busy", "tts.silent", "ticket.store", "db.locked", "notify.late", "x")
SLOTS: Final = ("address", "time", "object", "district", "phone", "ticket_no", "score", "confidential",
                "anonymous", "request", "name", "what")  # fmt: skip
VALUES: Final = ("幸福小区", "三号楼", "13912345678", "3", "urge", "昨天", "20261120000007", "x", "true")
LANGUAGES: Final = tuple(LanguageTag(tag) for tag in ("en", "yue", "zh"))


class Chance(Protocol):
    """`random.Random`, made and seeded by the caller."""

    def random(self) -> float: ...

    def choice(self, seq: Sequence[T], /) -> T: ...

    def randint(self, a: int, b: int, /) -> int: ...


def vocabulary(flows: Flows, flow: FlowName) -> tuple[str, ...]:
    """What may be said in a flow: `PHRASES`, and the labels of its choices twice as often."""
    steps = flows.flows[flow].nodes.values()
    labels = [c.label for step in steps if isinstance(step, AskStep | MenuStep) for c in step.choices]
    return (*PHRASES, *labels, *labels)


def some_city(chance: Chance, city: CityProfile, caller: str) -> CityProfile:
    """The city on some day: open or closed, by day or night, with whatever a `branch` may ask for."""
    closed: Mapping[DayType, tuple[Hours, ...]] = dict.fromkeys(DayType, ())
    outage = Outage(datetime.min, datetime.max, "城东停水到今晚八点。")
    kind = chance.choice(("", *city.callers, "elder", "enterprise"))
    return replace(
        city,
        business_hours=chance.choice((city.business_hours, {}, closed)),
        night=chance.choice((city.night, None, Hours(time.min, time.max))),
        emergency_mode=chance.random() < 0.2,
        outages=chance.choice((city.outages, (), (outage,))),
        callers={kind: frozenset({caller})} if kind else {},
    )


def entered(chance: Chance, flows: Flows, name: FlowName) -> State:
    """The first moment of a flow: of a call that begins in it, or of one that the main line has brought
    there with some slots filled."""
    fresh = start(flows, name)
    if chance.random() < 0.5:
        return fresh
    home, anchors = flows.anchored(MAIN)
    flow = flows.flows[name]
    branches = [step for step in flow.nodes.values() if isinstance(step, BranchStep)]
    known = dict.fromkeys((*flow.inputs, *(step.on for step in branches if step.on not in FACTS)))
    values = [*VALUES, *(word for step in branches for case in step.cases for word in case.is_)]
    slots = tuple(Filled(slot, chance.choice(values)) for slot in known if chance.random() < 0.7)
    return replace(fresh, base=MAIN, stack=(Frame(home, anchors.home),), slots=slots)


def anything(chance: Chance, phrases: Sequence[str], at: datetime) -> Input:
    """What somebody may do next."""
    dice = chance.random()
    if dice < 0.45:
        return Say(chance.choice(phrases))
    if dice < 0.65:
        return Heard(Utterance(chance.choice(phrases)), meaning(chance), _answer(chance), at)
    if dice < 0.83:
        return Keys(chance.choice(KEYS))
    if dice < 0.86:
        return Queued(Place(chance.randint(0, 9), chance.choice((None, 40.0, 900.0))), at)
    if dice < 0.93:
        return Silence(chance.choice((3.0, 6.0, 12.0, 40.0)))
    if dice < 0.96:
        return StepFailed(chance.choice(CODES), at)
    if dice < 0.97:
        return PersonCame(at)
    if dice < 0.98:
        last: tuple[Input, ...] = (Hangup(), Say("再见"), Say("没有了"))
        return chance.choice(last)
    return _result(chance, chance.choice(_RESULTS), at)  # that nobody waits for, or not any more


def meaning(chance: Chance) -> Meaning:
    """Whatever understanding could say, fitting or not."""
    slots = {name: Slot(value, value) for name, value in _pairs(chance)}
    guesses = (DepartmentGuess(DepartmentName("市教育局"), 0.8),) if chance.random() < 0.3 else ()
    return Meaning(
        chance.choice(tuple(Intent)),
        chance.random(),
        appeal_type=chance.choice((None, *AppealType)),
        urgency=chance.choice(tuple(Urgency)),
        departments=guesses,
        slots=slots,
        secondary_intent=chance.choice((None, None, None, *Intent)),
        emergency_is_certain=chance.random() < 0.3,
        yes=chance.choice((None, None, True, False)),
        choice=chance.choice((None, None, -1, 0, 1, 2, 5)),
        command=chance.choice((*[None] * 12, *Command)),
        mood=chance.choice(tuple(Mood)),
        language=chance.choice((*[None] * 9, *LANGUAGES)),
    )


def _pairs(chance: Chance) -> Iterable[tuple[str, str]]:
    return ((chance.choice(SLOTS), chance.choice(VALUES)) for _ in range(chance.randint(0, 2)))


def _answer(chance: Chance) -> Answer | NoAnswer:
    if chance.random() < 0.5:
        return NoAnswer()
    long = "先打电话挂失。再带身份证到网点补办新卡，一般当场能取。没有网点的，可以在手机上申请邮寄到家里。"
    aspects = (("materials", "带身份证。"), ("cost", "不收费。"))
    return Answer(ArticleId("KB001"), "社保卡挂失补办", "带身份证去补。", long, None, score=chance.random(),
                  aspects=aspects)  # fmt: skip


class RandomWorld:
    """Answers in any way, at once or only when something else has happened."""

    def __init__(self, chance: Chance) -> None:
        self._chance = chance

    def answer(self, errand: Errand, at: datetime) -> Result | None:
        if self._chance.random() < (0.6 if isinstance(errand, HandOver) else 0.15):
            return None  # a person is often waited for
        match errand:
            case FileTicket():
                kind: type[Result] = TicketFiled
            case FindTickets():
                kind = TicketsFound
            case ChangeTicket():
                kind = TicketChanged
            case HandOver():
                kind = HandoverEnded
            case LeaveQueue(outcome=left):
                return HandoverEnded(left, at)
            case Notify():
                kind = Notified
            case _:
                assert_never(errand)
        failed = self._chance.random() < 0.2
        return _result(self._chance, StepFailed if failed else kind, at)


_RESULTS: Final[tuple[type[Result], ...]] = (
    TicketFiled,
    TicketsFound,
    TicketChanged,
    HandoverEnded,
    Notified,
    StepFailed,
)


def _result(chance: Chance, kind: type[Result], at: datetime) -> Result:
    if kind is TicketFiled:
        receipt = TicketReceipt(TicketNo("20261124000072"), None, at, appended=chance.random() < 0.3)
        return TicketFiled(receipt, at)
    if kind is TicketsFound:
        return TicketsFound(tuple(_ticket(chance, at, i) for i in range(chance.randint(0, 3))), at)
    if kind is TicketChanged:
        refused = chance.random() < 0.4
        return TicketChanged(None if refused else _ticket(chance, at, 1), at, chance.choice(("", "已经办结")))
    if kind is HandoverEnded:
        return HandoverEnded(chance.choice(tuple(HandoverOutcome)), at)
    if kind is Notified:
        return Notified(at)
    return StepFailed(chance.choice(CODES), at)


def _ticket(chance: Chance, at: datetime, number: int) -> TicketSummary:
    return TicketSummary(
        TicketNo(f"2026112000000{number}"),
        "幸福小区路灯不亮",
        chance.choice(("待受理", "办理中", "已答复", "已办结")),
        chance.choice((None, DepartmentName("市城市管理局"))),
        at + timedelta(days=3),
        chance.choice(("", "路灯已修好")),
    )
