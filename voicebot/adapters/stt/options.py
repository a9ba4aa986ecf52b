"""Options of recognition; a section ``stt`` of the settings."""

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class SttOptions:
    """How speech is recognised.

    Args:
        vosk_model: the operator's own Vosk directory; empty to take what `voicebot models pull` brought.
        models: the directory of installed models.
        workers: decodes that run side by side; 0 for one a core, four at most.
        nice: how far the worker's priority is lowered.
        prompt: what Whisper is primed with: names and words of the city; empty for the general one.
        queue: decodes that may wait; beyond it callers are refused (``stt.busy``).
        timeout: seconds a caller waits for a text before it counts as failed.
    """

    vosk_model: str = ""
    models: Path = Path("data/models")
    workers: int = 0
    nice: int = 5
    prompt: str = ""
    queue: int = 32
    timeout: float = 6.0

    @property
    def threads(self) -> int:
        """Decodes that run side by side."""
        return self.workers or min(4, os.cpu_count() or 1)
