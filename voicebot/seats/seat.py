"""坐席: a place from which a person takes calls, as it stands now."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from voicebot.core.ids import CallId, SeatId


class SeatState(StrEnum):
    """What a seat is doing; words that seats know in brackets."""

    OFFLINE = "offline"
    """签出"""
    READY = "ready"
    """示闲: calls may be offered."""
    OFFERED = "offered"
    """响铃: one call rings here until `Seat.until`."""
    TALKING = "talking"
    """通话中"""
    HELD = "held"
    """保持: in a talk, the other side hears music."""
    WRAP_UP = "wrap_up"
    """话后整理, until `Seat.until` (None: without an end)."""
    BREAK = "break"
    """小休, for `Seat.reason`."""
    BUSY = "busy"
    """示忙: signed in, wants no calls just now."""


IN_CALL = frozenset({SeatState.TALKING, SeatState.HELD})


@dataclass(frozen=True, slots=True)
class Next:
    """The state that was asked for during a call; it begins when call and wrap-up are over."""

    state: SeatState
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Seat:
    """One seat; its id is the name of its account.

    Args:
        since: when `state` began. idle_since: end of its last call, or when it became ready after a break
            longer than a call; who has been idle longest is chosen.
        skills: name → level 1 (just) to 5 (best). Queues, languages by tag (``en``) and topics are all
            skills; a seat serves the queues it has a skill for.
        team: vendor or team.
        reason: of a break.
        call_id: the call that is offered or talked with, or was (wrap-up).
        until: when an offer runs out, or the wrap-up ends.
        next: what follows the call.
        beat: the last sign of life of its page. tab: which tab of the browser has the seat, "" for none.
        phone: SIP address at which it takes calls; "" for the browser.
        taken: calls taken today.
        missed: offers not answered since it was last ready.
        version: grows by one with each change; 0 is not stored yet.
    """

    id: SeatId
    state: SeatState = SeatState.OFFLINE
    since: datetime | None = None
    skills: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    team: str = ""
    reason: str = ""
    call_id: CallId | None = None
    until: datetime | None = None
    next: Next | None = None
    idle_since: datetime | None = None
    beat: datetime | None = None
    tab: str = ""
    phone: str = ""
    taken: int = 0
    missed: int = 0
    version: int = 0
