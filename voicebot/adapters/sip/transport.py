"""A pipecat transport over one SIP leg."""

import asyncio
from collections.abc import Callable
from typing import Final

from pipecat.frames.frames import (
    CancelFrame,
    EndFrame,
    Frame,
    InputAudioRawFrame,
    InterruptionFrame,
    OutputAudioRawFrame,
    StartFrame,
)
from pipecat.processors.frame_processor import FrameDirection
from pipecat.transports.base_input import BaseInputTransport
from pipecat.transports.base_output import BaseOutputTransport
from pipecat.transports.base_transport import BaseTransport, TransportParams

from voicebot.adapters.pipecat_line import AT
from voicebot.adapters.sip.leg import SipLeg
from voicebot.core.audio import BYTES_PER_SAMPLE
from voicebot.core.clock import Clock

RATE: Final = 8000
STEP: Final = 0.02
"""Seconds between looks at the native ring."""
MOST: Final = round(0.08 * RATE) * BYTES_PER_SAMPLE
"""Bytes per look: after a stall of the loop the backlog is caught up four steps at a time."""

Listener = Callable[[bytes, float], None]
"""Given each piece of the caller's sound and the time of its last sample."""


class SipInput(BaseInputTransport):
    """Native ring → `InputAudioRawFrame`, stamped with the time of the last sample."""

    def __init__(
        self,
        leg: SipLeg,
        params: TransportParams,
        clock: Clock,
        muted: Callable[[], bool],
        listener: Listener,
    ) -> None:
        super().__init__(params)
        self._leg = leg
        self._sip_clock = clock
        self._muted = muted
        self._listener = listener
        self._pump: asyncio.Task[None] | None = None
        self._at = float("-inf")

    async def start(self, frame: StartFrame) -> None:
        await super().start(frame)
        await self.set_transport_ready(frame)
        if self._pump is None:
            self._pump = self.create_task(self._run())

    async def stop(self, frame: EndFrame) -> None:
        await self._stop_pump()
        await super().stop(frame)

    async def cancel(self, frame: CancelFrame) -> None:
        await self._stop_pump()
        await super().cancel(frame)

    async def cleanup(self) -> None:
        await self._stop_pump()
        await super().cleanup()  # type: ignore[no-untyped-call]

    async def _stop_pump(self) -> None:
        if self._pump is not None:
            pump, self._pump = self._pump, None
            await self.cancel_task(pump)

    async def push_audio_frame(self, frame: InputAudioRawFrame) -> None:
        """Straight on: there is no filter to run, and the base class's queue and task cost as much as
        all that follows."""
        await self.push_frame(frame)

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        # All calls look at the same time: one wake-up of the loop, and their windows of the detector
        # are ready together, so that the batches are full.
        due = loop.time() // STEP * STEP
        while True:
            pcm, waiting = self._leg.read(MOST)
            if pcm and not self._muted():
                # A burst after a stall looks older than what came before it; time must not run back.
                at = max(self._at, self._sip_clock.monotonic() - waiting / (BYTES_PER_SAMPLE * RATE))
                self._at = at
                self._listener(pcm, at)
                frame = InputAudioRawFrame(pcm, RATE, num_channels=1)
                frame.metadata[AT] = at
                await self.push_audio_frame(frame)
            due = max(due + STEP, loop.time())
            await asyncio.sleep(due - loop.time())


class SipOutput(BaseOutputTransport):
    """`OutputAudioRawFrame` → native ring, at once: the line has paced it, and the stack paces the wire."""

    def __init__(self, leg: SipLeg, params: TransportParams) -> None:
        super().__init__(params, enable_direct_mode=True)
        self._leg = leg

    async def start(self, frame: StartFrame) -> None:
        await super().start(frame)
        await self.set_transport_ready(frame)

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        if isinstance(frame, OutputAudioRawFrame):
            # Not by way of the base class: its queues and tasks cost more than all else that is done
            # with a piece of our sound.
            await self.write_audio_frame(frame)
            return
        await super().process_frame(frame, direction)
        if isinstance(frame, InterruptionFrame):
            self._leg.flush()

    async def write_audio_frame(self, frame: OutputAudioRawFrame) -> bool:
        if not self._leg.write(frame.audio):
            # Held: nobody hears it. Time passes as if they did, so that the speaker stays paced.
            await asyncio.sleep(len(frame.audio) / (BYTES_PER_SAMPLE * RATE))
        return True


class SipTransport(BaseTransport):
    """Both ends of one leg.

    Args:
        muted: the caller's sound is not wanted now (they hold us: it is their music).
        listener: is shown the caller's sound before the pipeline gets it.
    """

    def __init__(self, leg: SipLeg, clock: Clock, muted: Callable[[], bool], listener: Listener) -> None:
        super().__init__()
        params = TransportParams(
            audio_in_enabled=True,
            audio_in_sample_rate=RATE,
            audio_out_enabled=True,
            audio_out_sample_rate=RATE,
            audio_out_10ms_chunks=2,
        )
        self._input = SipInput(leg, params, clock, muted, listener)
        self._output = SipOutput(leg, params)

    def input(self) -> SipInput:
        return self._input

    def output(self) -> SipOutput:
        return self._output
