"""When to call again, as people say it: 下午三点, 半小时后, 明天上午, 晚上八点以后 → a moment to come."""

import re
from datetime import datetime, timedelta
from typing import Final

from voicebot.language.dates import find_times
from voicebot.language.numbers import to_int

_IN: Final = re.compile(
    r"(?P<n>\d{1,3}|[一二两三四五六七八九十]{1,3}|半|几)(?P<half>个半)?"
    r"(?P<unit>分钟|个?小时|个?钟头|个?钟|刻钟|天|个?星期|个?礼拜|周)(?P<more>半)?"
    r"(?:之后|以后|过后|后|再)"
)
_AFTER: Final = re.compile(
    r"[过等再](?P<n>\d{1,3}|[一二两三四五六七八九十]{1,3}|半|几)(?P<unit>分钟|个?小时|个?钟头|个?钟|刻钟|天)"
)
_MINUTES: Final = {"分钟": 1, "刻钟": 15, "小时": 60, "钟头": 60, "钟": 60, "天": 1440, "周": 10080}
_WORDS: Final = {
    "待会": 30,
    "等会": 30,
    "等一会": 30,
    "过会": 30,
    "一会": 30,
    "等下": 30,
    "晚点": 120,
    "晚一点": 120,
}
FARTHEST: Final = timedelta(days=30)


def coming(text: str, now: datetime) -> datetime | None:
    """The moment that was asked for, at most `FARTHEST` ahead; None when none was named.

    Of a part of a day it is the beginning, of 下班后 the evening; a clock time that has passed today means
    the next one (三点, said at two in the afternoon, is 15:00).

    Args:
        now: in the speaker's zone.
    """
    if (wait := _wait(text)) is not None:
        return now + wait
    for found in find_times(text, now):
        if (moment := _ahead(found.value, found.span, now)) is not None:
            return moment
    if re.search(r"下了?班|吃完晚饭|吃过晚饭", text):
        return _on_the_way(now.replace(hour=18, minute=30, second=0, microsecond=0), now, timedelta(days=1))
    return next((now + timedelta(minutes=m) for word, m in _WORDS.items() if word in text), None)


def _wait(text: str) -> timedelta | None:
    said = _IN.search(text) or _AFTER.search(text)
    if said is None:
        return None
    unit = _MINUTES.get(said["unit"].lstrip("个"), 10080)
    number: float | None = {"半": 0.5, "几": 3.0}.get(said["n"]) or to_int(said["n"])
    if number is None:
        return None
    half = 0.5 if "half" in said.groupdict() and (said["half"] or said["more"]) else 0.0
    wait = timedelta(minutes=(number + half) * unit)
    return wait if wait <= FARTHEST else None


def _ahead(value: str, span: str, now: datetime) -> datetime | None:
    """A time found in a text, moved to where it lies ahead."""
    begin, _, end = value.partition("/")
    try:
        moment = datetime.fromisoformat(begin).replace(tzinfo=now.tzinfo)
        until = datetime.fromisoformat(end).replace(tzinfo=now.tzinfo) if end else None
    except ValueError:
        return None
    if "T" not in begin:
        moment += timedelta(hours=9)  # a day alone: when people are up
    if moment <= now and until is not None and until > now:
        return now if "T" in begin else _on_the_way(moment, now, timedelta(days=1))
    if moment.date() == now.date() and "T" in begin:
        half_day = not re.search(r"[上下中早晚]|凌晨|半夜", span) and moment.hour < 12
        return _on_the_way(moment, now, timedelta(hours=12 if half_day else 24))
    step = timedelta(weeks=1) if re.search(r"周|星期|礼拜", span) else timedelta(days=1)
    return _on_the_way(moment, now, step)


def _on_the_way(moment: datetime, now: datetime, step: timedelta) -> datetime | None:
    """`moment`, or the first one after it in steps of `step` that lies ahead, unless it is too far."""
    if now - moment > FARTHEST:
        return None
    while moment <= now:
        moment += step
    return moment if moment - now <= FARTHEST else None
