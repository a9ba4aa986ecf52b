"""Wires talks: the queue's switchboard, the door for seats in the browser, orders over the bus."""

import secrets
from dataclasses import dataclass
from typing import Final

from voicebot.adapters.bus.talks import serve_talks
from voicebot.adapters.db.accounts import SqlAccounts
from voicebot.adapters.db.database import Database
from voicebot.adapters.sip.trunk import SipTrunk
from voicebot.adapters.websocket.seat_door import SeatDoor
from voicebot.bootstrap.seats import SeatHall
from voicebot.calls.announcing import Announcer
from voicebot.calls.callers import CallerBook
from voicebot.calls.queueing import QueueSwitchboard
from voicebot.calls.seat_lines import SeatLines
from voicebot.calls.switchboard import SeatSwitchboard
from voicebot.calls.talk import TalkParts
from voicebot.calls.talk_orders import RunningTalks
from voicebot.core.clock import Clock
from voicebot.core.ids import SeatId
from voicebot.operations.bus import Bus
from voicebot.operations.ports import Role
from voicebot.settings import Settings
from voicebot.speech.ports import Synthesizer, VoiceSettings

SUPERVISORS: Final = frozenset({Role.SUPERVISOR, Role.ADMIN})


class AccountRights:
    """Implements `voicebot.calls.seat_ports.Rights`: what an account's role allows now."""

    def __init__(self, accounts: SqlAccounts) -> None:
        self._accounts = accounts

    async def supervises(self, by: SeatId) -> bool:
        found = (each for each in await self._accounts.accounts() if each.name == by)
        return any(each.role in SUPERVISORS for each in found)


@dataclass(frozen=True, slots=True)
class TalkHall:
    """The talks of one line process.

    Args:
        line_id: tells this process from all others, those before a restart too.
    """

    switchboard: QueueSwitchboard
    door: SeatDoor
    talks: RunningTalks
    line_id: str

    async def serve(self, bus: Bus) -> None:
        """Orders are taken from now on."""
        await serve_talks(bus, self.line_id, self.talks, self.door.issue)


def open_talks(
    settings: Settings,
    database: Database,
    hall: SeatHall,
    trunk: SipTrunk,
    synthesizer: Synthesizer,
    voice: VoiceSettings,
    clock: Clock,
    callers: CallerBook,
) -> TalkHall:
    rules = hall.rules
    door = SeatDoor(settings.websocket, clock, f"ws://127.0.0.1:{settings.http.line_port}")
    lines = SeatLines(trunk, door, settings.seat, trunk)
    parts = TalkParts(hall.desk, lines, Announcer(synthesizer, voice), clock, settings.seat, rules)
    talks = RunningTalks(AccountRights(SqlAccounts(database, clock)))
    line_id = secrets.token_hex(6)
    addresses = SeatSwitchboard(trunk, settings.seat, clock)
    return TalkHall(QueueSwitchboard(parts, addresses, talks, line_id, callers), door, talks, line_id)
