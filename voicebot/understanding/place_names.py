"""Names of places that no gazetteer knows: where they end, and where they begin.

A Chinese place name ends with a word that says what it is (路, 小区, 派出所). Its beginning has no mark,
so every beginning is given a score: characters that place names like, words that cannot be in a name,
a usual length, and what stands before it. The best one above a threshold is the name.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pypinyin.phrases_dict import phrases_dict

from voicebot.language.characters import is_hanzi
from voicebot.understanding.place_view import Homophones
from voicebot.understanding.schema import PlaceWords

LONGEST: Final = 8
"""Characters of a name before its suffix."""

SURE, UNSURE, BARE = 0.4, 2.0, 2.1
"""Least score of a name with a suffix, with a one-character suffix that says little, with none."""

_LENGTH: Final = {1: -0.9, 2: 0.9, 3: 0.7, 4: 0.3, 5: -0.5, 6: -1.2, 7: -2.0, 8: -3.0}
_KIND_OF_WEAK: Final = "community"
_IDIOM: Final = 4
_NUMERAL: Final = 0.3
_MONEY: Final = re.compile(
    r"[一二三四五六七八九十两几百千万\d]+(?:[千百万](?![达科象盛福隆寿佛顺])|块钱?|元)"
)
_DICTATED: Final = re.compile(r"[零〇幺一二三四五六七八九\d]{7,}")
_NUMERALS: Final = frozenset("零一二三四五六七八九十百两几幺")
_ADJECTIVES: Final = frozenset("大小老新好本全整各该同两几旧上下")
"""One of these before a suffix is no name (大医院, 老小区)."""
_NOT_BEFORE: Final[Mapping[str, str]] = {
    "路": "灯面费况由过政程基沿障线人段",
    "街": "坊拍",
    "村": "镇",
    "县": "城",
    "区": "别域",
    "乡": "下村亲",
    "镇": "定静",
    "里": "面边头外",
    "湾": "区",
    "园": "林区丁艺长",
    "城": "管市区里镇乡建",
    "山": "上下区体坡",
    "河": "里边水道边流底",
    "湖": "边水里面",
    "江": "边水里面",
    "站": "在着长台",
    "桥": "梁面",
    "场": "地所面合景",
    "店": "里主长家员铺",
    "楼": "上下道梯房层顶盘里",
    "门": "口卡市面禁锁",
    "口": "罩头服碑",
    "院": "长子里",
    "校": "长园车服外",
    "营": "业养",
    "集": "体中团资合",
    "铺": "了设面",
    "关": "门于系了闭",
    "港": "币",
    "台": "阶风上",
    "大街": "小",
    "高速": "行费",
}
"""What may not follow a suffix: 路 of 路灯 ends no name."""


@dataclass(frozen=True, slots=True)
class Named:
    """A name in a text: `text[start:end]`; `kind` is road, community, poi or area; `score` see module."""

    start: int
    end: int
    kind: str
    score: float


class NameWords:
    """The words of `PlaceWords`, made ready once; immutable."""

    def __init__(self, words: PlaceWords) -> None:
        listed: dict[str, list[tuple[str, str, bool]]] = defaultdict(list)
        for weak, kind, names in (
            (False, "road", words.road),
            (False, "community", words.community),
            (False, "poi", words.poi),
            (False, "area", words.area),
            (True, _KIND_OF_WEAK, words.weak),
        ):
            for name in names.split():
                listed[name[0]].append((name, kind, weak))
        self.suffixes: Mapping[str, Sequence[tuple[str, str, bool]]] = {
            first: sorted(each, key=lambda s: -len(s[0])) for first, each in listed.items()
        }
        suffixes = (*words.poi.split(), *words.community.split())
        alone = {*words.facilities.split(), *(name for name in suffixes if len(name) > 1)}
        facilities = sorted(alone, key=lambda w: (-len(w), w))
        self.facility: Final = re.compile(
            f"(?=({'|'.join(map(re.escape, facilities))}))" if facilities else "(?!)"
        )
        self._like = frozenset(words.name_characters) - {" ", "\n"}
        self._never = frozenset(words.never) - {" ", "\n"}
        strong = tuple(s for each in self.suffixes.values() for s, _, weak in each if not weak)
        listed_words = words.words.split()
        self.not_names = frozenset(w for w in listed_words if w.endswith(strong) and w not in strong)
        self._words = _by_first(w for w in listed_words if w not in self.not_names)
        self._name_words = _by_first(words.name_words.split())
        self.homophones: Final = Homophones(
            name
            for names in (words.road, words.community, words.poi, words.facilities)
            for name in names.split()
            if len(name) > 1
        )

    def cost(self, text: str) -> list[float]:
        """Of each character: how much it speaks for (+) or against (-) being in a name."""
        cost = [self._of(char) for char in text]
        for start, char in enumerate(text):
            for word in self._words.get(char, ()):
                if text.startswith(word, start):
                    for i in range(start, start + len(word)):
                        cost[i] = min(cost[i], -2.2)
                    break
            if text[start : start + _IDIOM] in phrases_dict:
                for i in range(start, min(start + _IDIOM, len(text))):
                    cost[i] = min(cost[i], -2.2)
        for start, char in enumerate(text):
            for word in self._name_words.get(char, ()):
                if text.startswith(word, start):
                    cost[start : start + len(word)] = [0.45] * len(word)
                    break
        for match in _DICTATED.finditer(text):
            cost[match.start() : match.end()] = [-9.0] * len(match[0])
        for match in _MONEY.finditer(text):
            cost[match.start() : match.end()] = [-2.2] * len(match[0])
        return cost

    def _of(self, char: str) -> float:
        if char in self._never:
            return -3.0
        if char in self._like:
            return _NUMERAL if char in _NUMERALS else 0.45
        return 0.0 if is_hanzi(char) else -9.0

    def suffix_at(self, text: str, at: int) -> tuple[str, str, bool] | None:
        """The longest suffix that begins at `at`: (suffix, kind, weak)."""
        for suffix, kind, weak in self.suffixes.get(text[at : at + 1], ()):
            if text.startswith(suffix, at):
                follows = text[at + len(suffix) : at + len(suffix) + 1]
                if not follows or follows not in _NOT_BEFORE.get(suffix, ""):
                    return suffix, kind, weak
        return None


def _by_first(words: Iterable[str]) -> Mapping[str, Sequence[str]]:
    by_first: dict[str, list[str]] = defaultdict(list)
    for word in sorted(set(words), key=lambda w: (-len(w), w)):
        by_first[word[0]].append(word)
    return by_first


def find_names(
    text: str, words: NameWords, known: Sequence[tuple[int, int]], bare: Iterable[int]
) -> list[Named]:
    """All names outside of `known` stretches (sorted); `bare`: where a building number, 那边 or the like
    begins, before which a name may stand that ends with no suffix at all."""
    cost = words.cost(text)
    ends = {end for _, end in known}
    taken = [False] * (len(text) + 1)
    for start, end in known:
        taken[start:end] = [True] * (end - start)
    found: list[Named] = []
    for at in range(1, len(text)):
        suffix = words.suffix_at(text, at)
        if suffix is not None and suffix[0].endswith("学") and text[at - 1] in "上读念考":
            continue
        if (
            suffix is None
            or text[at - len(suffix[0]) : at] == suffix[0]
            or taken[at]
            or taken[at + len(suffix[0]) - 1]
        ):
            continue
        name = _best(text, cost, taken, ends, at, suffix[0], suffix[1], suffix[2])
        if name and text[name.start : name.end] not in words.not_names:
            found.append(name)
    for at in bare:
        name = _best(text, cost, taken, ends, at, "", _KIND_OF_WEAK, True)
        if name and name.score >= BARE:
            found.append(name)
    return _best_apart(found)


def _best(
    text: str,
    cost: Sequence[float],
    taken: Sequence[bool],
    ends: set[int],
    at: int,
    suffix: str,
    kind: str,
    weak: bool,
) -> Named | None:
    """The best beginning of the name whose suffix stands at `at`."""
    best: Named | None = None
    inside = 0.0
    for start in range(at - 1, max(-1, at - 1 - LONGEST), -1):
        if taken[start] or cost[start] <= -9.0:
            break
        inside += cost[start]
        if inside < -6.0:
            break
        score = inside + _LENGTH[at - start] + _before(text, cost, ends, start)
        if len(suffix) == 1 and at - start == 1 and start not in ends:
            score -= 0.6 if kind == "road" else 1.2
        if weak and start not in ends and inside < 0.3 * (at - start):
            continue  # all of a name that nothing else marks must be like a name
        if suffix == "路" and all(char in _NUMERALS for char in text[start:at]):
            continue  # 五路 is a bus
        if at - start == 1 and text[start] in _ADJECTIVES and start not in ends:
            continue
        if best is None or score > best.score:
            best = Named(start, at + len(suffix), kind, score)
    if best is None:
        return None
    least = UNSURE if weak else SURE
    if start_is_joined(best.start, ends):
        least -= 1.0
    return best if best.score >= least else None


def start_is_joined(start: int, ends: set[int]) -> bool:
    """The name follows right behind a known one (翠湖路老粮站)."""
    return start in ends


def _before(text: str, cost: Sequence[float], ends: set[int], start: int) -> float:
    """What stands before a name says where it may begin."""
    if start == 0 or start in ends:
        return 1.0
    before = text[start - 1]
    if not is_hanzi(before):
        return 1.0
    if before in "在住到是从于往离叫":
        return 1.2
    if cost[start - 1] <= -2.0:
        return 0.9
    return -0.5


def _best_apart(found: Sequence[Named]) -> list[Named]:
    """Of names that overlap, the longer of two with one beginning, else the better one."""
    kept: list[Named] = []
    for name in sorted(found, key=lambda n: n.start):
        if kept and name.start < kept[-1].end:
            last = kept[-1]
            longer = name.start == last.start and name.end > last.end
            if longer or (name.end > last.end and name.score > last.score):
                kept[-1] = name
            continue
        kept.append(name)
    return kept
