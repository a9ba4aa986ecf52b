"""Where a demand is, taken apart for comparing: names by kind and sound, numbers by what they count.

An address is the caller's words (翠湖路十八号那个翠湖花园3栋门口), often misheard. Only what two callers
would both say is kept: no 门口, no 附近, no district.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final

from voicebot.language.characters import plain
from voicebot.language.numbers import to_int
from voicebot.language.pinyin import distance, syllables

_N: Final = "(?:\\d{1,5}|[零〇一二三四五六七八九十百两幺]{1,6})"
_MISHEARD: Final = (
    (re.compile(rf"({_N})好(?![几多像不了的些])"), r"\1号"),
    (re.compile(rf"({_N})[动懂]"), r"\1栋"),
    (re.compile("小[去趣曲]"), "小区"),
    (re.compile("家圆"), "家园"),
)
"""What recognisers make of the words that numbers and communities end with."""


class Counted(StrEnum):
    """What a number in an address counts; the value is how people call it."""

    HOUSE = "门牌号"
    BUILDING = "楼栋"
    UNIT = "单元"
    PHASE = "期"
    GROUP = "组"
    LINE = "线路"
    PLATE = "车牌"


WITHIN: Final = frozenset({Counted.BUILDING, Counted.UNIT})
"""Numbers that say where a caller lives when a whole community has no water."""

_COUNTED: Final = (
    (Counted.PLATE, re.compile(r"([\u4e00-\u9fff][a-z][a-z0-9]{5,6})(?![a-z0-9])")),
    (
        Counted.LINE,
        re.compile(rf"([a-z]?\d{{1,3}}|{_N})(?:路公交|路车|号线|路(?=司机|公交|[^口上面边中]?站))"),
    ),
    (Counted.LINE, re.compile(r"公交([a-z]?\d{1,3})|([a-z]\d{1,3})路")),
    (
        Counted.BUILDING,
        re.compile(rf"({_N}|[a-z])(?:号楼|栋|幢|座)|(?<!第)({_N})楼(?=[一二三四五六1-6]单元)"),
    ),
    (Counted.UNIT, re.compile(rf"({_N})(?:号)?单元")),
    (Counted.PHASE, re.compile(rf"({_N})期(?!间|限|货)")),
    (Counted.GROUP, re.compile(rf"({_N})(?:组|社(?!区|会|保)|队)")),
    (Counted.HOUSE, re.compile(rf"(?<![月\d])({_N})号(?!楼|线|单元|[早晚上下]|那天|开始|停|之|以|码)院?")),
)
_ROOM: Final = re.compile(
    rf"{_N}(?:室|户|层|楼)|(?<![a-z\d])\d{{3,4}}(?![a-z\d])|[零一二三四五六七八九幺]{{3,4}}"
)
_SMALL: Final = re.compile(
    r"(?:[东南西北正后侧]{1,2}|大)门(?:[口外前内]|旁边?|附近|对面)?|门[口前外旁](?:面|边)?|(?:正|斜)?对面"
    r"|对过|旁边?|边上|附近|周边|周围|楼[下上顶道]|(?:的)?交[叉汇](?:的?(?:路口|地方|口))?|(?<=[路街巷道桥\s])路口|[街巷村]口|[东南西北中]段|路段"
    r"|(?<!大)[东南西北]?桥[东南西北]?头|[东南西北]头|[东南西北][侧边]|(?:往|向)[东南西北].{0,4}米"
    r"|[一二三四五六]楼|地下|里面|前面|后面|那[个边里]|这[个边里]|一带|外面|的|^在|(?<=[路街巷道口])[和与跟同]|[,，、。\s]"
)
"""Where exactly, and small words: what two callers say differently."""
_MOUTH: Final = re.compile(r"(?<=[\u4e00-\u9fff])(?<![路街巷道桥交])路口")
"""文华路口 is at 文华路."""
_GENERIC: Final = frozenset(
    """
    小区 小学 中学 学校 医院 车库 地库 停车场 隧道 公交站 加油站 河道 菜场 菜市场 超市 派出所 幼儿园 村委会
    地铁口 工地 公园 广场 河边
    """.split()  # noqa: SIM905 (as quoted strings they would be no clearer)
)
"""Facilities that alone name no place."""
_DISTRICT: Final = re.compile(
    r"^(?:[\u4e00-\u9fff]{2,3}市)?(?:[\u4e00-\u9fff]{2}(?<!小)区(?!域))?(?=[\u4e00-\u9fff]{2})"
)
_SUFFIX: Final = re.compile(
    r"(?P<road>大街|大道|[东南西北中]路|[东南西北中]街|路|街(?!道|坊)|巷(?!子)|弄|胡同|高速|立交|大桥|桥(?=$))"
    r"|(?P<home>小区|花园|家园|新村|新苑|新城|公馆|公寓|宿舍|家属院|雅居|雅苑|名邸|名苑|社区|街道(?!办)|村(?!委)"
    r"|苑|(?<![儿公物业技果])园(?=$)|里(?=$)|湾(?=$)|镇|乡)"
)
_ABBREVIATED: Final = ((re.compile(r"(?<!第)([一二三四五六七八九十]{1,2})中(?!学|心|路|街)"), r"第\1中学"),)
_NEAR: Final = 0.45
_MEAN: Final = 0.2
"""Largest distance of one syllable, and of all on average, between two hearings of one name."""
_LEAST_PART: Final = 0.5

Sounds = tuple[str, ...]


class Kind(StrEnum):
    ROAD = "road"
    HOME = "home"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Name:
    """A place name without its numbers; `sounds` are its syllables."""

    text: str
    kind: Kind
    sounds: Sounds


@dataclass(frozen=True, slots=True)
class Whereabouts:
    names: tuple[Name, ...]
    numbers: Mapping[Counted, frozenset[str]]


@lru_cache(maxsize=16384)
def whereabouts(address: str) -> Whereabouts:
    """Names and numbers of an address.

    >>> [n.text for n in whereabouts("云湖区书院路望湖路路口").names]
    ['书院路', '望湖路']
    """
    text = put_right(address)
    rest = text
    for _, pattern in _COUNTED:
        rest = pattern.sub(" ", rest)
    rest = _SMALL.sub(" ", _MOUTH.sub("路 ", _ROOM.sub(" ", rest)))
    return Whereabouts(tuple(_names(rest)), numbers_of(text))


def put_right(text: str) -> str:
    """Comparable characters, with misheard endings of numbers (十八好, 七动) and short names written out."""
    text = plain(text)
    for pattern, right in (*_MISHEARD, *_ABBREVIATED):
        text = pattern.sub(right, text)
    return text


def numbers_of(text: str) -> Mapping[Counted, frozenset[str]]:
    """Numbers of a text that `put_right` has read, in digits, by what they count."""
    found: dict[Counted, set[str]] = {}
    for counted, pattern in _COUNTED:
        for match in pattern.finditer(text):
            said = next(filter(None, match.groups()))
            number = to_int(said)
            found.setdefault(counted, set()).add(said if number is None else str(number))
        text = pattern.sub(" ", text)
    return {counted: frozenset(said) for counted, said in found.items()}


def _names(text: str) -> Iterable[Name]:
    for run in text.split():
        run, start = _DISTRICT.sub("", run), 0
        for suffix in _SUFFIX.finditer(run):
            if suffix.end() - start > len(suffix[0]):
                kind = Kind.ROAD if suffix["road"] else Kind.HOME
                yield _name(run[start : suffix.end()], kind)
                start = suffix.end()
        if len(run) - start >= 2 and run[start:] not in _GENERIC and not run[start:].isascii():
            yield _name(run[start:], Kind.OTHER)


def _name(text: str, kind: Kind) -> Name:
    return Name(text, kind, syllables(text))


def one_name(a: Name, b: Name) -> bool:
    """Whether two callers may mean one place: equal by ear, or the shorter is the longer one shortened."""
    if len(a.sounds) == len(b.sounds):
        return _alike(a.sounds, b.sounds)
    if Kind.ROAD in (a.kind, b.kind):
        return False
    short, long = sorted((a.sounds, b.sounds), key=len)
    if len(short) > 2 and heard_in(short, long):
        return True
    return len(short) >= 2 and len(short) / len(long) >= _LEAST_PART and shortened(short, long)


def shortened(short: Sounds, long: Sounds) -> bool:
    """Whether all syllables of `short` come in `long`, in order (政务中心, 政务服务中心)."""
    left = iter(long)
    return all(any(distance(want, has) <= _MEAN for has in left) for want in short)


def heard_in(name: Sounds, text: Sounds) -> bool:
    """Whether a name is said somewhere in a text, by ear."""
    size = len(name)
    return size >= 2 and any(_alike(name, text[at : at + size]) for at in range(len(text) - size + 1))


def _alike(a: Sounds, b: Sounds) -> bool:
    total = 0.0
    for x, y in zip(a, b, strict=True):
        apart = distance(x, y)
        if apart > _NEAR:
            return False
        total += apart
    return total <= _MEAN * len(a)
