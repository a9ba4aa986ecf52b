"""A `Line` over any pipecat transport.

How to add a transport
----------------------
1. Build the transport at the rate of the wire, without any of pipecat's VAD or turn machinery::

       TransportParams(audio_in_enabled=True, audio_in_sample_rate=16000,
                       audio_out_enabled=True, audio_out_sample_rate=16000,
                       audio_out_10ms_chunks=2)

   Its input pushes `InputAudioRawFrame` (set ``frame.metadata[AT]`` to the monotonic time of the
   last sample when you know it), `InputDTMFFrame`, `InputTextRawFrame`. Its output handles
   `OutputAudioRawFrame` and, on `InterruptionFrame`, forgets what the listener has not heard. The
   chunk that is being written when the interruption comes is not cancelled by pipecat: a
   `write_audio_frame` that waits for room must look whether it was interrupted meanwhile.
2. Write its `FarEnd`: what the wire took, what is still to be played, what was played. `Meter`
   does the counting for wires that acknowledge (call `took` in `write_audio_frame`, `heard` on an
   acknowledgement, `flushed` on the interruption).
3. Call it::

       async with PipecatLine(info, transport, far_end, clock, screen) as line:
           await on_call(line)

   and report from the wire: ``line.gone("caller")`` when the far end is gone, ``line.held(True)``,
   ``line.post(DigitIn("5"))`` for what does not come as a frame. Leaving the block hangs up.
4. Run `tests/contract/test_line.py` on it.

pipecat logs through loguru, which prints to stderr from its import on. Importing this package
before pipecat sends its records to the logger ``pipecat`` instead, from WARNING on.
"""

from voicebot.adapters.pipecat_line.logs import redirect_loguru

redirect_loguru()  # before the next lines: pipecat greets when it is imported

from voicebot.adapters.pipecat_line.far_end import FarEnd, Meter, Screen  # noqa: E402
from voicebot.adapters.pipecat_line.line import GRAIN, PipecatLine, PipelineFailed  # noqa: E402
from voicebot.adapters.pipecat_line.processors import AT  # noqa: E402

__all__ = ["AT", "GRAIN", "FarEnd", "Meter", "PipecatLine", "PipelineFailed", "Screen", "redirect_loguru"]
