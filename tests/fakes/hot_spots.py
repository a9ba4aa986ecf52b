"""Hot spots over the dict of tickets."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from tests.fakes.tickets import DictTicketStore
from voicebot.operations.hot_spots import HotSpot, Judged
from voicebot.tickets.hotspots import WINDOW, HotSpotOptions, Level, Reported
from voicebot.tickets.spots import SpotKey, spots_of


class DictHotSpots:
    """Implements `voicebot.operations.hot_spots.HotSpotBook`; a ticket counts as soon as it is stored."""

    def __init__(self, store: DictTicketStore) -> None:
        self._store = store
        self._alarms: dict[tuple[str, str, Level], HotSpot] = {}
        self.told: list[HotSpot] = []

    async def warm(
        self, now: datetime, options: HotSpotOptions, limit: int
    ) -> Sequence[tuple[SpotKey, Sequence[Reported]]]:
        found: dict[tuple[str, str], tuple[SpotKey, list[Reported]]] = {}
        for no, ticket in sorted(self._store.tickets.items()):
            contact = await self._store.contact(ticket.ticket_no)
            assert contact is not None, no
            for key in spots_of(ticket):
                reports = found.setdefault((key.place, key.kind), (key, []))[1]
                caller = contact.phone or contact.caller
                reports.append(Reported(key.place, key.kind, caller, ticket.accepted_at))
        oldest = now - WINDOW - timedelta(days=options.days)
        return [(key, [r for r in reports if oldest < r.at <= now]) for key, reports in found.values()][
            :limit
        ]

    async def keep(self, judged: Sequence[Judged], now: datetime) -> Sequence[HotSpot]:
        made = []
        for each in judged:
            key, found = each.key, each.heat
            for level, reason in found.levels:
                known = self._alarms.get((key.place, key.kind, level))
                fresh = HotSpot(key, level, now, now, found.callers, found.mean, reason)
                if known is None:
                    made.append(fresh)
                self._alarms[key.place, key.kind, level] = replace(fresh, since=(known or fresh).since)
            if not each.lasts:
                for level in Level:
                    self._alarms.pop((key.place, key.kind, level), None)
        self.told += made
        return made

    async def lasting(self) -> Sequence[HotSpot]:
        return sorted(self._alarms.values(), key=lambda a: (a.level is not Level.GROUP, -a.since.timestamp()))

    async def forget(self, before: datetime) -> None:
        """Nothing is kept beside the tickets."""
