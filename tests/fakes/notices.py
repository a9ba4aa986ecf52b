"""Targets and a ledger in memory."""

from collections.abc import Mapping, Sequence

from voicebot.core.errors import VoicebotError
from voicebot.operations.notices import Notice


class FakeCourier:
    """Each target fails as often as `failures` says (0 when not named), then takes the message."""

    def __init__(self, tries: Mapping[str, int], failures: Mapping[str, int] | None = None) -> None:
        self.tries = tries
        self.failures = dict(failures or {})
        self.sent: list[Notice] = []
        self.attempts: list[str] = []
        self.final = False

    async def send(self, notice: Notice) -> None:
        self.attempts.append(notice.id)
        left = self.failures.get(notice.target, 0)
        if left:
            self.failures[notice.target] = left - 1
            raise VoicebotError("notify.refused", "no", retryable=not self.final)
        self.sent.append(notice)


class DictLedger:
    """Implements `NoticeLedger`."""

    def __init__(self, *left: Notice) -> None:
        self.open = {notice.id: notice for notice in left}
        self.failures: list[tuple[str, str]] = []
        self.broken = False

    async def accepted(self, notice: Notice) -> None:
        self._check()
        self.open[notice.id] = notice

    async def sent(self, notice: Notice) -> None:
        self._check()
        self.open.pop(notice.id, None)

    async def failed(self, notice: Notice, code: str) -> None:
        self._check()
        self.open.pop(notice.id, None)
        self.failures.append((notice.id, code))

    async def unfinished(self) -> Sequence[Notice]:
        self._check()
        return list(self.open.values())

    def _check(self) -> None:
        if self.broken:
            raise VoicebotError("db.unreachable", "away", retryable=True)
