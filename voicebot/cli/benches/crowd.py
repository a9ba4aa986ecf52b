"""Many callers in one cheap process: SIP as `RawPeer` speaks it, ready-made A-law packets, one pacer.

All packets of a step leave from one loop at absolute deadlines and all that comes in is kept as it
is; it is looked at after the step. `run` is meant for a process of its own.
"""

import asyncio
import contextlib
import secrets
import struct
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain, cycle
from typing import Final

import numpy as np

from voicebot.adapters.sip import g711
from voicebot.adapters.sip.datagrams import Datagrams
from voicebot.adapters.sip.messages import make_sdp, parse_sdp
from voicebot.adapters.sip.peer_dialog import Dialog, PeerRefused
from voicebot.cli.benches.talker import PACKET, STEP, Speech, Talker, Turn

HOST: Final = "127.0.0.1"
SPREAD: Final = 8.0
"""Seconds over which the calls of a step come in."""
SETTLED: Final = SPREAD + 6.0
"""Seconds from the first call until what is measured is the load that stays."""
AGAIN: Final = 1.0
"""Seconds after which one who was hung up on calls again."""
AUDIBLE: Final = 256
"""Peak (s16) from which a packet holds our voice; a tone of -50 dBFS has 146, speech more than twice."""

_QUIET: Final = g711.encode(bytes(2 * PACKET), "pcma")
_PEAKS: Final = bytes(
    np.minimum(np.abs(np.frombuffer(g711.decode(bytes(range(256)), "pcma"), "<i2").astype(int)) >> 7, 255)
    .astype(np.uint8)
    .tolist()
)
"""A-law code → magnitude in steps of 128."""
_RTP: Final = struct.Struct("!BBHII")


@dataclass(frozen=True, slots=True)
class Person:
    """One who calls.

    Args:
        user: their number.
        once: said in order, first; then `always`, again and again.
    """

    user: str
    once: tuple[Speech, ...]
    always: tuple[Speech, ...]

    def lines(self) -> Iterator[Speech]:
        return chain(self.once, cycle(self.always))


@dataclass(frozen=True, slots=True)
class Crowd:
    """A step: `people` call `target` (a SIP URI) and stay for `seconds`.

    Args:
        again: those who were hung up on call again.
    """

    target: str
    people: tuple[Person, ...]
    seconds: float
    again: bool = True


@dataclass(slots=True)
class Leg:
    """One call as its caller had it.

    Args:
        refused: SIP status when it was not taken.
        hung_up: we ended it before the step was over.
        packets: RTP as it came in, with the time of arrival; `sent`: A-law that went out.
    """

    user: str
    refused: int | None = None
    hung_up: bool = False
    turns: list[Turn] = field(default_factory=list)
    packets: list[tuple[float, bytes]] = field(default_factory=list)
    sent: bytes = b""


@dataclass(frozen=True, slots=True)
class Heard:
    """All of a step.

    Args:
        cpu: of the generator, in shares of a core; `late_ms`: 99th percentile of how late its
            packets left.
        speech_share: of the time, that callers spoke.
    """

    legs: tuple[Leg, ...]
    cpu: float
    late_ms: float
    speech_share: float


class _Ear(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.leg: Leg | None = None
        self.talker: Talker | None = None

    def datagram_received(self, data: bytes, addr: tuple[str | object, int]) -> None:
        if self.leg is None or self.talker is None:
            return
        at = time.monotonic()
        self.leg.packets.append((at, data))
        sound = data[_RTP.size :]
        voice = sound != _QUIET and max(sound.translate(_PEAKS), default=0) * 128 >= AUDIBLE
        self.talker.heard(at, voice)


class _Mouth:
    """Sends one packet whenever told."""

    def __init__(self, out: asyncio.DatagramTransport, to: tuple[str, int], talker: Talker) -> None:
        self._out = out
        self._to = to
        self._ssrc = secrets.randbits(32)
        self._number = 0
        self.talker = talker
        self.sent: list[bytes] = []

    def send(self, at: float) -> None:
        sound = self.talker.packet(at) or _QUIET
        number = self._number
        self._number += 1
        head = _RTP.pack(0x80, 8, number & 0xFFFF, number * PACKET & 0xFFFFFFFF, self._ssrc)
        self._out.sendto(head + sound, self._to)
        self.sent.append(sound)


class _Step:
    """The state of one step."""

    def __init__(self, crowd: Crowd) -> None:
        self._crowd = crowd
        self._began = time.monotonic()
        self._end = self._began + crowd.seconds
        self._mouths: set[_Mouth] = set()
        self.legs: list[Leg] = []
        self.late: list[float] = []
        self.shares: list[float] = []
        self.cpu = 0.0

    async def run(self) -> None:
        people = self._crowd.people
        gap = SPREAD / len(people)
        async with asyncio.TaskGroup() as group:
            for number, person in enumerate(people):
                group.create_task(self._live(person, number * gap))
            await self._pace()

    async def _pace(self) -> None:
        """Every 20 ms one packet of each call."""
        measured: tuple[float, float] | None = None
        due = self._began
        while due < self._end:
            due += STEP
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            self.late.append(time.monotonic() - due)
            for mouth in self._mouths:
                mouth.send(due)
            if measured is None and due - self._began > SETTLED:
                measured = time.process_time(), time.monotonic()
        if measured is not None:
            self.cpu = (time.process_time() - measured[0]) / (time.monotonic() - measured[1])

    async def _live(self, person: Person, after: float) -> None:
        """Calls, and calls again."""
        lines = person.lines()
        await asyncio.sleep(after)
        while time.monotonic() < self._end:
            await self._call(person.user, lines)
            if not self._crowd.again:
                return
            await asyncio.sleep(AGAIN)

    async def _call(self, user: str, lines: Iterator[Speech]) -> None:
        leg = Leg(user)
        self.legs.append(leg)
        async with contextlib.AsyncExitStack() as stack:
            signalling = await Datagrams.open(HOST)
            stack.callback(signalling.close)
            loop = asyncio.get_running_loop()
            transport, ear = await loop.create_datagram_endpoint(_Ear, local_addr=(HOST, 0))
            stack.callback(transport.close)
            address = transport.get_extra_info("sockname")
            dialog = Dialog(
                self._crowd.target,
                user,
                signalling,
                lambda direction: _sdp(address[1], direction),
            )
            reading = asyncio.create_task(dialog.run())
            stack.callback(reading.cancel)
            try:
                answer = await dialog.invite("sendrecv", 10.0)
            except PeerRefused as refusal:
                leg.refused = refusal.status
                return
            media = parse_sdp(answer.body)
            ear.leg, ear.talker = leg, Talker(lines, time.monotonic())
            mouth = _Mouth(transport, (media.host, media.port), ear.talker)
            await self._stay(dialog, mouth, leg)

    async def _stay(self, dialog: Dialog, mouth: _Mouth, leg: Leg) -> None:
        self._mouths.add(mouth)
        try:
            async with asyncio.timeout(max(0.0, self._end - time.monotonic())):
                await dialog.ended.wait()
            leg.hung_up = True
        except TimeoutError:
            pass
        finally:
            self._mouths.discard(mouth)
        leg.turns = mouth.talker.turns
        leg.sent = b"".join(mouth.sent)
        self.shares.append(mouth.talker.share(time.monotonic()))
        await dialog.bye()


def _sdp(port: int, direction: str) -> str:
    return make_sdp(
        HOST, port, codecs=("pcma",), ptime=20, direction=direction, telephone_event=True, version=1
    )


def run(crowd: Crowd) -> Heard:
    """The step from its first INVITE to its last BYE."""
    step = _Step(crowd)
    asyncio.run(step.run())
    late = float(np.quantile(step.late, 0.99)) * 1000 if step.late else 0.0
    share = float(np.mean(step.shares)) if step.shares else 0.0
    return Heard(tuple(step.legs), step.cpu, round(late, 1), round(share, 2))
