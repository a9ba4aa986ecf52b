"""Wires the operators' console and the supervisors' board."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

from voicebot.adapters.bus.talks import BusTalks
from voicebot.adapters.db.callers import SqlCallers
from voicebot.adapters.db.calls import SqlCalls
from voicebot.adapters.db.content import SqlContentStore
from voicebot.adapters.db.database import Database
from voicebot.adapters.db.own_notes import SqlOwnNotes
from voicebot.adapters.db.seats import SqlSeats
from voicebot.adapters.db.talk_lines import SqlTalkLines
from voicebot.adapters.db.tickets import SqlTicketStore
from voicebot.bootstrap.brain import user_shelf
from voicebot.bootstrap.seats import SeatHall
from voicebot.calls.records import CallReader
from voicebot.core.clock import Clock
from voicebot.core.ids import CallId
from voicebot.knowledge import Knowledge, KnowledgeLoader
from voicebot.knowledge.article import Article, Audience
from voicebot.operations.bus import Bus
from voicebot.operations.content import ContentStore
from voicebot.operations.content_kinds import Kind, kind_of
from voicebot.operations.ticket_work import TicketWork
from voicebot.tickets.directory import Directory
from voicebot.web.seat.desk import Advice, Found, Help, SeatPages

FLOWS: Final = (("rating", "满意度评价"), ("ticket", "登记诉求"), ("main", "从头开始"))
MOST: Final = 5
WORTH_SAYING: Final = 0.5
"""Probability from which an article is suggested unasked."""
SHORTEST: Final = 4
"""Characters of a sentence that may be a question."""


def seat_pages(
    database: Database,
    clock: Clock,
    bus: Bus,
    hall: SeatHall,
    work: TicketWork,
    directory: Callable[[], Directory],
) -> SeatPages:
    """Ports of the pages."""
    calls = SqlCalls(database, clock)
    known = LiveKnowledge(SqlContentStore(database, clock), clock)
    return SeatPages(
        desk=hall.desk,
        talks=BusTalks(bus, SqlSeats(database)),
        calls=calls,
        lines=SqlTalkLines(database),
        work=work,
        notes=SqlOwnNotes(database, clock),
        callers=SqlCallers(database, SqlTicketStore(database)),
        clock=clock,
        rules=hall.rules,
        directory=directory,
        find=known.find,
        advise=Adviser(known, calls).help,
        flows=FLOWS,
    )


class LiveKnowledge:
    """The articles that are published now, read when somebody first asks."""

    def __init__(self, store: ContentStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._loader = KnowledgeLoader(user_shelf())
        self._lock = asyncio.Lock()
        self._revision = -1
        self._known: Knowledge | None = None

    async def find(self, words: str) -> Sequence[Found]:
        """Best first; those for seats alone too."""
        return [found for found, _ in await self.ranked(words, MOST)]

    async def ranked(self, words: str, most: int) -> list[tuple[Found, float]]:
        knowledge, today = await self._live(), self._clock.now().date()
        hits = await asyncio.to_thread(knowledge.rank, words, today, most, Audience.SEAT)
        return [(_found(knowledge.articles[hit.article]), hit.score) for hit in hits]

    async def _live(self) -> Knowledge:
        async with self._lock:
            revision = await self._store.revision()
            if self._known is None or revision != self._revision:
                texts = (await self._store.live()).texts
                parts = [
                    {path: text for path, text in texts.items() if kind_of(path) is kind}
                    for kind in (Kind.ARTICLES, Kind.EXAMPLES)
                ]
                self._known = await asyncio.to_thread(self._loader.load, *parts)
                self._revision = revision
            return self._known


class Adviser:
    """Suggests the article that answers what the caller asked the hotline."""

    def __init__(self, known: LiveKnowledge, calls: CallReader) -> None:
        self._known = known
        self._calls = calls
        self._kept: dict[tuple[CallId, str], Help] = {}

    async def help(self, call_id: CallId) -> Help:
        view = await self._calls.call(call_id)
        said = [turn.said for turn in view.turns if len(turn.said) >= SHORTEST] if view is not None else []
        if not said:
            return Help()
        asked = max(said, key=len)
        if (call_id, asked) not in self._kept:
            if len(self._kept) > 200:
                self._kept.clear()
            self._kept[call_id, asked] = await self._suggest(asked)
        return self._kept[call_id, asked]

    async def _suggest(self, asked: str) -> Help:
        hits = [hit for hit in await self._known.ranked(asked, 1) if hit[1] >= WORTH_SAYING]
        return Help(
            advice=tuple(
                Advice("say", found.title, found.answer, found.source or found.article, score)
                for found, score in hits
            )
        )


def _found(article: Article) -> Found:
    answer = f"{article.answer}{article.more}"
    source = article.basis or f"{article.department} {article.reviewed}"
    return Found(article.id, article.title, answer, source, article.valid_to)
