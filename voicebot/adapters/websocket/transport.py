"""The pipecat transport over a `Wire`: no VAD, no turn machinery, no pacing of its own."""

from typing import Protocol

from pipecat.frames.frames import Frame, InterruptionFrame, OutputAudioRawFrame, StartFrame
from pipecat.processors.frame_processor import FrameDirection, FrameProcessorSetup
from pipecat.serializers.base_serializer import FrameSerializer
from pipecat.transports.base_input import BaseInputTransport
from pipecat.transports.base_output import BaseOutputTransport
from pipecat.transports.base_transport import BaseTransport, TransportParams


class Sink(Protocol):
    """What the output needs of the wire."""

    async def write(self, pcm: bytes) -> bool: ...

    async def flush(self) -> None: ...


class SocketInput(BaseInputTransport):
    """Frames are pushed in from the connection's reading loop."""

    def __init__(self, params: TransportParams, serializer: FrameSerializer | None) -> None:
        super().__init__(params)
        self._serializer = serializer

    async def setup(self, setup: FrameProcessorSetup) -> None:  # type: ignore[override]  # as the base does
        await super().setup(setup)
        if self._serializer is not None:
            await self._serializer.setup(setup)

    async def start(self, frame: StartFrame) -> None:
        await super().start(frame)
        await self.set_transport_ready(frame)


class SocketOutput(BaseOutputTransport):
    """Writes to the wire, which paces (the base does not)."""

    def __init__(self, sink: Sink, params: TransportParams) -> None:
        super().__init__(params)
        self._sink = sink

    async def start(self, frame: StartFrame) -> None:
        await super().start(frame)
        await self.set_transport_ready(frame)

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        if isinstance(frame, InterruptionFrame):
            await self._sink.flush()

    async def write_audio_frame(self, frame: OutputAudioRawFrame) -> bool:
        return await self._sink.write(frame.audio)


class SocketTransport(BaseTransport):
    """Both halves.

    Args:
        rate: samples per second both ways, that of the wire: nothing is resampled.
        write_timeout: seconds after which pipecat gives up on one frame; longer than a broken
            connection is waited for.
        serializer: the wire's, when it is one of pipecat's; it is set up with the pipeline.
    """

    def __init__(
        self, sink: Sink, rate: int, write_timeout: float, serializer: FrameSerializer | None = None
    ) -> None:
        super().__init__()
        params = TransportParams(
            audio_in_enabled=True,
            audio_in_sample_rate=rate,
            audio_out_enabled=True,
            audio_out_sample_rate=rate,
            audio_out_10ms_chunks=2,
            audio_out_end_silence_secs=0,
            audio_out_write_timeout_secs=write_timeout,
        )
        self._input = SocketInput(params, serializer)
        self._output = SocketOutput(sink, params)

    def input(self) -> SocketInput:
        return self._input

    def output(self) -> SocketOutput:
        return self._output
