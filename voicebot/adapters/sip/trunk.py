"""The SIP trunk: calls in and out as `Line`s."""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from typing import Final

import structlog
from baresip import Call

from voicebot.adapters.pipecat_line import PipecatLine
from voicebot.adapters.sip.caller import caller, dialled, number
from voicebot.adapters.sip.dialling import ring
from voicebot.adapters.sip.invites import Invite
from voicebot.adapters.sip.leg import SipLeg, user_to_user
from voicebot.adapters.sip.media_gate import Room
from voicebot.adapters.sip.media_watch import CALLED, DIALLED, MediaWatch
from voicebot.adapters.sip.options import LOOPBACK, PRIVATE, Network, SipOptions, contains, networks
from voicebot.adapters.sip.sip_line import sip_line
from voicebot.adapters.sip.stack import Stack
from voicebot.adapters.sip.transport import RATE
from voicebot.calls.ports import Line, LineInfo, Unanswered
from voicebot.core.clock import Clock
from voicebot.core.errors import VoicebotError
from voicebot.core.handover import HandoverOutcome
from voicebot.core.ids import CallId
from voicebot.core.ringing import may_ring

log = structlog.get_logger()

_HANDED: Final = {
    Unanswered.BUSY: HandoverOutcome.BUSY,
    Unanswered.REFUSED: HandoverOutcome.BUSY,
    Unanswered.NO_ANSWER: HandoverOutcome.NO_ANSWER,
    Unanswered.UNREACHABLE: HandoverOutcome.FAILED,
    Unanswered.FAILED: HandoverOutcome.FAILED,
}

OnCall = Callable[[Line], Awaitable[None]]
OnMissed = Callable[[str], Awaitable[None]]


class SipTrunk:
    """Takes and makes calls; also the ports `Dialer` and `Outward` of `calls`. One per process.

    All methods belong to the event loop's thread.

    Args:
        options: limits and addresses.
        clock: wall time for call ids, monotonic time for sound.
    """

    def __init__(self, options: SipOptions, clock: Clock) -> None:
        self._options = options
        self._clock = clock
        self._trusted = networks("trusted_trunks", options.trusted_trunks)
        self._allowed: tuple[Network, ...] = ()
        self._stack = Stack(options, self._incoming, self._died)
        self._on_call: OnCall | None = None
        self._on_missed: OnMissed | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._lines: dict[PipecatLine, SipLeg] = {}
        self._callers: set[SipLeg] = set()
        self._draining = False

    # ── life ────────────────────────────────────────────────────────────────────────────────

    async def start(self, on_call: OnCall, on_missed: OnMissed | None = None) -> None:
        """Listens and registers; `on_call` gets each incoming call, ringing, and has it until it
        returns (the line is hung up then). `on_missed` is told the number of who found all lines taken.

        Raises:
            VoicebotError: ``sip.address_in_use``, ``sip.no_such_address``, ``sip.start``.
        """
        self._on_call, self._on_missed = on_call, on_missed
        wanted = self._options.allow_sources
        allowed = networks("allow_sources", wanted or (*PRIVATE, *LOOPBACK))
        self._allowed = await self._stack.start(allowed, with_own=not wanted)
        log.info("sip.listening", addresses=self.addresses, allowed=[str(each) for each in self._allowed])

    async def drain(self, timeout: float) -> bool:
        """Refuses new calls from now on and waits for the running ones, which may still dial; True
        when all ended within `timeout` s."""
        self._draining = True
        deadline = asyncio.get_running_loop().time() + timeout
        while self._tasks and (left := deadline - asyncio.get_running_loop().time()) > 0:
            await asyncio.wait(self._tasks, timeout=left)
        return not self._tasks

    async def stop(self) -> None:
        """Hangs up what is left, unregisters, frees the addresses."""
        self._draining = True
        for line, leg in list(self._lines.items()):
            await self._end(line, leg, "us")
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=5.0)
        for task in list(self._tasks):
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        await self._stack.stop()

    @property
    def addresses(self) -> tuple[str, ...]:
        """``host:port`` where it listens."""
        return self._stack.addresses

    @property
    def registered(self) -> bool:
        """The registrar knows us; False without one."""
        return self._stack.registered

    @property
    def alive(self) -> bool:
        """False once the stack died; only a new process helps then."""
        return self._stack.alive

    @property
    def callers(self) -> int:
        """Incoming calls now."""
        return len(self._callers)

    def _died(self) -> None:
        log.critical("sip.dead", remedy="restart the process")
        for line in list(self._lines):
            line.gone("lost")

    def _spawn(self, work: Coroutine[None, None, None], name: str) -> asyncio.Task[None]:
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("sip.call_failed", task=task.get_name(), exc_info=error)

    # ── calls in ────────────────────────────────────────────────────────────────────────────

    def _incoming(self, call: Call) -> None:
        self._spawn(self._admit(call), f"sip in {call.call_id}")

    async def _admit(self, call: Call) -> None:
        leg = SipLeg(call)
        full = len(self._callers) >= self._options.max_calls and not self._make_room()
        if self._draining or full:
            log.warning("sip.refused", reason="draining" if self._draining else "max_calls")
            await leg.refuse()
            if not self._draining:
                await self._missed(call)
            return
        self._callers.add(leg)
        try:
            invite = await self._stack.invites.invite(call.call_id or "")
            if not self._may_call(invite):
                log.warning("sip.refused", reason="source", source=invite.source if invite else "unknown")
                await leg.refuse()
                return
            source = invite.source if invite is not None else ""
            inband = self._listen_for_tones(invite)
            with self._gate(call, source, CALLED):
                await self._serve(leg, self._info_in(call, invite), inband=inband)
        finally:
            await leg.hang_up()
            self._callers.discard(leg)

    async def _missed(self, call: Call) -> None:
        """Somebody whom we had no line for may be rung back, if they are let in and say who they are."""
        invite = await self._stack.invites.invite(call.call_id or "")
        number = self._info_in(call, invite).caller
        if self._on_missed is not None and number and self._may_call(invite):
            await self._on_missed(number)

    def _make_room(self) -> bool:
        """Gives up the call whose ACK is overdue longest: half-open calls must not keep others out."""
        oldest = max(self._callers, key=SipLeg.half_open, default=None)
        if oldest is None or oldest.half_open() < self._options.half_open:
            return False
        log.warning("sip.half_open_given_up", waited=round(oldest.half_open(), 1))
        oldest.stop_waiting()
        return True

    def _may_call(self, invite: Invite | None) -> bool:
        """The kernel has dropped the others already, where it can; else this check stands alone."""
        if invite is None:
            return self._stack.gated
        return contains(self._allowed, invite.source)

    def _listen_for_tones(self, invite: Invite | None) -> bool:
        """Also for a late offer, when we cannot know: a first telephone-event ends it."""
        agreed = invite is not None and invite.offered and invite.telephone_event
        return self._options.inband_digits and not agreed

    def _info_in(self, call: Call, invite: Invite | None) -> LineInfo:
        headers = call.headers
        return LineInfo(
            call_id=self._call_id(),
            caller=caller(
                headers.get("From", call.peer or ""),
                headers.get("P-Asserted-Identity", ""),
                invite.privacy if invite is not None else "",
                trusted=invite is not None and contains(self._trusted, invite.source),
            ),
            dialled=dialled(invite.request_uri if invite is not None else "", headers.get("To", "")),
            channel="phone",
            rate=RATE,
        )

    def _call_id(self) -> CallId:
        return CallId(f"{self._clock.now():%Y%m%d-%H%M%S}-{secrets.token_hex(2)}")

    async def _serve(self, leg: SipLeg, info: LineInfo, *, inband: bool) -> None:
        assert self._on_call is not None
        line = sip_line(leg, info, self._clock, inband=inband)
        if leg.closed:  # cancelled before we could listen to it
            return
        async with line, self._limited(line, leg):
            await self._on_call(line)

    # ── calls out ───────────────────────────────────────────────────────────────────────────

    async def dial(
        self, target: str, reference: str, timeout: float, caller: str = ""
    ) -> Line | HandoverOutcome:
        """See `voicebot.calls.ports.Dialer`. `reference` goes into User-to-User (RFC 7433), `caller` into
        P-Asserted-Identity (RFC 3325).

        The line lives until it is hung up by either side; nobody needs to close it.
        """
        headers = {"User-to-User": user_to_user(reference)} if reference else {}
        if caller.isascii() and caller.isdigit():
            headers["P-Asserted-Identity"] = f"<tel:{caller}>"
        leg = await ring(self._stack, target, headers, timeout, self._spawn)
        if isinstance(leg, Unanswered):
            return _HANDED[leg]
        return await self._opened(leg, LineInfo(self._call_id(), "", number(target), "phone", RATE))

    @property
    def open(self) -> bool:
        """There is a way out, and nothing is being shut down."""
        return bool(self._options.outbound) and self.alive and not self._draining

    async def ring_out(self, number: str, timeout: float) -> Line | Unanswered:
        """See `voicebot.calls.ports.Outward`."""
        if not may_ring(number) or not self._options.outbound:
            log.error("sip.not_rung", reason="no person's number" if self._options.outbound else "no way out")
            return Unanswered.UNREACHABLE if self._options.outbound else Unanswered.FAILED
        shown = self._options.outbound_caller
        headers = {"P-Preferred-Identity": f"<{shown}>"} if shown else {}
        leg = await ring(self._stack, self._options.way_to(number), headers, timeout, self._spawn)
        if isinstance(leg, Unanswered):
            return leg
        ours = caller(shown, "", "", trusted=False) or self._options.user
        return await self._opened(leg, LineInfo(self._call_id(), number, ours, "phone", RATE, outbound=True))

    async def _opened(self, leg: SipLeg, info: LineInfo) -> Line:
        line = sip_line(leg, info, self._clock, inband=False)
        opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._spawn(self._keep(line, leg, opened), f"sip out {info.call_id}")
        await opened
        return line

    async def _keep(self, line: PipecatLine, leg: SipLeg, opened: asyncio.Future[None]) -> None:
        try:
            async with line:
                opened.set_result(None)
                async with self._limited(line, leg):
                    with self._gate(leg.call, "", DIALLED):
                        await line.wait_gone()
        except VoicebotError as failed:
            await leg.hang_up()
            opened.set_exception(failed)

    # ── limits ──────────────────────────────────────────────────────────────────────────────

    @contextlib.contextmanager
    def _gate(self, call: Call, source: str, rooms: tuple[Room, ...]) -> Iterator[None]:
        """Sound and keys come from the far end alone while the block runs."""
        watch = MediaWatch(call, source, rooms) if self._options.check_media_source else None
        try:
            yield
        finally:
            if watch is not None:
                watch.close()

    @contextlib.asynccontextmanager
    async def _limited(self, line: PipecatLine, leg: SipLeg) -> AsyncIterator[None]:
        """Knows the line while it lasts, and ends it when it lasts too long."""
        self._lines[line] = leg
        watch = self._spawn(self._end_late(line, leg), f"sip limit {line.info.call_id}")
        try:
            yield
        finally:
            watch.cancel()
            del self._lines[line]

    async def _end_late(self, line: PipecatLine, leg: SipLeg) -> None:
        try:
            async with asyncio.timeout(self._options.max_duration):
                await line.wait_gone()
        except TimeoutError:
            log.warning("sip.max_duration", call_id=line.info.call_id)
            await self._end(line, leg, "max_duration")

    async def _end(self, line: PipecatLine, leg: SipLeg, reason: str) -> None:
        line.gone(reason)
        await leg.hang_up()
