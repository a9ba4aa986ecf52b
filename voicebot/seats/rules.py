"""How queues and seats work, as a city sets it (`knowledge_base/seats.yaml`); the defaults are ours."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from voicebot.core.ids import QueueName


class WrapUp(StrEnum):
    """What follows a call (话后整理)."""

    OPTIONAL = "optional"
    """Nothing, unless the seat asked for it during the call."""
    DISCRETIONARY = "discretionary"
    """Until the seat says that it is done."""
    TIMED = "timed"
    """So long at most; it may end earlier and be extended."""
    FIXED = "fixed"
    """Exactly so long: nobody ends it earlier or extends it."""


class Choice(StrEnum):
    """Which of several seats that may take a call gets it."""

    LONGEST_IDLE = "longest_idle"
    LEAST_USED = "least_used"
    """Fewest calls today; among equals who has been idle longest."""


class Otherwise(StrEnum):
    """What becomes of a caller whom no seat takes."""

    WAIT = "wait"
    CALL_BACK = "call_back"
    """We ring them; they keep their place until then."""
    ELSEWHERE = "elsewhere"
    """To the number of the settings for this queue; a call back where there is none."""


@dataclass(frozen=True, slots=True)
class Step:
    """From `after_s` of waiting on, `level` of a wished skill is enough; 0: no skill is asked for."""

    after_s: float
    level: int


@dataclass(frozen=True, slots=True)
class QueueRules:
    """Rules of one queue.

    Args:
        offer_s: how long an offer rings. wrap_up, wrap_up_s, wrap_up_longest_s: mode, usual length (also that
            of one extension), and the length no extension goes beyond.
        choice: see `Choice`. relax: which level of the wished skill (`Contact.skill`) is enough, by waiting
            time, in order of time; the first step begins at 0.
        overflow: whose seats help after `overflow_after_s`, None for nobody's.
        max_wait_s: who has waited so long is led on by `too_long`, which is never WAIT.
        unmanned: what happens when no seat that serves the queue is signed in, e.g. at night.
        released: SIP seats get the call by REFER: no transcript, recording or listening in.
        target_s: the service level counts who is answered within.
        place_every_s: how often a caller hears their place. information: sentences in between, one every
            `information_every_s`, in turn.
    """

    offer_s: float = 15.0
    wrap_up: WrapUp = WrapUp.TIMED
    wrap_up_s: float = 30.0
    wrap_up_longest_s: float = 600.0
    choice: Choice = Choice.LONGEST_IDLE
    relax: tuple[Step, ...] = (Step(0.0, 3), Step(15.0, 1), Step(30.0, 0))
    overflow: QueueName | None = None
    overflow_after_s: float = 60.0
    max_wait_s: float = 600.0
    too_long: Otherwise = Otherwise.CALL_BACK
    unmanned: Otherwise = Otherwise.ELSEWHERE
    released: bool = False
    target_s: float = 15.0
    place_every_s: float = 60.0
    information: tuple[str, ...] = ()
    information_every_s: float = 30.0


@dataclass(frozen=True, slots=True)
class HeadStart:
    """By how many seconds of waiting a caller is ahead of those who have no such reason. Added up, and
    compared with real waiting time: nobody who waits longer than all of it together is overtaken. Emergencies
    are no matter of seconds, they are before everybody.

    Args:
        repeat: for each call of late, up to `repeats` of them.
    """

    front: float = 600.0
    elder: float = 60.0
    repeat: float = 30.0
    repeats: int = 3
    enterprise: float = 30.0

    @property
    def most(self) -> float:
        return self.front + self.elder + self.repeat * self.repeats + self.enterprise


@dataclass(frozen=True, slots=True)
class Break:
    """小休 for a reason. Args: minutes: how long it usually is; the board marks what is longer."""

    reason: str
    minutes: float = 15.0


USUAL_BREAKS: Final = (
    Break("休息", 15),
    Break("用餐", 45),
    Break("培训", 60),
    Break("会议", 60),
    Break("设备故障", 30),
)


@dataclass(frozen=True, slots=True)
class SeatRules:
    """Rules of all queues and seats.

    Args:
        queues: those with rules of their own; all others follow `usual`.
        gone_s: a page without a sign of life for so long has vanished.
        misses: so many offers in a row that a seat did not take set it 示忙.
        again_s: a seat that did not take a call is offered it again no sooner.
        short_break_s: after a pause up to here a seat keeps its turn among the idle.
        breaks: reasons there are. phrases: 常用语, heading → sentences.
    """

    queues: Mapping[QueueName, QueueRules] = field(default_factory=lambda: MappingProxyType({}))
    usual: QueueRules = QueueRules()
    head_start: HeadStart = HeadStart()
    gone_s: float = 10.0
    misses: int = 3
    again_s: float = 10.0
    short_break_s: float = 180.0
    breaks: tuple[Break, ...] = USUAL_BREAKS
    phrases: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))

    def of(self, queue: QueueName) -> QueueRules:
        return self.queues.get(queue, self.usual)
