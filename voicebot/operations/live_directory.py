"""The 派单目录 that is published now, for processes that load no other content."""

from collections.abc import Mapping

import structlog

from voicebot.core.problem import ContentError
from voicebot.operations.content import ContentStore
from voicebot.operations.content_kinds import DEPARTMENTS, Kind, kind_of
from voicebot.tickets.directory import Directory
from voicebot.tickets.directory_loading import load_directory
from voicebot.understanding import load_departments
from voicebot.understanding.gazetteer import streets

log = structlog.get_logger(__name__)


class LiveDirectory:
    """Callable: the directory as of the last `refresh`; before the first, and while nothing is published, an
    empty one, which forbids nothing."""

    def __init__(self, store: ContentStore) -> None:
        self._store = store
        self._revision = 0
        self._current = Directory()

    def __call__(self) -> Directory:
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
            self._current = directory_in(live.texts)
        except ContentError as error:  # published by a release of the program that knew less
            log.error("directory.unusable", revision=live.revision, error=str(error))
        self._revision = live.revision
        return False


def directory_in(texts: Mapping[str, str]) -> Directory:
    """Of content that is given as path → text.

    Raises:
        ContentError: every mistake with its line.
    """
    if DEPARTMENTS not in texts:
        return Directory()
    departments = load_departments(DEPARTMENTS, texts[DEPARTMENTS])
    dispatch = {path: text for path, text in texts.items() if kind_of(path) is Kind.DISPATCH}
    lexicons = {path: text for path, text in texts.items() if kind_of(path) is Kind.LEXICON}
    return load_directory(dispatch, departments, streets(lexicons))
