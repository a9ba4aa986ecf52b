"""English as Whisper hears it."""

from pathlib import Path

import numpy as np

from voicebot.adapters.stt import features
from voicebot.adapters.stt.whisper import MARGIN
from voicebot.core.audio import AudioChunk


def english_heard(whisper_folder: Path, chunk: AudioChunk) -> str:
    """What Whisper writes when it listens to English; our engine's way is Mandarin only."""
    import ctranslate2
    import tokenizers

    model = ctranslate2.models.Whisper(str(whisper_folder), device="cpu", compute_type="int8_float32")
    tokens = tokenizers.Tokenizer.from_file(str(whisper_folder / "tokenizer.json"))
    marks = ("<|startoftranscript|>", "<|en|>", "<|transcribe|>", "<|notimestamps|>")
    samples = np.frombuffer(chunk.pcm, "<i2").astype(np.float32) / np.float32(32768)
    mel = features.log_mel(np.asarray(samples, np.float32), MARGIN)
    heard = model.generate(
        ctranslate2.StorageView.from_array(np.ascontiguousarray(mel[None])),
        [[tokens.token_to_id(mark) for mark in marks]],
        beam_size=1,
        max_length=60,
    )
    return str(tokens.decode(heard[0].sequences_ids[0]))
