"""Addresses: names of the gazetteer, the grammar of Chinese addresses, and how they chain.

A caller says 云湖区那个翠湖路十八号翠湖花园三号楼门口. Segments (names, house numbers, relative
places) are found one by one and chained where nothing but small words stands between them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from voicebot.core.meaning import Slot
from voicebot.understanding.lexicon import Places
from voicebot.understanding.matcher import Hits
from voicebot.understanding.place_grammar import (
    BUILDING,
    CLOSE_JOINER,
    CORRECTED,
    CUE,
    DENIED,
    GROUND,
    HERE,
    JOINER,
    MOUTH,
    NUMBER,
    OF,
    PAUSE,
    RELATIVE,
    ROADS_MEET,
    ROOM,
    THING,
    TOWARDS,
    WHICH,
    digits,
)
from voicebot.understanding.place_names import NameWords, find_names
from voicebot.understanding.reading import Reading

MOST_CHARACTERS: Final = 1000
"""Only so much of a text is searched for addresses."""

_RANK: Final = {
    "city": 0.3, "district": 0.8, "street": 2.0, "area": 2.0, "road": 2.0, "community": 3.0, "poi": 3.0,
    "line": 0.5, "number": 1.5, "relative": 0.5, "facility": 0.7, "which": 0.2,
}  # fmt: skip
_LEVEL: Final = {
    "city": 0,
    "district": 1,
    "street": 2,
    "area": 2,
    "road": 3,
    "community": 4,
    "poi": 4,
    "number": 5,
}
"""From large to small, as addresses are said."""
_NAMES: Final = frozenset({"street", "area", "road", "community", "poi"})
_LEANING: Final = frozenset({"relative", "facility", "which"})
"""Kinds that say nothing without a place before them."""


@dataclass(frozen=True, slots=True)
class _Segment:
    """A stretch of `Reading.plain`; `rank`: how much it says by itself; `known`: of the gazetteer."""

    start: int
    end: int
    kind: str
    value: str
    rank: float
    district: str = ""
    known: bool = False


@dataclass(frozen=True, slots=True)
class FoundPlace:
    """The address of an utterance and the district it lies in."""

    address: Slot | None
    district: Slot | None


def find_place(reading: Reading, hits: Hits, places: Places, *, expected: bool = False) -> FoundPlace:
    """The best address of the utterance.

    Args:
        expected: the dialogue asked for a place: short answers count too.
    """
    text = places.words.homophones.put_right(reading, MOST_CHARACTERS)
    segments = _segments(text, reading, hits, places)
    chains = _chains(text, segments)
    best = _choose(text, chains, expected=expected)
    return FoundPlace(_address(text, reading, best), _district(reading, best, segments))


def _segments(text: str, reading: Reading, hits: Hits, places: Places) -> list[_Segment]:
    known = _longest(_known(text, reading, hits, places))
    numbers = [_segment(m.start(1), m.end(1), "number", m[1]) for m in NUMBER.finditer(text)]
    bare = {n.start for n in numbers if text[n.end - 1] in BUILDING}
    bare |= {match.start() for match in HERE.finditer(text)}
    stretches = [(s.start, s.end) for s in known if s.known]
    named = [
        replace(
            _segment(n.start, n.end, n.kind, text[n.start : n.end]),
            rank=_RANK[n.kind] * min(1.0, 0.6 + n.score / 6),
        )
        for n in find_names(text, places.words, stretches, bare)
    ]
    found = _longest([*known, *named, *numbers, *_leaning(text, places.words)])
    return sorted([*found, *_rooms(text, found)], key=lambda s: s.start)


def _segment(start: int, end: int, kind: str, value: str, district: str = "") -> _Segment:
    return _Segment(start, end, kind, value, _RANK[kind], district)


def _known(text: str, reading: Reading, hits: Hits, places: Places) -> Iterable[_Segment]:
    for kind in ("poi", "community", "street", "road", "district", "city", "line"):
        for hit in hits.get(f"place/{kind}", ()):
            sure = hit.exact or (hit.end - hit.start >= 3 and hit.strength >= 0.6)
            start, end = reading.starts[hit.start], reading.ends[hit.end - 1]
            if sure and end <= len(text) and not _inside_word(text, start, end, kind):
                segment = _segment(start, end, kind, hit.word, places.known[hit.word].district)
                yield replace(segment, known=not (kind == "district" and len(hit.word) == 2))


def _inside_word(text: str, start: int, end: int, kind: str) -> bool:
    """A two-character district name may be the head of a longer name that is not known (江北二村)."""
    return kind == "district" and end - start == 2 and text[end : end + 1] in ("市", "省")


def _leaning(text: str, words: NameWords) -> Iterable[_Segment]:
    for pattern in (RELATIVE, MOUTH, WHICH):
        for match in pattern.finditer(text):
            kind = "which" if pattern is WHICH else "relative"
            yield _segment(match.start(1), match.end(1), kind, match[1])
    for match in words.facility.finditer(text):
        yield _segment(match.start(1), match.end(1), "facility", match[1])


def _rooms(text: str, found: Sequence[_Segment]) -> Iterable[_Segment]:
    """A bare room number right behind a building or a unit (二单元五零一)."""
    for segment in found:
        if segment.kind == "number" and text[segment.end - 1] in "元栋幢座楼门":
            match = ROOM.match(text, segment.end)
            if match and not any(s.start <= match.start() < s.end for s in found):
                yield _segment(match.start(), match.end(), "number", match[0])


def _longest(segments: Iterable[_Segment]) -> list[_Segment]:
    """Keeps the longest of overlapping segments; of two as long, the one of the gazetteer."""
    kept: list[_Segment] = []
    for segment in sorted(segments, key=lambda s: (not s.known, s.start - s.end, s.start)):
        if all(segment.end <= k.start or k.end <= segment.start for k in kept):
            kept.append(segment)
    return sorted(kept, key=lambda s: s.start)


def _chains(text: str, segments: Sequence[_Segment]) -> list[list[_Segment]]:
    chains: list[list[_Segment]] = []
    for segment in segments:
        joins = bool(chains) and _joins(text, chains[-1], segment)
        if joins:
            chains[-1].append(segment)
        elif segment.kind not in _LEANING:  # else nothing to be relative to
            chains.append([segment])
    return chains


def _joins(text: str, chain: Sequence[_Segment], segment: _Segment) -> bool:
    last = chain[-1]
    between = text[last.end : segment.start]
    if segment.kind == "which":
        return (last.kind == "relative" or bool(GROUND.search(segment.value))) and not between
    if segment.kind == "facility" and last.kind != "relative":
        return last.kind not in ("city", "line") and OF.fullmatch(between) is not None
    if segment.kind in _LEANING:
        return last.kind not in ("city", "line") and CLOSE_JOINER.fullmatch(between) is not None
    if _LEVEL.get(segment.kind, 9) < max(_LEVEL.get(s.kind, 0) for s in chain) and PAUSE.search(between):
        return False  # a firm, a pause, then where it is: 小天使幼儿园，长青路六号
    if any(segment.value == s.value and segment.kind in _NAMES for s in chain):
        return False  # said again: the caller begins anew
    if ROADS_MEET.fullmatch(between):
        return last.kind in _NAMES and segment.kind in _NAMES
    if last.kind == "relative" and segment.kind == "number":
        return False
    whom = segment.kind in ("poi", "community") and not segment.known  # 创业大街那个电子厂
    if whom and last.kind == "road" and THING.search(between):
        return False
    return JOINER.fullmatch(between) is not None


def _choose(text: str, chains: Sequence[list[_Segment]], *, expected: bool) -> list[_Segment]:
    """The chain that says most; after a correction (不是…是…, 说错了) the last one counts."""
    least = 0.8 if expected else 1.5
    worth = [c for c in chains if _said(c) >= least and _anchored(c, expected)]
    kept = [c for c in worth if not DENIED.search(text[: c[0].start])] or worth
    if not kept:
        return []
    last = kept[-1]
    if len(worth) > 1 and any(
        CORRECTED.search(text[one[-1].end : last[0].start]) or DENIED.search(text[: one[0].start])
        for one in worth
        if one is not last and one[0].start < last[0].start
    ):
        return last
    return max(kept, key=lambda c: _said(c) + _cue(text[: c[0].start]))


def _cue(before: str) -> float:
    return 1.0 if CUE.search(before) else -1.6 if TOWARDS.search(before) else 0.0


def _said(chain: Sequence[_Segment]) -> float:
    return sum(segment.rank for segment in chain)


def _anchored(chain: Sequence[_Segment], expected: bool) -> bool:
    """Numbers and relative places alone are no address, unless the dialogue asked for one."""
    if expected:
        return any(s.kind not in _LEANING for s in chain)
    return any(s.kind in _NAMES for s in chain) or (
        any(s.kind == "district" for s in chain) and len(chain) > 1
    )


def _address(text: str, reading: Reading, chain: Sequence[_Segment]) -> Slot | None:
    if not chain:
        return None
    start, end = chain[0].start, chain[-1].end
    value, position = "", start
    for segment in chain:
        joint = text[position : segment.start]
        value += joint if ROADS_MEET.fullmatch(joint) else ""
        value += digits(segment.value) if segment.kind == "number" else segment.value
        position = segment.end
    confidence = min(0.95, 0.6 + 0.1 * _said(chain) / 2)
    return Slot(value, reading.original[start:end], start, round(confidence, 2))


def _district(reading: Reading, chain: Sequence[_Segment], segments: Sequence[_Segment]) -> Slot | None:
    """Said, or known from a name of the gazetteer that lies in one."""

    def slot(segment: _Segment, confidence: float) -> Slot:
        span = reading.original[segment.start : segment.end]
        return Slot(segment.district or segment.value, span, segment.start, confidence)

    said = [s for s in segments if s.kind == "district"]
    if said:
        return slot(said[-1], 0.95)
    grammar = [s for s in chain if s.kind == "area" and s.value[-1] in "区县"]
    if grammar:
        return slot(grammar[0], 0.8)
    known = [s for s in chain if s.district]
    if known:  # known from the gazetteer, not said: there is no span
        return Slot(known[0].district, "", -1, 0.8)
    return None
