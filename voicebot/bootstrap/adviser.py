"""Advice for seats, asked of the line process, and search in the knowledge that is published now."""

import asyncio
from collections.abc import Sequence
from typing import Final

import structlog

from voicebot.adapters.bus.seat_help import BusSeatHelp
from voicebot.core.clock import Clock
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import CallId
from voicebot.core.shelf import Shelf
from voicebot.knowledge import Knowledge, KnowledgeLoader
from voicebot.knowledge.article import Article, Audience
from voicebot.operations.content import ContentStore
from voicebot.operations.content_kinds import Kind, kind_of
from voicebot.operations.seat_help import Found as Field
from voicebot.operations.seat_help import SeatHelp
from voicebot.web.seat.desk import Advice, Found, Help

log = structlog.get_logger(__name__)

MOST: Final = 5
_FIELDS: Final = {"time": "occurred", "name": "caller_name"}
_SILENT: Final = frozenset({"phone", "anonymous", "what"})
"""Not fields of the form, or not shown in it."""


class LiveKnowledge:
    """The articles that are published now, read when somebody first asks."""

    def __init__(self, store: ContentStore, clock: Clock, shelf: Shelf) -> None:
        self._store = store
        self._clock = clock
        self._loader = KnowledgeLoader(shelf)
        self._lock = asyncio.Lock()
        self._revision = -1
        self._known: Knowledge | None = None

    async def find(self, words: str) -> Sequence[Found]:
        """Best first; articles for seats alone too.

        Raises:
            ContentError: what is published was written for another version.
        """
        knowledge, today = await self._live(), self._clock.now().date()
        hits = await asyncio.to_thread(knowledge.rank, words, today, MOST, Audience.SEAT)
        return [_found(knowledge.articles[hit.article]) for hit in hits]

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
    """What the line process makes of a call, in the words of the page."""

    def __init__(self, line: BusSeatHelp) -> None:
        self._line = line

    async def help(self, call_id: CallId) -> Help:
        """Nothing when the line does not answer: a seat works without advice."""
        try:
            return shown(await self._line.help(call_id))
        except VoicebotError as error:
            log.info("seat.no_advice", call_id=call_id, code=error.code)
            return Help()


def shown(found: SeatHelp) -> Help:
    fields = [each for each in found.fields if each.name not in _SILENT]
    return Help(
        advice=tuple(Advice(s.kind, s.words, s.text, s.why, s.score) for s in found.steps),
        mood=found.mood,
        department=found.department,
        department_score=found.department_score if found.department else None,
        summary=found.summary,
        values=tuple((_FIELDS.get(each.name, each.name), _word(each)) for each in fields),
        risks=found.risks,
    )


def _word(field: Field) -> str:
    """As the form has it; a time in the caller's words."""
    if field.name == "confidential":
        return "yes" if field.value == "true" else "no"
    return field.span if field.name == "time" and field.span else field.value


def _found(article: Article) -> Found:
    source = article.basis or f"{article.department} {article.reviewed} 核对"
    return Found(article.id, article.title, f"{article.answer}{article.more}", source, article.valid_to)
