"""Keeps the media gate of one call: it closes with each SDP and widens when nothing comes through."""

import asyncio
from itertools import pairwise
from typing import Final

import structlog
from baresip import Call
from baresip.events import Event, StackEvent

from voicebot.adapters.sip.media_gate import Room, confine, packets

log = structlog.get_logger()

CALLED: Final = (Room.ANNOUNCED, Room.ADDRESS)
DIALLED: Final = (Room.ANNOUNCED, Room.ANY)
"""The stack does not tell where the answer to our INVITE came from: behind NAT that may be elsewhere."""

DEAF: Final = 1.0
"""Seconds without a packet after which the gate is taken to be too narrow."""


class MediaWatch:
    """Belongs to the event loop's thread; `close` it with the line.

    Args:
        sip_source: address the call's INVITE came from; "" when unknown.
        rooms: from narrow to wide.
    """

    def __init__(self, call: Call, sip_source: str, rooms: tuple[Room, ...]) -> None:
        self._call = call
        self._source = sip_source
        self._wider = dict(pairwise(rooms))
        self._room = rooms[0]
        self._narrowest = rooms[0]
        self._before = 0
        self._timer: asyncio.TimerHandle | None = None
        call.on(self._on_event)
        self._confine(rooms[0])

    def _on_event(self, event: StackEvent) -> None:
        match event.event:
            case Event.CALL_REMOTE_SDP | Event.CALL_ESTABLISHED:
                self._confine(self._narrowest)
                self._before = packets(self._call.call_id or "")
                self._wait()
            case Event.CALL_CLOSED:
                self.close()
            case _:
                pass

    def _confine(self, room: Room) -> None:
        self._room = room
        confine(self._call.call_id or "", self._source, room)

    def _wait(self) -> None:
        self.close()
        if self._room in self._wider:
            self._timer = asyncio.get_running_loop().call_later(DEAF, self._look)

    def _look(self) -> None:
        if packets(self._call.call_id or "") == self._before:
            self._confine(self._wider[self._room])
            log.info("sip.media_from_elsewhere", room=self._room.value)
            self._wait()

    def close(self) -> None:
        """Nothing is widened any more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
