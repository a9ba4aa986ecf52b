"""People whom the hotline could not reach: somebody looks after them, or has them rung again."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from voicebot.core.clock import Clock
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import CallId, TicketNo
from voicebot.operations.ports import Account
from voicebot.operations.ticket_texts import actor
from voicebot.tickets.callbacks import CallbackKind, Over, Try, still_owed
from voicebot.tickets.ports import TicketStore
from voicebot.tickets.roles import may
from voicebot.tickets.ticket import TicketAction

MOST: Final = 200
"""Shown at once, and looked after at once."""


@dataclass(frozen=True, slots=True)
class NotReached:
    """One that a person has to look after.

    Args:
        title: of its ticket. mask: the number, as far as it may be shown.
        at: since when nobody rings any more. `tries`: all of them, the oldest first.
    """

    key: str
    kind: CallbackKind
    ticket_no: TicketNo | None
    call_id: CallId | None
    over: Over
    at: datetime
    tries: tuple[Try, ...]
    title: str = ""
    mask: str = ""


class NotReachedList(Protocol):
    """Contract: tests/contract/test_callbacks.py. Every method may raise VoicebotError ``db.…``."""

    async def not_reached(self, limit: int, keys: Collection[str] = ()) -> Sequence[NotReached]:
        """Those that wait for a person, the oldest first; with `keys` only these."""
        ...

    async def again(self, key: str, actor: str, at: datetime) -> bool:
        """One that waits for a person is owed anew, as if it had never been tried; False when there is
        none such."""
        ...

    async def seen(self, key: str, actor: str, at: datetime) -> bool:
        """A person has looked after one; False when there is none such."""
        ...


@dataclass(frozen=True, slots=True)
class Looked:
    """What became of some that were marked: how many were looked after, and why the others were not."""

    done: int
    refused: tuple[tuple[str, str], ...] = ()


class Unreached:
    """For who may call people back: not for units. Every method raises VoicebotError ``ticket.forbidden`` to
    others, and ``db.…``."""

    def __init__(self, people: NotReachedList, tickets: TicketStore, clock: Clock) -> None:
        self._people = people
        self._tickets = tickets
        self._clock = clock

    async def people(self, who: Account, limit: int = MOST) -> Sequence[NotReached]:
        """Those that wait for a person, the oldest first."""
        if not looks_after(who):
            raise VoicebotError("ticket.forbidden", "未接通名单由热线的人处理")
        return await self._people.not_reached(limit)

    async def handled(self, who: Account, keys: Collection[str]) -> Looked:
        """Somebody has looked after these; they leave the list."""
        waiting, at = await self._waiting(who, keys), self._clock.now()
        done = [key for key in waiting if await self._people.seen(key, actor(who), at)]
        return Looked(len(done), tuple((key, TAKEN) for key in keys if key not in done))

    async def ring_again(self, who: Account, keys: Collection[str]) -> Looked:
        """These are owed a call anew, in the city's windows, with as many tries as ever."""
        waiting, at, done = await self._waiting(who, keys), self._clock.now(), 0
        refused = [(key, TAKEN) for key in keys if key not in waiting]
        for key, one in waiting.items():
            if why := await self._needless(one):
                refused.append((key, why))
            elif await self._people.again(key, actor(who), at):
                done += 1
            else:
                refused.append((key, TAKEN))
        return Looked(done, tuple(refused))

    async def _waiting(self, who: Account, keys: Collection[str]) -> dict[str, NotReached]:
        if not looks_after(who):
            raise VoicebotError("ticket.forbidden", "未接通名单由热线的人处理")
        if not keys:
            raise VoicebotError("unreached.nobody", "没有选中任何一条")
        if len(keys) > MOST:
            raise VoicebotError("unreached.too_many", f"一次最多 {MOST} 条")
        return {each.key: each for each in await self._people.not_reached(len(keys), keys)}

    async def _needless(self, one: NotReached) -> str:
        """Why nobody has to be rung about it any more, "" when they have."""
        if one.ticket_no is None:
            return ""
        ticket = await self._tickets.ticket(one.ticket_no)
        if ticket is None or not still_owed(ticket, one.key):
            return f"工单{ticket.state.label}，不用再打" if ticket else "没有这张工单"
        return ""


TAKEN: Final = "已经有人处理"


def looks_after(who: Account) -> bool:
    """Whether people who were not reached are this account's business."""
    return may(who.role, TicketAction.CALL_BACK)
