"""A part of the content as it is published now, for processes that load no other content."""

from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

import structlog

from voicebot.core.problem import ContentError
from voicebot.operations.content import ContentStore

T = TypeVar("T")
log = structlog.get_logger(__name__)


class LivePart(Generic[T]):
    """Callable: the part as of the last `refresh`; before the first, what is made of no content.

    Args:
        name: what the log calls it.
        read: makes it of content given as path → text. Raises ContentError.
    """

    def __init__(self, store: ContentStore, name: str, read: Callable[[Mapping[str, str]], T]) -> None:
        self._store = store
        self._name = name
        self._read = read
        self._revision = 0
        self._current = read({})

    def __call__(self) -> T:
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
            self._current = self._read(live.texts)
        except ContentError as error:  # published by a release of the program that knew less
            log.error(f"{self._name}.unusable", revision=live.revision, error=str(error))
        self._revision = live.revision
        return False
