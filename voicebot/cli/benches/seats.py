"""`voicebot bench seats`: a day of a large city, the choice of seats at its largest, and Erlang C."""

import heapq
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from random import Random
from statistics import fmean
from typing import Any, Final

from voicebot.cli.benches.seat_book import overtaken, spread, timing, variation, waits
from voicebot.cli.benches.seat_city import (
    BURST,
    BURSTS,
    PLAIN_RULES,
    RULES,
    TALK_S,
    Caller,
    callers,
    plain_callers,
    plain_staff,
    staff,
)
from voicebot.cli.benches.seat_day import Day, Habits
from voicebot.cli.benches.seat_stage import MIDNIGHT
from voicebot.core.ids import CallId
from voicebot.seats import erlang, moves
from voicebot.seats.contact import Contact
from voicebot.seats.pick import pick
from voicebot.seats.seat import Seat, SeatState

WAITING: Final = 500
PICKS: Final = 200
TARGET_S: Final = 15.0
LEVEL: Final = 0.8
RATE: Final = 0.05
"""Calls per second of the stationary queue."""
WARM_S: Final = 3600.0
_AT_WORK: Final = (SeatState.READY, SeatState.OFFERED, SeatState.TALKING, SeatState.WRAP_UP)
_UNDISTURBED: Final = Habits(
    look_s=0.0, stale=0, answer_s=(0.0, 0.0), miss=0.0, decline=0.0, vanish_s=0.0, told=0.0
)


def measure(seats: int, peak: float, hours: float, seed: int, picks: int = PICKS) -> dict[str, Any]:
    """All on virtual time; only the milliseconds of a choice are those of this machine.

    Args:
        seats: of all shifts together. peak: calls per second in the busiest hour, bursts apart.
        hours: of the stationary queue that is compared with Erlang C. picks: how often the choice is timed.
    """
    return {
        "day": _day(seats, peak, seed),
        "pick": _pick(seats, seed, picks),
        "erlang": _stationary(hours, seed),
    }


def _day(seats: int, peak: float, seed: int) -> dict[str, Any]:
    day = Day(RULES, staff(Random(seed), seats), callers(Random(seed + 1), peak), Random(seed + 2), Habits())
    began = time.perf_counter()
    day.run()
    book = day.book
    events = book.events
    ratios = [told / max(real, 1.0) for told, real in book.estimates]
    return {
        "seats": seats,
        "calls": events["queued"],
        "bursts": {"times": BURST, "count": len(BURSTS)},
        "most_waiting": book.most_waiting,
        "served": events["ended"],
        "gave_up": events["left"],
        "call_backs": events["call_back"],
        "lost": day.open,
        "double_offers": book.double,
        "offers": book.offers,
        "refused_as_stale": book.stale,
        "missed": events["missed"],
        "declined": events["declined"],
        "vanished": events["vanished"],
        "classes": waits(book, TARGET_S),
        "overtaken_s": {"most": round(overtaken(book.taken), 1), "bound": RULES.head_start.most},
        "fairness": _fairness(day),
        "estimate": {"count": len(ratios), "told_by_real": spread(ratios) if ratios else None},
        "pick_ms": timing([ms for ms, _, _ in book.picks]),
        "seconds": round(time.perf_counter() - began, 1),
    }


def _fairness(day: Day) -> dict[str, Any]:
    """Calls per hour at work and share of that time without a call, of those who worked four hours; the
    variation is that among seats of one shift and kind."""
    rates: list[float] = []
    idle: list[float] = []
    groups: dict[str, list[float]] = {}
    for shift in day.shifts.values():
        at_work = sum(shift.spent[state] for state in _AT_WORK)
        if at_work < 4 * 3600:
            continue
        rates.append(shift.calls / at_work * 3600)
        idle.append(shift.spent[SeatState.READY] / at_work)
        groups.setdefault(shift.duty.group, []).append(rates[-1])
    return {
        "calls_per_hour": spread(rates),
        "variation_in_group": variation(groups.values()),
        "idle_share": spread(idle),
    }


def _pick(seats: int, seed: int, picks: int) -> dict[str, Any]:
    """All seats free and `WAITING` callers of all kinds, some of them refused by some seats."""
    random = Random(seed)
    free = [_idle(Seat(duty.seat, skills=duty.skills), random) for duty in staff(random, seats)]
    lines = callers(random, 1.0)
    waiting = []
    for caller, _ in zip(lines, range(WAITING), strict=False):
        refused = tuple(random.choice(free).id for _ in range(random.randrange(3)))
        waiting.append(
            Contact(
                CallId(caller.call_id),
                caller.queue,
                MIDNIGHT,
                skill=caller.skill,
                language=caller.language,
                emergency="110" if caller.kind == "emergency" else "",
                repeat=caller.repeat,
                refused=refused,
            )
        )
    took, cpu, pairs = [], [], 0
    for _ in range(picks):
        began, spent = time.perf_counter(), time.thread_time()
        pairs = len(pick(free, waiting, MIDNIGHT, RULES))
        took.append((time.perf_counter() - began) * 1000)
        cpu.append((time.thread_time() - spent) * 1000)
    return {"seats": seats, "waiting": WAITING, "pairs": pairs, "ms": timing(took), "cpu_ms": timing(cpu)}


def _idle(seat: Seat, random: Random) -> Seat:
    (there,) = moves.sign_in(seat, "tab", MIDNIGHT).seats
    (ready,) = moves.ready(there, MIDNIGHT, RULES).seats
    return replace(ready, taken=random.randrange(40))


def _stationary(hours: float, seed: int) -> dict[str, Any]:
    """One queue that nobody leaves, with as many seats as Erlang C asks for, over many hours, since waits of
    one hour are much alike. Erlang C is told the calls and talks that there really were, as in an hour of a
    report: a hundredth more of them is a tenth more waiting. `ideal`: the same calls, one by one."""
    seats = erlang.seats_needed(RATE, TALK_S, TARGET_S, LEVEL)
    lines = list(plain_callers(Random(seed), RATE, WARM_S + hours * 3600))
    day = Day(PLAIN_RULES, plain_staff(seats), iter(lines), Random(seed), _UNDISTURBED)
    day.run()
    counted = [caller for caller in lines if caller.at >= WARM_S]
    rate, talk_s = len(counted) / (hours * 3600), fmean(caller.talk_s for caller in counted)
    waited = [seconds for _, _, seconds, came in day.book.taken if came >= WARM_S]
    expected = {
        "in_target": erlang.service_level(seats, rate, talk_s, TARGET_S),
        "waited": erlang.must_wait(seats, rate, talk_s),
        "mean_s": erlang.mean_wait_s(seats, rate, talk_s),
    }
    return {
        "seats": seats,
        "hours": hours,
        "calls": len(waited),
        "load": round(rate * talk_s, 2),
        "target_s": TARGET_S,
        "measured": _level(waited),
        "ideal": _level([seconds for came, seconds in _ideal(lines, seats) if came >= WARM_S]),
        "erlang_c": {name: round(value, 3) for name, value in expected.items()},
        "double_offers": day.book.double,
        "lost": day.open,
    }


def _ideal(lines: Sequence[Caller], seats: int) -> Iterator[tuple[float, float]]:
    """When each of the same calls came, and how long it waits where whoever came first is served by the seat
    that is free first."""
    free = [0.0] * seats
    for caller in lines:
        begins = max(heapq.heappop(free), caller.at)
        heapq.heappush(free, begins + caller.talk_s)
        yield caller.at, begins - caller.at


def _level(waited: Sequence[float]) -> dict[str, float]:
    return {
        "in_target": round(sum(each <= TARGET_S for each in waited) / len(waited), 3),
        "waited": round(sum(each > 1e-6 for each in waited) / len(waited), 3),
        "mean_s": round(fmean(waited), 3),
    }
