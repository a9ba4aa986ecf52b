"""A caller of our own: SIP and RTP on plain sockets, no jitter buffer, a time stamp on each packet.

This is the "tape": both directions are stamped at the caller's sockets on one monotonic clock, so
a latency is the difference of two stamps. The benchmarks, `voicebot doctor` and the tests use it.
Run it in a process of its own when figures matter: the stamps are as good as its event loop.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Coroutine
from dataclasses import dataclass

from voicebot.adapters.sip.datagrams import Datagrams
from voicebot.adapters.sip.messages import Media, Message, make_sdp, parse_sdp
from voicebot.adapters.sip.peer_dialog import Dialog, PeerRefused
from voicebot.adapters.sip.peer_media import RATE, MediaStream, Stamped, Tape

__all__ = ["RATE", "PeerOptions", "PeerRefused", "RawPeer", "Stamped", "Tape"]


@dataclass(frozen=True, slots=True)
class PeerOptions:
    """How the caller calls.

    Args:
        user: user part of From; ``anonymous`` withholds the number.
        headers: further headers of the INVITE.
        codecs: offered, in order: ``pcma``, ``pcmu``, ``cn``, ``g729`` (which we cannot speak).
        ptime: ms per packet.
        telephone_event: offer RFC 4733.
        host: our address.
    """

    user: str = "13800138000"
    headers: tuple[tuple[str, str], ...] = ()
    codecs: tuple[str, ...] = ("pcma", "pcmu")
    ptime: int = 20
    telephone_event: bool = True
    host: str = "127.0.0.1"


class RawPeer:
    """One outgoing call; made by `RawPeer.to`."""

    def __init__(self, target: str, options: PeerOptions, signalling: Datagrams, sound: Datagrams) -> None:
        self._options = options
        self._sound = sound
        self._version = 0
        self._dialog = Dialog(target, options.user, signalling, self._describe)
        self._stream = MediaStream(sound, options.ptime)
        self._tasks: list[asyncio.Task[None]] = []

    @classmethod
    @contextlib.asynccontextmanager
    async def to(cls, target: str, options: PeerOptions | None = None) -> AsyncIterator["RawPeer"]:
        """A peer for `target` (``sip:12345@127.0.0.1:5060``) with its sockets open; leaving hangs up.

        >>> async with RawPeer.to("sip:12345@127.0.0.1:5060") as peer:     # doctest: +SKIP
        ...     await peer.call()
        ...     began = peer.play(pcm)
        ...     await peer.ended.wait()
        ...     peer.tape.heard()
        """
        options = options or PeerOptions()
        async with contextlib.AsyncExitStack() as stack:
            sockets = []
            for _ in range(2):
                opened = await Datagrams.open(options.host)
                stack.callback(opened.close)
                sockets.append(opened)
            peer = cls(target, options, *sockets)
            stack.push_async_callback(peer._close)
            peer._start("sip", peer._dialog.run())
            peer._start("rtp in", peer._stream.receive())
            yield peer

    def _start(self, name: str, work: Coroutine[None, None, None]) -> None:
        self._tasks.append(asyncio.create_task(work, name=f"peer {name}"))

    async def _close(self) -> None:
        try:
            await self._dialog.bye()
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.wait(self._tasks)

    # ── the call ────────────────────────────────────────────────────────────────────────────

    async def call(self, timeout: float = 10.0) -> float:
        """Calls, and sends silence from then on; seconds from INVITE to 200 OK.

        Raises:
            PeerRefused: another final answer, or none within `timeout`.
        """
        began = time.monotonic()
        answer = await self._dialog.invite("sendrecv", timeout, self._options.headers)
        took = time.monotonic() - began
        self._stream.start(parse_sdp(answer.body))
        self._start("rtp out", self._stream.send())
        return took

    async def call_and_cancel(self, after: float, timeout: float = 5.0) -> int:
        """Calls, cancels `after` s later; the status the call ended with (487)."""
        return await self._dialog.invite_and_cancel(after, timeout)

    async def hold(self) -> Media:
        """Re-INVITE with sendonly, and no more packets; the far end's answer."""
        self._stream.muted = True
        return parse_sdp((await self._dialog.invite("sendonly", 5.0)).body)

    async def resume(self) -> Media:
        answer = await self._dialog.invite("sendrecv", 5.0)
        self._stream.muted = False
        return parse_sdp(answer.body)

    async def bye(self) -> None:
        """Hangs up; does nothing when the call is over."""
        await self._dialog.bye()

    async def options(self, timeout: float = 2.0) -> int:
        """Status of an OPTIONS; raises PeerRefused (status 0) when nothing comes."""
        return await self._dialog.options(timeout)

    @property
    def ended(self) -> asyncio.Event:
        """Either side hung up."""
        return self._dialog.ended

    @property
    def requests(self) -> list[Message]:
        """What the far end asked in the dialogue, in order."""
        return self._dialog.requests

    @property
    def media(self) -> Media | None:
        """What was agreed; None before the answer."""
        return self._stream.media

    def send_raw(self, data: bytes) -> None:
        """Any bytes to the far end's SIP port."""
        self._dialog.send_raw(data)

    # ── sound ───────────────────────────────────────────────────────────────────────────────

    @property
    def tape(self) -> Tape:
        return self._stream.tape

    @property
    def step(self) -> float:
        """Seconds between packets."""
        return self._stream.step

    def play(self, pcm: bytes, at: float | None = None) -> float:
        """Plans s16 sound at 8 kHz; returns the monotonic time when its first packet leaves.

        Sample `n` leaves with the packet at ``result + floor(n / (8 * ptime)) * ptime / 1000``.

        Args:
            at: monotonic time, rounded up to a packet; at the soonest two packets from now.
        """
        return self._stream.play(pcm, at)

    def press(self, keys: str) -> None:
        """Sends RFC 4733 digits one after the other, 0.2 s each."""
        self._stream.press(keys)

    def mute(self, muted: bool) -> None:
        """Stops or starts the packets without a word to the far end."""
        self._stream.muted = muted

    def send_raw_rtp(self, data: bytes) -> None:
        """Any bytes to the far end's media port, from ours."""
        self._stream.send_raw(data)

    def _describe(self, direction: str) -> str:
        self._version += 1
        return make_sdp(
            self._options.host,
            self._sound.address[1],
            codecs=self._options.codecs,
            ptime=self._options.ptime,
            direction=direction,
            telephone_event=self._options.telephone_event,
            version=self._version,
        )
