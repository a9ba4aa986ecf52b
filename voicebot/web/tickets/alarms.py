"""热点预警 above the list: one line for each alarm that lasts."""

from datetime import timedelta
from typing import Final

from voicebot.operations.hot_spots import HotSpot
from voicebot.tickets.hotspots import Level
from voicebot.web.shell.widgets import box, link, text
from voicebot.web.tickets import asking
from voicebot.web.tickets.who import Visit
from voicebot.web.tickets.words import moment

SHOWN: Final = 4


class Alarms:
    """Drawn anew when an alarm has changed; takes no place while there is none."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._shown: list[HotSpot] = []
        self._room = box("alarms")
        self._room.props.update({"role": "status", "aria-label": "热点预警"})

    async def refresh(self) -> None:
        lasting = _worst(list(await self._visit.deps.hot_spots.lasting(self._visit.account)))
        if lasting == self._shown:
            return
        self._shown = lasting
        self._room.clear()
        with self._room:
            for alarm in lasting[:SHOWN]:
                self._show(alarm)
            if len(lasting) > SHOWN:
                text(f"另有 {len(lasting) - SHOWN} 处", "note")

    def _show(self, alarm: HotSpot) -> None:
        now = self._visit.desk.clock.now()
        since = alarm.since.astimezone(now.tzinfo)
        day = (since - timedelta(days=1)).date().isoformat()
        with box(f"alarm {'red' if alarm.level is Level.GROUP else 'amber'}"):
            text(f"热点{alarm.level}" if alarm.level is Level.WARNING else alarm.level, "mark")
            words = f"{alarm.key.name} {alarm.key.kind}"
            link(words, asking.address({"list": asking.ALL, "q": alarm.key.name, "by": "text", "since": day}))
            text(f"{alarm.reason}，{moment(alarm.since, now)} 起", "note")


def _worst(alarms: list[HotSpot]) -> list[HotSpot]:
    """The most serious alarm of each spot; they come in that order."""
    found: dict[tuple[str, str], HotSpot] = {}
    for alarm in alarms:
        found.setdefault((alarm.key.place, alarm.key.kind), alarm)
    return list(found.values())
