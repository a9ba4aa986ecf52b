"""A demand made ready to be compared with others: its places, topics, names, sums and time."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Final

from voicebot.core.demand import Demand
from voicebot.language.dates import find_times
from voicebot.language.numbers import NUMERAL, to_int
from voicebot.language.pinyin import syllables
from voicebot.tickets.common_words import CHARACTERS, PAIRS, RARE_CHARACTER, RARE_PAIR
from voicebot.tickets.ticket import Ticket
from voicebot.tickets.topics import topics, without_topics
from voicebot.tickets.whereabouts import (
    Counted,
    Kind,
    Name,
    Sounds,
    numbers_of,
    put_right,
    whereabouts,
)

_LONGEST: Final = 600
"""Characters of one text that are compared."""
_SUM: Final = re.compile(
    rf"([一二两三四五六七八九]万[一二三四五六七八九]|[一二两三四五六七八九]千[一二三四五六七八九]百?)(?![一二三四五六七八九十百千万])"
    rf"|(?<![第号\d])({NUMERAL})(?=块|元|多?人|个人|公分|升|斤|度|克|天|个月)"
)
_SMALLEST_SUM: Final = 20
_EMPTY_WORDS: Final = re.compile(
    "引起重视|给个?(?:说法|答复|交代)|查[一]?查|看[一]?看|有没有结果|互相推|推来推去|不知道|怎么办|相关部门|派人|协调|催[一]?催"
    "|希望|要求|投诉|反映|有关部门|没有?人[管来]|处理|解决|尽快|请|麻烦|一直|到现在|多次|上次|之前|现在|今[天早晚]|昨[天晚]|每天|天天|[的了是在有和就都也还又很太着过吧吗呢啊]"
)
"""What nearly everybody says, whatever the matter."""
_BACK: Final = re.compile(
    "上次|刚才[说反]|之前(?:说|提|反映)|补充|的事|有没有结果|怎么样了|反映(?:过|好几)|提过|还[没是在]|到现在"
)
_WIDE: Final = re.compile("整个|全小区|小区都|全停|全都|所有|一个院子|整条|几栋|好几栋|家家|大家都")
_BITS: Final = {c: bits for bits, chars in CHARACTERS.items() for c in chars} | {
    pairs[i : i + 2]: bits for bits, pairs in PAIRS.items() for i in range(0, len(pairs), 2)
}
_LEAST_BITS: Final = 3.0
_SHORTEST_ENTITY: Final = 3
_NUMERALS: Final = frozenset("零一二三四五六七八九十百千万两半几")
_ENTITY: Final = re.compile(r"(?:有限|股份|责任)*公司$|[（(].*?[）)]")
_ROLES: Final = re.compile(
    "业主|住户|邻居|商户|老板|司机|物业|保安|学校|医院|施工队|开发商|家长|工厂|店家|商家|小贩|客服|老师|工作人员|窗口"
)
"""Whoever has them for an object is known by the place alone."""


@dataclass(frozen=True, slots=True)
class Matter:
    """What `likeness.compare` reads; texts are the caller's words.

    Args:
        at: when it was told. `happened`: first and last day it happened; None when it goes on or is unknown.
        entity: syllables of the firm or person named, () when only a thing is named.
        words: characters, and pairs of syllables, of the content without names → bits of what they tell.
        sums: amounts of money, people, … that are told.
        silent: nothing was said that could be compared.
        back: it refers to something told before. `wide`: it concerns a whole community.
    """

    at: datetime
    address: str
    names: tuple[Name, ...]
    numbers: Mapping[Counted, frozenset[str]]
    entity: Sounds
    entity_text: str
    thing: str
    district: str
    topics: frozenset[str]
    sounds: Sounds
    words: Mapping[Sounds, float]
    sums: frozenset[int]
    happened: tuple[date, date] | None
    back: bool
    wide: bool
    silent: bool = False


def matter_of(told: Demand | Ticket, at: datetime | None = None) -> Matter:
    """A demand, or a ticket, which knows when it was accepted.

    Args:
        at: when the demand was made; needed for a `Demand`.
    """
    when = told.accepted_at if isinstance(told, Ticket) else at
    if when is None:
        raise ValueError("a demand does not know when it was made")
    content = told.content or told.title
    if told.callback_only or not content.strip():
        return _matter("", "", "", "", "", when, True)
    return _matter(
        content[:_LONGEST], told.address[:200], told.object[:100], told.occurred[:100], told.district, when
    )


@lru_cache(maxsize=2048)
def _matter(
    content: str, address: str, thing: str, occurred: str, district: str, at: datetime, silent: bool = False
) -> Matter:
    text = put_right(content)
    where = whereabouts(address)
    others = tuple(n for n in whereabouts(thing).names if n.kind is not Kind.OTHER and n not in where.names)
    said = numbers_of(text)
    entity = _entity(thing)
    return Matter(
        at=at,
        address=address,
        names=where.names + others,
        numbers={**said, **where.numbers},
        entity=syllables(entity),
        entity_text=entity,
        thing="" if entity else _ROLES.sub("", put_right(thing)),
        district=district,
        topics=topics(_subject(text, where.names, entity, thing)),
        sounds=syllables("".join(filter(str.isalnum, f"{text}{put_right(address)}{thing}"))),
        words=_words(f"{text}。{thing}", where.names, entity),
        sums=_sums(text),
        happened=_happened(occurred or content, at),
        back=bool(_BACK.search(text)),
        wide=bool(_WIDE.search(text)),
        silent=silent,
    )


@lru_cache(maxsize=4096)
def _entity(thing: str) -> str:
    """The firm or person that is named, "" when it is a thing or a role that there are many of."""
    name = _ENTITY.sub("", put_right(thing))
    own = re.findall("[\u4e00-\u9fffa-z0-9]+", _ROLES.sub(" ", without_topics(name)))
    rare = any(run[i : i + 2] not in _BITS for run in own for i in range(len(run) - 1))
    return name if len(name) >= _SHORTEST_ENTITY and rare and not numbers_of(name) else ""


def _without(text: str, names: tuple[Name, ...], entity: str = "") -> str:
    """The text without names: 三洋化工厂 speaks of no chemicals."""
    for name in (entity, *(each.text for each in names)):
        text = text.replace(name, "，") if name else text
    return text


def _subject(text: str, names: tuple[Name, ...], entity: str, thing: str) -> str:
    """What topics are looked for in; a short name may be a thing as well (流感疫苗)."""
    long = entity if len(entity) > _SHORTEST_ENTITY + 1 else ""
    return f"{_without(text, names, long)}。{'' if long else thing}"


def _words(text: str, names: tuple[Name, ...], entity: str) -> Mapping[Sounds, float]:
    """Pairs are kept by ear, single characters as written: too many sound the same."""
    found: dict[Sounds, float] = {}
    for run in re.findall("[\u4e00-\u9fff]+", _EMPTY_WORDS.sub(" ", _without(text, names, entity))):
        sounds = syllables(run)
        found |= {(char,): float(_BITS.get(char, RARE_CHARACTER)) for char in run if char not in _NUMERALS}
        for at in range(len(run) - 1 if len(sounds) == len(run) else 0):
            bits = float(_BITS.get(run[at : at + 2], RARE_PAIR))
            found[sounds[at : at + 2]] = max(found.get(sounds[at : at + 2], 0.0), bits)
    return {word: bits for word, bits in found.items() if bits >= _LEAST_BITS}


def _sums(text: str) -> frozenset[int]:
    found = (to_int(match[1] or match[2]) for match in _SUM.finditer(text))
    return frozenset(number for number in found if number is not None and number >= _SMALLEST_SUM)


def _happened(text: str, at: datetime) -> tuple[date, date] | None:
    """Days between which the first time in `text` lies; None when none is told or it goes on."""
    for time in find_times(text, at.replace(tzinfo=None)):
        first, _, last = time.value.partition("/")
        try:
            days = date.fromisoformat(first[:10]), date.fromisoformat((last or first)[:10])
        except ValueError:
            return None
        return days if days[1] - days[0] <= timedelta(days=1) else None
    return None
