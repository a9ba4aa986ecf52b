"""When somebody who is owed a call may be rung: in the city's windows, spread over them, and not for ever."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Final

from voicebot.core.hours import DayType, Hours
from voicebot.core.ringing import EARLIEST, LATEST, RingingRules
from voicebot.tickets.callbacks import COUNTED, Over, Try, TryOutcome

URGENT_BUSY: Final = timedelta(minutes=2)
URGENT_NO_ANSWER: Final = timedelta(minutes=10)
LINE_FULL: Final = timedelta(minutes=1)
FAILURE: Final = timedelta(minutes=10)
"""Until the next try where something of ours stood in the way; that is no try of the person."""
LATER_AGAIN: Final = timedelta(hours=2)
"""Until the next try when somebody asked for another time and named none."""
HORIZON: Final = 60
"""Days within which there is a day on which it may ring."""

_ENDS: Final = {
    TryOutcome.DONE: Over.DONE,
    TryOutcome.NEVER: Over.NEVER,
    TryOutcome.UNREACHABLE: Over.WRONG_NUMBER,
    TryOutcome.WRONG_PERSON: Over.WRONG_NUMBER,
}


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
