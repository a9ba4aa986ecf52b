"""Two matters side by side: what agrees, what differs, what decides."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from voicebot.tickets.matter import Matter
from voicebot.tickets.topic_words import SETTINGS
from voicebot.tickets.topics import topics
from voicebot.tickets.whereabouts import WITHIN, Counted, Name, heard_in, one_name, shortened

_DAYS_APART: Final = 3
"""Two tellings of one event are seldom further apart in the day they name."""
_LONG: Final = 31.0
"""Days after which a further one makes little difference."""
_OF_SETTING: Final = 0.4
_HALF: Final = 12.0
"""Bits in common that are half of what any number of them can tell."""
_SAYS_NOTHING: Final = {"topic": 0.0, "topics_all": 0.0, "topic_setting": 0.0, "words": 0.0}
"""What of two matters means nothing while they may be at two ends of the town."""


@dataclass(frozen=True, slots=True)
class Compared:
    """Signs of one matter, 0-1 each (`gap` up to 1.5); `vetoed`: a number tells the two apart."""

    signs: Mapping[str, float]
    reasons: tuple[str, ...]
    vetoed: bool


@dataclass(frozen=True, slots=True)
class _Part:
    """What one part of the comparison found."""

    signs: Mapping[str, float]
    reasons: tuple[str, ...] = ()


def compare(a: Matter, b: Matter, own: bool = False) -> Compared | None:
    """The signs of two matters; None when one of them says nothing. The order does not matter.

    Args:
        own: both are told by one caller, whose affairs need no place (失业金没到账).
    """
    if a.silent or b.silent:
        return None
    counted, vetoed = _numbers(a, b)
    where = _anchors(a, b, own)
    parts = (where, counted, _subjects(a, b), _words(a, b), _sums(a, b), _times(a, b))
    signs = {name: value for part in parts for name, value in part.signs.items()}
    if not signs["anchor"] and not signs["own"]:
        signs |= _SAYS_NOTHING
    return Compared(signs, tuple(reason for part in parts for reason in part.reasons), vetoed)


def _anchors(a: Matter, b: Matter, own: bool) -> _Part:
    """What ties the two together: the place, the firm, or the caller."""
    lost_a, lost_b = _lost(a, b), _lost(b, a)
    whole = _whole(a, b)
    kinds = {n.kind for n in lost_a} & {n.kind for n in lost_b}
    met = [n.text for n in (*a.names, *b.names) if n not in lost_a and n not in lost_b]
    place = whole or bool(met and not kinds)  # of two crossings one road may be the same
    apart = bool(lost_a and lost_b) and not whole
    firm = _names(a, b) or _names(b, a)
    other_firm = bool(a.entity and b.entity) and not firm
    signs = {
        "place": place,
        "place_differs": apart and bool(kinds),
        "place_other": apart and not kinds,
        "district_differs": bool(a.district and b.district) and a.district != b.district,
        "anchor": place or firm,
        "own": own and not (place or firm or apart or other_firm),
    }
    reasons = []
    if apart:
        reasons.append(f"地点不同：{_said(lost_a)}，{_said(lost_b)}")
    elif place:
        reasons.append(f"地点相同：{max(met, key=len, default=a.address)}")
    if firm:
        reasons.append(f"对象相同：{a.entity_text or b.entity_text}")
    elif other_firm:
        reasons.append(f"对象不同：{a.entity_text}，{b.entity_text}")
    return _Part({name: float(value) for name, value in signs.items()}, tuple(reasons))


def _lost(a: Matter, b: Matter) -> list[Name]:
    """Names of a that b does not say."""
    return [
        n for n in a.names if not any(one_name(n, m) for m in b.names) and not heard_in(n.sounds, b.sounds)
    ]


def _whole(a: Matter, b: Matter) -> bool:
    """One address is the other shortened (北桥街道社区卫生服务中心, 北桥卫生服务中心)."""
    return _shortened(_row(a.names), _row(b.names))


def _row(names: Iterable[Name]) -> tuple[str, ...]:
    return tuple(sound for name in names for sound in name.sounds)


def _said(names: Iterable[Name]) -> str:
    return "".join(name.text for name in names)


def _names(a: Matter, b: Matter) -> bool:
    """Whether b speaks of the firm that a names."""
    return bool(a.entity) and (heard_in(a.entity, b.sounds) or _shortened(a.entity, b.entity))


def _shortened(a: tuple[str, ...], b: tuple[str, ...]) -> bool:
    short, long = sorted((a, b), key=len)
    return len(short) >= 3 and 2 * len(short) >= len(long) and shortened(short, long)


def _numbers(a: Matter, b: Matter) -> tuple[_Part, bool]:
    """Numbers of one kind must agree; second: whether some do not."""
    reasons, differs = [], False
    for counted in Counted:
        mine, theirs = a.numbers.get(counted), b.numbers.get(counted)
        if not mine or not theirs:
            continue
        if mine & theirs:
            reasons.append(f"{counted.value}相同：{_listed(mine & theirs)}")
        elif not (a.wide and b.wide and counted in WITHIN):
            differs = True
            reasons.append(f"{counted.value}不同：{_listed(mine)}，{_listed(theirs)}")
    return _Part({}, tuple(reasons)), differs


def _listed(found: Iterable[object]) -> str:
    return "、".join(sorted(map(str, found)))


def _subjects(a: Matter, b: Matter) -> _Part:
    common, known = a.topics & b.topics, bool(a.topics and b.topics)
    mine, theirs, shared = _weight(a.topics), _weight(b.topics), _weight(common)
    things = bool(a.thing and b.thing)
    one_thing = bool({*a.thing} & {*b.thing} or topics(a.thing) & topics(b.thing))
    signs = {
        "thing_differs": float(things and not one_thing),
        "topic": shared / min(mine, theirs) if known else 0.0,
        "topics_all": 2 * shared / (mine + theirs) if known else 0.0,
        "topic_setting": float(bool(common) and common <= SETTINGS),
        "topic_differs": float(known and not common),
    }
    if common:
        return _Part(signs, (f"都说到：{_listed(common)}",))
    return _Part(signs, (f"事情不同：{_listed(a.topics)}，{_listed(b.topics)}",) if known else ())


def _weight(topics: frozenset[str]) -> float:
    return sum(_OF_SETTING if topic in SETTINGS else 1.0 for topic in topics)


def _words(a: Matter, b: Matter) -> _Part:
    """Words of one matter come again even where no topic is known (马蜂窝, 水渠)."""
    bits = sum(min(a.words[word], b.words[word]) for word in sorted(a.words.keys() & b.words.keys()))
    return _Part({"words": bits / (bits + _HALF)})


def _sums(a: Matter, b: Matter) -> _Part:
    common = a.sums & b.sums
    return _Part({"sum": float(bool(common))}, (f"数目相同：{_listed(common)}",) if common else ())


def _times(a: Matter, b: Matter) -> _Part:
    earlier, later = sorted((a, b), key=lambda m: m.at)
    days = (later.at - earlier.at).total_seconds() / 86_400
    apart = 0
    if a.happened and b.happened:
        apart = max((a.happened[0] - b.happened[1]).days, (b.happened[0] - a.happened[1]).days, 0)
    signs = {
        "gap": min(math.log1p(days) / math.log1p(_LONG), 1.5),
        "time_differs": float(apart > _DAYS_APART),
        "back": float(later.back),
    }
    if apart > _DAYS_APART:
        return _Part(signs, (f"发生时间相差{apart}天",))
    return _Part(signs, (f"相隔{round(days)}天",) if days >= 1 else ())
