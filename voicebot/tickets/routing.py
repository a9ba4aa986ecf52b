"""What a ticket is about, as far as dispatch cares: facts, the routes that fit, the category."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from voicebot.core.demand import Demand
from voicebot.core.ids import DepartmentName
from voicebot.tickets.directory import Category, Directory, Route
from voicebot.tickets.phrases import Spoken, size
from voicebot.tickets.ticket import Ticket

OTHER_DUTY: Final = 3.0
"""What a category loses that is in none of the departments' duties, in characters of a word."""
MORE_WORDS: Final = 0.5
"""What each further word counts."""


@dataclass(frozen=True, slots=True)
class Facts:
    """Texts in which words are sought, and where and when it is."""

    text: str
    object: str = ""
    address: str = ""
    district: str = ""
    occurred: str = ""
    category: str = ""


def facts_of(matter: Demand | Ticket) -> Facts:
    """Of a demand, or of a ticket as it stands."""
    words = matter.content if matter.title in matter.content else f"{matter.title}。{matter.content}"
    return Facts(
        text=words,
        object=matter.object,
        address=matter.address,
        district=matter.district,
        occurred=matter.occurred,
        category=matter.category if isinstance(matter, Ticket) else "",
    )


def routes_of(facts: Facts, directory: Directory) -> tuple[Route, ...]:
    """Routes whose words were said, the one with the longest words first."""
    spoken = Spoken(f"{facts.text}。{facts.object}")
    at_night = bool(directory.night.found(Spoken(f"{facts.text}。{facts.occurred}")))
    fitting: list[tuple[int, Route]] = []
    for route in directory.routes:
        if route.night and not at_night:
            continue
        said = route.words.found(spoken)
        if not said or route.never.found(spoken):
            continue
        if not route.also or route.also.found(spoken):
            fitting.append((max(map(size, said)), route))
    fitting.sort(key=lambda item: -item[0])  # stable: of equals the one that stands first
    return tuple(route for _, route in fitting)


def category_of(
    facts: Facts, directory: Directory, departments: Sequence[DepartmentName] = ()
) -> Category | None:
    """The category that was set, else the one whose words fit best.

    Args:
        departments: who is thought to be in charge; categories in their duties are preferred.
    """
    if facts.category:
        return directory.category(facts.category)
    spoken = Spoken(f"{facts.text}。{facts.object}")
    best: tuple[float, Category | None] = (0.0, None)
    for category in directory.categories:
        said = category.words.found(spoken)
        if not said:
            continue
        sizes = sorted(map(size, said), reverse=True)
        score = sizes[0] + MORE_WORDS * sum(sizes[1:3])
        if departments and not set(category.units).intersection(departments):
            score -= OTHER_DUTY
        elif departments and departments[0] == category.units[0]:
            score += 1
        if score > best[0]:
            best = (score, category)
    return best[1]
