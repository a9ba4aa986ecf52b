"""The deadlines that are published now, for processes that load no other content."""

from collections.abc import Mapping

import structlog

from voicebot.core.problem import ContentError
from voicebot.operations.content import ContentStore
from voicebot.operations.content_kinds import CITY, DEADLINES
from voicebot.tickets.deadline_file import load_deadlines
from voicebot.tickets.deadlines import DEFAULT, Deadlines, of_city
from voicebot.understanding.city import load_city

log = structlog.get_logger(__name__)


class LiveDeadlines:
    """Callable: the deadlines as of the last `refresh`; before the first, and while nothing is published, the
    product's own."""

    def __init__(self, store: ContentStore) -> None:
        self._store = store
        self._revision = 0
        self._current = Deadlines()

    def __call__(self) -> Deadlines:
        return self._current

    async def refresh(self) -> bool:
        """Takes up a new release; False, since there is never more to do (see `periodic.Task`).

        Raises:
            VoicebotError: the store cannot be used.
        """
        if await self._store.revision() == self._revision:
            return False
        live = await self._store.live()
        try:
            self._current = deadlines_in(live.texts)
        except ContentError as error:  # published by a release of the program that knew less
            log.error("deadlines.unusable", revision=live.revision, error=str(error))
        self._revision = live.revision
        return False


def deadlines_in(texts: Mapping[str, str]) -> Deadlines:
    """Of a city whose content is given as path → text.

    Raises:
        ContentError: every mistake with its line.
    """
    if CITY not in texts:
        return Deadlines()
    profile = load_deadlines(DEADLINES, texts[DEADLINES]) if DEADLINES in texts else DEFAULT
    return of_city(profile, load_city(CITY, texts[CITY]))
