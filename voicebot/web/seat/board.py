"""The supervisors' figures of this moment, counted from one reading of all seats and calls."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from voicebot.core.ids import QueueName
from voicebot.operations.seat_view import SeatView
from voicebot.seats.contact import Contact, ContactState
from voicebot.seats.rules import SeatRules
from voicebot.seats.seat import IN_CALL, Seat, SeatState
from voicebot.web.seat.words import STATES, waited

LONG_CALL_S: Final = 15 * 60
LONG_WRAP_S: Final = 5 * 60
_WAITING: Final = frozenset({ContactState.WAITING, ContactState.OFFERED})


@dataclass(frozen=True, slots=True)
class QueueFigures:
    """One queue; the last half hour where it says lately.

    Args:
        level: share of those who came lately and were taken within the target; None: nobody came.
        left: hung up before anybody answered, or were promised a call back.
    """

    queue: QueueName
    waiting: int
    longest_s: float
    free: int
    serving: int
    level: float | None
    came: int
    left: int
    mean_wait_s: float | None
    target_s: float


@dataclass(frozen=True, slots=True)
class Alarm:
    """What somebody must look at now. Args: grave: red; key: seat or call; first: before all others."""

    words: str
    grave: bool
    key: str = ""
    first: bool = False


@dataclass(frozen=True, slots=True)
class Board:
    states: tuple[tuple[SeatState, int], ...]
    queues: tuple[QueueFigures, ...]
    alarms: tuple[Alarm, ...]
    level: float | None
    waiting: int
    longest_s: float


def board(view: SeatView, rules: SeatRules, now: datetime) -> Board:
    counted = Counter(seat.state for seat in view.seats.values())
    waiting = [c for c in view.contacts.values() if c.state in _WAITING]
    names = {c.queue for c in (*view.contacts.values(), *view.recent)} | set(rules.queues)
    queues = tuple(_queue(name, view, rules, now) for name in sorted(names))
    return Board(
        tuple((state, counted[state]) for state in STATES if state is not SeatState.OFFLINE),
        queues,
        tuple(alarms(view, rules, now)),
        level_of(list(view.recent) + list(view.contacts.values()), rules, now)[0],
        len(waiting),
        max((_age(c, now) for c in waiting), default=0.0),
    )


def level_of(
    contacts: Sequence[Contact], rules: SeatRules, now: datetime
) -> tuple[float | None, int, int, float | None]:
    """(share answered in time, who came, who left, mean wait of those answered).

    Who still waits counts as soon as the target has passed; who left sooner than that counts as nobody.
    """
    came = in_time = left = 0
    waits: list[float] = []
    for contact in contacts:
        target = rules.of(contact.queue).target_s
        if contact.taken_at is not None:
            wait = (contact.taken_at - contact.since).total_seconds()
            waits.append(wait)
            came += 1
            in_time += wait <= target
        elif contact.state in (ContactState.LEFT, ContactState.CALL_BACK):
            left += 1
            came += ((contact.ended_at or now) - contact.since).total_seconds() > target
        elif contact.state in _WAITING:
            came += _age(contact, now) > target
    mean = sum(waits) / len(waits) if waits else None
    return (in_time / came if came else None), came, left, mean


def _queue(name: QueueName, view: SeatView, rules: SeatRules, now: datetime) -> QueueFigures:
    own = [c for c in view.contacts.values() if c.queue == name]
    waiting = [c for c in own if c.state in _WAITING]
    able = [seat for seat in view.seats.values() if seat.skills.get(name, 0) > 0]
    level, came, left, mean = level_of([*own, *(c for c in view.recent if c.queue == name)], rules, now)
    return QueueFigures(
        name,
        len(waiting),
        max((_age(c, now) for c in waiting), default=0.0),
        sum(seat.state is SeatState.READY for seat in able),
        sum(seat.state is not SeatState.OFFLINE for seat in able),
        level,
        came,
        left,
        mean,
        rules.of(name).target_s,
    )


def alarms(view: SeatView, rules: SeatRules, now: datetime) -> list[Alarm]:
    """The gravest first."""
    found = [each for contact in view.contacts.values() for each in _waits(contact, view, rules, now)]
    found += [alarm for seat in view.seats.values() if (alarm := _seat(seat, rules, now)) is not None]
    return sorted(found, key=lambda alarm: (not alarm.first, not alarm.grave))


def _waits(contact: Contact, view: SeatView, rules: SeatRules, now: datetime) -> list[Alarm]:
    if contact.state not in _WAITING:
        return []
    age, target = _age(contact, now), rules.of(contact.queue).target_s
    if contact.emergency:
        return [Alarm(f"紧急来电（{contact.emergency}）等了 {waited(age)}", True, contact.call_id, True)]
    if not any(seat.skills.get(contact.queue, 0) > 0 for seat in view.seats.values()):
        return [Alarm(f"「{contact.queue}」没有坐席签入，有人在等", True, contact.call_id)]
    if age > 4 * target:
        return [
            Alarm(
                f"{contact.caller or '来电'} 在「{contact.queue}」等了 {waited(age)}", True, contact.call_id
            )
        ]
    return []


def _seat(seat: Seat, rules: SeatRules, now: datetime) -> Alarm | None:
    age = (now - seat.since).total_seconds() if seat.since is not None else 0.0
    if seat.state in IN_CALL and age > LONG_CALL_S:
        return Alarm(f"{seat.id} 号通话已 {waited(age)}", False, seat.id)
    if seat.state is SeatState.WRAP_UP and age > LONG_WRAP_S:
        return Alarm(f"{seat.id} 号话后整理已 {waited(age)}", False, seat.id)
    if seat.state is SeatState.BREAK:
        usual = next((each.minutes for each in rules.breaks if each.reason == seat.reason), 15.0)
        if age > usual * 60:
            return Alarm(f"{seat.id} 号小休（{seat.reason}）已 {waited(age)}", False, seat.id)
    if seat.missed >= rules.misses:
        return Alarm(f"{seat.id} 号连续 {seat.missed} 个没有接", False, seat.id)
    return None


def _age(contact: Contact, now: datetime) -> float:
    return max(0.0, (now - contact.since).total_seconds())
