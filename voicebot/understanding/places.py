"""Addresses: names of the gazetteer, the grammar of Chinese addresses, and how they chain.

A caller says 云湖区那个翠湖路十八号翠湖花园三号楼门口. Segments (names, house numbers, relative
places) are found one by one and chained where nothing but small words stands between them.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from voicebot.core.meaning import Slot
from voicebot.language.numbers import to_int
from voicebot.understanding.lexicon import Place
from voicebot.understanding.matcher import Hits
from voicebot.understanding.reading import Reading

MOST_CHARACTERS: Final = 1000
"""Only so much of a text is searched for addresses."""

_NUM: Final = r"(?:\d{1,5}|[零〇一二三四五六七八九十百两幺]{1,6})"
_HANZI: Final = r"[\u4e00-\u9fff]"

_AREA: Final = "自治区|街道|区|县|镇|乡"
_ROAD: Final = "大道|大街|胡同|高速|环路|公路|路|街|巷"
_COMMUNITY: Final = "小区|花园|家园|新村|嘉园|雅苑|公寓|社区|新城|名苑|华庭|村|苑|庄|府|里|湾"
_POI: Final = (
    "人民医院|中医院|妇幼保健院|医院|卫生院|实验小学|小学|中学|大学|学院|幼儿园|公园|广场|大厦|商场|购物中心|农贸市场|菜市场|市场"
    "|汽车站|火车站|客运站|地铁站|公交站|高铁站|大桥|立交桥|天桥|隧道|派出所|工业园|产业园|科技园|软件园|开发区|酒店|宾馆|超市"
    "|加油站|体育馆|图书馆|博物馆|政务大厅|政务服务中心|水库|码头|步行街|夜市|停车场|银行|邮局|营业厅|药店|体育场|电影院|变电站|水厂|收费站|服务区|写字楼|养老院|敬老院|工业区"
)
_SUFFIX: Final = f"{_POI}|{_COMMUNITY}|{_ROAD}|{_AREA}"
_NAME: Final = re.compile(rf"({_HANZI}{{1,8}}?)((?:{_SUFFIX})*?)({_SUFFIX})(?!{_SUFFIX})")
_AFTER: Final = re.compile(
    r"(?:中心|第[一二三四五六七八九十])?(?:小学|中学|幼儿园|医院|卫生院|派出所|市场|菜市场|农贸市场|大桥|地铁站|高架|隧道)"
)
_NUMBER: Final = re.compile(
    rf"{_NUM}(?:之{_NUM})?号(?:院|楼|附{_NUM}号|商铺|门面|铺)?(?!线|地铁|公交|晚|早|上午|下午|那天|开始|之前)"
    rf"|(?:{_NUM}|[a-z])(?:号楼|栋|幢|座|单元|楼|室|户|组|弄|号院|门栋|层|期|区|排|公里)(?!上|下|道|梯|房子?)"
    rf"|[东西南北](?:区|苑|院)"
    rf"|\d{{1,3}}[-—]\d{{1,4}}(?:[-—]\d{{1,4}})?"
)
_ROOM: Final = re.compile(r"(?:\d{3,4}|[零〇一二三四五六七八九幺]{3,4})(?:室|号|户)?")
_RELATIVE: Final = re.compile(
    r"的?(?:大门口|(?:[东西南北正后侧]|[东西][南北])大?门(?:口|外|旁边?|附近)?|门口|门前|对面|旁边|边上|附近|周边|周围|路口|十字路口|交叉口|交汇处|交界处"
    r"|交叉路口|丁字路口|红绿灯(?:路口|那里|那儿)|交口|口(?=[有的那处]|$)|[东西南北中]段|拐角处?|(?<![前今去])后面|前面|隔壁|(?:地下)?车库|地下室|停车场|入口|出口|出入口|两边|两侧|路边|村口|[东西南北][侧边头]|路段|桥下|沿线|一带"
    r"|公交站台?|地铁口|广场|楼下|楼顶|楼道|菜市场|超市|往[东西南北]\w{0,3}(?:米|公里))"
)
_JOINER: Final = re.compile(
    r"(?:[\s,，、]|的|那个|那边|那里|靠近|这个|里面?|就是|在|嗯|呃|啊|这边|我家在?|住在){0,3}"
)
_ROADS_MEET: Final = re.compile(r"(?:和|与|跟|同|到|、|以及)")
_CUT: Final = re.compile(
    r".*(?:孩子上|小孩上|孩子|小孩|想上|能上|住在|家在|位于|就在|地址是|地址在|靠近|经过|路过|反映|反应|投诉|举报|请问|那个|这个|就是|我们|咱们|你们|他们|我家|上次|昨天|今天|前天|晚上|早上|上午|下午|现在|附近|旁边|对面|隔壁"
    r"|门口|楼下|楼上|整个|有个|有家|有人|一家|一个|这家|那家|这条|那条|哪条|哪个|什么|是不是|一下|去了?|来了?|问下|问问|因为|然后|还有"
    r"|在|住|是|到|从|我|咱|的|了|有|说|想|要|往|离|把|叫|这|那|跟|和|与|给|就|去|走|向|于|嗯|啊|呃|喂|被|让|查|修|办|问|号|及|很|都|也|不|没|每|某|各|用|堵|停|打|送|买|卖|开|过|条|吗|呢|吧|好)"
)
_NO_NAME: Final = re.compile(
    r"^(?:二十三|十二|省城大|上班|下班|上学|回家|马|公|道|铁|走|半|一|网|线|思|电|绕|堵|修|条|大|小|全|农|城中|整|本|同|外|地|社|私立|民营|公立|老|新|旧|高档|安置|[一二三四五六七八九十两几]个?|地铁|公交|高铁|火|汽|客运|菜|农贸|大型|医|政|政务|县|市|乡|各|多|社会|附属|便民|住宅|居民|商业|安居|出|回迁|拆迁|封闭|老旧|门|那里|这里|哪里|家里|村里|夜里|心里|手里|屋里|水里|店里|车里|厂里|城里|县里|市里|校里|卡里|包里|嘴里|河里|园里|院里|公里|楼里|网里|里|哪|区里|单位|公司|单|景|山|辖|片|校|库|厂|城|郊|市|特|地|社|小|学|禁|禁停|雷|误|时|战|灾|盲|新|旧|房|专|商|住宅|政|政府|官|学|首|天|丰|水|海|港|河|江|湖|事|钱|工|山|树|菜|果|公|政)$"
)


@dataclass(frozen=True, slots=True)
class _Segment:
    """A stretch of `Reading.plain`; rank: how much it says by itself."""

    start: int
    end: int
    kind: str
    value: str
    district: str = ""

    @property
    def rank(self) -> float:
        return {
            "city": 0.3, "district": 0.8, "street": 2, "road": 2, "community": 3, "poi": 3, "line": 0.5,
            "number": 1.5, "relative": 0.5, "name": 2,
        }[self.kind]  # fmt: skip


@dataclass(frozen=True, slots=True)
class FoundPlace:
    """The address of an utterance and the district it lies in."""

    address: Slot | None
    district: Slot | None


def find_place(
    reading: Reading, hits: Hits, places: Mapping[str, Place], *, expected: bool = False
) -> FoundPlace:
    """The best address of the utterance.

    Args:
        expected: the dialogue asked for a place: short answers count too.
    """
    segments = _segments(reading, hits, places)
    chains = _chains(reading.plain, segments)
    best = _choose(reading.plain, chains, expected=expected)
    return FoundPlace(_address(reading, best), _district(reading, best, segments))


def _segments(reading: Reading, hits: Hits, places: Mapping[str, Place]) -> list[_Segment]:
    text = reading.plain[:MOST_CHARACTERS]
    found: list[_Segment] = []
    for kind in ("poi", "community", "street", "road", "district", "city", "line"):
        for hit in hits.get(f"place/{kind}", ()):
            sure = hit.strength == 1.0 or (hit.end - hit.start >= 3 and hit.strength >= 0.6)
            start, end = reading.starts[hit.start], reading.ends[hit.end - 1]
            if sure and not _inside_word(text, start, end, kind):
                found.append(_Segment(start, end, kind, hit.word, places[hit.word].district))
    found = [_with_institution(text, segment) for segment in _longest(found)]
    for match in _NAME.finditer(text):
        found += _named(match, text, found)
    for pattern, kind in ((_NUMBER, "number"), (_RELATIVE, "relative")):
        for match in pattern.finditer(text):
            found.append(_Segment(match.start(), match.end(), kind, match[0]))
    found = _longest(found)
    return sorted(found + _rooms(text, found), key=lambda s: s.start)


def _with_institution(text: str, segment: _Segment) -> _Segment:
    """A school or a hospital called after a known road or town (和平路小学)."""
    match = _AFTER.match(text, segment.end)
    if match is None or segment.kind in ("city", "line"):
        return segment
    return _Segment(segment.start, match.end(), "poi", segment.value + match[0], segment.district)


def _inside_word(text: str, start: int, end: int, kind: str) -> bool:
    """A two-character district name may be the head of a longer name that is not known (江北二村)."""
    return kind == "district" and end - start == 2 and text[end : end + 1] in ("市", "省")


def _named(match: re.Match[str], text: str, known: Sequence[_Segment]) -> list[_Segment]:
    """A name that the gazetteer lacks, by its suffix; the left edge is cut at words that are no name."""
    start, end = match.span()
    for other in known:  # never reach back into a known name
        if other.start < end and start < other.end:
            if end <= other.end:
                return []
            start = max(start, other.end)
    cut = _CUT.match(text[start : match.end(1)])
    start += cut.end() if cut else 0
    name, suffix = text[start : match.end(1)], match[3]
    if not name or _NO_NAME.match(name) or not all("\u4e00" <= c <= "\u9fff" for c in name):
        return []
    if suffix in ("里", "湾", "府", "庄", "苑", "村", "区") and len(name) < 2:
        return []
    kind = "poi" if re.fullmatch(_POI, suffix) else "road" if re.fullmatch(_ROAD, suffix) else "community"
    kind = "street" if re.fullmatch(_AREA, suffix) else kind
    if suffix in ("里", "湾", "府", "区") and len(name) > 4:
        return []
    return [_Segment(start, end, kind, text[start:end])]


def _rooms(text: str, found: Sequence[_Segment]) -> list[_Segment]:
    """A bare room number right behind a building or a unit (二单元五零一)."""
    rooms = []
    for segment in found:
        if segment.kind == "number" and text[segment.end - 1] in "元栋幢座楼门":
            match = _ROOM.match(text, segment.end)
            if match and not any(s.start <= match.start() < s.end for s in found):
                rooms.append(_Segment(match.start(), match.end(), "number", match[0]))
    return rooms


def _longest(segments: Sequence[_Segment]) -> list[_Segment]:
    """Keeps the longest of overlapping segments."""
    kept: list[_Segment] = []
    for segment in sorted(segments, key=lambda s: (s.start - s.end, s.start)):
        if all(segment.end <= k.start or k.end <= segment.start for k in kept):
            kept.append(segment)
    return sorted(kept, key=lambda s: s.start)


def _chains(text: str, segments: Sequence[_Segment]) -> list[list[_Segment]]:
    chains: list[list[_Segment]] = []
    for segment in segments:
        if segment.kind == "relative" and not (chains and _joins(text, chains[-1], segment)):
            continue  # nothing to be relative to
        if chains and _joins(text, chains[-1], segment):
            chains[-1].append(segment)
        else:
            chains.append([segment])
    return chains


def _joins(text: str, chain: Sequence[_Segment], segment: _Segment) -> bool:
    last = chain[-1]
    between = text[last.end : segment.start]
    if segment.kind == "relative":
        return not between.strip()
    if _ROADS_MEET.fullmatch(between):
        return last.kind in ("road", "poi") and segment.kind in ("road", "poi")
    if last.kind == "relative" and segment.kind == "number":
        return False
    return _JOINER.fullmatch(between) is not None


def _choose(text: str, chains: Sequence[list[_Segment]], *, expected: bool) -> list[_Segment]:
    """The chain that says most; after a correction (不是…是…, 说错了) the last one counts."""
    worth = [
        c for c in chains if sum(s.rank for s in c) >= (0.8 if expected else 2) and _anchored(c, expected)
    ]
    if not worth:
        return []
    last = worth[-1]
    for chain in worth[:-1]:
        between = text[chain[-1].end : last[0].start]
        if (
            re.search(r"(?:不是|不对|错了|是)$|说错|不对|更正", between)
            and text[: last[0].start].find("不") >= 0
        ):
            return last
    return max(worth, key=lambda c: sum(s.rank for s in c))


def _anchored(chain: Sequence[_Segment], expected: bool) -> bool:
    """Numbers and relative places alone are no address, unless the dialogue asked for one."""
    if expected:
        return any(s.kind != "relative" for s in chain)
    return any(s.kind in ("street", "road", "community", "poi") for s in chain) or (
        any(s.kind == "district" for s in chain) and len(chain) > 1
    )


def _address(reading: Reading, chain: Sequence[_Segment]) -> Slot | None:
    if not chain:
        return None
    start, end = chain[0].start, chain[-1].end
    value, position = "", start
    for segment in chain:
        joint = reading.plain[position : segment.start]
        value += joint if _ROADS_MEET.fullmatch(joint) else ""
        value += _written(segment)
        position = segment.end
    confidence = min(0.95, 0.6 + 0.1 * sum(s.rank for s in chain) / 2)
    return Slot(value, reading.original[start:end], start, round(confidence, 2))


def _written(segment: _Segment) -> str:
    """Canonical name, numbers as digits (十八号 → 18号)."""
    if segment.kind != "number":
        return segment.value.removeprefix("的")

    def digits(match: re.Match[str]) -> str:
        number = to_int(match[0])
        return match[0] if number is None else str(number)

    return re.sub(r"[零〇一二三四五六七八九十百两幺]+", digits, segment.value).upper()


def _district(reading: Reading, chain: Sequence[_Segment], segments: Sequence[_Segment]) -> Slot | None:
    """Said, or known from a name of the gazetteer that lies in one."""
    said = [s for s in segments if s.kind == "district"]
    if said:
        last = said[-1]
        return Slot(last.district or last.value, reading.original[last.start : last.end], last.start, 0.95)
    grammar = [s for s in chain if s.kind == "street" and s.value[-1] in "区县"]
    if grammar:
        return Slot(
            grammar[0].value, reading.original[grammar[0].start : grammar[0].end], grammar[0].start, 0.8
        )
    known = [s for s in chain if s.district]
    if known:  # known from the gazetteer, not said: there is no span
        return Slot(known[0].district, "", -1, 0.8)
    return None
