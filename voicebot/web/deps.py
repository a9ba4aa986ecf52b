"""What `web_app` is built from."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from voicebot.core.clock import Clock
from voicebot.operations.event_feed import EventFeed
from voicebot.operations.hot_spots import HotSpotWatch
from voicebot.operations.seat_desk import SeatDesk
from voicebot.operations.similar import SimilarTickets
from voicebot.operations.talks import TalkDoors
from voicebot.operations.ticket_work import TicketWork
from voicebot.operations.webhooks import Webhooks
from voicebot.web.flows.desk import FlowDesk
from voicebot.web.options import WebOptions
from voicebot.web.ports import AccountStore, CallReader, StatusReader, UnansweredBook
from voicebot.web.seat.desk import SeatPages
from voicebot.web.tickets.desk import TicketPages


class MetricsSource(Protocol):
    """Figures of the other processes."""

    async def text(self) -> str:
        """Prometheus text, each line ended by a line feed; "" when nothing answers within 1 s."""
        ...


@dataclass(frozen=True, slots=True)
class WebDeps:
    """Ports and settings; `metrics` adds the figures of other processes to `/metrics`, `figures` those of
    what else this process does. With `flows` there is the administrators' page for them, with `desk` there
    are the pages for tickets, and `flows.mount.pages_running` must hold while they are served. With `doors`
    seats hear and speak (`/ws/seat`), with `seats` there are seats and a queue, with
    `console` the operators' pages."""

    accounts: AccountStore
    calls: CallReader
    work: TicketWork
    status: StatusReader
    clock: Clock
    options: WebOptions
    unanswered: UnansweredBook
    feed: EventFeed
    hooks: Webhooks
    similar: SimilarTickets
    hot_spots: HotSpotWatch
    metrics: MetricsSource | None = None
    figures: Callable[[], str] = lambda: ""
    flows: FlowDesk | None = None
    doors: TalkDoors | None = None
    desk: TicketPages | None = None
    seats: SeatDesk | None = None
    console: SeatPages | None = None
