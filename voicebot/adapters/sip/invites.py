"""Facts of an INVITE that the binding does not hand out: where it came from, and what it offered.

baresip tells of a call's peer, but not which address sent the request, nor the request URI, nor
the offer. Its SIP trace (a log line per message) has all three, so we read them from there.
"""

import asyncio
import contextlib
import logging
import re
import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

KEPT: Final = 500
"""INVITEs remembered; a flood pushes out the oldest, which then counts as from an unknown source."""

_START: Final = re.compile(r"RX (\w+) ([^ ]+):(\d+) -> [^\n]*\nINVITE (\S+) SIP/2\.0\r?\n")
_CALL_ID: Final = re.compile(r"(?im)^(?:call-id|i)[ \t]*:[ \t]*(\S+)")
_PRIVACY: Final = re.compile(r"(?im)^privacy[ \t]*:[ \t]*(\S+)")


@dataclass(frozen=True, slots=True)
class Invite:
    """One INVITE as it came in.

    Args:
        source: address of the sender, as the socket saw it.
        offered: it carried an SDP offer.
        telephone_event: the offer has RFC 4733 events.
    """

    call_id: str
    source: str
    request_uri: str
    privacy: str
    offered: bool
    telephone_event: bool


def parse_trace(text: str) -> Invite | None:
    """The INVITE in one record of the SIP trace; None when it holds something else.

    Args:
        text: ``RX UDP 10.0.0.1:5060 -> 10.0.0.2:5060`` and the message, lines ending in CRLF.
    """
    start = _START.match(text)
    if start is None:
        return None
    head, _, body = ("\r\n" + text[start.end() :]).partition("\r\n\r\n")
    call_id = _CALL_ID.search(head)
    if call_id is None:
        return None
    privacy = _PRIVACY.search(head)
    return Invite(
        call_id=call_id[1],
        source=start[2].strip("[]"),
        request_uri=start[4],
        privacy=privacy[1] if privacy else "",
        offered="m=audio" in body,
        telephone_event="telephone-event" in body.lower(),
    )


class InviteWatch(logging.Handler):
    """Remembers the INVITEs in the SIP trace; `install` takes over the trace's logger.

    Records arrive on the stack's log thread, a moment before or after the call itself is
    reported on the event loop.
    """

    LOGGER: Final = "baresip.native.sip"

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self._invites: OrderedDict[str, Invite] = OrderedDict()
        self._guard = threading.Lock()
        self._waiting: dict[str, asyncio.Event] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._before = (logging.NOTSET, True)

    def install(self) -> None:
        """Call on the event loop."""
        logger = logging.getLogger(self.LOGGER)
        self._loop = asyncio.get_running_loop()
        self._before = (logger.level, logger.propagate)
        logger.addHandler(self)
        logger.setLevel(logging.DEBUG)
        logger.propagate = False  # the trace holds phone numbers, it is for us alone

    def uninstall(self) -> None:
        logger = logging.getLogger(self.LOGGER)
        logger.removeHandler(self)
        logger.setLevel(self._before[0])
        logger.propagate = self._before[1]
        self._loop = None

    def emit(self, record: logging.LogRecord) -> None:
        invite = parse_trace(record.getMessage())
        if invite is None:
            return
        with self._guard:
            # The first one counts: a re-INVITE must not replace the facts of the call.
            self._invites.setdefault(invite.call_id, invite)
            while len(self._invites) > KEPT:
                self._invites.popitem(last=False)
        loop = self._loop
        if loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop has just been closed
                loop.call_soon_threadsafe(self._tell, invite.call_id)

    def _tell(self, call_id: str) -> None:
        if (waiting := self._waiting.get(call_id)) is not None:
            waiting.set()

    def _take(self, call_id: str) -> Invite | None:
        with self._guard:
            return self._invites.pop(call_id, None)

    async def invite(self, call_id: str, timeout: float = 0.3) -> Invite | None:
        """The INVITE of a call, taken out; None when the trace does not show it in `timeout` s."""
        if (known := self._take(call_id)) is not None:
            return known
        waiting = self._waiting[call_id] = asyncio.Event()
        try:
            if (known := self._take(call_id)) is not None:
                return known
            async with asyncio.timeout(timeout):
                await waiting.wait()
        except TimeoutError:
            return None
        finally:
            del self._waiting[call_id]
        return self._take(call_id)
