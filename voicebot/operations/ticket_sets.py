"""Acts on several tickets at once: 拆单, 并单, 群诉; each is one transaction."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from voicebot.core.demand import Demand
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import TicketNo
from voicebot.operations import ticket_texts as texts
from voicebot.operations.ports import Account
from voicebot.operations.ticket_look import TicketLook
from voicebot.tickets import lifecycle
from voicebot.tickets.given import NOTHING, Given
from voicebot.tickets.lifecycle import transition
from voicebot.tickets.ports import Step
from voicebot.tickets.roles import may
from voicebot.tickets.rules import RULES
from voicebot.tickets.sending import Moved
from voicebot.tickets.ticket import Ticket, TicketAction, TicketEvent
from voicebot.tickets.visibility import as_seen

MOST: Final = 50
"""Tickets in one merger or group at a time."""


class TicketSets(TicketLook):
    """The part of `ticket_work.TicketWork` that changes several tickets; its errors are told there."""

    async def split(
        self,
        who: Account,
        ticket_no: TicketNo,
        part: Demand,
        *,
        reason: str,
        expected: int | None = None,
        key: str = "",
    ) -> Ticket:
        """拆单: a part becomes a ticket of its own, of the same person; returns that one."""
        self._permit(who, TicketAction.SPLIT)
        await self._seen(who, ticket_no)
        name = await self._name(ticket_no)
        said, _, hidden = texts.concealed(name, reason, NOTHING)
        own = replace(part, caller_name=name, phone="")
        at = self._clock.now()
        due = self._deadlines().of(own.appeal_type, own.urgency, own.callback_only, at)
        made, _ = await self._store.split(
            ticket_no,
            at.date(),
            lambda origin, no: lifecycle.split(origin, no, own, due, texts.actor(who), at, said),
            expected=expected,
            key=texts.request(who, key),
            hidden=(*texts.numbers_of(own), *hidden),
        )
        return as_seen(who.role, made)

    async def merge(
        self,
        who: Account,
        into: TicketNo,
        others: Mapping[TicketNo, int | None],
        *,
        reason: str,
        expected: int | None = None,
        key: str = "",
    ) -> tuple[Ticket, ...]:
        """并单: `others` end in one that goes on, all or none; that one first.

        Args:
            others: number → version this account saw. expected: of the one that goes on.
            key: of the request, so that it may be sent again.
        """
        self._permit(who, TicketAction.MERGE)
        await self._all_seen(who, into, others)
        said, _, hidden = texts.concealed("", reason, NOTHING)
        at, by = self._clock.now(), texts.actor(who)
        told = f"并入工单{'；'.join(others)}：{said}"  # a comma would make one long number of them

        def goes_on(ticket: Ticket) -> Moved:
            return transition(ticket, TicketAction.SUPPLEMENT, by, at, told)

        def ends(ticket: Ticket) -> Moved:
            return transition(ticket, TicketAction.MERGE, by, at, said, Given(merge_parent=into))

        steps: dict[TicketNo, Step] = {into: goes_on, **dict.fromkeys(others, ends)}
        done = await self._several(who, steps, {into: expected, **others}, key, hidden)
        _same(done[0][1].action is TicketAction.SUPPLEMENT)
        _same(all(_target(event, "merge_parent") == into for _, event in done[1:]))
        return self._shown(who, done)

    async def group(
        self,
        who: Account,
        parent: TicketNo,
        members: Mapping[TicketNo, int | None],
        *,
        reason: str = "",
        key: str = "",
    ) -> tuple[Ticket, ...]:
        """群诉: `members` hang on `parent`, each keeps its number and gets its reply; `key` as in `merge`."""
        self._permit(who, TicketAction.GROUP)
        head = await self._all_seen(who, parent, members)
        if head.group is not None:
            raise VoicebotError("ticket.illegal_move", f"工单{parent}自己在群诉{head.group}里，请并入那一件")
        said, _, hidden = texts.concealed("", reason, NOTHING)
        at, by = self._clock.now(), texts.actor(who)

        def joins(ticket: Ticket) -> Moved:
            return transition(ticket, TicketAction.GROUP, by, at, said, Given(group=parent))

        done = await self._several(who, dict.fromkeys(members, joins), members, key, hidden)
        _same(all(_target(event, "group") == parent for _, event in done))
        return self._shown(who, done)

    async def _several(
        self,
        who: Account,
        steps: Mapping[TicketNo, Step],
        versions: Mapping[TicketNo, int | None],
        key: str,
        hidden: tuple[str, ...],
    ) -> tuple[Moved, ...]:
        expected = {no: version for no, version in versions.items() if version is not None}
        request = texts.request(who, key)
        return await self._store.change_all(steps, expected=expected, key=request, hidden=hidden)

    def _shown(self, who: Account, done: Iterable[Moved]) -> tuple[Ticket, ...]:
        return tuple(as_seen(who.role, ticket) for ticket, _ in done)

    def _permit(self, who: Account, action: TicketAction) -> None:
        if not may(who.role, action):
            raise VoicebotError("ticket.forbidden", f"您的角色不能{RULES[action].name}")

    async def _all_seen(self, who: Account, head: TicketNo, rest: Mapping[TicketNo, int | None]) -> Ticket:
        if not rest or len(rest) > MOST:
            raise VoicebotError("ticket.incomplete", f"一次要有1到{MOST}件工单")
        if head in rest:
            raise VoicebotError("ticket.incomplete", "不能并入自己")
        for number in rest:
            await self._seen(who, number)
        return await self._seen(who, head)

    async def _name(self, ticket_no: TicketNo) -> str:
        """To mask it where it stands in a text."""
        contact = await self._store.contact(ticket_no)
        return contact.name if contact else ""


def _target(event: TicketEvent, field: str) -> object:
    """What a move set a field to; None when it did not."""
    return next((change.after for change in event.changes if change.field == field), None)


def _same(request: bool) -> None:
    """Raises when what is stored under a request's key was another request."""
    if not request:
        raise VoicebotError("ticket.key_reused", "这个 Idempotency-Key 已经用在另一个请求上")
