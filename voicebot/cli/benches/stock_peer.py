"""The peer: stock pipecat pipelines, one a call, each with its own Silero VAD, fed in real time.

They hear the same sound as our line did, recognise nothing and say nothing. `run` is meant for a
process of its own.
"""

import asyncio
import time
from collections.abc import Sequence
from typing import Final

from voicebot.adapters.pipecat_line import redirect_loguru
from voicebot.adapters.sip import g711

redirect_loguru()

from pipecat.audio.vad.silero import SileroVADAnalyzer  # noqa: E402
from pipecat.frames.frames import CancelFrame, InputAudioRawFrame, StartFrame  # noqa: E402
from pipecat.pipeline.pipeline import Pipeline  # noqa: E402
from pipecat.pipeline.worker import PipelineParams, PipelineWorker  # noqa: E402
from pipecat.processors.audio.vad_processor import VADProcessor  # noqa: E402
from pipecat.processors.frame_processor import FrameProcessor  # noqa: E402
from pipecat.transports.base_input import BaseInputTransport  # noqa: E402
from pipecat.transports.base_output import BaseOutputTransport  # noqa: E402
from pipecat.transports.base_transport import TransportParams  # noqa: E402
from pipecat.workers.runner import WorkerRunner  # noqa: E402

RATE: Final = 8000
STEP: Final = 0.02
PACKET: Final = 160
WARM: Final = 2.0
"""Seconds until it is measured."""


class _Input(BaseInputTransport):
    """Plays a caller's sound in packets of 20 ms, again and again."""

    def __init__(self, sound: bytes) -> None:
        super().__init__(TransportParams(audio_in_enabled=True, audio_in_sample_rate=RATE))
        pcm = g711.decode(sound, "pcma")
        size = 2 * PACKET
        self._packets = [pcm[i : i + size] for i in range(0, len(pcm) - size + 1, size)]
        self._playing: asyncio.Task[None] | None = None

    async def start(self, frame: StartFrame) -> None:
        await super().start(frame)
        await self.set_transport_ready(frame)
        self._playing = self.create_task(self._play())

    async def cancel(self, frame: CancelFrame) -> None:
        if self._playing is not None:
            playing, self._playing = self._playing, None
            await self.cancel_task(playing)
        await super().cancel(frame)

    async def _play(self) -> None:
        due = time.monotonic()
        while True:
            for pcm in self._packets:
                await self.push_audio_frame(InputAudioRawFrame(pcm, RATE, num_channels=1))
                due += STEP
                await asyncio.sleep(max(0.0, due - time.monotonic()))


class _Output(BaseOutputTransport):
    def __init__(self) -> None:
        super().__init__(TransportParams(audio_out_enabled=True, audio_out_sample_rate=RATE))

    async def start(self, frame: StartFrame) -> None:
        await super().start(frame)
        await self.set_transport_ready(frame)


def _worker(sound: bytes) -> PipelineWorker:
    parts: list[FrameProcessor] = [
        _Input(sound),
        VADProcessor(vad_analyzer=SileroVADAnalyzer(sample_rate=RATE)),
        _Output(),
    ]
    return PipelineWorker(
        Pipeline(parts),
        params=PipelineParams(audio_in_sample_rate=RATE, audio_out_sample_rate=RATE),
        idle_timeout_secs=None,
        cancel_on_idle_timeout=False,
        enable_rtvi=False,
    )


def run(sounds: Sequence[bytes], seconds: float) -> float:
    """Share of a core that each of the calls costs; `sounds`: A-law at 8 kHz, one a call."""
    return asyncio.run(_run(sounds, seconds))


async def _run(sounds: Sequence[bytes], seconds: float) -> float:
    runner = WorkerRunner(handle_sigint=False, check_dangling_tasks=False)
    workers = [_worker(sound) for sound in sounds]
    await runner.add_workers(*workers)
    running = asyncio.create_task(runner.run())
    await asyncio.sleep(WARM)
    cpu, wall = time.process_time(), time.monotonic()
    await asyncio.sleep(seconds)
    cpu, wall = time.process_time() - cpu, time.monotonic() - wall
    for worker in workers:
        await worker.cancel()
    await asyncio.wait({running})
    return cpu / wall / len(sounds)
