"""Erlang C (M/M/n): what a queue that nobody leaves should look like. Erlang, 1917; the recurrence is
Jagerman's, stable for any number of seats.

All times in seconds. `rate`: calls per second. `handling_s`: mean of talk and wrap-up.
"""

import math


def blocking(seats: int, load: float) -> float:
    """Erlang B: share of calls that find all seats busy where nobody waits. Args: load: in erlang."""
    blocked = 1.0
    for k in range(1, seats + 1):
        blocked = load * blocked / (k + load * blocked)
    return blocked


def must_wait(seats: int, rate: float, handling_s: float) -> float:
    """Erlang C: share of callers who have to wait; 1 when there are more than the seats can serve."""
    load = rate * handling_s
    if load <= 0:
        return 0.0
    if seats <= load:
        return 1.0
    blocked = blocking(seats, load)
    return blocked / (1 - load / seats * (1 - blocked))


def service_level(seats: int, rate: float, handling_s: float, target_s: float) -> float:
    """Share of callers who are answered within `target_s`; 0 when the queue only grows."""
    load = rate * handling_s
    if seats <= load:
        return 0.0 if load > 0 else 1.0
    return 1 - must_wait(seats, rate, handling_s) * math.exp(-(seats - load) * target_s / handling_s)


def mean_wait_s(seats: int, rate: float, handling_s: float) -> float:
    """Of all callers, those who do not wait included; infinite when the queue only grows."""
    load = rate * handling_s
    if seats <= load:
        return math.inf if load > 0 else 0.0
    return must_wait(seats, rate, handling_s) * handling_s / (seats - load)


def seats_needed(rate: float, handling_s: float, target_s: float, level: float) -> int:
    """The fewest seats with which a share `level` (below 1) is answered within `target_s`."""
    seats = math.floor(rate * handling_s) + 1
    while service_level(seats, rate, handling_s, target_s) < level:
        seats += 1
    return seats
