"""Times as callers say them → ISO 8601 against the call's date, with the verbatim span."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from voicebot.language.numbers import NUMERAL, to_int

_N: Final = r"(?:\d{1,4}|[零〇一二两三四五六七八九十百]{1,5}|几|半)"
_DAYS: Final = {
    "大前天": -3, "前天": -2, "前日": -2, "前晚": -2, "昨天": -1, "昨日": -1, "昨晚": -1,
    "昨夜": -1, "昨儿": -1, "今天": 0, "今日": 0, "今早": 0, "今晚": 0, "今晨": 0,
    "今儿": 0, "当天": 0, "刚才": 0, "刚刚": 0, "现在": 0, "明天": 1, "明日": 1,
    "明早": 1, "明晚": 1, "后天": 2, "大后天": 3,
}  # fmt: skip
_PARTS: Final = {
    "凌晨": (0, 6), "清晨": (5, 8), "清早": (5, 8), "一大早": (5, 9),
    "大清早": (5, 8), "早上": (6, 9), "早晨": (6, 9), "早间": (6, 9),
    "上午": (8, 12), "中午": (11, 14), "下午": (12, 18), "傍晚": (17, 19),
    "晚上": (18, 24), "晚间": (18, 24), "夜里": (20, 24), "夜间": (20, 24),
    "大半夜": (22, 24), "半夜": (22, 24), "深夜": (22, 24), "晚": (18, 24),
    "早": (6, 9), "夜": (20, 24),
}  # fmt: skip
_WEEKDAY: Final = {char: i for i, char in enumerate("一二三四五六日")} | {"天": 6, "末": 5}
_VAGUE: Final = {
    "最近几天": 7, "最近这几天": 7, "最近": 30, "近期": 30, "近来": 30,
    "这几天": 4, "这两天": 2, "这段时间": 30, "前几天": 7, "前两天": 3,
    "前段时间": 60, "前一阵": 60, "前阵子": 60, "这阵子": 30, "这一阵": 30,
    "近几天": 5, "这几个月": 120,
}  # fmt: skip
_OFTEN: Final = (
    r"(?:每天|天天|每晚|每日|每个?(?:周|星期|礼拜)[一二三四五六日天末]?"
    r"|每个?月|每年|经常|整天|整夜|通宵|白天|大?半夜)"
)

_WORDS: Final = "|".join(sorted(_DAYS, key=len, reverse=True))
_PART: Final = "|".join(sorted((p for p in _PARTS if len(p) > 1), key=len, reverse=True))
_DAY: Final = (
    rf"(?P<word>{_WORDS})"
    r"|(?P<week>上上|上|这|本|下)?个?(?:周|星期|礼拜)(?P<weekday>[一二三四五六日天末])"
    rf"|(?:(?P<year>(?:\d{{2,4}}|[零〇一二三四五六七八九]{{2,4}}))年|(?P<yearword>今年|去年|前年))?(?P<month>{_N})月份?(?:(?P<day>{_N})[号日])?"
    r"|(?P<monthword>上上个?月|上个?月|这个?月|本月|下个?月)(?:份)?(?:(?P<mday>\d{1,2}|[一二三四五六七八九十]{1,3})[号日])?"
    rf"|(?P<ago>{_N})(?P<agounit>分钟|个?小时|个?钟头|天|个?星期|个?礼拜|周|个?月|年)(?:之?前|以前)"
    r"|(?<![\d零一二三四五六七八九十百路街道巷弄])(?P<bareday>\d{1,2}|[一二三四五六七八九十]{1,3})(?:号|日)(?![楼栋幢线院门库厂店住司口机])"
    r"|(?P<onlyyear>去年|前年|今年)(?P<season>春天|夏天|秋天|冬天|年初|年底)?"
)
_CLOCK: Final = (
    r"(?P<hour>\d{1,2}|[零一二两三四五六七八九十]{1,3})(?:点钟?|:)(?:(?P<half>半)|(?P<quarter>[一三])刻"
    r"|(?P<minute>\d{1,2}|[零一二三四五六七八九十]{1,3})分?)?(?:多|左右|的时候)?"
)
_MOMENT: Final = re.compile(
    rf"(?:(?:{_DAY})[的,，]?(?:的?)(?P<part>{_PART}|[早晚](?=\d|[一二两三四五六七八九十]))?(?:{_CLOCK})?)"
    rf"|(?:(?P<part2>{_PART})(?:{_CLOCK.replace('P<', 'P<x')})?)|(?:{_CLOCK.replace('P<', 'P<y')})(?!子)"
)
_UNTIL: Final = re.compile(rf"(?:到|至|-|~)(?P<part>{_PART})?(?:{_CLOCK})")
_LASTING: Final = re.compile(
    rf"(?:将近|差不多|大概|连续|持续|超过|快)?(?P<n>{_N}|好几|十几|好多|几十)(?P<more>多|来)?"
    r"(?P<unit>分钟|个?小时|个?钟头|个?钟|天|个?星期|个?礼拜|周|个?月|年)(?:半|多|时间){0,2}(?:了|都|没|不|还)"
)
_OFTEN_AT: Final = re.compile(rf"{_OFTEN}(?:{_PART})?(?:{_CLOCK.replace('P<', 'P<z')})?")
_VAGUE_WORDS: Final = re.compile("|".join(sorted(_VAGUE, key=len, reverse=True)))


@dataclass(frozen=True, slots=True)
class TimeSpan:
    """A time found in a text.

    Args:
        value: ISO 8601: date, date with hour and minute, or a range ``from/to``; the words
            themselves when they name no date (每天晚上).
        span: verbatim words.
    """

    value: str
    span: str
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.span)


def find_times(text: str, now: datetime | None = None) -> tuple[TimeSpan, ...]:
    """All times in `text`, in order, not overlapping; without `now` the value repeats the words."""
    found: list[TimeSpan] = []
    for start, end, value in _candidates(text, now):
        span = text[start:end].rstrip("的,，没不还都了")
        if span and all(start >= t.end or start + len(span) <= t.start for t in found):
            found.append(TimeSpan(value if now and value else span, span, start))
    return tuple(sorted(found, key=lambda t: t.start))


def _candidates(text: str, now: datetime | None) -> list[tuple[int, int, str]]:
    """Places with values; the surest readings first."""
    at = now or datetime(2000, 1, 1)
    places: list[tuple[int, int, str]] = [
        (m.start(), m.end(), "") for m in _OFTEN_AT.finditer(text) if len(m[0]) > 1
    ]
    for match in _MOMENT.finditer(text):
        moment = _moment(match, at)
        if moment is None:
            continue
        until = _UNTIL.match(text, match.end())
        if until:
            closing = _closing(until, moment, at)
            places.append((match.start(), until.end(), f"{moment}/{closing}" if closing else moment))
        else:
            places.append((match.start(), match.end(), moment))
    for match in _LASTING.finditer(text):
        since = _ago(match["n"], match["unit"], at)
        places.append((match.start(), match.end(), f"{since}/{_minute(at)}" if since else ""))
    for match in _VAGUE_WORDS.finditer(text):
        first = at.date() - timedelta(days=_VAGUE[match[0]])
        places.append((match.start(), match.end(), f"{first.isoformat()}/{at.date().isoformat()}"))
    return places


def _moment(match: re.Match[str], now: datetime) -> str | None:
    groups = match.groupdict()
    day: date | tuple[date, date] | None = now.date()
    if groups["yhour"] in ("一", "1") and not match[0].endswith(("钟", "半", "分", "刻")):
        return None  # 一点都不好 is no time of day
    if groups["part2"] is None and groups["yhour"] is None:
        if groups["ago"]:
            return _ago(groups["ago"], groups["agounit"], now)
        day = _day(groups, now.date())
    if day is None:
        return None
    part = groups["part"] or groups["part2"] or _part_in_word(groups["word"])
    clock = next(((groups[p + "hour"], p) for p in ("", "x", "y") if groups[p + "hour"]), None)
    if isinstance(day, tuple):
        return f"{day[0].isoformat()}/{day[1].isoformat()}"
    if clock:
        return _at_clock(day, part, groups, clock[1])
    if part:
        first, last = _PARTS[part]
        start = datetime.combine(day, datetime.min.time()) + timedelta(hours=first)
        return f"{_minute(start)}/{_minute(start + timedelta(hours=last - first))}"
    return day.isoformat()


def _part_in_word(word: str | None) -> str | None:
    return word[-1] if word and word[-1] in "晚早夜" else None


def _at_clock(day: date, part: str | None, groups: dict[str, str | None], prefix: str) -> str | None:
    hour = to_int(groups[prefix + "hour"] or "")
    if hour is None or hour > 24:
        return None
    minute = to_int(groups[prefix + "minute"] or "0") or 0
    if groups[prefix + "half"]:
        minute = 30
    elif groups[prefix + "quarter"]:
        minute = 15 * (to_int(groups[prefix + "quarter"] or "") or 1)
    if minute > 59:
        return None
    if part and hour < 12 and _PARTS[part][0] >= 11 and not (_PARTS[part][0] >= 18 and hour < 5):
        hour += 12
    elif part and hour < 5 and _PARTS[part][0] >= 18:
        day += timedelta(days=1)  # 昨晚两点 is after midnight
    moment = datetime.combine(day, datetime.min.time()) + timedelta(hours=hour, minutes=minute)
    return _minute(moment)


def _closing(until: re.Match[str], opening: str, now: datetime) -> str | None:
    day = date.fromisoformat(opening[:10])
    closing = _at_clock(day, until["part"], until.groupdict(), "")
    if closing and "T" in opening and closing <= opening[:16]:
        closing = _minute(datetime.fromisoformat(closing) + timedelta(days=1))
    return closing


def _day(groups: dict[str, str | None], today: date) -> date | tuple[date, date] | None:
    if groups["word"]:
        return today + timedelta(days=_DAYS[groups["word"]])
    if groups["weekday"]:
        monday = today - timedelta(days=today.weekday())
        weeks = {"上上": -2, "上": -1, "下": 1}.get(groups["week"] or "", 0)
        first = monday + timedelta(weeks=weeks, days=_WEEKDAY[groups["weekday"]])
        return (first, first + timedelta(days=1)) if groups["weekday"] == "末" else first
    if groups["month"]:
        return _month_day(groups, today)
    if groups["monthword"]:
        back = {"上上": -2, "上": -1, "下": 1}.get(groups["monthword"].rstrip("个月"), 0)
        year, month = divmod(today.year * 12 + today.month - 1 + back, 12)
        return _in_month(year, month + 1, groups["mday"])
    if groups["bareday"]:
        return _in_month(today.year, today.month, groups["bareday"])
    if groups["onlyyear"]:
        year = today.year + {"去年": -1, "前年": -2}.get(groups["onlyyear"], 0)
        return date(year, 1, 1), date(year, 12, 31)
    return None


def _month_day(groups: dict[str, str | None], today: date) -> date | tuple[date, date] | None:
    month = to_int(groups["month"] or "")
    if month is None or not 1 <= month <= 12:
        return None
    year = today.year
    if groups["yearword"]:
        year += {"去年": -1, "前年": -2}.get(groups["yearword"], 0)
    elif groups["year"]:
        said = to_int(groups["year"])
        if said is None:
            return None
        year = said + 2000 if said < 100 else said
    elif month > today.month:
        year -= 1  # what a caller reports lies in the past
    return _in_month(year, month, groups["day"]) if 1 <= year <= 9998 else None


def _in_month(year: int, month: int, day: str | None) -> date | tuple[date, date] | None:
    last = monthrange(year, month)[1]
    if day is None:
        return date(year, month, 1), date(year, month, last)
    number = to_int(day)
    return date(year, month, number) if number and 1 <= number <= last else None


def _ago(count: str, unit: str, now: datetime) -> str | None:
    number = {"几": 3.0, "半": 0.5, "好几": 4.0, "十几": 15.0, "好多": 5.0, "几十": 30.0}.get(count)
    if number is None:
        whole = to_int(count)
        if whole is None or whole > 5000:
            return None
        number = float(whole)
    unit = unit.lstrip("个")
    days = {"天": 1, "星期": 7, "礼拜": 7, "周": 7, "月": 30, "年": 365}.get(unit)
    try:
        if days is None:
            return _minute(now - timedelta(minutes=number * (1 if unit == "分钟" else 60)))
        return (now - timedelta(days=number * days)).date().isoformat()
    except OverflowError:
        return None


def _minute(moment: datetime) -> str:
    return moment.replace(tzinfo=None).isoformat(timespec="minutes")


__all__ = ["NUMERAL", "TimeSpan", "find_times"]
