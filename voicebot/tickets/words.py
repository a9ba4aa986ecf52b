"""What a ticket can be found by: its texts as overlapping pairs of characters, in order.

Most Chinese words have two characters, which tokenisers of databases either swallow whole or cannot
find; pairs find them all without a dictionary, and neighbouring pairs in order are a longer word.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from voicebot.language.characters import is_hanzi, plain
from voicebot.tickets.ticket import TicketAction, TicketEvent

LONGEST: Final = 20_000
"""Characters of one ticket that are indexed."""
MOST_TERMS: Final = 8
_HANZI: Final = "\u3400-\u4dbf\u4e00-\u9fff〇"
_MASKED: Final = re.compile(r"[0-9a-z]*\*{2,}[0-9a-z]*")
"""What is left of a number of a person (`privacy.mask_phone`): nothing to be found by."""
_RUN: Final = re.compile(rf"[{_HANZI}]+|[^\W_{_HANZI}]+")
_TEXTS: Final = ("title", "content", "address", "object", "occurred", "reply")
_SAID: Final = frozenset({TicketAction.SUPPLEMENT, TicketAction.OBJECT})
"""Actions whose reason is a caller's word on the matter."""


@dataclass(frozen=True, slots=True)
class Term:
    """Words that must stand one behind the other; `prefix`: the last is only the beginning of one."""

    words: tuple[str, ...]
    prefix: bool = False


def words(text: str) -> tuple[str, ...]:
    """Pairs of hanzi, the last hanzi of a run alone, other runs whole.

    >>> words("路灯坏了 A12")
    ('路灯', '灯坏', '坏了', '了', 'a12')
    """
    return tuple(word for run in _runs(text[:LONGEST]) for word in _words(run))


def terms(query: str) -> tuple[Term, ...]:
    """What a text must hold to be found; () when there is nothing to look for.

    >>> terms("路灯坏 a1")
    (Term(words=('路灯', '灯坏'), prefix=False), Term(words=('a1',), prefix=True))
    """
    return tuple(_term(run) for run in _runs(query[:LONGEST]))[:MOST_TERMS]


def searchable(events: Iterable[TicketEvent]) -> str:
    """The texts of a ticket as its history leaves them, and what callers added."""
    fields: dict[str, str] = {}
    said: list[str] = []
    for event in events:
        fields |= {change.field: str(change.after) for change in event.changes if change.field in _TEXTS}
        if event.action in _SAID:
            said.append(event.reason)
    return "\n".join([*fields.values(), *said])


def touches_text(event: TicketEvent) -> bool:
    """Whether `searchable` is another one after this event."""
    return event.action in _SAID or any(change.field in _TEXTS for change in event.changes)


def _runs(text: str) -> Iterator[str]:
    for match in _RUN.finditer(_MASKED.sub(" ", plain(text))):
        yield match.group()


def _words(run: str) -> Iterator[str]:
    if not is_hanzi(run[0]):
        yield run
        return
    for at in range(len(run)):
        yield run[at : at + 2]


def _term(run: str) -> Term:
    if len(run) > 1 and is_hanzi(run[0]):
        return Term(tuple(run[at : at + 2] for at in range(len(run) - 1)))
    return Term((run,), prefix=True)
