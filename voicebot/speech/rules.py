"""Readings of what is written with digits: an ordered table, the special before the general, so that
a ticket id is not taken for a quantity.

Written for this hotline; general normalisers read 14-digit ids and 12345 as quantities (findings.md).
"""

import re
from collections.abc import Callable
from typing import Final

from voicebot.speech.letters import spell
from voicebot.speech.numerals import cardinal, digits, fours, groups, number, year
from voicebot.speech.units import AREAS, COUNTED, MEASURES, ORDINAL, UNITS, quantity, unit
from voicebot.speech.webnames import MAIL, WEB, address

Match = re.Match[str]
Rule = tuple[re.Pattern[str], Callable[[Match], str]]

_N: Final = r"\d+(?:,\d{3})*(?:\.\d+)?"
_BEGIN: Final = r"(?<![\d.])"
_END: Final = r"(?![\d.]*\d)"
_TO: Final = r"\s*(?:-|–|—|~|～|至|到)\s*"
_CLOCK: Final = r"[:：]"
_PROVINCE: Final = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_NAMED: Final = (
    "邮编|邮政编码|验证码|取件码|编号|单号|号码|尾号|后四位|密码|工号|学号|分机号|分机|区号|代码|电话|热线|"
    "拨打|拨|卡号|账号|帐号|证号|户号|表号|手机号|手机|房号|房间号"
)

_DIALLED: Final = r"12[1-3]\d\d|9[56]\d{3}|100(?:10|86|01|11)|11[0-9]|12[0-2]"
"""12345, 12123, 123xx, 95xxx, 96xxx, carriers, 110-122."""


def _rule(pattern: str, reading: Callable[[Match], str]) -> Rule:
    return re.compile(pattern), reading


# ── ids and numbers one dials ───────────────────────────────────────────────────────────────


def _mobile(m: Match) -> str:
    return groups(re.sub(r"\D", "", m[1]), 3, 4, 4)


def _landline(m: Match) -> str:
    return f"{digits(m[1])}、{groups(m[2], len(m[2]) - 4)}"


def _identity(m: Match) -> str:
    return groups(m[1], 6, 4, 4) + (digits(m[2]) if m[2].isdigit() else spell("X"))


def _plate(m: Match) -> str:
    return f"{m[1]}{spell(m[2])}、" + "".join(digits(c) if c.isdigit() else spell(c) for c in m[3])


def _named(m: Match) -> str:
    """A number that the word before it calls a number to be read out."""
    return m[1] + (fours(m[2]) if len(m[2]) > 6 else digits(m[2]))


IDS: Final[tuple[Rule, ...]] = (
    (MAIL, address),
    (WEB, address),
    _rule(rf"{_BEGIN}(20\d\d(?:0[1-9]|1[0-2])\d{{8}}){_END}", lambda m: groups(m[1], 4, 4, 3)),
    _rule(r"(?<!\d)([1-9]\d{16})([\dXx])(?![\dA-Za-z])", _identity),
    _rule(rf"{_BEGIN}(?:(?:\+|00)86[- ]?)?(1[3-9]\d[- ]?\d{{4}}[- ]?\d{{4}}){_END}", _mobile),
    _rule(r"(?<!\d)(1[3-9]\d)\*{3,4}(\d{4})", lambda m: f"{digits(m[1])}、尾号{digits(m[2])}"),
    _rule(rf"{_BEGIN}(0\d{{2,3}})[- ]?(\d{{7,8}}){_END}", _landline),
    _rule(rf"{_BEGIN}(0\d{{2,3}})-({_DIALLED}){_END}", lambda m: f"{digits(m[1])}、{digits(m[2])}"),
    _rule(rf"{_BEGIN}([48]00)[- ]?(\d{{3}})[- ]?(\d{{4}}){_END}", lambda m: groups(m[1] + m[2] + m[3], 3, 3)),
    _rule(rf"((?:{_NAMED})(?:是|为|：|:)?\s*)(\d{{3,}}){_END}(?!\s*(?:{COUNTED}))", _named),
    _rule(r"((?<=[\d、，机幺零一二三四五六七八九])转\s*)(\d{1,5})(?!\d)", _named),
    _rule(rf"([{_PROVINCE}])\s*([A-Z])[·\s-]?([A-Z0-9]{{5,6}})(?![A-Za-z0-9])", _plate),
)


# ── dates and times ─────────────────────────────────────────────────────────────────────────


def _date(m: Match) -> str:
    return f"{year(m[1])}年{cardinal(m[2])}月{cardinal(m[3])}日"


def _month_day(m: Match) -> str:
    month, day = (part for part in m.groups() if part)
    return f"{cardinal(month)}月{cardinal(day)}日"


def _written_date(m: Match) -> str:
    month = f"{cardinal(m[2])}月" if m[2] else ""
    return f"{year(m[1])}年{month}" + (cardinal(m[3]) if m[3] else "")


def _hour(text: str) -> str:
    return "两" if text.lstrip("0") == "2" else cardinal(text)


def _time(m: Match) -> str:
    said = f"{_hour(m[1])}点"
    if m[2] != "00" or m[3]:
        said += ("零" if m[2] != "00" and m[2][0] == "0" else "") + f"{cardinal(m[2])}分"
    return said + (f"{cardinal(m[3])}秒" if m[3] else "")


_YEAR: Final = r"((?:19|20)\d\d)"
_MONTH_DAY: Final = r"(0[1-9])-(0[1-9]|[12]\d|3[01])|(1[0-2])-(0[1-9]|1[3-9]|2\d|3[01])|([1-9])-(0[1-9])"
"""08-12, 11-24, 3-05: what is no range of small numbers."""
_HOUR: Final = r"([01]?\d|2[0-4])"
_MINUTE: Final = r"([0-5]\d)"

DATES: Final[tuple[Rule, ...]] = (
    _rule(rf"(?<!\d)(\d{{4}})年?{_TO}(\d{{4}})年", lambda m: f"{year(m[1])}到{year(m[2])}年"),
    _rule(rf"(?<!\d){_YEAR}[-/.](\d{{1,2}})[-/.](\d{{1,2}})(?!\d)", _date),
    _rule(rf"(?<!\d){_YEAR}/(0?[1-9]|1[0-2])(?![\d/])", lambda m: f"{year(m[1])}年{cardinal(m[2])}月"),
    _rule(
        rf"(?<!\d){_YEAR}{_TO}{_YEAR}(?!\d)(?!\s*(?:{COUNTED}|{UNITS}))",
        lambda m: f"{year(m[1])}到{year(m[2])}",
    ),
    _rule(
        rf"(?<![\d.约每])(?:{_MONTH_DAY})(?=\s*(?:$|[，。；、！？,;)）前后起止上下凌晚]|之前|之后|以前|以后|\d+[:：]))",
        _month_day,
    ),
    _rule(r"(?<!\d)(0\d)年", lambda m: f"{year(m[1])}年"),
    _rule(rf"(?<!\d){_YEAR}年(?:(\d{{1,2}})月(?:(\d{{1,2}})(?=[日号]))?)?", _written_date),
    _rule(rf"[〔\[（(]{_YEAR}[〕\]）)](?=第?\d+号|[{_PROVINCE}]\d\d)", lambda m: f"{year(m[1])}年"),
    _rule(r"(?<!\d)(\d{1,2})·(\d{1,2})(?!\d)", lambda m: cardinal(m[1]) + digits(m[2], one="一")),
    _rule(
        rf"(?<![\d:：]){_HOUR}{_CLOCK}{_MINUTE}(?:{_CLOCK}{_MINUTE})?{_TO}(?=\d{{1,2}}{_CLOCK}\d\d)",
        lambda m: _time(m) + "到",
    ),
    _rule(rf"(?<![\d:：]){_HOUR}{_CLOCK}{_MINUTE}(?:{_CLOCK}{_MINUTE})?(?![\d:：])", _time),
    _rule(
        rf"(?<![\d:：])(\d{{1,3}}){_CLOCK}(\d{{1,3}})(?![\d:：])",
        lambda m: f"{cardinal(m[1])}比{cardinal(m[2])}",
    ),
    _rule(rf"(?<!\d)(\d{{1,2}}){_TO}(\d{{1,2}})点", lambda m: f"{_hour(m[1])}到{_hour(m[2])}点"),
    _rule(r"(?<![\d第.])0?2点(?!\d+(?!分|\d))", lambda m: "两点"),
    _rule(r"(?<=点)0(\d)分", lambda m: f"零{cardinal(m[1])}分"),
)


# ── money, shares, places ───────────────────────────────────────────────────────────────────


def _money(m: Match) -> str:
    """Two decimals are 角 and 分: ``12.05元`` → 十二元零五分."""
    whole, dime, cent = m[1], m[2], m[3]
    said = f"{quantity(whole, '元')}元" if whole.strip("0,") else ""
    if dime != "0":
        said += f"{quantity(dime, '角')}角"
    elif cent != "0" and said:
        said += "零"
    return (said + (f"{cardinal(cent)}分" if cent != "0" else "")) or "零元"


def _percent(m: Match) -> str:
    if m[2] == "‰":
        return "千分之" + number(m[1])
    return "百分之" + ("百" if m[1] == "100" else number(m[1]))


def _cold_range(m: Match) -> str:
    """-10~-5℃, -5~3℃."""
    upper = f"零下{number(m[3])}" if m[2] else number(m[3])
    return f"零下{number(m[1])}到{upper}" + ("度" if m[4] == "度" else "摄氏度")


def _below_zero(m: Match) -> str:
    return f"零下{number(m[1])}" + ("度" if m.group().endswith("度") else "摄氏度")


SUMS: Final[tuple[Rule, ...]] = (
    _rule(r"[¥]\s*(\d+(?:,\d{3})*)\.(\d)(\d)(?![\d万亿])元?", _money),
    _rule(rf"[¥]\s*({_N})([万亿]?)元?", lambda m: f"{quantity(m[1], '元')}{m[2]}元"),
    _rule(rf"{_BEGIN}(\d+(?:,\d{{3}})*)\.(\d)(\d)元", _money),
    _rule(rf"({_N})\s*([%‰]){_TO}(?={_N}\s*[%‰])", lambda m: _percent(m) + "到"),
    _rule(rf"(?<![\d%‰])-({_N})\s*([%‰])", lambda m: "负" + _percent(m)),
    _rule(rf"({_N}){_TO}({_N})\s*%", lambda m: f"百分之{number(m[1])}到百分之{number(m[2])}"),
    _rule(rf"({_N})\s*([%‰])", _percent),
    _rule(r"(?<![\d/])(\d{1,3})/(\d{1,3})(?![\d/])", lambda m: f"{cardinal(m[2])}分之{cardinal(m[1])}"),
)


def _door(m: Match) -> str:
    """3-1203: house and room; what counts something is a range and is not matched."""
    if len(m[2]) < 4 and m[2][1] != "0":
        return m.group()
    return f"{cardinal(m[1])}杠{digits(m[2])}"


PLACES: Final[tuple[Rule, ...]] = (
    _rule(
        r"(?<![\d-])(\d{1,3})-(\d{1,3})-(\d{3,4})(?![\d-])",
        lambda m: f"{cardinal(m[1])}杠{cardinal(m[2])}杠{digits(m[3])}",
    ),
    _rule(
        r"(?<![\d-])([1-9]|[12]\d|30)-([1-9]0\d|[1-3]?\d[0-2]\d)(?![\d-])(?!\s*[\u4e00-\u9fff%a-zA-Z℃㎡])",
        _door,
    ),
    _rule(r"(?<=单元)(\d{3,4})(?!\d)", lambda m: digits(m[1])),
    _rule(r"(?<=[楼栋幢座])(\d{3,4})(?![\d号栋幢个人户元])", lambda m: digits(m[1])),
    _rule(r"(?<!\d)(\d{3,5})(?=室|号房|号室|房间|房(?!屋|产|子)|包间|包厢)", lambda m: digits(m[1])),
    _rule(r"(?<!\d)(\d{3,4})(?=路|国道|省道|县道)", lambda m: digits(m[1])),
    _rule(r"(?<!\d)-(\d+)(?=[层楼])", lambda m: f"负{cardinal(m[1])}"),
    _rule(rf"(?<!\d)-({_N})\s*(?:℃|°C|度)?{_TO}(-?)({_N})\s*(℃|°C|度)", _cold_range),
    _rule(rf"(?<![\d\u4e00-\u9fff])-({_N})\s*(?:℃|°C|度)", _below_zero),
    _rule(rf"(?<=[至到温])-({_N})\s*(?:℃|°C|度)", _below_zero),
)


# ── everything else ─────────────────────────────────────────────────────────────────────────


def _range(m: Match) -> str:
    """2 is 两 in a range of things (2-3天), 二 in one of names (1-2楼, 第2-3条) or of bare numbers."""
    things = m[1] == "" and m[4] and m[4] not in ORDINAL
    ends = ("两" if things and end == "2" else number(end) for end in (m[2], m[3]))
    return m[1] + "到".join(ends)


def _counted(m: Match) -> str:
    return quantity(m[1], m[2]) + unit(m[2])


def _code(m: Match) -> str:
    """Letters and digits of an id, a road or a gate: KB001, G15, T3."""
    return spell(m[1]) + (digits(m[2]) if len(m[2]) > 2 or m[2][0] == "0" else cardinal(m[2]))


def _integer(m: Match) -> str:
    text = m.group()
    if len(text) >= 7 and not text.endswith("00000"):
        return groups(text, 3) if len(text) == 7 else fours(text)
    return digits(text) if text[0] == "0" and len(text) > 1 else cardinal(text)


QUANTITIES: Final[tuple[Rule, ...]] = (
    _rule(rf"(第?){_BEGIN}({_N}){_TO}({_N}){_END}(?=\s*({MEASURES}|{UNITS})?)", _range),
    _rule(r"(?<=\d)\s*[×xX*]\s*(?=\d)", lambda m: "乘"),
    _rule(rf"{_BEGIN}({_DIALLED})(?![\d.,]*\d)(?!\s*(?:{COUNTED}|{UNITS}))", lambda m: digits(m[1])),
    _rule(rf"{_BEGIN}({_N})\s*({UNITS})(?![A-Za-z])", _counted),
    _rule(r"(?<![A-Za-z])([A-Za-z]{1,8})-?(\d+)(?![\d.])", _code),
    _rule(r"(\d+)分之(\d+)", lambda m: f"{cardinal(m[1])}分之{cardinal(m[2])}"),
    _rule(r"(?<=的)(\d+)(?=次方)", lambda m: cardinal(m[1])),
    _rule(r"(第)(\d+)", lambda m: m[1] + cardinal(m[2])),
    _rule(rf"{_BEGIN}({_N})\s*({MEASURES})", _counted),
    _rule(r"(?<![\d\u4e00-\u9fff])-(?=\d)", lambda m: "负"),
    _rule(r"\d+(?:,\d{3})+(?:\.\d+)?|\d+\.\d+", lambda m: number(m.group())),
    _rule(r"\d+", _integer),
    _rule(rf"(?<=[\u4e00-\u9fff])/({UNITS})(?![A-Za-z])", lambda m: "每" + unit(m[1])),
    _rule(AREAS, lambda m: unit(m.group())),
)

RULES: Final = (*IDS, *DATES, *SUMS, *PLACES, *QUANTITIES)
