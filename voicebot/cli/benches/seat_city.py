"""A large city for `bench seats`: who is on duty when, and who calls."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from types import MappingProxyType
from typing import Final

from voicebot.core.ids import MANDARIN, CallId, LanguageTag, QueueName, SeatId
from voicebot.seats.need import EMERGENCY, ENTERPRISE
from voicebot.seats.rules import Choice, QueueRules, SeatRules, Step, WrapUp

DAY: Final = 24 * 3600.0
GENERAL, URGENT, BUSINESS, FOREIGN, ELDER = (
    QueueName(each) for each in ("综合", "紧急", "企业", "外语", "长者")
)
ENGLISH, CANTONESE = LanguageTag("en"), LanguageTag("yue")
TOPICS: Final = tuple(f"专长{i}" for i in range(1, 13))
TALK_S: Final = 180.0
RULES: Final = SeatRules(
    queues=MappingProxyType(
        {
            URGENT: QueueRules(offer_s=8, overflow=GENERAL, overflow_after_s=8, wrap_up=WrapUp.DISCRETIONARY),
            BUSINESS: QueueRules(overflow=GENERAL),
            ELDER: QueueRules(overflow=GENERAL, overflow_after_s=45, choice=Choice.LEAST_USED),
        }
    ),
    usual=QueueRules(relax=(Step(0, 3), Step(15, 1), Step(30, 0))),
    gone_s=2 * DAY,  # pages are alive here unless the day says otherwise
)
_SHIFTS: Final = ((0.0, 7.6, 0.05), (7.0, 8.5, 0.35), (9.0, 8.5, 0.35), (14.5, 8.5, 0.2), (22.5, 9.0, 0.05))
"""From (hours), how long, share of all seats."""
_HOURS: Final = (
    *(0.12, 0.08, 0.06, 0.06, 0.08, 0.12, 0.25, 0.5, 0.85, 1.0, 1.0, 0.9),
    *(0.6, 0.75, 0.95, 1.0, 0.95, 0.8, 0.6, 0.55, 0.5, 0.4, 0.3, 0.2),
)
"""Calls by hour, of the busiest."""
BURSTS: Final = ((8.6, 600.0), (15.3, 300.0), (20.2, 600.0))
"""From (hours), seconds."""
BURST: Final = 12.0


@dataclass(frozen=True, slots=True)
class Duty:
    """One seat's day, in seconds from midnight; ends after the next midnight for the night shift.

    Args:
        group: of the same shift and kind: what is compared when calls are counted.
    """

    seat: SeatId
    skills: MappingProxyType[str, int]
    begins: float
    ends: float
    breaks: tuple[tuple[float, str], ...]
    group: str


@dataclass(frozen=True, slots=True)
class Caller:
    """Args: talk_s: with a person. patience_s: gives up after. accepts_call_back_s: asks to be rung after."""

    call_id: CallId
    at: float
    queue: QueueName
    kind: str
    skill: str
    language: LanguageTag
    repeat: int
    talk_s: float
    patience_s: float
    call_back_s: float


def staff(random: Random, seats: int) -> list[Duty]:
    """Shifts with two short breaks and a meal, staggered."""
    rows: list[Duty] = []
    for number in range(seats):
        begins, hours, _ = _share(_SHIFTS, number / seats)
        spread = random.uniform(-0.25, 0.25)
        start, end = (begins + spread) * 3600, (begins + spread + hours) * 3600
        at = (random.uniform(1.2, 2.4), random.uniform(3.2, 5.0), random.uniform(6.0, 7.2))
        reasons = ("休息", "用餐", "休息")
        breaks = tuple((start + h * 3600, reason) for h, reason in zip(at, reasons, strict=True))
        kind, skills = _skills(random)
        name = SeatId(f"{number + 1001}")
        rows.append(Duty(name, skills, start, end, breaks, f"{begins:g}/{kind}"))
    return rows


def _share(shifts: tuple[tuple[float, float, float], ...], part: float) -> tuple[float, float, float]:
    for shift in shifts:
        part -= shift[2]
        if part < -1e-9:
            return shift
    return shifts[-1]


def _skills(random: Random) -> tuple[str, MappingProxyType[str, int]]:
    skills: dict[str, int] = {GENERAL: 3, **{t: random.randint(1, 5) for t in random.sample(TOPICS, 4)}}
    kind = "general"
    lot = random.random()
    if lot < 0.08:
        kind = "urgent"
        skills |= {URGENT: 4, EMERGENCY: 4}
    elif lot < 0.20:
        kind = "business"
        skills |= {BUSINESS: 4, ENTERPRISE: 4}
    elif lot < 0.32:
        kind = "elder"
        skills |= {ELDER: 4}
    elif lot < 0.38:
        kind = "foreign"
        skills |= {FOREIGN: 3, ENGLISH: 3}
    if random.random() < 0.15:
        skills[CANTONESE] = 3
    return kind, MappingProxyType(skills)


def callers(random: Random, peak: float) -> Iterator[Caller]:
    """A day's calls in order, Poisson by the hour of the day. Args: peak: calls per second in the busiest
    hour; `BURST` times as many as is usual then in each burst."""
    at, number = 0.0, 0
    while True:
        at += random.expovariate(peak * BURST)  # thinned
        if at >= DAY:
            return
        if random.random() * peak * BURST < rate(at, peak):
            number += 1
            yield _caller(random, CallId(f"call{number:06}"), at)


def rate(at: float, peak: float) -> float:
    burst = any(hour * 3600 <= at < hour * 3600 + seconds for hour, seconds in BURSTS)
    return peak * _HOURS[int(at / 3600) % 24] * (BURST if burst else 1.0)


def _caller(random: Random, call_id: CallId, at: float) -> Caller:
    lot = random.random()
    queue, kind = GENERAL, "plain"
    if lot < 0.012:
        queue, kind = URGENT, "emergency"
    elif lot < 0.10:
        queue, kind = BUSINESS, "enterprise"
    elif lot < 0.21:
        queue, kind = ELDER, "elder"
    elif lot < 0.225:
        queue, kind = FOREIGN, "foreign"
    language = ENGLISH if queue == FOREIGN else CANTONESE if random.random() < 0.03 else MANDARIN
    repeat = random.choice((1, 2, 3)) if kind == "plain" and random.random() < 0.12 else 0
    return Caller(
        call_id,
        at,
        queue,
        "repeat" if repeat else kind,
        random.choice(TOPICS) if queue == GENERAL and random.random() < 0.3 else "",
        language,
        repeat,
        random.lognormvariate(math.log(TALK_S) - 0.32, 0.8),  # of mean TALK_S
        random.expovariate(1 / 300.0),
        random.uniform(60, 300) if random.random() < 0.2 else math.inf,
    )


def plain_callers(random: Random, rate: float, seconds: float) -> Iterator[Caller]:
    """As Erlang has them: Poisson, all alike, endlessly patient, with exponential talks of mean `TALK_S`."""
    at, number = 0.0, 0
    while (at := at + random.expovariate(rate)) < seconds:
        number += 1
        talk_s, name = random.expovariate(1 / TALK_S), CallId(f"call{number:06}")
        yield Caller(name, at, GENERAL, "plain", "", MANDARIN, 0, talk_s, math.inf, math.inf)


def plain_staff(seats: int) -> list[Duty]:
    """All there from the beginning, without breaks."""
    skills = MappingProxyType({GENERAL: 3})
    return [Duty(SeatId(f"{n + 1001}"), skills, 0.0, 1000 * DAY, (), "plain") for n in range(seats)]


PLAIN_RULES: Final = SeatRules(
    usual=QueueRules(wrap_up=WrapUp.OPTIONAL, max_wait_s=10 * DAY), gone_s=1000 * DAY
)
