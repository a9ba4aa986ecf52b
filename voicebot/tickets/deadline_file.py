"""A city's own deadlines (`knowledge_base/deadlines.yaml`) as text → `Profile`. What the file leaves out
stays as in the product's profile."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import time, timedelta
from types import MappingProxyType
from typing import Annotated, Any, Final, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from voicebot.core.marked_yaml import Location, MarkedYaml, read_yaml, validate
from voicebot.core.meaning import AppealType, Urgency
from voicebot.core.problem import ContentError, Problem
from voicebot.tickets.clocks import ClockKind
from voicebot.tickets.parts import SupervisionLevel
from voicebot.tickets.profile import DEFAULT, NO_TIME, Archiving, Profile, Role, Span, Step, Terms, Turn

K = TypeVar("K")
V = TypeVar("V")

_SPAN: Final = re.compile(r"(\d{1,4})\s*(分钟|小时|个?工作日|天)", re.ASCII)
_CLOCK: Final = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)", re.ASCII)
_LEVELS: Final = re.compile(r"[^/\s]+(/[^/\s]+){0,2}")
_UNITS: Final = {"分钟": timedelta(minutes=1), "小时": timedelta(hours=1), "天": timedelta(days=1)}
_LONGEST: Final = timedelta(days=366)
_MOST_WORKDAYS: Final = 250
_NONE: Final = ("0", "无", "不限")
_TRUE: Final = ("true", "yes", "是")


def _span(value: object) -> object:
    """``15分钟``, ``2小时``, ``3天`` (day and night), ``5个工作日``."""
    if not isinstance(value, str):
        return value
    found = _SPAN.fullmatch(value.strip())
    if found is None:
        raise ValueError(f"「{value[:40]}」不是时长，应写成 15分钟、2小时、3天或者 5个工作日")
    number, unit = int(found[1]), found[2]
    span = Span(workdays=number) if unit.endswith("工作日") else Span(number * _UNITS[unit])
    if not span:
        raise ValueError("时长应大于零")
    if span.clock > _LONGEST or span.workdays > _MOST_WORKDAYS:
        raise ValueError(f"「{value}」太长，最多一年")
    return span


def _optional_span(value: object) -> object:
    return NO_TIME if isinstance(value, str) and value.strip() in _NONE else _span(value)


def _running(value: object) -> object:
    """A span that runs day and night."""
    span = _span(value)
    if isinstance(span, Span):
        if span.workdays:
            raise ValueError("这里按小时或者天计，不能写工作日")
        return span.clock
    return span


def _time(value: object) -> object:
    if not isinstance(value, str):
        return value
    found = _CLOCK.fullmatch(value.strip())
    if found is None:
        raise ValueError(f"「{value[:40]}」不是时刻，应写成 17:30")
    return time(int(found[1]), int(found[2]))


def _flag(value: object) -> object:
    if isinstance(value, str) and value not in (*_TRUE, "false", "no", "否"):
        raise ValueError("应为 true 或 false")
    return value in _TRUE if isinstance(value, str) else value


def _category(value: object) -> object:
    if isinstance(value, str) and not _LEVELS.fullmatch(value):
        raise ValueError("应为一级到三级分类，用「/」隔开，例如 公用事业/供水")
    return value


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


Period = Annotated[Span, BeforeValidator(_span)]
PeriodOrNone = Annotated[Span, BeforeValidator(_optional_span)]
Running = Annotated[timedelta, BeforeValidator(_running)]
Roles = Annotated[tuple[Role, ...], BeforeValidator(_listed)]
Flag = Annotated[bool, BeforeValidator(_flag)]
Category = Annotated[str, BeforeValidator(_category)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TermsFile(_Part):
    sign: Period
    answer: Period
    hard: Period | None = None

    def terms(self) -> Terms:
        return Terms(self.sign, self.answer, self.hard)


class StepFile(_Part):
    at: Turn
    after: PeriodOrNone = NO_TIME
    urgent_after: PeriodOrNone | None = None
    tell: Roles = ()
    urge: Flag = False
    supervise: SupervisionLevel | None = None
    sign: Flag = False

    def step(self) -> Step:
        urgent = self.after if self.urgent_after is None else self.urgent_after
        return Step(self.at, self.after, urgent, self.tell, self.urge, self.supervise, self.sign)


class ReturningFile(_Part):
    usual: Period = DEFAULT.returning
    hard: Period = DEFAULT.returning_hard


class ArchivingFile(_Part):
    reached: Running = DEFAULT.archiving.reached
    unreached: Running = DEFAULT.archiving.unreached


class DeadlineFile(_Part):
    """See `Profile`."""

    urgency: dict[Urgency, TermsFile] = Field(default_factory=dict)
    appeal: dict[AppealType, TermsFile] = Field(default_factory=dict)
    category: dict[Category, TermsFile] = Field(default_factory=dict)
    callback: Running = DEFAULT.callback
    workday_ends: Annotated[time, BeforeValidator(_time)] = DEFAULT.closes
    returning: ReturningFile = ReturningFile()
    extension: Period = DEFAULT.extension
    closing: PeriodOrNone = DEFAULT.closing
    supervising: dict[SupervisionLevel, Period] = Field(default_factory=dict)
    escalation: dict[ClockKind, tuple[StepFile, ...]] = Field(default_factory=dict)
    archiving: ArchivingFile = ArchivingFile()

    def profile(self) -> Profile:
        steps = {kind: tuple(each.step() for each in listed) for kind, listed in self.escalation.items()}
        return replace(
            DEFAULT,
            urgent=_with(DEFAULT.urgent, _terms(self.urgency)),
            normal=_with(DEFAULT.normal, _terms(self.appeal)),
            matters=MappingProxyType(dict(_terms(self.category))),
            callback=self.callback,
            closes=self.workday_ends,
            returning=self.returning.usual,
            returning_hard=self.returning.hard,
            extension=self.extension,
            closing=self.closing,
            supervising=_with(DEFAULT.supervising, self.supervising),
            escalation=_with(DEFAULT.escalation, steps),
            archiving=Archiving(self.archiving.reached, self.archiving.unreached),
        )


def load_all(texts: Mapping[str, str]) -> Profile:
    """Of a city that has at most one such file.

    Args:
        texts: path → text.
    """
    return next((load_deadlines(path, text) for path, text in texts.items()), DEFAULT)


def load_deadlines(path: str, text: str) -> Profile:
    """Reads `deadlines.yaml`; an empty file is the product's profile.

    Raises:
        ContentError: every mistake with its line.
    """
    document = read_yaml(path, text)
    if document.value is None:
        return DEFAULT
    file = validate(document, DeadlineFile)
    wrong = [*_terms_that_end_late(document, file), *_steps_that_do_nothing(document, file)]
    if wrong:
        raise ContentError(wrong)
    return file.profile()


def _terms_that_end_late(document: MarkedYaml, file: DeadlineFile) -> list[Problem]:
    """Who must answer before signing is asked for the impossible; terms of one unit are compared."""
    groups: dict[str, Mapping[Any, TermsFile]] = {
        "urgency": file.urgency,
        "appeal": file.appeal,
        "category": file.category,
    }
    found = []
    if Urgency.NORMAL in file.urgency:
        hint = "请写在 appeal 里"
        place: Location = ("urgency", Urgency.NORMAL.value)
        found.append(document.problem(place, "deadlines.normal", "一般件按诉求类型定时限", hint))
    for group, members in groups.items():
        for name, terms in members.items():
            place = (group, str(name))
            if _longer(terms.sign, terms.answer):
                found.append(document.problem((*place, "sign"), "deadlines.order", "签收时限长于答复时限"))
            if terms.hard is not None and _longer(terms.answer, terms.hard):
                message = "疑难件的答复时限（hard）短于一般时限"
                found.append(document.problem((*place, "hard"), "deadlines.order", message))
    return found


def _steps_that_do_nothing(document: MarkedYaml, file: DeadlineFile) -> list[Problem]:
    found = []
    for kind, steps in file.escalation.items():
        for i, step in enumerate(steps):
            place: Location = ("escalation", kind.value, i)
            if not (step.tell or step.urge or step.supervise or step.sign):
                hint = "写上 tell、urge、supervise 或者 sign"
                found.append(document.problem(place, "deadlines.empty_step", "这一步什么也没有做", hint))
            if kind is not ClockKind.SIGN and (step.sign or step.at is Turn.UNRETURNED):
                message = f"「sign」和「{Turn.UNRETURNED}」只用于{ClockKind.SIGN}"
                found.append(document.problem(place, "deadlines.not_here", message))
    return found


def _longer(one: Span, other: Span) -> bool:
    same = bool(one.workdays) == bool(other.workdays)
    return same and (one.workdays, one.clock) > (other.workdays, other.clock)


def _terms(files: Mapping[K, TermsFile]) -> Mapping[K, Terms]:
    return {name: file.terms() for name, file in files.items()}


def _with(usual: Mapping[K, V], own: Mapping[K, V]) -> Mapping[K, V]:
    return MappingProxyType({**usual, **own})
