"""What a seat does by itself: signing in and out, breaks, the end of the wrap-up.

A state asked for while a call rings, runs or is wrapped up is noted as `Seat.next` and begins after it.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from voicebot.core.ids import QueueName
from voicebot.seats.contact import Contact
from voicebot.seats.moved import Moved, SeatRefused, demand, not_before
from voicebot.seats.rules import QueueRules, SeatRules, WrapUp
from voicebot.seats.seat import IN_CALL, Next, Seat, SeatState

_LATER: Final = IN_CALL | {SeatState.OFFERED, SeatState.WRAP_UP}
_PAUSES: Final = frozenset({SeatState.BREAK, SeatState.BUSY})


def sign_in(seat: Seat, tab: str, now: datetime) -> Moved:
    """签入: the seat is 示忙 until it says that it is ready. The same tab may do it again (a reload).

    Raises:
        SeatRefused: ``seat.other_tab``: the second tab is told; it may `take_over`.
    """
    if seat.state is not SeatState.OFFLINE:
        demand(seat.tab in ("", tab), "seat.other_tab")
        return Moved() if seat.tab == tab else Moved((replace(seat, tab=tab, beat=now),), event="signed_in")
    fresh = replace(
        entered(seat, SeatState.BUSY, now),
        tab=tab,
        beat=now,
        missed=0,
        idle_since=None,
        taken=seat.taken if _same_day(seat, now) else 0,
    )
    return Moved((fresh,), event="signed_in")


def take_over(seat: Seat, tab: str, now: datetime) -> Moved:
    """Another tab gets the seat as it is, with its call; the first is told by its next beat."""
    _signed_in(seat)
    return Moved((replace(seat, tab=tab, beat=now),), event="taken_over")


def sign_out(seat: Seat, now: datetime) -> Moved:
    """签出: at once, or after the call."""
    if seat.state is SeatState.OFFLINE:
        return Moved()
    if seat.state is SeatState.WRAP_UP:
        return Moved((entered(seat, SeatState.OFFLINE, now),), event="signed_out")
    return _ask(seat, Next(SeatState.OFFLINE), now, None, "signed_out")


def ready(seat: Seat, now: datetime, rules: SeatRules) -> Moved:
    """示闲; also takes back a state that was asked for during a call."""
    return _ask(seat, Next(SeatState.READY), now, rules, "ready")


def busy(seat: Seat, now: datetime) -> Moved:
    """示忙"""
    return _ask(seat, Next(SeatState.BUSY), now, None, "busy")


def pause(seat: Seat, reason: str, now: datetime, rules: SeatRules) -> Moved:
    """小休

    Raises:
        SeatRefused: ``seat.break_reason``: not one of the city's.
    """
    demand(any(reason == each.reason for each in rules.breaks), "seat.break_reason")
    return _ask(seat, Next(SeatState.BREAK, reason), now, None, "paused")


def ask_wrap_up(seat: Seat, now: datetime) -> Moved:
    """During a call: time to write is wanted after it, also where wrap-up is optional."""
    demand(seat.state in IN_CALL, "seat.not_in_call")
    return _ask(seat, Next(SeatState.WRAP_UP), now, None, "next")


def reskill(seat: Seat, skills: Mapping[str, int], team: str | None = None) -> Moved:
    """A supervisor changes skills, at any time; a running offer or call goes on."""
    kept = seat.team if team is None else team
    return Moved((replace(seat, skills=MappingProxyType(dict(skills)), team=kept),), event="skills")


def set_phone(seat: Seat, phone: str) -> Moved:
    """Where the seat takes calls from now on; not while one rings or runs.

    Raises:
        SeatRefused: ``seat.talking``.
    """
    demand(seat.state not in IN_CALL | {SeatState.OFFERED}, "seat.talking")
    return Moved((replace(seat, phone=phone),), event="phone")


def finish_wrap_up(seat: Seat, contact: Contact | None, now: datetime, rules: SeatRules) -> Moved:
    """返回接待. Args: contact: the call that is wrapped up, None when it is no longer stored.

    Raises:
        SeatRefused: ``seat.no_early_exit``, ``seat.not_wrapping_up``.
    """
    demand(seat.state is SeatState.WRAP_UP, "seat.not_wrapping_up")
    fixed = _wrapped_by(contact, rules).wrap_up is WrapUp.FIXED
    demand(not fixed or wrap_up_over(seat, now, rules), "seat.no_early_exit")
    return Moved((released(seat, now),), event="wrapped_up")


def end_wrap_up(seat: Seat, now: datetime, rules: SeatRules) -> Moved:
    """The time is over.

    Raises:
        SeatRefused: ``seat.not_due``, ``seat.not_wrapping_up``.
    """
    demand(seat.state is SeatState.WRAP_UP, "seat.not_wrapping_up")
    demand(wrap_up_over(seat, now, rules), "seat.not_due")
    return Moved((released(seat, now),), event="wrapped_up")


def extend_wrap_up(seat: Seat, contact: Contact | None, now: datetime, rules: SeatRules) -> Moved:
    """继续话后整理: the usual length once more from now on, up to the longest.

    Raises:
        SeatRefused: ``seat.extension``, ``seat.not_wrapping_up``.
    """
    demand(seat.state is SeatState.WRAP_UP, "seat.not_wrapping_up")
    if seat.until is None:
        return Moved()
    of = _wrapped_by(contact, rules)
    longest = min(seat.since or now, now) + timedelta(seconds=of.wrap_up_longest_s)
    until = min(now + timedelta(seconds=of.wrap_up_s), longest)
    demand(of.wrap_up is not WrapUp.FIXED and until > seat.until, "seat.extension")
    return Moved((replace(seat, until=until),), event="extended")


def wrap_up_over(seat: Seat, now: datetime, rules: SeatRules) -> bool:
    """A time-boxed wrap-up has had its time."""
    longest = max([rules.usual, *rules.queues.values()], key=lambda each: each.wrap_up_longest_s)
    return seat.state is SeatState.WRAP_UP and run_out(seat.until, longest.wrap_up_longest_s, now)


def run_out(until: datetime | None, length_s: float, now: datetime) -> bool:
    """A time limit is over; also when it lies further ahead than it can: the clock was set back."""
    return until is not None and not until - timedelta(seconds=length_s + SKEW_S) <= now < until


SKEW_S: Final = 5.0
"""By how much clocks of several machines may differ."""


def gone(seat: Seat, now: datetime, rules: SeatRules) -> bool:
    """The page has vanished: closed, crashed, the lid shut, the network lost. A talk on a phone needs no
    page; a beat from the future (another machine's clock) is one."""
    if seat.state is SeatState.OFFLINE or (seat.phone and seat.state in IN_CALL):
        return False
    return seat.beat is None or now - seat.beat > timedelta(seconds=rules.gone_s)


def entered(seat: Seat, state: SeatState, now: datetime, reason: str = "") -> Seat:
    """The seat in a state without a call."""
    now = not_before(now, seat.since)
    offline = state is SeatState.OFFLINE
    return replace(
        seat,
        state=state,
        since=now,
        reason=reason,
        call_id=None,
        until=None,
        next=None,
        tab="" if offline else seat.tab,
    )


def released(seat: Seat, now: datetime) -> Seat:
    """The seat after a call or an offer: in the state that it asked for, else ready. A wrap-up that was
    asked for has been had."""
    wanted = seat.next or Next(SeatState.READY)
    if wanted.state in (SeatState.READY, SeatState.WRAP_UP):
        return entered(seat, SeatState.READY, now)
    return entered(seat, wanted.state, now, wanted.reason)


def _ask(seat: Seat, wanted: Next, now: datetime, rules: SeatRules | None, event: str) -> Moved:
    """At once where no call keeps the seat, else as its next state."""
    _signed_in(seat)
    if seat.state in _LATER:
        noted = None if wanted.state is SeatState.READY else wanted
        return Moved() if noted == seat.next else Moved((replace(seat, next=noted),), event="next")
    if (seat.state, seat.reason) == (wanted.state, wanted.reason):
        return Moved()
    after = entered(seat, wanted.state, now, wanted.reason)
    if wanted.state is SeatState.READY and rules is not None:
        after = replace(after, missed=0, idle_since=_idle_since(seat, now, rules))
    return Moved((after,), event=event)


def _idle_since(seat: Seat, now: datetime, rules: SeatRules) -> datetime:
    """A short pause keeps the turn, a longer one does not: it would be a way to the end of the shift."""
    began = seat.since or now
    short = seat.state in _PAUSES and now - began <= timedelta(seconds=rules.short_break_s)
    return seat.idle_since if short and seat.idle_since is not None else not_before(now, seat.since)


def _wrapped_by(contact: Contact | None, rules: SeatRules) -> QueueRules:
    return rules.of(contact.queue if contact is not None else QueueName(""))


def _signed_in(seat: Seat) -> None:
    if seat.state is SeatState.OFFLINE:
        raise SeatRefused("seat.signed_out")


def _same_day(seat: Seat, now: datetime) -> bool:
    """Args: now: in the city's time zone."""
    return seat.since is not None and seat.since.astimezone(now.tzinfo).date() >= now.date()
