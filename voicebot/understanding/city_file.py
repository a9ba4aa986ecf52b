"""The shape of `knowledge_base/city.yaml`."""

import re
from datetime import date, datetime, time, timedelta
from types import MappingProxyType
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from voicebot.core.catalogue import CityProfile
from voicebot.core.hours import DayType, Hours, Outage
from voicebot.core.ringing import EARLIEST, LATEST, RingingRules

_CLOCK: Final = r"([01]?\d|2[0-3]):([0-5]\d)"
_HOURS: Final = re.compile(rf"{_CLOCK}\s*[-–—至到]\s*(?:{_CLOCK}|24:00)", re.ASCII)
_PLAIN: Final = re.compile(r"\d{1,4}(?:\.\d{1,4})?", re.ASCII)
_MOMENT: Final = re.compile(rf"(\d{{4}}-\d{{2}}-\d{{2}})[ T]+{_CLOCK}", re.ASCII)


def _hours(value: object) -> object:
    """``08:30-17:30``; over midnight when the second time comes first; 24:00 is midnight."""
    if not isinstance(value, str):
        return value
    found = _HOURS.fullmatch(value.strip())
    if found is None:
        raise ValueError(f"「{value}」不是时间段，应写成 08:30-17:30")
    opens, closes = time(int(found[1]), int(found[2])), time.max
    if found[3] is not None:
        closes = time(int(found[3]), int(found[4]))
    if opens == closes:
        raise ValueError(f"「{value}」的开始和结束是同一时间")
    return Hours(opens, closes)


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _day(value: object) -> object:
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError as error:
            raise ValueError(f"「{value}」不是日期，应写成 2027-01-01") from error
    return value


def _moment(value: object) -> object:
    if not isinstance(value, str):
        return value
    found = _MOMENT.fullmatch(value.strip())
    try:
        if found is None:
            raise ValueError(value)
        return datetime.combine(date.fromisoformat(found[1]), time(int(found[2]), int(found[3])))
    except ValueError as error:
        raise ValueError(f"「{value}」不是时间，应写成 2026-11-24 08:30") from error


def _flag(value: object) -> object:
    if isinstance(value, str) and value not in ("true", "false", "yes", "no"):
        raise ValueError("应为 true 或 false")
    return value in ("true", "yes") if isinstance(value, str) else value


def _number(value: object) -> object:
    """A plain number, as YAML writes it; ``100%`` is no number here."""
    if isinstance(value, str):
        if not _PLAIN.fullmatch(value.strip()):
            raise ValueError(f"「{value}」不是数字")
        return float(value)
    return value


def _by_day(window: Hours) -> Hours:
    """Nobody is rung at night, whatever a city would like."""
    if not EARLIEST <= window.opens < window.closes <= LATEST:
        raise ValueError("回访、回电只能在 09:00-21:00 之间")
    return window


Span = Annotated[Hours, BeforeValidator(_hours)]
Spans = Annotated[tuple[Span, ...], BeforeValidator(_listed)]
Day = Annotated[date, BeforeValidator(_day)]
Moment = Annotated[datetime, BeforeValidator(_moment)]
Numbers = Annotated[tuple[str, ...], BeforeValidator(_listed)]
Flag = Annotated[bool, BeforeValidator(_flag)]
DaySpan = Annotated[Hours, BeforeValidator(_hours), AfterValidator(_by_day)]
Share = Annotated[float, BeforeValidator(_number), Field(ge=0, le=1)]
Minutes = Annotated[float, BeforeValidator(_number), Field(ge=1, le=1440)]
Hour = Annotated[float, BeforeValidator(_number), Field(ge=0, le=720)]
Times = Annotated[float, BeforeValidator(_number), Field(ge=1, le=9)]
USUAL: Final = RingingRules()


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class OutageFile(_Part):
    begins: Moment = Field(alias="from")
    ends: Moment = Field(alias="until")
    say: str = Field(min_length=1)
    about: Numbers = ()
    places: Numbers = ()


class RingingFile(_Part):
    """See `RingingRules`; times are numbers of hours or minutes."""

    share: Share = USUAL.share
    promised: Flag = USUAL.promised
    missed: Flag = USUAL.missed
    windows: Annotated[tuple[DaySpan, ...], BeforeValidator(_listed), Field(min_length=1)] = USUAL.windows
    days: Annotated[frozenset[DayType], BeforeValidator(_listed), Field(min_length=1)] = USUAL.days
    rest_hours: Hour = USUAL.rest / timedelta(hours=1)
    tries: Times = USUAL.tries
    busy_minutes: Minutes = USUAL.busy / timedelta(minutes=1)
    no_answer_hours: Hour = USUAL.no_answer / timedelta(hours=1)
    expires_hours: Hour = USUAL.expires / timedelta(hours=1)

    def rules(self) -> RingingRules:
        return RingingRules(
            share=self.share,
            promised=self.promised,
            missed=self.missed,
            windows=tuple(sorted(self.windows, key=lambda window: window.opens)),
            days=self.days,
            rest=timedelta(hours=self.rest_hours),
            tries=round(self.tries),
            busy=timedelta(minutes=self.busy_minutes),
            no_answer=timedelta(hours=self.no_answer_hours),
            expires=timedelta(hours=self.expires_hours),
        )


class CityFile(_Part):
    """See `CityProfile`; hours are written ``08:30-17:30``, moments ``2026-11-24 08:30``."""

    name: str = Field(min_length=1)
    hotline: str = Field(min_length=1)
    owner: str = Field(min_length=1)
    timezone: str = "Asia/Shanghai"
    hotlines: dict[str, str] = Field(default_factory=dict)
    business_hours: dict[DayType, Spans] = Field(default_factory=dict)
    night: Span | None = None
    days: dict[Day, DayType] = Field(default_factory=dict)
    callers: dict[str, Numbers] = Field(default_factory=dict)
    emergency_mode: Flag = False
    outages: tuple[OutageFile, ...] = ()
    skills: Numbers = ()
    callbacks: RingingFile = RingingFile()

    def profile(self) -> CityProfile:
        return CityProfile(
            name=self.name,
            hotline=self.hotline,
            owner=self.owner,
            timezone=self.timezone,
            hotlines=MappingProxyType(self.hotlines),
            business_hours=MappingProxyType(self.business_hours),
            night=self.night,
            days=MappingProxyType(self.days),
            callers=MappingProxyType({name: frozenset(listed) for name, listed in self.callers.items()}),
            emergency_mode=self.emergency_mode,
            outages=tuple(Outage(o.begins, o.ends, o.say, o.about, o.places) for o in self.outages),
            skills=self.skills,
            callbacks=self.callbacks.rules(),
        )
