"""The small parts of a Chinese address: house numbers, buildings, rooms, and places relative to others."""

import re
from typing import Final

from voicebot.language.numbers import to_int

_NUM: Final = r"(?:\d{1,5}|[零〇一二三四五六七八九十百两幺]{1,6})"
_SIDE: Final = r"(?:东南|东北|西南|西北|[东西南北中正后前侧左右])"

NUMBER: Final = re.compile(
    rf"(?=({_NUM}(?:之{_NUM})?号(?:院子?|楼|大院|附{_NUM}号|商铺|门面|铺|地块|标段)?(?!线|地铁|公交|晚|早|上午|下午|那天|开始|之前|[码称召口出进入])"
    rf"|(?:{_NUM}|[a-z])(?:号楼|栋|幢|座|单元|楼|室|户|组|队|弄|号院|门栋|层|期|区|排|公里处?|巷|村)(?!上|下|道|梯|房|人|民|长|主|别|域)"
    rf"|(?:{_NUM})社(?!区|会|保)"
    rf"|(?:负|地下)[一二三两123](?:层|楼)"
    rf"|第{_NUM}(?:排|栋|幢|个门)"
    rf"|\d{{1,3}}[-—]\d{{1,4}}(?:[-—]\d{{1,4}})?|{_NUM}号?桥洞))"
)
"""A number with what it counts; a date or a line (三号线) is none."""

ROOM: Final = re.compile(r"(?:\d{3,4}|[零〇一二三四五六七八九幺十]{3,4})(?:室|号房?|户)?")
"""Said right behind a building or a unit (二单元五零一)."""

BUILDING: Final = frozenset("栋幢楼座期元")
"""How the numbers end that may stand right behind a community's name."""

_DOOR: Final = (
    rf"(?:{_SIDE}大?门|大门|校门|门)(?:口|外[面头]?|前面?|旁边?|附近|对面|内)"
    rf"|{_SIDE}大?门(?![铺面])|大门(?=那|的|$)"
)
_AROUND: Final = (
    "正?斜?对面|对过|旁边|边上|附近|周边|周围|跟前|隔壁|背后|背面|底下|脚下|下面|(?<![前今去])后面|前面|后头|前头|后身|里头(?=的|那)"
    r"|桥下头?|桥[东西南北]?头|[东西南北]?墙根|围墙外面?|墙外|两边|两侧|路边|河边|湖边|江边|尽头|沿线|一带|中间|半山腰|外面(?=的|那|有|$)"
)
_CROSSING: Final = (
    "(?:交叉|交汇|相交)的?(?:那个|那)?(?:十字|丁字)?路?(?:口|处|的?地方)|十字路口|丁字路口|三岔路口|交叉路口|交界处?|交口|路口|街口|巷口|村口"
    "|红绿灯(?:路口|那里|那儿)|(?<=[路街巷村桥])口(?![罩头味])|拐角处?|转角处?|拐弯处?"
)
_PART: Final = (
    rf"{_SIDE}段|{_SIDE}头|(?:东南|东北|西南|西北)角|[东西南北][侧边角岸](?!的?地区)|路段|"
    rf"(?:{_NUM}|[a-d])\d?号?(?:出|进)?口(?!人)|出入口|出站口|进站口|楼下|楼顶|楼道|顶楼|天台|往[东西南北].{{0,3}}(?:米|公里)"
)
RELATIVE: Final = re.compile(rf"(?=({_DOOR}|{_CROSSING}|{_AROUND}|{_PART}))")
"""At any position, so that one may begin inside another (翠湖路口: 路口, 口)."""
MOUTH: Final = re.compile(
    r"((?<=[路街巷村桥站坊弄])口(?![罩头味])|(?<=[区园苑场城路街])站(?![在着长起满了])|(?<=里)处|(?<=[路街])段)"
)
"""One character behind a name that is whole without it (凤鸣路口, 桃园小区站)."""
GROUND: Final = re.compile(r"[空荒绿]地|棚户")
"""What of `WHICH` may follow any place."""
WHICH: Final = re.compile(
    "(的?那(?:一)?[片条间块段排](?:棚户房|平房|空地|荒地|水沟|河沟|沟|小路|路|小巷|巷子|胡同|河|林子|树林|房子|老房子|水塘|院子|厂房|仓库|绿地|商铺|门面))"
)
"""What a relative place may go on with (后头那条沟)."""

HERE: Final = re.compile(
    r"那边|那儿|那里|这边|这儿|这里|那块|这块|那一片|这一片|这片|那片|附近|对面|门口|旁边"
)
"""What may stand behind a place that has no suffix (三桥头那儿)."""

JOINER: Final = re.compile(
    r"(?:[\s,，、]|的|那个|那边|那里|这个|里面?|就是|在|靠近?|紧?挨着?|嗯+|呃|额|啊|这边|我家在?|住在|它){0,3}"
)
"""Small words inside an address."""
CLOSE_JOINER: Final = re.compile(r"\s*(?:的|那个|的那个|里面?的?)?\s*")
"""Small words before a relative place."""
OF: Final = re.compile(r"的?")
"""Before a facility: 小区那个垃圾房 is a thing, not a part of the address."""
ROADS_MEET: Final = re.compile(r"\s*(?:和|与|跟|同|到|、|以及|还有)\s*")
CORRECTED: Final = re.compile(r"说错|不对|更正|错了|不是不是")
DENIED: Final = re.compile(r"(?<!不是)(?:不是|不在|并非)(?:在|说)?$")
CUE: Final = re.compile(r"(?:在|住|位于|地址是?|就是|家住|我家|这里是|我是|我们)$")


def digits(text: str) -> str:
    """Numbers in digits, letters in capitals (十八号 → 18号, b座 → B座)."""

    def one(match: re.Match[str]) -> str:
        number = to_int(match[0])
        return match[0] if number is None else str(number)

    return re.sub(r"[零〇一二三四五六七八九十百两幺]+", one, text).upper()


PAUSE: Final = re.compile(r"[\s,，、。；;]")

THING: Final = re.compile(r"那个|这个")
TOWARDS: Final = re.compile(r"(?:往|去|到|绕|绕行|从|离|开往|通往|前往|回)$")
"""Before a place that is a direction or a distance, not where the matter is."""
