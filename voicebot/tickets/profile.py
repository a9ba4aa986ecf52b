"""How long everything may take in a city, and what follows when it takes longer (domain.md §5).

`DEFAULT` is the product's own profile; `deadline_file` reads a city's.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from voicebot.core.meaning import AppealType, Urgency
from voicebot.language.workdays import CLOSES
from voicebot.tickets.clocks import ClockKind
from voicebot.tickets.parts import SupervisionLevel


@dataclass(frozen=True, slots=True)
class Span:
    """Either clock time, which runs day and night, or workdays."""

    clock: timedelta = timedelta(0)
    workdays: int = 0

    def __bool__(self) -> bool:
        return bool(self.clock or self.workdays)


NO_TIME: Final = Span()


@dataclass(frozen=True, slots=True)
class Terms:
    """Time to take a ticket over and time to answer the caller.

    Args:
        hard: time to answer what is 疑难 or 历史遗留; None: no other than for the rest.
    """

    sign: Span
    answer: Span
    hard: Span | None = None


class Role(StrEnum):
    """Who is told that time runs out."""

    UNIT = "承办单位"
    DISPATCHER = "派单员"
    SUPERVISOR = "督办员"


class Turn(StrEnum):
    """What of a clock a step follows."""

    YELLOW = "黄灯"
    RED = "红灯"
    UNRETURNED = "退单期满"
    """The unit may not return the ticket any more: it counts as accepted."""


@dataclass(frozen=True, slots=True)
class Step:
    """What is done when a clock has come so far.

    Args:
        turn: of the clock, or `after` it; `urgent_after` for what is 紧急 or 特急.
        tell: who gets word.
        urge: 催办 in the name of the hotline.
        supervise: 督办 of this level, unless one is in force.
        sign: 签收 in the unit's name.
    """

    turn: Turn
    after: Span = NO_TIME
    urgent_after: Span = NO_TIME
    tell: tuple[Role, ...] = ()
    urge: bool = False
    supervise: SupervisionLevel | None = None
    sign: bool = False


@dataclass(frozen=True, slots=True)
class Archiving:
    """When a ticket that is over goes to the archive.

    Args:
        reached: after the closing of one whose caller was reached, or did not want to be called.
        unreached: after the closing of one whose caller never answered.
    """

    reached: timedelta = timedelta(days=7)
    unreached: timedelta = timedelta(days=30)


def _workdays(answer: int, hard: int | None = None) -> Terms:
    return Terms(Span(workdays=1), Span(workdays=answer), None if hard is None else Span(workdays=hard))


_HOUR: Final = timedelta(hours=1)
_ESCALATION: Final = MappingProxyType(
    {
        ClockKind.SIGN: (
            Step(Turn.YELLOW, tell=(Role.UNIT,)),
            Step(Turn.UNRETURNED, tell=(Role.UNIT, Role.DISPATCHER)),
            Step(Turn.RED, tell=(Role.UNIT, Role.DISPATCHER), urge=True),
            Step(
                Turn.RED,
                after=Span(workdays=1),
                urgent_after=Span(timedelta(minutes=30)),
                tell=(Role.UNIT, Role.DISPATCHER, Role.SUPERVISOR),
                supervise=SupervisionLevel.NORMAL,
            ),
        ),
        ClockKind.ANSWER: (
            Step(Turn.YELLOW, tell=(Role.UNIT,)),
            Step(Turn.RED, tell=(Role.UNIT, Role.DISPATCHER), urge=True),
            Step(
                Turn.RED,
                after=Span(workdays=2),
                urgent_after=Span(2 * _HOUR),
                tell=(Role.UNIT, Role.DISPATCHER, Role.SUPERVISOR),
                supervise=SupervisionLevel.NORMAL,
            ),
        ),
        ClockKind.CLOSE: (
            Step(Turn.YELLOW, tell=(Role.UNIT,)),
            Step(Turn.RED, tell=(Role.UNIT, Role.DISPATCHER), urge=True),
        ),
        ClockKind.FEEDBACK: (
            Step(Turn.YELLOW, tell=(Role.UNIT,)),
            Step(Turn.RED, tell=(Role.UNIT, Role.SUPERVISOR)),
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Profile:
    """The deadlines of one city.

    Args:
        urgent: urgency → terms, whatever the demand is.
        normal: appeal type → terms of everything else.
        matters: category, or the beginning of one (``公用事业/供水``) → terms instead of those of the
            appeal; the longest that fits counts. What is urgent never takes longer for it.
        callback: a person calls back within this time, at any hour.
        closes: end of a workday, local time.
        returning: until when after its dispatch a unit may return a ticket; `returning_hard`: one that
            is 疑难 or 历史遗留.
        extension: longest time that one extension may add.
        closing: from the answer to the closing; no time: not watched.
        supervising: 督办 level → time to report back; urgent tickets have no more than their answer.
        escalation: clock → steps when its time runs out, in order of time.
    """

    urgent: Mapping[Urgency, Terms]
    normal: Mapping[AppealType, Terms]
    matters: Mapping[str, Terms] = field(default_factory=lambda: MappingProxyType({}))
    callback: timedelta = timedelta(hours=2)
    closes: time = CLOSES
    returning: Span = Span(workdays=1)
    returning_hard: Span = Span(workdays=2)
    extension: Span = Span(workdays=10)
    closing: Span = Span(workdays=2)
    supervising: Mapping[SupervisionLevel, Span] = field(
        default_factory=lambda: MappingProxyType(
            {
                SupervisionLevel.NORMAL: Span(workdays=3),
                SupervisionLevel.KEY: Span(workdays=2),
                SupervisionLevel.LISTED: Span(workdays=1),
            }
        )
    )
    escalation: Mapping[ClockKind, tuple[Step, ...]] = field(default_factory=lambda: _ESCALATION)
    archiving: Archiving = Archiving()


DEFAULT: Final = Profile(
    urgent=MappingProxyType(
        {
            Urgency.CRITICAL: Terms(Span(timedelta(minutes=15)), Span(timedelta(hours=2))),
            Urgency.URGENT: Terms(Span(timedelta(minutes=30)), Span(timedelta(hours=24))),
        }
    ),
    normal=MappingProxyType(
        {
            AppealType.CONSULT: _workdays(1, hard=3),
            AppealType.HELP: _workdays(5),
            AppealType.SUGGESTION: _workdays(10),
            AppealType.COMPLAINT: _workdays(10),
            AppealType.REPORT: _workdays(15),
            AppealType.PRAISE: _workdays(3),
        }
    ),
)
"""Life and property 特急 15 minutes, water, power, gas and heating 紧急 30 minutes, at any hour."""
