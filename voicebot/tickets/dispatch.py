"""Who shall handle a ticket, how sure that is, and whether a person must look first (domain.md §4, §10)."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from voicebot.core.ids import DepartmentName
from voicebot.core.meaning import DepartmentGuess
from voicebot.tickets.directory import Category, Directory, Route
from voicebot.tickets.routing import Facts, category_of, routes_of

BEST: Final = 3
"""Suggestions that are shown."""

ROUTE: Final = 1.6
"""Evidence of a route's words for its main unit; understanding's guesses together are at most 1."""
HELPER: Final = 0.15
"""Evidence of a route for each unit that helps."""
DUTY: Final = 0.5
"""Evidence of a category for the unit that leads in it."""
DOUBT: Final = 0.25
"""Evidence for "somebody else"."""
OUTSIDE: Final = 0.1
"""What is left for a unit that does not serve the place."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A unit that may be in charge.

    Args:
        helpers: 协办. `score`: probability that it is right, 0-1. `reasons`: in plain words.
        person: a route says that a dispatcher decides.
    """

    department: DepartmentName
    helpers: tuple[DepartmentName, ...] = ()
    score: float = 0.0
    reasons: tuple[str, ...] = ()
    person: bool = False

    def __str__(self) -> str:
        helped = f"，协办{'、'.join(self.helpers)}" if self.helpers else ""
        return f"{self.department} {self.score:.0%}（{'；'.join(self.reasons)}{helped}）"


@dataclass(frozen=True, slots=True)
class Automatic:
    """Goes out without a person."""

    suggestion: Suggestion


@dataclass(frozen=True, slots=True)
class ForPerson:
    """Goes to the dispatcher's list; `reason` says why, with what is suggested."""

    reason: str
    suggestions: tuple[Suggestion, ...] = ()


def suggest(
    facts: Facts,
    candidates: Sequence[DepartmentGuess],
    directory: Directory,
    *,
    refused: Collection[DepartmentName] = (),
    first: DepartmentName | None = None,
) -> tuple[Suggestion, ...]:
    """Up to three units, best first; their scores add up to less than 1.

    Args:
        candidates: what understanding made of the caller's words.
        refused: units that returned it; they are not suggested again.
        first: the unit that took this matter first; of a shared one it leads (首接负责).
    """
    routes = routes_of(facts, directory)
    route = routes[0] if routes else None
    known = tuple(guess for guess in candidates if guess.name in directory.units)
    category = category_of(facts, directory, _likely(route, known))
    lead = _lead(route, first)
    evidence: dict[DepartmentName, float] = defaultdict(float)
    reasons: dict[DepartmentName, list[str]] = defaultdict(list)

    def add(unit: DepartmentName, weight: float, reason: str) -> None:
        evidence[unit] += weight
        reasons[unit].append(reason)

    if route is not None and lead is not None:
        why = f"首接负责：{route.ground}" if lead != route.main else route.ground
        add(lead, ROUTE, f"{route.id}：{why}")
        for unit in route.units:
            if unit != lead:
                add(unit, HELPER, f"{route.id}：协办")
    if category is not None and category.units:
        add(category.units[0], DUTY, f"分类 {category.path}")
    for guess in known:
        add(guess.name, guess.score, guess.reason or "相似的来电")
    for unit in evidence:
        if not directory.serves(unit, facts.district, facts.address):
            evidence[unit] *= OUTSIDE
            reasons[unit].append("不服务这个地方")
        elif pushed_down(unit, facts, directory, route, category):
            evidence[unit] *= OUTSIDE
            reasons[unit].append(directory.below_ground)
    total = sum(evidence.values()) + DOUBT
    ranked = sorted((u for u in evidence if u not in refused), key=lambda u: (-evidence[u], u))
    return tuple(
        Suggestion(
            unit,
            _helpers(unit, route),
            round(evidence[unit] / total, 3),
            tuple(reasons[unit]),
            person=route is not None and route.person,
        )
        for unit in ranked[:BEST]
    )


def decide(
    suggestions: Sequence[Suggestion], directory: Directory, *, dispatched: int = 0, returned: bool = False
) -> Automatic | ForPerson:
    """Whether the best suggestion may be carried out at once.

    Args:
        dispatched: how often the ticket was sent in this round. `returned`: a unit gave it back.
    """
    shown = tuple(suggestions)
    if not shown:
        return ForPerson("没有找到合适的单位")
    best = shown[0]
    if returned or dispatched:
        return ForPerson("退回过的工单由派单员再派", shown)
    if directory.automatic is None:
        return ForPerson("没有开启自动派单", shown)
    if best.person:
        return ForPerson("这类事要由派单员定", shown)
    if best.score < directory.automatic:
        return ForPerson(f"把握{best.score:.0%}，不到{directory.automatic:.0%}", shown)
    return Automatic(best)


def pushed_down(
    unit: DepartmentName,
    facts: Facts,
    directory: Directory,
    route: Route | None = None,
    category: Category | None = None,
) -> bool:
    """The unit is a 街道 or 乡镇 and the matter a department's duty: by route, else by category.

    Nobody's duty is known of a matter that neither a route nor a category fits.
    """
    if not directory.is_below(unit):
        return False
    if facts.category:  # a person's word, or one that was looked at
        set_one = directory.category(facts.category)
        return set_one is not None and unit not in set_one.units[:1]
    if route is not None:
        return route.main != unit
    return category is not None and unit not in category.units[:1]


def _likely(route: Route | None, known: Sequence[DepartmentGuess]) -> tuple[DepartmentName, ...]:
    """Who is thought to be in charge before categories are looked at."""
    units = ((route.main,) if route else ()) + tuple(guess.name for guess in known)
    return tuple(dict.fromkeys(units))


def _lead(route: Route | None, first: DepartmentName | None) -> DepartmentName | None:
    if route is None:
        return None
    return first if route.shared and first in route.units and first is not None else route.main


def _helpers(unit: DepartmentName, route: Route | None) -> tuple[DepartmentName, ...]:
    """Who helps when `unit` leads; a unit that the route does not know leads alone."""
    if route is None or unit not in route.units:
        return ()
    return tuple(other for other in route.units if other != unit)
