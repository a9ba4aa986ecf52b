"""Whom we owe a call, and when it may ring: rules without clock or store.

Three kinds: the 回访 after a ticket was closed, the call back that was promised, the call back after a call
that came to nothing.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final

from voicebot.core.hours import DayType, Hours
from voicebot.core.meaning import Urgency
from voicebot.core.ringing import EARLIEST, LATEST, RingingRules
from voicebot.tickets.state import OPEN, State
from voicebot.tickets.ticket import Ticket, TicketAction, TicketEvent

URGENT_BUSY: Final = timedelta(minutes=2)
URGENT_NO_ANSWER: Final = timedelta(minutes=10)
LINE_FULL: Final = timedelta(minutes=1)
FAILURE: Final = timedelta(minutes=10)
"""Until the next try where something of ours stood in the way; that is no try of the person."""
LATER_AGAIN: Final = timedelta(hours=2)
"""Until the next try when somebody asked for another time and named none."""
HORIZON: Final = 60
"""Days within which there is a day on which it may ring."""


class CallbackKind(StrEnum):
    REVISIT = "revisit"
    PROMISED = "promised"
    MISSED = "missed"


class TryOutcome(StrEnum):
    """What came of ringing somebody."""

    DONE = "done"
    LATER = "later"
    ABSENT = "absent"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    REFUSED = "refused"
    MACHINE = "machine"
    SILENT = "silent"
    CUT = "cut"
    UNREACHABLE = "unreachable"
    WRONG_PERSON = "wrong_person"
    NEVER = "never"
    LINE_FULL = "line_full"
    FAILED = "failed"

    @property
    def label(self) -> str:
        """How it is written into a ticket."""
        return _LABELS[self]


_LABELS: Final = {
    TryOutcome.DONE: "已接通",
    TryOutcome.LATER: "接听人约了别的时间",
    TryOutcome.ABSENT: "本人不在",
    TryOutcome.BUSY: "占线",
    TryOutcome.NO_ANSWER: "无人接听",
    TryOutcome.REFUSED: "拒接",
    TryOutcome.MACHINE: "语音信箱或来电助手接听",
    TryOutcome.SILENT: "接通后无人说话",
    TryOutcome.CUT: "接通后未答即挂断",
    TryOutcome.UNREACHABLE: "号码打不通",
    TryOutcome.WRONG_PERSON: "接听的不是本人",
    TryOutcome.NEVER: "本人表示不用回访",
    TryOutcome.LINE_FULL: "外呼线路忙，未拨出",
    TryOutcome.FAILED: "外呼故障，未拨出",
}

REACHED: Final = frozenset({TryOutcome.DONE, TryOutcome.NEVER})
"""The person has had their say."""
COUNTED: Final = frozenset(
    {
        TryOutcome.ABSENT,
        TryOutcome.BUSY,
        TryOutcome.NO_ANSWER,
        TryOutcome.REFUSED,
        TryOutcome.MACHINE,
        TryOutcome.SILENT,
        TryOutcome.CUT,
    }
)
"""Rang, and did not reach the person."""
OURS: Final = frozenset({TryOutcome.LINE_FULL, TryOutcome.FAILED})
"""Never rang."""


class Over(StrEnum):
    """Why nobody is rung about it any more."""

    DONE = "done"
    NEVER = "never"
    UNREACHED = "unreached"
    WRONG_NUMBER = "wrong_number"
    EXPIRED = "expired"
    VOID = "void"

    @property
    def for_a_person(self) -> bool:
        """Somebody has to look after it."""
        return self in (Over.UNREACHED, Over.WRONG_NUMBER, Over.EXPIRED)

    @property
    def label(self) -> str:
        return _OVER[self]


_OVER: Final = {
    Over.DONE: "已完成",
    Over.NEVER: "不用回访",
    Over.UNREACHED: "多次未接通",
    Over.WRONG_NUMBER: "号码不对或打不通",
    Over.EXPIRED: "过期未打",
    Over.VOID: "不再需要",
}

_ENDS: Final = {
    TryOutcome.DONE: Over.DONE,
    TryOutcome.NEVER: Over.NEVER,
    TryOutcome.UNREACHABLE: Over.WRONG_NUMBER,
    TryOutcome.WRONG_PERSON: Over.WRONG_NUMBER,
}


@dataclass(frozen=True, slots=True)
class Try:
    """One ring. `again`: the moment the person asked for, None when they named none."""

    at: datetime
    outcome: TryOutcome
    again: datetime | None = None


# ── when ────────────────────────────────────────────────────────────────────────────────────


def next_try(
    history: Sequence[Try],
    since: datetime,
    now: datetime,
    rules: RingingRules,
    kind_of: Callable[[date], DayType],
    *,
    urgent: bool = False,
) -> datetime | Over:
    """The moment of the next ring, not before `now`, or why there is none.

    Args:
        history: tries so far, oldest first.
        since: when the call began to be owed. All moments are in the city's zone.
        kind_of: kind of a day there.
        urgent: at any hour, and soon again.
    """
    if history and (over := _ENDS.get(history[-1].outcome)):
        return over
    counted = [each for each in history if each.outcome in COUNTED]
    later = sum(each.outcome is TryOutcome.LATER for each in history)
    refused = sum(each.outcome is TryOutcome.REFUSED for each in history)
    if len(counted) >= rules.tries or later > rules.tries or refused > 1:
        return Over.UNREACHED
    asked = history[-1].again if history else None
    if now - since > rules.expires and (asked is None or now - asked > rules.expires):
        return Over.EXPIRED
    if urgent:
        return max(now, _urgently(history, since))
    return _calmly(history, counted, since, now, rules, kind_of)


def _urgently(history: Sequence[Try], since: datetime) -> datetime:
    if not history:
        return since
    last = history[-1]
    match last.outcome:
        case TryOutcome.LATER:
            return last.again or last.at + LATER_AGAIN
        case TryOutcome.BUSY | TryOutcome.LINE_FULL | TryOutcome.FAILED:
            return last.at + URGENT_BUSY
        case _:
            return last.at + URGENT_NO_ANSWER


def _calmly(
    history: Sequence[Try],
    counted: Sequence[Try],
    since: datetime,
    now: datetime,
    rules: RingingRules,
    kind_of: Callable[[date], DayType],
) -> datetime | Over:
    """In the windows; after nobody answered in another one, the last time on another day."""
    wanted, spread = since, False
    if history:
        last = history[-1]
        twice = len(counted) > 1 and counted[-2].outcome is TryOutcome.BUSY
        match last.outcome:
            case TryOutcome.LATER:
                wanted = last.again or last.at + LATER_AGAIN
            case TryOutcome.LINE_FULL:
                wanted = last.at + LINE_FULL
            case TryOutcome.FAILED:
                wanted = last.at + FAILURE
            case TryOutcome.BUSY if not twice:
                wanted = last.at + rules.busy
            case _:
                wanted, spread = last.at + rules.no_answer, True
                if last.outcome is TryOutcome.REFUSED or len(counted) == rules.tries - 1:
                    wanted = _next_day(last.at)
    tried = [each.at for each in counted] if spread else []
    return _allowed(max(now, wanted), tried, rules, kind_of)


def _next_day(at: datetime) -> datetime:
    return datetime.combine(at.date() + timedelta(days=1), time(), at.tzinfo)


def _allowed(
    wanted: datetime, tried: Sequence[datetime], rules: RingingRules, kind_of: Callable[[date], DayType]
) -> datetime | Over:
    """The first moment from `wanted` on in a window. Those tried on that day are left out, those tried on
    other days come last on theirs."""
    windows = _legal(rules.windows)
    used = {(at.date(), i) for at in tried for i, window in enumerate(windows) if window.hold(at.time())}
    for day in (wanted.date() + timedelta(days=ahead) for ahead in range(HORIZON)):
        if kind_of(day) not in rules.days:
            continue
        open_now = list(_openings(wanted, day, windows))
        left = [(i, at) for i, at in open_now if (day, i) not in used]
        fresh = [at for i, at in left if i not in {index for _, index in used}]
        if left:
            return fresh[0] if fresh else left[0][1]
    return Over.EXPIRED


def _openings(wanted: datetime, day: date, windows: Sequence[Hours]) -> Iterator[tuple[int, datetime]]:
    """(index, first moment from `wanted` on) of the windows of a day."""
    for i, window in enumerate(windows):
        at = max(wanted, datetime.combine(day, window.opens, wanted.tzinfo))
        if at < datetime.combine(day, window.closes, wanted.tzinfo):
            yield i, at


def _legal(windows: Sequence[Hours]) -> tuple[Hours, ...]:
    """What of the windows lies between `EARLIEST` and `LATEST`."""
    cut = (Hours(max(each.opens, EARLIEST), min(each.closes, LATEST)) for each in windows)
    return tuple(each for each in cut if each.opens < each.closes)


# ── whom ────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Owed:
    """A call we owe.

    Args:
        key: one call is owed once, whoever notices it.
        since: when it began to be owed.
    """

    key: str
    kind: CallbackKind
    since: datetime
    urgent: bool = False


def owed_by(ticket: Ticket, event: TicketEvent) -> Owed | None:
    """The call that an event of a ticket makes us owe. One closed in the call itself owes none."""
    key = f"{ticket.ticket_no}:{ticket.round}"
    if event.action is TicketAction.CLOSE and _wants_revisit(ticket):
        return Owed(f"revisit:{key}", CallbackKind.REVISIT, event.at)
    if ticket.callback_only and event.before in (None, State.DRAFT) and ticket.state in OPEN:
        urgent = ticket.urgency is not Urgency.NORMAL
        return Owed(f"promised:{key}", CallbackKind.PROMISED, event.at, urgent)
    return None


def still_owed(ticket: Ticket, key: str) -> bool:
    """Whether a call about a ticket is still to be made, as the ticket now stands."""
    kind, _, rest = key.partition(":")
    if rest != f"{ticket.ticket_no}:{ticket.round}":
        return False
    if kind == CallbackKind.REVISIT:
        return ticket.state in (State.CLOSED, State.CALLBACK) and _wants_revisit(ticket)
    return ticket.callback_only and ticket.state in OPEN


def _wants_revisit(ticket: Ticket) -> bool:
    """Nobody is asked who has rated already, or wants to hear nothing."""
    heard = ticket.called_back_at is not None or ticket.rating is not None
    return ticket.want_reply and not ticket.callback_only and not heard


def in_sample(ticket_no: str, share: float) -> bool:
    """Whether a ticket is among the share whose callers are rung: always the same ones."""
    number = int.from_bytes(hashlib.sha256(ticket_no.encode()).digest()[:8])
    return number < share * 2**64


WAITING_FOR_PERSON: Final = "waiting"
_LOST: Final = ("lost", "error", "rtp_timeout")


def came_to_nothing(reason: str, state: str) -> bool:
    """A call that ended so owes its caller one: it broke, or they gave up waiting for a person.

    Args:
        reason: why it ended. `state`: where the dialogue stood.
    """
    return reason in _LOST or (reason == "caller" and state == WAITING_FOR_PERSON)
