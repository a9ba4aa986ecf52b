"""Smart Turn (pipecat-ai, BSD-2): whether a sentence sounds finished. Implements `calls.ports.Melody`.

About 30 ms of one core for each question; it is asked only when words and silence disagree.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import numpy as np

from voicebot.core.audio import AudioChunk
from voicebot.core.errors import VoicebotError

WAITING: Final = 4
"""Questions under way; another one would be answered too late to be of use."""


class SmartTurn:
    """One model and one thread for all calls.

    Raises:
        VoicebotError: ``vad.model``: the package or its model cannot be loaded.
    """

    def __init__(self) -> None:
        try:
            from pipecat.audio.turn.smart_turn.local_smart_turn_v3 import LocalSmartTurnAnalyzerV3

            self._model = LocalSmartTurnAnalyzerV3(cpu_count=1)
        # onnxruntime raises bare exceptions for a model it cannot read
        except Exception as error:
            raise VoicebotError(
                "vad.model", f"smart-turn: {error}; reinstall the package pipecat-ai"
            ) from error
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="melody")
        self._asked = 0

    async def finished(self, turn: AudioChunk) -> float:
        if self._asked >= WAITING:
            return 1.0
        self._asked += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, self.judge, turn)
        finally:
            self._asked -= 1

    def judge(self, turn: AudioChunk) -> float:
        """The same, blocking."""
        samples = np.frombuffer(turn.pcm, "<i2").astype(np.float32) / 32768.0
        self._model.set_sample_rate(turn.rate)
        # what its public methods wrap in timers of their own
        return float(self._model._predict_endpoint(samples)["probability"])
