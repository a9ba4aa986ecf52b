"""Notes of people in memory, behind the same contract as the real ones."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from voicebot.core.clock import Clock
from voicebot.operations.own_notes import MOST, Note, checked, too_many


class MemoryOwnNotes:
    """Implements `voicebot.operations.own_notes.OwnNotes`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.kept: dict[tuple[str, str], Note] = {}

    async def put(self, account: str, key: str, body: Mapping[str, Any]) -> datetime:
        text = json.dumps(body, ensure_ascii=False)
        checked(key, text)
        if sum(owner == account and name != key for owner, name in self.kept) >= MOST:
            raise too_many()
        at = self._clock.now()
        self.kept[account, key] = Note(key, json.loads(text), at)
        return at

    async def get(self, account: str, key: str) -> Note | None:
        return self.kept.get((account, key))

    async def below(self, account: str, prefix: str) -> Sequence[Note]:
        own = [n for (owner, key), n in self.kept.items() if owner == account and key.startswith(prefix)]
        return sorted(sorted(own, key=lambda note: note.key), key=lambda note: note.at, reverse=True)

    async def drop(self, account: str, key: str) -> None:
        self.kept.pop((account, key), None)
