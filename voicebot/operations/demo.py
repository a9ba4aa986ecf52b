"""Tickets to look at before there are any: marked, in all states, of the last days.

They belong to nobody: a masked number is shown, none is kept, so that nobody is ever rung because of one.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from voicebot.core.demand import Demand
from voicebot.core.ids import CallId, DepartmentName, TicketNo
from voicebot.operations.demo_matters import MATTERS
from voicebot.tickets.birth import accept
from voicebot.tickets.deadlines import Deadlines
from voicebot.tickets.given import NOTHING, Given
from voicebot.tickets.lifecycle import transition
from voicebot.tickets.parts import Difficulty, SupervisionLevel
from voicebot.tickets.ports import TicketStore
from voicebot.tickets.terms import with_terms
from voicebot.tickets.ticket import Contact, Ticket, TicketEvent
from voicebot.tickets.ticket import TicketAction as A

MARK: Final = "演示"
"""`Ticket.origin_hotline` of all of them; pages show it, `voicebot demo remove` goes by it."""
DAYS: Final = 7
"""They are of the days before today, so that today's numbers are those of real tickets alone."""


_PLACES: Final = (
    *(("云湖区", "滨河路12号"), ("云湖区", "翠湖小区3栋"), ("望江区", "人民路与建设街路口")),
    *(
        ("青岚区", "书院街8号"),
        ("云湖区", "望湖花园"),
        ("云湖区", "云湖公园东门"),
        ("望江区", "钟楼广场北侧"),
    ),
    *(
        ("江北区", "江北新村"),
        ("江北区", "柳堤路地铁口"),
        ("龙泉区", "红旗小学门口"),
        ("高新区", "科创园A座"),
    ),
)
_NAMES: Final = ("王小明", "李红", "张建国", "刘芳", "陈伟", "欧阳娜", "赵强")

_SENT: Final = (A.DISPATCH,)
_WORKED: Final = (A.DISPATCH, A.SIGN, A.START)
_ANSWERED: Final = (*_WORKED, A.REPLY)
_CLOSED: Final = (*_ANSWERED, A.CLOSE)
LIVES: Final[tuple[tuple[A, ...], ...]] = (
    (A.QUEUE,),
    _SENT,
    (A.DISPATCH, A.SIGN),
    _WORKED,
    (*_WORKED, A.URGE, A.SUPPLEMENT, A.URGE),
    (*_WORKED, A.SUPERVISE),
    _ANSWERED,
    _CLOSED,
    (*_CLOSED, A.RATE),
    (A.DISPATCH, A.RETURN),
    (*_WORKED, A.ASK_EXTENSION),
    (*_CLOSED, A.OBJECT),
    (A.QUEUE, A.FLAG),
    (*_CLOSED, A.REDO, A.START),
)
"""How far they have come; each is reached by real moves."""
_REASONS: Final[Mapping[A, str]] = {
    A.SUPPLEMENT: "诉求人来电补充：今天又有人在那里摔倒",
    A.RETURN: "该路段属公路部门养护，应由市交通运输局办理",
    A.ASK_EXTENSION: "配件要从外地调，三天后到",
    A.OBJECT: "只修了一处，另外两处还是坏的",
    A.REDO: "诉求人反映问题没有解决，核实属实",
    A.FLAG: "涉及历史遗留的产权问题",
    A.QUEUE: "把握45%，不到80%",
    A.CANCEL: "问题已经解决，不用再办",
}
_REPLY: Final = "已到现场查看并处理完毕，电话告知了诉求人处理情况。如再出现类似问题，请拨打12345。"


def demand(number: int, call_id: CallId | None = None) -> Demand:
    """The `number`-th demand; the same every time."""
    matter, (district, place) = MATTERS[number % len(MATTERS)], _PLACES[number % len(_PLACES)]
    return Demand(
        appeal_type=matter.appeal,
        title=f"{place}{matter.title}"[:30],
        content=matter.said.format(place=place),
        channel="phone" if number % 4 else "web",
        urgency=matter.urgency,
        department=DepartmentName(matter.unit),
        address=place,
        district=district,
        occurred=("昨天晚上", "今天早上", "这几天", "上周")[number % 4],
        object=matter.object,
        caller_name=_NAMES[number % len(_NAMES)],
        phone=f"1380000{number % 10000:04d}",
        confidential=number % 17 == 16,
        call_id=call_id,
        origin_hotline=MARK,
        evidence=(("address", place),),
    )


def began(number: int, count: int, now: datetime) -> datetime:
    """When the `number`-th of `count` came in: spread over the days before today, by day."""
    first = (now - timedelta(days=DAYS)).replace(hour=8, minute=0, second=0, microsecond=0)
    day, place = divmod(number * DAYS, max(count, 1))
    return first + timedelta(days=min(day, DAYS - 1), minutes=10 * 60 * place / max(count, 1))


async def fill(
    store: TicketStore,
    number: int,
    at: datetime,
    now: datetime,
    deadlines: Deadlines,
    call_id: CallId | None = None,
) -> Ticket:
    """Stores the `number`-th ticket that came in at `at`, as far as its life has come until `now`."""
    told = demand(number, call_id)
    category = MATTERS[number % len(MATTERS)].category
    due = deadlines.of(told.appeal_type, told.urgency, False, at, category=category)

    def born(no: TicketNo) -> tuple[Ticket, TicketEvent]:
        return accept(no, told, due, "bot", at, category=category, department_score=0.45)

    ticket, _ = await store.create(at.date(), born, Contact())
    life = LIVES[number % len(LIVES)]
    step = min((min(now, due.answer) - at) / (len(life) + 1), timedelta(hours=2))
    for place, action in enumerate(life, start=1):
        ticket = await _move(store, ticket, action, at + step * place, deadlines)
    return ticket


async def _move(store: TicketStore, ticket: Ticket, action: A, at: datetime, deadlines: Deadlines) -> Ticket:
    after, _ = await store.change(ticket.ticket_no, lambda now: moved(now, action, at, deadlines))
    return after


def moved(ticket: Ticket, action: A, at: datetime, deadlines: Deadlines) -> tuple[Ticket, TicketEvent]:
    """One move with details and reasons as people give them."""
    given = with_terms(deadlines, ticket, action, _given(action, ticket, at, deadlines), at)
    return transition(ticket, action, _actor(action), at, _REASONS.get(action, ""), given)


def _given(action: A, ticket: Ticket, at: datetime, deadlines: Deadlines) -> Given:
    match action:
        case A.DISPATCH:
            return Given(department=ticket.department, department_score=0.92)
        case A.REPLY | A.ANSWER:
            return Given(reply=_REPLY)
        case A.RATE:
            return Given(rating=2, rating_reason="只打了电话，没有来看")
        case A.RETURN:
            return Given(return_ground="不属于本单位职责")
        case A.ASK_EXTENSION:
            return Given(until=deadlines.longest_extension(ticket))
        case A.FLAG:
            return Given(difficult=Difficulty.LEGACY)
        case A.SUPERVISE:
            return Given(level=SupervisionLevel.KEY, note="涉及面广，请三日内办结并反馈")
        case _:
            return NOTHING


def _actor(action: A) -> str:
    if action in (A.URGE, A.SUPPLEMENT, A.OBJECT, A.RATE):
        return "caller"
    if action in (A.DISPATCH, A.QUEUE, A.FLAG):
        return "dispatcher:演示派单"
    return "supervisor:演示班长" if action in (A.SUPERVISE, A.REDO) else "handler:演示承办"
