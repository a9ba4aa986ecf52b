"""`/api/v1/events`: what happens to tickets, as a stream of server-sent events (docs/api.md)."""

import json
from collections.abc import AsyncIterator
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Header, Query
from fastapi.responses import StreamingResponse

from voicebot.core.clock import Clock
from voicebot.operations.event_feed import EventFeed, FeedEvent, FeedWatch, whole
from voicebot.web.gate import TICKETS
from voicebot.web.ports import Account, Role
from voicebot.web.problems import Refusal
from voicebot.web.ticket_api import PROBLEMS

BATCH: Final = 100
"""Events that are held for one reader; the next are read when it has taken these."""
HEARTBEAT: Final = 15.0
LONGEST: Final = 30 * 60.0
"""Seconds; then the reader comes again with its last id, and its account is asked for again."""
READERS_AT_ONCE: Final = 100
"""Streams of one process."""

Resume = Annotated[str | None, Header(alias="Last-Event-ID", pattern=r"^\d{1,18}$")]


def stream_router(feed: EventFeed, clock: Clock, heartbeat: float = HEARTBEAT) -> APIRouter:
    """
    Args:
        heartbeat: seconds of silence after which a comment is sent, so that proxies keep the connection.
    """
    router = APIRouter(prefix="/api/v1", responses=PROBLEMS, tags=["events"])
    watch, readers = FeedWatch(feed, clock), set[object]()

    @router.get("/events", response_class=StreamingResponse)
    async def events(
        who: Annotated[Account, Depends(TICKETS)],
        after: Annotated[
            int | None,
            Query(ge=0, le=2**62, description="id of the last event that was seen; none: from now on"),
        ] = None,
        department: Annotated[list[str] | None, Query(max_length=20, description="units that lead")] = None,
        resume: Resume = None,
    ) -> StreamingResponse:
        """Events as they happen, `text/event-stream`: `id`, `event` (the subject) and `data` (JSON, no
        personal data). A reader that comes again with `Last-Event-ID` misses nothing. Units get what they
        lead."""
        if len(readers) >= READERS_AT_ONCE:
            raise Refusal(503, "events.too_many", "同时打开的事件流太多，请稍后再试", {"Retry-After": "30"})
        begin = int(resume) if resume is not None else after
        position = await feed.last() if begin is None else begin
        units = frozenset(department or ())
        if who.role is Role.HANDLER:
            own = frozenset({who.department}) if who.department else frozenset[str]()
            units = own & units if units else own
        wanted = None if not units and who.role is not Role.HANDLER else units

        async def lines() -> AsyncIterator[str]:
            reader = object()
            readers.add(reader)
            try:
                async for line in _lines(feed, watch, clock, position, wanted, heartbeat):
                    yield line
            finally:
                readers.discard(reader)

        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(lines(), media_type="text/event-stream", headers=headers)

    return router


async def _lines(
    feed: EventFeed,
    watch: FeedWatch,
    clock: Clock,
    position: int,
    units: frozenset[str] | None,
    heartbeat: float,
) -> AsyncIterator[str]:
    """Args: units: that lead; None: all."""
    end = clock.monotonic() + LONGEST
    yield "retry: 3000\n\n"
    while clock.monotonic() < end:
        found = await whole(feed.after(position, BATCH))
        for event in found:
            position = event.id
            if units is None or event.department in units:
                yield _written(event)
        if len(found) == BATCH:
            continue
        if not await watch.news(position, heartbeat):
            yield ": still here\n\n"
        elif not found:
            position = await _beyond(feed, position)


async def _beyond(feed: EventFeed, position: int) -> int:
    """Behind events that are of no ticket, so that nobody looks at them again and again."""
    newest = await whole(feed.last())
    return position if await whole(feed.after(position, 1)) else max(position, newest)


def _written(event: FeedEvent) -> str:
    data = json.dumps({"at": event.at.isoformat(), **event.body}, ensure_ascii=False, separators=(",", ":"))
    return f"id: {event.id}\nevent: {event.subject}\ndata: {data}\n\n"
