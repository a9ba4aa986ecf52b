"""One talk of a caller with a seat and whoever else takes part, from the first word to the last."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

import structlog

from voicebot.calls.announcing import Announcer
from voicebot.calls.conference import Conference, Member, Mode
from voicebot.calls.options import SeatOptions
from voicebot.calls.ports import Line, WaitingRoom
from voicebot.calls.seat_lines import SeatLines
from voicebot.core.clock import Clock
from voicebot.core.errors import VoicebotError
from voicebot.core.handover import HandoverEnd, HandoverOutcome
from voicebot.core.ids import CallId, SeatId
from voicebot.operations.seat_desk import SeatDesk
from voicebot.seats.contact import OVER, Contact, ContactState, Leg, Party, Talk
from voicebot.seats.moved import SeatRefused
from voicebot.seats.rules import SeatRules

log = structlog.get_logger(__name__)

RINGING, TALKING, HELD = "ringing", "talking", "held"
"""States of a leg."""
LOOK: Final = 1.0
"""Seconds between looks whether a seat still sends sound."""
QUIET: Final = 15.0
"""Seconds without any sound, not even silence, after which a seat that has been heard is gone."""
BROKEN: Final = frozenset({"lost", "rtp_timeout", "error", "silent", "max_duration"})
"""Ends of a seat's line that nobody meant."""
SPEAKERS: Final = frozenset({Party.SEAT, Party.OUTSIDE, Party.BARGE})
MODES: Final = {Party.MONITOR: Mode.HEARS, Party.WHISPER: Mode.WHISPERS}

SEAT_LOST: Final = "抱歉，话务员的线路断了。正在为您接另一位，您排在最前面。"
RETURNED: Final = HandoverEnd(HandoverOutcome.RETURNED)


@dataclass(frozen=True, slots=True)
class TalkParts:
    """What talks are made of; the same value serves all of a process."""

    desk: SeatDesk
    lines: SeatLines
    announcer: Announcer
    clock: Clock
    options: SeatOptions
    rules: Callable[[], SeatRules]


@dataclass(eq=False, slots=True)
class TalkLeg:
    """A party of the talk; without line and member while it is rung."""

    id: str
    party: Party
    name: str
    line: Line | None = None
    member: Member | None = None

    @property
    def speaks_with_caller(self) -> bool:
        return self.member is not None and self.party in SPEAKERS


class TalkRoom:
    """Who takes part, and when it is over. Orders are carried out by `TalkOrders`.

    Args:
        contact: as the seat accepted it.
        caller: the caller's leg in `talk`.
    """

    def __init__(
        self, contact: Contact, talk: Conference, caller: Member, parts: TalkParts, room: WaitingRoom
    ) -> None:
        self.call_id: Final[CallId] = contact.call_id
        self.contact = contact
        self.talk: Final = talk
        self.caller: Final = caller
        self.parts: Final = parts
        self.room: Final = room
        self.owner: SeatId | None = contact.seat
        """The seat that has the call; None when it is an outside party's alone."""
        self.legs: dict[str, TalkLeg] = {}
        self.over: asyncio.Future[HandoverEnd | None] = asyncio.get_running_loop().create_future()
        """How it ended; None: the caller waits again."""
        self.recording = room.record(True)
        self.moving = False
        """The caller is being handed on: the seat's end is not theirs."""
        self._losing = False
        self._dropped = room.dropped
        self._shown: dict[str, str] = {}
        """Leg → the state its screen shows."""
        self._count = 0
        self._storing = asyncio.Lock()

    # ── who takes part ──────────────────────────────────────────────────────────────────────

    def ring(self, party: Party, name: str) -> TalkLeg:
        """Somebody is rung."""
        self._count += 1
        leg = TalkLeg(str(self._count), party, name)
        self.legs[leg.id] = leg
        return leg

    def connect(self, leg: TalkLeg, line: Line) -> Member:
        """They have answered."""
        mode = MODES.get(leg.party, Mode.TALKS)
        leg.line = line
        leg.member = self.talk.join(leg.id, line, mode=mode, seat=leg.party is Party.SEAT)
        self.talk.spawn(self._until_gone(leg, leg.member))
        return leg.member

    def leg_of(self, name: str, *parties: Party) -> TalkLeg | None:
        """The leg of a seat or supervisor."""
        return next(
            (each for each in self.legs.values() if each.name == name and each.party in parties), None
        )

    @property
    def rung(self) -> TalkLeg | None:
        """Who is being rung to talk with the caller."""
        return next((x for x in self.legs.values() if x.member is None and x.party in SPEAKERS), None)

    async def drop(self, leg: TalkLeg) -> None:
        """They take no part any more."""
        self.legs.pop(leg.id, None)
        if leg.member is not None:
            self.talk.leave(leg.member)
        if leg.line is not None:
            await leg.line.hang_up("us")
        await self.changed()

    async def hold(self, held: bool) -> None:
        """The caller hears music, or is back."""
        self.caller.held = held
        if self.owner is not None:
            desk = self.parts.desk
            await quietly(desk.hold(self.owner) if held else desk.resume(self.owner))
        await self.changed()

    async def seat_leaves(self, leg: TalkLeg, *, broken: bool = False) -> None:
        """A seat's part is over. The call is another seat's then, or an outside party's; where there is
        neither, the caller waits again (`broken`), or goes on with us. While the caller is being handed
        on, what comes of that decides."""
        await self.drop(leg)
        if self.moving and leg.name == self.owner:
            return
        if leg.name != self.owner:
            await quietly(self.parts.desk.end_talk(self.call_id, SeatId(leg.name)))
            return
        others = [each for each in self.legs.values() if each.speaks_with_caller and each is not leg]
        heir = next((each for each in others if each.party is Party.SEAT), None)
        if heir is not None:
            await self.owned_by(SeatId(heir.name))
        elif any(each.party is Party.OUTSIDE for each in others):
            await self.left_to_outside()
        elif broken:
            await quietly(self.parts.desk.fail(self.owner, self.call_id))
            await self.lost()
        else:
            self.end(RETURNED)

    async def owned_by(self, heir: SeatId) -> None:
        """The call is that of another seat of the talk; the first one's part is over."""
        before, self.owner = self.owner, heir
        if before is not None:
            await quietly(self.parts.desk.hand_on(self.call_id, before, heir))
        self.caller.held = False
        await self.changed()

    async def left_to_outside(self) -> None:
        """The caller talks on with an outside party; no seat has the call any more."""
        before, self.owner = self.owner, None
        self.caller.held = False
        if before is not None:
            await quietly(self.parts.desk.end_talk(self.call_id, before))

    async def lost(self) -> None:
        """The seat is gone against everybody's will: the caller is told, and waits again."""
        if self._losing:
            return
        self._losing = True
        self.caller.held = False
        await self.parts.announcer.say(self.talk, SEAT_LOST, lambda member: member is self.caller)
        self.end(None)

    def end(self, how: HandoverEnd | None) -> None:
        if not self.over.done():
            self.over.set_result(how)

    # ── its life ────────────────────────────────────────────────────────────────────────────

    async def run(self) -> HandoverEnd | None:
        """Returns when it is over; None: the caller waits again."""
        await self.changed()
        self.talk.spawn(self._follow())
        return await self.over

    async def close(self) -> None:
        """Hangs up all but the caller; no seat has the call any more, unless it waits again."""
        legs, self.legs = list(self.legs.values()), {}
        for leg in legs:
            if leg.line is not None:
                await leg.line.hang_up("us")
        again = self.over.done() and not self.over.cancelled() and self.over.result() is None
        seats = {SeatId(leg.name) for leg in legs if leg.party is Party.SEAT and leg.member is not None}
        if self.owner is not None and not again:
            await quietly(self.parts.desk.end_talk(self.call_id, self.owner))
        for seat in seats - {self.owner}:
            await quietly(self.parts.desk.end_talk(self.call_id, seat))

    async def changed(self) -> None:
        """Stores how it looks now, for pages, and shows it to those who talk."""
        async with self._storing:
            for leg in tuple(self.legs.values()):
                shown = self._screen(leg)
                if leg.line is not None and self._shown.get(leg.id) != shown:
                    self._shown[leg.id] = shown
                    await leg.line.state(shown)
            if self.owner is not None:
                await quietly(self.parts.desk.talk_changed(self.call_id, self.view()))

    def _screen(self, leg: TalkLeg) -> str:
        if leg.party in MODES:
            return "listening"
        if self.moving:
            return "waiting"
        if self.caller.held:
            return "held"
        return "muted" if leg.member is not None and leg.member.muted else "talking"

    def view(self) -> Talk:
        owner = self.leg_of(self.owner or "", Party.SEAT)
        return Talk(
            legs=tuple(Leg(x.id, x.party, x.name, _state(x)) for x in self.legs.values()),
            held=self.caller.held,
            muted=owner is not None and owner.member is not None and owner.member.muted,
            recording=self.recording,
            dropped=self._dropped,
        )

    async def _until_gone(self, leg: TalkLeg, member: Member) -> None:
        while leg.id in self.legs:
            try:
                async with asyncio.timeout(LOOK):
                    await member.gone.wait()
            except TimeoutError:
                if self.room.dropped != self._dropped:
                    self._dropped = self.room.dropped
                    await self.changed()
                if leg.party is not Party.SEAT or not self._silent(member):
                    continue
                member.reason = "silent"
            break
        if leg.id not in self.legs:
            return
        log.info("left the talk", party=leg.party, name=leg.name, reason=member.reason)
        if leg.party is Party.SEAT:
            await self.seat_leaves(leg, broken=member.reason in BROKEN)
            return
        await self.drop(leg)
        if not self.moving and not any(each.speaks_with_caller for each in self.legs.values()):
            self.end(RETURNED)

    def _silent(self, member: Member) -> bool:
        limit = QUIET if member.came else self.parts.options.silent
        return not member.away and self.parts.clock.monotonic() - member.heard_at > limit

    async def _follow(self) -> None:
        """What others do with the call: its seat's page vanishes, a supervisor moves it."""
        try:
            async for contact in self.parts.desk.watch(self.call_id):
                self.contact = contact
                if self.owner is None or self.over.done():
                    return
                if self.moving:
                    continue  # what comes of that decides
                if contact.state in (ContactState.WAITING, ContactState.OFFERED):
                    await self.lost()
                elif contact.state in OVER:
                    self.end(RETURNED)
                elif contact.seat is not None and contact.seat != self.owner:
                    await self._taken_over(contact.seat)
        except VoicebotError as error:
            log.warning("the talk goes on unseen", code=error.code)

    async def _taken_over(self, heir: SeatId) -> None:
        """The seat's page vanished, and another seat of the talk has the call."""
        before, self.owner = self.owner, heir
        leg = self.leg_of(before or "", Party.SEAT)
        self.caller.held = False
        if leg is not None:
            await self.drop(leg)


def _state(leg: TalkLeg) -> str:
    if leg.member is None:
        return RINGING
    return HELD if leg.member.held else TALKING


async def quietly(move: Awaitable[Any]) -> None:
    """A move of rows on which the sound of a talk does not depend: what was refused, or could not be
    stored, is logged; the distributor clears up after us."""
    try:
        await move
    except SeatRefused as refused:
        log.info("move refused", code=refused.code)
    except VoicebotError as error:
        log.error("move not stored", code=error.code, error=error.message)
