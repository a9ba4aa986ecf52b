"""Real recognition: a text spoken by another voice, over a telephone line, heard by the shipped engine.

The sound and what was heard of it are kept, so that a second run costs nothing: the latter until a
source or setting of recognition changes.
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Final

from voicebot.adapters import stt
from voicebot.adapters.sip import g711
from voicebot.adapters.stt.engine import Engine
from voicebot.adapters.stt.options import SttOptions
from voicebot.adapters.stt.worker import load_engine
from voicebot.cli.benches.caller import RATE, Caller, Line, Utterance
from voicebot.core.utterance import Expect
from voicebot.speech.verbalise import verbalise

VOICES: Final = ("zm_yunxi", "zf_xiaobei")
LOUD: Final = (-30.0, -10.0)
"""dBm0, as telephones are loud."""
SNR: Final = 25.0
EDGE: Final = 0.25
"""Seconds of line noise around the words, as a call hands them over."""


Speak = Callable[[Line], Utterance]


def shipped_phone(options: SttOptions, folder: Path, expect: Expect) -> "Phone":
    """With the callers of the benches and the recogniser of the settings; both are loaded when needed.

    Args:
        folder: ``sound/`` and ``heard-….jsonl`` are kept in it.
        expect: what the call awaits.
    """
    caller = Caller(options.models, folder / "sound", seed=0)
    kept = folder / f"heard-{_version(options)}.jsonl"
    return Phone(caller.utter, lambda: load_engine(options), kept, expect)


class Phone:
    """Says and hears, one text after the other; about 3 s CPU each the first time.

    Args:
        load: makes the recogniser; called when something is not in `kept` yet.
        kept: file of what was heard; belongs to this recogniser and these settings.
        expect: what the call awaits.
    """

    def __init__(self, speak: Speak, load: Callable[[], Engine], kept: Path, expect: Expect) -> None:
        self._speak = speak
        self._load = cache(load)
        self._kept = kept
        self._expect = expect
        self._heard: dict[str, str] = {}
        if kept.is_file():
            for line in kept.read_text(encoding="utf-8").splitlines():
                key, text = json.loads(line)
                self._heard[key] = text

    def hear(self, texts: Sequence[str], progress: Callable[[int], None]) -> list[str]:
        """What is recognised of each; empty for what cannot be spoken. `progress`: so many are done.

        Raises:
            VoicebotError: see `load_engine`; ``model.damaged``, ``tts.missing``: no second voice.
        """
        heard = []
        for done, text in enumerate(texts, 1):
            heard.append(self._once(text))
            progress(done)
        return heard

    def _once(self, text: str) -> str:
        key = hashlib.sha256(text.encode()).hexdigest()[:24]
        if key not in self._heard:
            self._heard[key] = self._recognise(text, int(key[:8], 16))
            self._kept.parent.mkdir(parents=True, exist_ok=True)
            with self._kept.open("a", encoding="utf-8") as file:
                file.write(json.dumps([key, self._heard[key]], ensure_ascii=False) + "\n")
        return self._heard[key]

    def _recognise(self, text: str, seed: int) -> str:
        words = verbalise(text)
        if not any(character.isalnum() for character in words):
            return ""
        level = LOUD[0] + (LOUD[1] - LOUD[0]) * (seed % 997) / 996
        spoken = self._speak(Line(words, level=level, voice=VOICES[seed % 2], snr=SNR, seed=seed))
        begin, end = (round(at * RATE) * 2 for at in (spoken.began - EDGE, spoken.ended + EDGE))
        pcm = g711.decode(g711.encode(spoken.pcm[begin:end], "pcma"), "pcma")
        stream = self._load().open(RATE)
        try:
            stream.feed(pcm)
            return stream.decode(self._expect, final=True, cancelled=lambda: False).text
        finally:
            stream.close()


def _version(options: SttOptions) -> str:
    """Changes with whatever recognition depends on."""
    sha = hashlib.sha256(repr((options, VOICES, LOUD, SNR, EDGE)).encode())
    for source in sorted(Path(stt.__file__).parent.glob("*.py")):
        sha.update(source.read_bytes())
    return sha.hexdigest()[:12]
