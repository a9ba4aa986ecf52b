"""Is this the matter of a ticket that is still open? Only a clear yes counts (domain.md §4, rule 7)."""

import re
from typing import Final

from rapidfuzz import fuzz

from voicebot.core.demand import Demand
from voicebot.tickets.ticket import Ticket

SIMILAR: Final = 72.0
"""Least similarity, 0-100, of two descriptions of one matter."""
_ADDRESS_SIMILAR: Final = 85.0
_NOISE: Final = re.compile(r"[\W_]+")
_NUMERALS: Final = re.compile(r"[0-9零〇一二两三四五六七八九十百]+|[a-z](?=[座栋区])")


def same_matter(demand: Demand, ticket: Ticket) -> bool:
    """True when place or object agree and the descriptions are alike.

    House and building numbers must be equal: 三栋 is not 五栋, however alike the rest is.
    """
    if demand.callback_only or ticket.callback_only:
        return False
    place = _agree(demand.address, ticket.address)
    thing = _agree(demand.object, ticket.object)
    if place is False or thing is False or (place is None and thing is None):
        return False
    mine, theirs = _plain(demand.content or demand.title), _plain(ticket.content or ticket.title)
    if not mine or not theirs:
        return False
    return max(fuzz.ratio(mine, theirs), fuzz.token_sort_ratio(_pairs(mine), _pairs(theirs))) >= SIMILAR


def _agree(mine: str, theirs: str) -> bool | None:
    """Whether two places or objects are one; None when one side is not known."""
    a, b = _plain(mine), _plain(theirs)
    if not a or not b:
        return None
    if sorted(_NUMERALS.findall(a)) != sorted(_NUMERALS.findall(b)):
        return False
    return a == b or fuzz.ratio(a, b) >= _ADDRESS_SIMILAR or (min(len(a), len(b)) >= 4 and (a in b or b in a))


def _plain(text: str) -> str:
    return _NOISE.sub("", text.lower())


def _pairs(text: str) -> str:
    """Neighbouring characters as words, so that turned-round clauses still look alike."""
    return " ".join(text[i : i + 2] for i in range(len(text) - 1)) or text
