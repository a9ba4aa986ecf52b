"""What exists in this city: handed to the flow checker and to understanding as one frozen value."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

from voicebot.core.hours import DayType, Hours, Outage
from voicebot.core.ids import ArticleId, DepartmentName, QueueName
from voicebot.core.ringing import RingingRules


@dataclass(frozen=True, slots=True)
class Department:
    """A row of the city directory (`knowledge_base/departments.tsv`).

    Args:
        name: official name, the value used on tickets.
        short: how callers say it.
        kind: 政府部门, 公用企业, 街道 …
        duties: words a caller uses for its business.
    """

    name: DepartmentName
    short: str
    kind: str
    duties: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CityProfile:
    """Who runs this hotline (`knowledge_base/city.yaml`).

    Args:
        name: e.g. 云江市.
        hotline: spoken name, e.g. 云江12345.
        owner: department in charge.
        timezone: IANA name.
        hotlines: dialled number → name of the line it once was (origin_hotline).
        business_hours: when people answer, by kind of day; empty: always. A kind that is not in it is closed.
        night: when callers are spoken to as at night; None: never.
        days: kind of single days where the published calendar is wrong or not there yet.
        callers: class → numbers, e.g. ``elder``, ``enterprise``.
        emergency_mode: the city is in a state of emergency; flows may answer otherwise then.
        outages: what callers are told of while it lasts.
        skills: what seats may be asked for beside their queue.
        callbacks: when and how often people are rung back.
    """

    name: str
    hotline: str
    owner: str
    timezone: str = "Asia/Shanghai"
    hotlines: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    business_hours: Mapping[DayType, tuple[Hours, ...]] = field(default_factory=lambda: MappingProxyType({}))
    night: Hours | None = None
    days: Mapping[date, DayType] = field(default_factory=lambda: MappingProxyType({}))
    callers: Mapping[str, frozenset[str]] = field(default_factory=lambda: MappingProxyType({}))
    emergency_mode: bool = False
    outages: tuple[Outage, ...] = ()
    skills: tuple[str, ...] = ()
    callbacks: RingingRules = field(default_factory=RingingRules)

    def caller_class(self, number: str) -> str:
        """The first class that a number belongs to, "" for none."""
        return next((name for name, numbers in self.callers.items() if number in numbers), "")


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything that a flow, an article or a lexicon may refer to by name.

    Args:
        notify_targets: names to which messages may be sent (`notify.targets` of the settings);
        numbers: other hotlines and offices to which calls may be given (`seat.numbers`). None: not known
            here, so that nothing is said about them.
    """

    city: CityProfile
    departments: tuple[Department, ...] = ()
    articles: Mapping[ArticleId, str] = field(default_factory=lambda: MappingProxyType({}))
    queues: tuple[QueueName, ...] = (QueueName("综合"),)
    notify_targets: tuple[str, ...] | None = None
    numbers: tuple[str, ...] | None = None

    def department(self, name: str) -> Department | None:
        return next((d for d in self.departments if d.name == name), None)
