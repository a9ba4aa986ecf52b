"""Keys by which a store finds tickets that may be one matter, through an index, among millions.

A place alone names thousands of tickets in a year, a topic tens of thousands; a place with a topic, a
building, a firm, or a place with a telling word name few. Two tellings of one matter nearly always share one
(figures in docs/evaluation.md).
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Final

from voicebot.core.demand import Demand
from voicebot.language.pinyin import folded
from voicebot.tickets.matter import Matter, matter_of
from voicebot.tickets.ticket import Ticket
from voicebot.tickets.whereabouts import Counted, Kind, Sounds

MOST_KEYS: Final = 64
_TELLING: Final = 6
"""Characters, and pairs of syllables, of a text that count as telling."""
_HIDDEN: Final = 6
_MOST_PLACES: Final = 8
_ENDING: Final = {Kind.ROAD: 1, Kind.HOME: 2, Kind.OTHER: 0}
"""Syllables at the end of a name that hundreds end with."""
_DOORS: Final = (Counted.BUILDING, Counted.HOUSE, Counted.GROUP)
_NO_TIME: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""No key depends on a time."""


def fingerprint(told: Ticket | Demand) -> frozenset[str]:
    """At most `MOST_KEYS` keys; empty for who only waits for a call back.

    Keys hold places, topics and words by sound, nothing else of the text.
    """
    return keys(matter_of(told, _NO_TIME))


def keys(matter: Matter) -> frozenset[str]:
    """The keys of a matter."""
    return frozenset() if matter.silent else frozenset(islice(dict.fromkeys(_keys(matter)), MOST_KEYS))


def _keys(matter: Matter) -> Iterator[str]:
    """What finds most, first."""
    for counted in (Counted.PLATE, Counted.LINE):
        yield from (f"{counted.name}{number}" for number in sorted(matter.numbers.get(counted, ())))
    places = _places(matter)
    for place in places:
        for counted in _DOORS:
            yield from (
                f"{place}+{counted.name}{number}" for number in sorted(matter.numbers.get(counted, ()))
            )
    topics, telling = sorted(matter.topics), _telling(matter)
    yield from (f"{place}+{topic}" for place in places for topic in topics)
    yield from (f"{place}+{word}" for word in telling for place in places if word != place)


def _places(matter: Matter) -> list[str]:
    """Pairs of syllables of the names: 劳动里社区 and 劳动里 have 劳动 in common. Without a place or a firm
    the rarest words of the text stand for them; there a name may be hidden."""
    rows = [
        name.sounds[: -_ENDING[name.kind] or None] if len(name.sounds) > 3 else name.sounds[:2]
        for name in matter.names
    ]
    rows.append(matter.entity)
    found = [_key(row[at : at + 2]) for row in rows for at in range(len(row) - 1)]
    rare = [_key(word) for word in _ranked(matter) if len(word) > 1][:_HIDDEN]
    return list(dict.fromkeys(found if found and matter.names else [*found, *rare]))[:_MOST_PLACES]


def _telling(matter: Matter) -> list[str]:
    """The characters and the pairs of syllables that say most."""
    ranked = _ranked(matter)
    single = [word[0] for word in ranked if len(word) == 1]
    return single[:_TELLING] + [_key(word) for word in ranked if len(word) > 1][:_TELLING]


def _ranked(matter: Matter) -> list[Sounds]:
    return [word for word, _ in sorted(matter.words.items(), key=lambda item: (-item[1], item[0]))]


def _key(sounds: Sounds) -> str:
    return "".join(map(folded, sounds))
