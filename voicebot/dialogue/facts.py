"""What a `branch` may ask for besides slots: facts about the call, the caller, the hour and the city."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from math import ceil
from types import MappingProxyType
from typing import Final

from voicebot.core.catalogue import Catalogue, CityProfile
from voicebot.core.handover import HandoverReason
from voicebot.core.hours import DayType
from voicebot.core.meaning import AppealType, Intent
from voicebot.dialogue.manner import Manner
from voicebot.dialogue.state import State
from voicebot.language.workdays import day_type

YES, NO = "yes", "no"
ROUGHLY: Final = 10
"""Minutes of waiting beyond which nobody can tell them apart."""
USUAL_CLASSES: Final = ("elder", "enterprise")
"""Classes that flows may ask for in any city, whether it lists numbers of them or not."""

_MOBILE: Final = re.compile(r"1[3-9]\d{9}")

CHANNELS: Final = ("phone", "web", "text")


@dataclass(frozen=True, slots=True)
class Situation:
    """Args: at: wall time in the city; sms: text messages can be sent."""

    state: State
    city: CityProfile
    at: datetime
    sms: bool = True


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing a branch may ask for.

    Args:
        what: in Chinese, for authors.
        read: its value now, "" when there is none.
        values: what it may be, besides ""; None: anything.
    """

    what: str
    read: Callable[[Situation], str]
    values: Callable[[Catalogue], tuple[str, ...] | None]


def day_of(city: CityProfile, day: date) -> DayType:
    """What the city says about a day, else the published calendar."""
    return city.days.get(day) or day_type(day)


def is_open(city: CityProfile, at: datetime) -> bool:
    """People answer now."""
    hours = city.business_hours
    return not hours or any(h.hold(at.time()) for h in hours.get(day_of(city, at.date()), ()))


def outages(now: Situation) -> str:
    """What is announced now and may concern this caller, one sentence after the other."""
    slot = now.state.slot
    question, what = slot("question"), slot("what")
    matter = question or what if now.state.filed else what or question
    place = slot("district") + slot("address")
    found = (o.say for o in now.city.outages if o.holds(now.at) and o.concerns(matter, place))
    return "".join(found)


def can_text(now: Situation) -> bool:
    """A text message would reach the caller."""
    return now.sms and _MOBILE.fullmatch(now.state.caller) is not None


def queue_ahead(now: Situation) -> str:
    """How many are served before a caller who waits for a person; "" when they wait for none."""
    return str(now.state.queueing.place.ahead) if now.state.queueing else ""


def queue_minutes(now: Situation) -> str:
    """How long the wait may take, rounded up to minutes, beyond ten to five of them; "" when nobody knows."""
    seconds = now.state.queueing.place.seconds if now.state.queueing else None
    if seconds is None:
        return ""
    minutes = max(1, ceil(seconds / 60))
    return str(minutes if minutes <= ROUGHLY else 5 * ceil(minutes / 5))


def _yes(value: object) -> str:
    return YES if value else NO


def _anything(catalogue: Catalogue) -> tuple[str, ...] | None:
    return None


def _one_of(*values: str) -> Callable[[Catalogue], tuple[str, ...]]:
    return lambda catalogue: values


_YES_OR_NO: Final = _one_of(YES, NO)

FACTS: Final[Mapping[str, Fact]] = MappingProxyType(
    {
        "caller_known": Fact("来电号码已知", lambda s: _yes(s.state.caller), _YES_OR_NO),
        "caller_class": Fact(
            "来电人类别",
            lambda s: s.city.caller_class(s.state.caller),
            lambda catalogue: tuple(dict.fromkeys((*USUAL_CLASSES, *catalogue.city.callers))),
        ),
        "caller_repeat": Fact("最近几天打过电话", lambda s: _yes(s.state.earlier), _YES_OR_NO),
        "caller_language": Fact("来电人要的语言", lambda s: s.state.wanted, _anything),
        "caller_manner": Fact("平常还是慢慢说", lambda s: s.state.manner, _one_of(*Manner)),
        "channel": Fact("来电方式", lambda s: s.state.channel, _one_of(*CHANNELS)),
        "line": Fact("电话打进来的流程", lambda s: s.state.home, _anything),
        "dialled": Fact("拨打的号码", lambda s: s.state.dialled, _anything),
        "department": Fact(
            "部门",
            lambda s: s.state.department or "",
            lambda catalogue: tuple(d.name for d in catalogue.departments),
        ),
        "appeal_type": Fact("诉求类型", lambda s: s.state.appeal_type or "", _one_of(*AppealType)),
        "intent": Fact("意图", lambda s: s.state.intent or "", _one_of(*Intent)),
        "article": Fact(
            "知识条目", lambda s: s.state.article or "", lambda catalogue: tuple(catalogue.articles)
        ),
        "why": Fact("为什么转人工", lambda s: s.state.reason or "", _one_of(*HandoverReason)),
        "business_hours": Fact("人工服务时间", lambda s: _yes(is_open(s.city, s.at)), _YES_OR_NO),
        "day": Fact("工作日、周末还是节假日", lambda s: day_of(s.city, s.at.date()), _one_of(*DayType)),
        "night": Fact("夜间", lambda s: _yes(s.city.night and s.city.night.hold(s.at.time())), _YES_OR_NO),
        "emergency_mode": Fact("应急状态", lambda s: _yes(s.city.emergency_mode), _YES_OR_NO),
        "outage": Fact("有停水停电等通告", lambda s: _yes(outages(s)), _YES_OR_NO),
        "can_text": Fact("能给来电号码发短信", lambda s: _yes(can_text(s)), _YES_OR_NO),
        "answer_doubtful": Fact("刚才的答案不一定对题", lambda s: _yes(s.state.unsure), _YES_OR_NO),
        "parts_left": Fact("一件事里还有没说的", lambda s: _yes(s.state.parts_left), _YES_OR_NO),
        "queue_ahead": Fact("排队等人工，前面还有几位", queue_ahead, _anything),
        "queue_minutes": Fact("排队大约还要几分钟", queue_minutes, _anything),
        "overload": Fact("来电太多", lambda s: _yes(s.state.overload), _YES_OR_NO),
    }
)
