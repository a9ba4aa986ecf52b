"""派单目录: units, their duties and regions, routes, categories and grounds of one version of the content."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from voicebot.core.catalogue import Department
from voicebot.core.ids import DepartmentName
from voicebot.tickets.phrases import NO_WORDS, Phrases

NOWHERE: Final[Mapping[DepartmentName, frozenset[str]]] = MappingProxyType({})


@dataclass(frozen=True)
class Route:
    """A matter that is easily sent to the wrong unit.

    Args:
        words: any of them must be said; `also`: and any of these, if there are some; `never`: none of these.
        night: only for what goes on at night.
        main: 主办; helpers: 协办.
        shared: all of them are in charge, and whoever took it first leads (首接负责).
        person: only proposed; a dispatcher decides.
        ground: why, for the dispatcher and the unit.
    """

    id: str
    words: Phrases
    main: DepartmentName
    ground: str
    also: Phrases = NO_WORDS
    never: Phrases = NO_WORDS
    night: bool = False
    helpers: tuple[DepartmentName, ...] = ()
    shared: bool = False
    person: bool = False

    @property
    def units(self) -> tuple[DepartmentName, ...]:
        return (self.main, *self.helpers)


@dataclass(frozen=True)
class Category:
    """A third-level category.

    Args:
        path: ``城市管理/市政设施/路灯``. `code`: of GB/T 39666, "" when not known.
        units: in whose duties it is, the leading one first.
    """

    path: str
    units: tuple[DepartmentName, ...]
    words: Phrases
    code: str = ""


@dataclass(frozen=True, slots=True)
class Ground:
    """A reason for which a unit may return a ticket.

    Args:
        basis: law or rule behind it. `other`: the unit must say who is in charge instead.
    """

    name: str
    basis: str
    other: bool = False


@dataclass(frozen=True)
class Directory:
    """Everything dispatch is decided by.

    Args:
        automatic: score from which a ticket goes out without a person; None: never.
        designate_at: from this dispatch on the unit is designated.
        below: kinds of units that lead only what is theirs by category; `below_ground`: why.
        regions: unit → districts or streets it serves; a unit that is not in it serves the whole city.
        streets: street → district.
        night: how callers say that something goes on at night.
    """

    units: Mapping[DepartmentName, Department] = field(default_factory=lambda: MappingProxyType({}))
    automatic: float | None = None
    designate_at: int = 3
    below: frozenset[str] = frozenset()
    below_ground: str = ""
    regions: Mapping[DepartmentName, frozenset[str]] = field(default_factory=lambda: NOWHERE)
    streets: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    night: Phrases = NO_WORDS
    grounds: Mapping[str, Ground] = field(default_factory=lambda: MappingProxyType({}))
    routes: tuple[Route, ...] = ()
    categories: tuple[Category, ...] = ()

    def is_below(self, unit: DepartmentName) -> bool:
        """A 街道 or 乡镇, to which a department's duty must not be pushed down."""
        known = self.units.get(unit)
        return known is not None and known.kind in self.below

    def category(self, path: str) -> Category | None:
        return next((category for category in self.categories if category.path == path), None)

    def serves(self, unit: DepartmentName, district: str, address: str) -> bool:
        """Whether a place is in the unit's region; True while the place is not known."""
        region = self.regions.get(unit)
        if region is None:
            return True
        named = [street for street in self.streets if street in address]
        districts = {district} - {""} or {self.streets[street] for street in named}
        return not districts or bool(region & districts) or bool(region.intersection(named))
