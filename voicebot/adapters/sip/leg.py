"""One SIP call as the `FarEnd` of a line."""

import asyncio
import contextlib
from typing import Final
from urllib.parse import quote

import baresip
import structlog
from baresip import Call, CallState
from baresip.events import Event, StackEvent

from voicebot.adapters.sip.failures import stack_failed
from voicebot.core.audio import BYTES_PER_SAMPLE
from voicebot.core.errors import VoicebotError

log = structlog.get_logger()

ACK_WITHIN: Final = 32.0
"""Seconds until an answer without ACK is given up (RFC 3261: 64 · T1)."""

PROVISIONAL_WITHIN: Final = 1.0
"""Seconds that giving up waits for a first answer of the far end."""

TRANSFER_WITHIN: Final = 30.0
"""Seconds to wait for the far end's report about a REFER."""

_NO_SOUND: Final = (baresip.AudioNotActive, baresip.AudioRestarted)


class SipLeg:
    """Sound, counts and commands of one baresip call; belongs to the event loop's thread.

    The native ring is replaced at each renegotiation (hold, resume, re-INVITE): what was in it is
    lost, and the counts go on from what had been played until then.
    """

    def __init__(self, call: Call) -> None:
        self.call = call
        self._established = asyncio.Event()
        self._provisional = asyncio.Event()
        self._answered_at: float | None = None
        self._given_up = False
        self._taken = 0
        self._played_before = 0
        """Played from rings that are gone."""
        self._written = 0
        """Written to the present ring."""
        self._played_here = 0
        """Played from the present ring, as last seen."""
        self._ring = 0
        self._epoch: int | None = None
        if call.state is CallState.ESTABLISHED:
            self._established.set()
        call.on(self._on_event)

    def _on_event(self, event: StackEvent) -> None:
        if event.event in (Event.CALL_ESTABLISHED, Event.CALL_CLOSED):
            self._established.set()
        if event.event in (
            Event.CALL_RINGING,
            Event.CALL_PROGRESS,
            Event.CALL_ESTABLISHED,
            Event.CALL_CLOSED,
        ):
            self._provisional.set()

    @property
    def closed(self) -> bool:
        return self.call.state is CallState.CLOSED

    # ── sound ───────────────────────────────────────────────────────────────────────────────

    def read(self, most: int) -> tuple[bytes, int]:
        """Up to `most` bytes of the caller's sound, and the bytes that wait behind them."""
        try:
            pcm = self.call.audio.read(most)
            return pcm, self.call.audio.info().rx_buffered if len(pcm) == most else 0
        except _NO_SOUND:
            return b"", 0

    def write(self, pcm: bytes) -> bool:
        """Puts sound into the native ring; False when there is none now (held): it is lost."""
        samples = len(pcm) // BYTES_PER_SAMPLE
        self._taken += samples
        self._look()
        try:
            accepted = self.call.audio.write(pcm)
        except _NO_SOUND:
            return False
        self._written += accepted // BYTES_PER_SAMPLE
        return bool(accepted)

    def flush(self) -> None:
        """Empties the ring; at most one packet that is with the encoder still goes out."""
        with contextlib.suppress(*_NO_SOUND):
            self.call.audio.flush_tx()

    def _look(self) -> None:
        """Refreshes the counts from the ring, and notices when it is another one."""
        try:
            stats = self.call.audio.stats()
            # The binding tells of a new ring by an exception, but not when `stats` is what comes
            # upon it first; its own mark of the ring it is bound to is the only other sign.
            epoch = self.call.audio._bound_epoch
        except _NO_SOUND:
            epoch = None
        if epoch != self._epoch or epoch is None:
            self._played_before += self._played_here
            self._played_here = self._written = self._ring = 0
            self._epoch = epoch
        if epoch is not None:
            self._ring = stats.tx_buffered // BYTES_PER_SAMPLE
            flushed = stats.tx_flushed_bytes // BYTES_PER_SAMPLE
            self._played_here = max(self._played_here, self._written - self._ring - flushed)

    # ── FarEnd ──────────────────────────────────────────────────────────────────────────────

    def taken(self) -> int:
        return self._taken

    def ahead(self) -> int:
        self._look()
        return self._ring

    def played(self) -> int:
        self._look()
        return self._played_before + self._played_here

    async def answer(self) -> None:
        """200 OK, then waits for the ACK: sound sent before it would be lost. A call that we made has been
        answered by the far end."""
        if self._established.is_set():
            return
        try:
            await self.call.answer()
            self._answered_at = asyncio.get_running_loop().time()
            async with asyncio.timeout(ACK_WITHIN):
                await self._established.wait()
            if self._given_up:
                raise TimeoutError
        except baresip.StaleHandleError:
            return  # cancelled meanwhile; the line says so
        except TimeoutError as late:
            await self.hang_up()
            raise VoicebotError("sip.no_ack", "the caller's side never confirmed our answer") from late
        except baresip.BaresipError as error:
            raise stack_failed(error) from error

    def half_open(self) -> float:
        """Seconds that the far end owes us the ACK to our answer; 0 when it does not."""
        if self._answered_at is None or self._established.is_set():
            return 0.0
        return asyncio.get_running_loop().time() - self._answered_at

    def stop_waiting(self) -> None:
        """`answer` fails now with ``sip.no_ack``."""
        self._given_up = True
        self._established.set()

    async def transfer(self, target: str, reference: str) -> bool:
        uri = target
        if reference:
            uri += ("&" if "?" in target else "?") + "User-to-User=" + quote(user_to_user(reference), safe="")
        try:
            await self.call.transfer(uri, timeout=TRANSFER_WITHIN)
        except (baresip.BaresipError, ValueError) as refused:
            log.warning("sip.transfer_failed", target=target, error=str(refused))
            return False
        return True

    async def send_keys(self, keys: str) -> bool:
        try:
            await self.call.send_dtmf(keys)
        except (baresip.BaresipError, ValueError) as refused:
            log.warning("sip.keys_not_sent", error=str(refused))
            return False
        return True

    async def hang_up(self) -> None:
        if self.closed:
            return
        try:
            await self.call.hangup()
        except baresip.StaleHandleError:
            return
        except baresip.BaresipError as error:
            log.error("sip.hang_up_failed", error=str(error))

    async def give_up(self) -> None:
        """Ends an outgoing call that nobody has taken yet. A CANCEL may only follow a provisional
        answer (RFC 3261 §9.1), and the stack sends none at all when it is told before that."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PROVISIONAL_WITHIN):
                await self._provisional.wait()
        await self.hang_up()

    async def refuse(self) -> None:
        """486 Busy Here, the one refusal the stack offers."""
        try:
            await self.call.reject()
        except baresip.StaleHandleError:
            return
        except baresip.BaresipError as error:
            log.error("sip.refuse_failed", error=str(error))


def user_to_user(reference: str) -> str:
    """Value of User-to-User (RFC 7433) that carries the id of a call record."""
    return reference.encode().hex() + ";encoding=hex"
