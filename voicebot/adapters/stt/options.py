"""Options of recognition; a section ``stt`` of the settings."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from voicebot.core.errors import VoicebotError

ENGINES: Final = ("auto", "vosk", "whisper", "sherpa", "funasr", "pipecat")


@dataclass(frozen=True, slots=True)
class SherpaOptions:
    """A sherpa-onnx model of the operator's (package extra ``sherpa``).

    Args:
        folder: with the model's files as published; its kind is read from them.
        language: for SenseVoice and Whisper models: ``zh``, ``yue``, ``en``, ``auto`` (SenseVoice).
        hotwords: phrases to be heard rather than their homophones; transducer models only.
        hotwords_score: how strongly, per character, in nats.
    """

    folder: str = ""
    language: str = "zh"
    hotwords: tuple[str, ...] = ()
    hotwords_score: float = 2.0


@dataclass(frozen=True, slots=True)
class FunasrOptions:
    """A FunASR runtime server (WebSocket, 2pass).

    Args:
        url: ``ws://`` or ``wss://`` address of the server.
        certificate: PEM file of the server's own certificate, for ``wss`` with a self-signed one.
        allow_remote: the callers' speech may go to a server outside this host and its private network.
        hotwords: phrases to be heard rather than their homophones, each with a weight of 1-100.
        connect: seconds a connection may take.
        answer: seconds the last text may take after the end of the turn.
        retry: seconds a server that did not answer is left alone.
    """

    url: str = ""
    certificate: str = ""
    allow_remote: bool = False
    hotwords: Mapping[str, int] = field(default_factory=dict)
    connect: float = 1.5
    answer: float = 3.0
    retry: float = 5.0


@dataclass(frozen=True, slots=True)
class PipecatSttOptions:
    """Any speech-to-text service of pipecat, or one written for it.

    Args:
        service: dotted path of its class, as ``pipecat.services.whisper.stt.WhisperSTTService``.
        options: what its constructor is given; a table ``settings`` becomes the class's own
            settings, a text ``env:NAME`` is taken from the environment (keys, passwords).
        allow_remote: the callers' speech may go wherever this service sends it. Needed for every
            service that is not known to work on this machine.
        sample_rate: Hz the service is given.
        parallel: services that work side by side, for those that take whole utterances.
        answer: seconds the last text may take after the end of the turn.
        settle: seconds without a further text after which a service that does not mark its last
            text counts as done.
    """

    service: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    allow_remote: bool = False
    sample_rate: int = 16_000
    parallel: int = 1
    answer: float = 4.0
    settle: float = 0.3


@dataclass(frozen=True, slots=True)
class SttOptions:
    """How speech is recognised.

    Args:
        engine: ``auto`` (Vosk, else Whisper), ``vosk``, ``whisper``, ``sherpa``, ``funasr`` or ``pipecat``.
        vosk_model: the operator's own Vosk directory; empty to take what `voicebot models pull` brought.
        models: the directory of installed models.
        workers: decodes that run side by side; 0 for one a core, four at most.
        nice: how far the worker's priority is lowered.
        prompt: what Whisper is primed with: names and words of the city; empty for the general one.
        queue: decodes that may wait; beyond it callers are refused (``stt.busy``).
        timeout: seconds a caller waits for a text before it counts as failed.
        recycle_after: texts after which a fresh worker takes over (engines leak); 0 for never.
        recycle_growth: MB by which the worker may grow before a fresh one takes over; 0 for any.
    """

    engine: str = "auto"
    vosk_model: str = ""
    models: Path = Path("data/models")
    workers: int = 0
    nice: int = 5
    prompt: str = ""
    queue: int = 32
    timeout: float = 6.0
    recycle_after: int = 20_000
    recycle_growth: int = 1_500
    sherpa: SherpaOptions = field(default_factory=SherpaOptions)
    funasr: FunasrOptions = field(default_factory=FunasrOptions)
    pipecat: PipecatSttOptions = field(default_factory=PipecatSttOptions)

    def __post_init__(self) -> None:
        """Raises VoicebotError ``stt.options``: names the setting and what it must be."""
        if self.engine not in ENGINES:
            raise wrong("engine", self.engine, "其中之一：" + "、".join(ENGINES))
        match self.engine:
            case "sherpa" if not self.sherpa.folder:
                raise wrong("sherpa.folder", "", "sherpa-onnx 模型所在的目录")
            case "funasr":
                _check_url(self.funasr.url)
            case "pipecat" if "." not in self.pipecat.service:
                raise wrong("pipecat.service", self.pipecat.service, "服务类的完整路径，如 包.模块.类名")
            case _:
                pass

    @property
    def threads(self) -> int:
        """Decodes that run side by side."""
        return self.workers or min(4, os.cpu_count() or 1)


def wrong(name: str, value: str, wanted: str) -> VoicebotError:
    """Setting `name` of the section is not what it must be."""
    variable = "VOICEBOT_STT__" + name.replace(".", "__").upper()
    return VoicebotError("stt.options", f"设置 stt.{name}（{variable}）现为“{value}”，应为{wanted}")


def _check_url(url: str) -> None:
    try:
        parts = urlsplit(url)
        sound = parts.scheme in ("ws", "wss") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        sound = False
    if not sound:
        raise wrong("funasr.url", url, "FunASR 服务器的地址，如 ws://127.0.0.1:10095")
