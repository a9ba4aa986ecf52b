"""A city's own rules of queues and seats (`knowledge_base/seats.yaml`) as text → `SeatRules`. What the file
leaves out stays as in the product's rules."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from itertools import pairwise
from types import MappingProxyType
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field

from voicebot.core.ids import QueueName
from voicebot.core.marked_yaml import Location, MarkedYaml, read_yaml, validate
from voicebot.core.problem import ContentError, Problem
from voicebot.seats.rule_words import Chosen, Flag, Heading, Level, Mode, Sentence, Then, Time, Wait
from voicebot.seats.rules import Break, HeadStart, Otherwise, QueueRules, SeatRules, Step

DEFAULT: Final = SeatRules()


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class WrapUpFile(_Part):
    mode: Mode | None = None
    time: Time | None = None
    longest: Time | None = None


class OverflowFile(_Part):
    to: Heading
    after: Wait = QueueRules().overflow_after_s


class StepFile(_Part):
    after: Wait
    level: Level


class InformationFile(_Part):
    every: Time | None = None
    say: tuple[Sentence, ...] = ()


class QueueFile(_Part):
    """See `QueueRules`."""

    ring: Time | None = None
    wrap_up: WrapUpFile = WrapUpFile()
    choice: Chosen | None = None
    relax: tuple[StepFile, ...] | None = None
    overflow: OverflowFile | None = None
    longest_wait: Time | None = None
    too_long: Then | None = None
    nobody: Then | None = None
    released: Flag | None = None
    target: Time | None = None
    place_every: Time | None = None
    information: InformationFile | None = None

    def rules(self, usual: QueueRules) -> QueueRules:
        overflow, told = self.overflow, self.information
        values: dict[str, Any] = {
            "offer_s": self.ring,
            "wrap_up": self.wrap_up.mode,
            "wrap_up_s": self.wrap_up.time,
            "wrap_up_longest_s": self.wrap_up.longest,
            "choice": self.choice,
            "relax": None if self.relax is None else tuple(Step(s.after, s.level) for s in self.relax),
            "overflow": QueueName(overflow.to) if overflow else None,
            "overflow_after_s": overflow.after if overflow else None,
            "max_wait_s": self.longest_wait,
            "too_long": self.too_long,
            "unmanned": self.nobody,
            "released": self.released,
            "target_s": self.target,
            "place_every_s": self.place_every,
            "information": told.say if told else None,
            "information_every_s": told.every if told else None,
        }
        return replace(usual, **{name: value for name, value in values.items() if value is not None})


class HeadStartFile(_Part):
    front: Wait = DEFAULT.head_start.front
    elder: Wait = DEFAULT.head_start.elder
    repeat: Wait = DEFAULT.head_start.repeat
    repeats: Annotated[int, Field(ge=0, le=20)] = DEFAULT.head_start.repeats
    enterprise: Wait = DEFAULT.head_start.enterprise


class SeatFile(_Part):
    """See `SeatRules`."""

    usual: QueueFile = QueueFile()
    queues: dict[Heading, QueueFile] = Field(default_factory=dict)
    head_start: HeadStartFile = HeadStartFile()
    vanished: Time = DEFAULT.gone_s
    misses: Annotated[int, Field(ge=1, le=100)] = DEFAULT.misses
    again: Wait = DEFAULT.again_s
    short_break: Wait = DEFAULT.short_break_s
    breaks: dict[Heading, Time] | None = None
    phrases: dict[Heading, tuple[Sentence, ...]] = Field(default_factory=dict)

    def rules(self) -> SeatRules:
        usual = self.usual.rules(DEFAULT.usual)
        queues = {QueueName(name): queue.rules(usual) for name, queue in self.queues.items()}
        breaks = DEFAULT.breaks
        if self.breaks is not None:
            breaks = tuple(Break(reason, seconds / 60) for reason, seconds in self.breaks.items())
        return SeatRules(
            queues=MappingProxyType(queues),
            usual=usual,
            head_start=HeadStart(**self.head_start.model_dump()),
            gone_s=self.vanished,
            misses=self.misses,
            again_s=self.again,
            short_break_s=self.short_break,
            breaks=breaks,
            phrases=MappingProxyType(dict(self.phrases)),
        )


def load_all(texts: Mapping[str, str], queues: Collection[QueueName] | None = None) -> SeatRules:
    """Of a city that has at most one such file.

    Args:
        texts: path → text. queues: those that there are; None: not checked.
    """
    return next((load_seats(path, text, queues) for path, text in texts.items()), DEFAULT)


def load_seats(path: str, text: str, queues: Collection[QueueName] | None = None) -> SeatRules:
    """Reads `seats.yaml`; an empty file is the product's rules.

    Raises:
        ContentError: every mistake with its line.
    """
    document = read_yaml(path, text)
    if document.value is None:
        return DEFAULT
    file = validate(document, SeatFile)
    rules = file.rules()
    wrong = _mistakes(document, ("usual",), file.usual, rules.usual, None, queues)
    for name, queue in file.queues.items():
        place: Location = ("queues", name)
        if queues is not None and name not in queues:
            wrong.append(_unknown(document, place, name, queues))
        wrong += _mistakes(document, place, queue, rules.of(QueueName(name)), name, queues)
    if wrong:
        raise ContentError(wrong)
    return rules


def _mistakes(
    document: MarkedYaml,
    place: Location,
    file: QueueFile,
    rules: QueueRules,
    name: str | None,
    queues: Collection[QueueName] | None,
) -> list[Problem]:
    """What no single field shows. Args: name: of the queue, None for all."""
    found: list[Problem] = []

    def wrong(where: Location, code: str, message: str, hint: str = "") -> None:
        found.append(document.problem((*place, *where), f"seats.{code}", message, hint))

    if rules.wrap_up_longest_s < rules.wrap_up_s:
        wrong(("wrap_up",), "wrap_up", "话后整理的最长时间（longest）短于通常时间（time）")
    if file.relax is not None:
        _check_relaxing(file.relax, wrong)
    if rules.too_long is Otherwise.WAIT:
        wrong(("too_long",), "too_long", "等待到最长时间以后不能还是等待", "可用：回拨、转其他线路")
    if file.overflow is not None:
        to = file.overflow.to
        if to == name:
            wrong(("overflow", "to"), "overflow", "溢出到自己的队列")
        elif queues is not None and to not in queues:
            found.append(_unknown(document, (*place, "overflow", "to"), to, queues))
        if rules.overflow_after_s >= rules.max_wait_s:
            wrong(("overflow", "after"), "overflow", "溢出的时间不早于最长等待，永远不会溢出")
    return found


def _check_relaxing(steps: tuple[StepFile, ...], wrong: Callable[..., None]) -> None:
    if not steps or steps[0].after != 0:
        wrong(("relax",), "relax", "第一步应从 0 开始", "写成 {after: 0, level: 3}")
    for i, (one, other) in enumerate(pairwise(steps)):
        if other.after <= one.after or other.level >= one.level:
            wrong(("relax", i + 1), "relax", "每一步应比前一步晚，等级更低")


def _unknown(document: MarkedYaml, place: Location, name: str, queues: Collection[QueueName]) -> Problem:
    return document.problem(place, "seats.queue", f"没有队列「{name}」", f"可用：{'、'.join(queues)}")
