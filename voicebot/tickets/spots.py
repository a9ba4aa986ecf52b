"""Where and what a ticket is about, as hot spots are counted: one place, and what goes on there."""

from dataclasses import dataclass
from typing import Final

from voicebot.language.pinyin import folded
from voicebot.tickets.matter import matter_of
from voicebot.tickets.ticket import Ticket
from voicebot.tickets.topic_words import SETTINGS, TOPIC_WORDS
from voicebot.tickets.visibility import is_secret
from voicebot.tickets.whereabouts import Kind, Name

MOST: Final = 2
"""Things of one ticket that count."""
_ORDER: Final = tuple(TOPIC_WORDS)
_VAGUE: Final = frozenset(
    {"维修保修", "报警处理", "服务态度", "热线", "信访", "公示公开", "检查化验", "摔伤赔偿"}
)
"""Topics that say something of what was done or asked, not of what goes on, when there is another."""
_FINEST: Final = (Kind.HOME, Kind.OTHER, Kind.ROAD)
"""A community says more than the road it lies at."""
_LONGEST: Final = 60


@dataclass(frozen=True, slots=True)
class SpotKey:
    """Args:
    place: key of the place, its name by sound. kind: what goes on (路灯). name: the place as it was written.
    """

    place: str
    kind: str
    name: str


def spots_of(ticket: Ticket) -> tuple[SpotKey, ...]:
    """Where a ticket counts; nowhere without a named place, without a known thing, and for secret ones."""
    if is_secret(ticket) or ticket.callback_only:
        return ()
    matter = matter_of(ticket)
    place = next((name for kind in _FINEST for name in matter.names if name.kind is kind), None)
    if place is None:
        return ()
    known = sorted(matter.topics - SETTINGS, key=_ORDER.index)
    things = (
        [topic for topic in known if topic not in _VAGUE] or known or [ticket.category.rpartition("/")[2]]
    )
    return tuple(SpotKey(_key(place), thing, place.text[:_LONGEST]) for thing in things[:MOST] if thing)


def _key(place: Name) -> str:
    return "".join(map(folded, place.sounds))[:_LONGEST]
