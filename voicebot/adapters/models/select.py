"""Which recognition model the hotline uses, and what to tell the operator about it."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal

from voicebot.adapters.models.fault import damaged
from voicebot.adapters.models.fetch import Say
from voicebot.adapters.models.manifest import (
    MODELS,
    RECOGNITION,
    VOSK_SMALL_CN,
    VOSK_VARIABLE,
    WHISPER_BASE,
    Model,
    Use,
)
from voicebot.adapters.models.store import ModelStore
from voicebot.adapters.stt.options import SttOptions
from voicebot.core.errors import VoicebotError

FALLBACK_NOTE: Final = "fallback, not Vosk"


EngineName = Literal["vosk", "whisper", "sherpa", "funasr", "pipecat"]


@dataclass(frozen=True, slots=True)
class Choice:
    """What recognises, and with what.

    Args:
        model: for people: a model's name, a server's address, a class.
        folder: of the model; empty for what is not in one.
        note: empty for what the operator chose and for the first choice.
    """

    engine: EngineName
    model: str
    folder: Path
    note: str = ""

    @property
    def label(self) -> str:
        """For people: the model, and the engine where that does not tell."""
        return self.model if self.engine in ("vosk", "whisper") else f"{self.engine}：{self.model}"


def store_of(options: SttOptions) -> ModelStore:
    """The installed models, and the operator's Vosk directory."""
    return ModelStore(options.models, {VOSK_VARIABLE: options.vosk_model} if options.vosk_model else {})


def choose_engine(options: SttOptions) -> Choice:
    """The engine the settings ask for.

    Raises:
        VoicebotError: ``model.missing``, ``model.damaged``: of ``auto``, ``vosk``, ``whisper``; the
            others are tried when they are loaded (`engine_trouble`).
    """
    match options.engine:
        case "vosk":
            return _installed(store_of(options), VOSK_SMALL_CN)
        case "whisper":
            return replace(_installed(store_of(options), WHISPER_BASE), note="")
        case "sherpa":
            folder = Path(options.sherpa.folder)
            return Choice("sherpa", folder.name, folder)
        case "funasr":
            return Choice("funasr", options.funasr.url, Path())
        case "pipecat":
            return Choice("pipecat", options.pipecat.service, Path())
        case _:
            return choose_recognition(store_of(options))


def engine_trouble(options: SttOptions) -> str:
    """What keeps an engine that is no model of ours from working, for people; empty when nothing does.

    Tries it: loads the sherpa-onnx model in a process of its own, connects to the FunASR server,
    imports the pipecat service.
    """
    try:
        match options.engine:
            case "sherpa":
                from voicebot.adapters.stt.sherpa import check_sherpa

                check_sherpa(options.sherpa)
            case "funasr":
                from voicebot.adapters.stt.funasr import check_funasr

                check_funasr(options.funasr)
            case "pipecat":
                from voicebot.adapters.stt.pipecat_service import check_service

                check_service(options.pipecat)
            case _:
                pass
    except VoicebotError as error:
        return error.message
    return ""


def choose_recognition(store: ModelStore) -> Choice:
    """The best installed model; sizes are checked, hashes are left to ``voicebot models check``.

    An operator's directory that is damaged is an error, never silently passed over.

    Raises:
        VoicebotError: ``model.missing``, ``model.damaged``.
    """
    for model in RECOGNITION:
        if store.installed(model):
            return _installed(store, model)
    raise VoicebotError(
        "model.missing", f"{store.root} 里没有语音识别模型。处理办法：执行 voicebot models pull"
    )


def _installed(store: ModelStore, model: Model) -> Choice:
    if not store.installed(model):
        raise VoicebotError(
            "model.missing",
            f"没有安装语音识别模型 {model.name}。处理办法：执行 voicebot models pull {model.name}，"
            "或把设置 stt.engine 改为 auto",
        )
    if faults := store.faults(model, deep=False):
        raise damaged(faults)
    folder = store.folder(model)
    if model.kind == "vosk":
        return Choice("vosk", folder.name, folder)
    return Choice("whisper", model.name, folder, FALLBACK_NOTE)


def pull(store: ModelStore, use: Use, say: Say, names: tuple[str, ...] = ()) -> None:
    """Brings all models of `use` (or just `names`) in place; sound ones are left alone.

    Raises:
        VoicebotError: ``model.unavailable``, ``model.damaged``.
    """
    if names:
        for model in (m for m in MODELS if m.name in names):
            _bring(store, model, say)
        return
    if use is Use.RUN:
        _bring_recognition(store, say)
    for model in MODELS:
        if model.use is use and model not in RECOGNITION:
            _bring(store, model, say)


def _bring_recognition(store: ModelStore, say: Say) -> None:
    if (named := store.operators_folder(VOSK_SMALL_CN)) is not None:
        say(f"语音识别：使用管理员指定的 Vosk 目录 {named}")
        if faults := store.faults(VOSK_SMALL_CN):
            raise damaged(faults)
        return
    try:
        _bring(store, VOSK_SMALL_CN, say)
    except VoicebotError as error:
        if error.code != "model.unavailable":
            raise
        say(f"  {error.message}")
        say("!" * 72)
        say("!! 没有取得 Vosk 普通话模型，改用 Whisper-base 识别（后备，不是 Vosk）。")
        say("!! 识别较慢、不能边说边出字。要用 Vosk：下载并解压模型，把目录写进")
        say("!! 环境变量 VOICEBOT_STT__VOSK_MODEL，再执行 voicebot models pull。")
        say("!" * 72)
        _bring(store, WHISPER_BASE, say)


def _bring(store: ModelStore, model: Model, say: Say) -> None:
    if store.installed(model) and not (faults := store.faults(model)):
        say(f"{model.name}：已就绪")
        return
    if store.installed(model):
        say(f"{model.name}：已安装但有损坏，重新安装")
        for fault in faults:
            say(f"  {fault}")
    say(
        f"{model.name}：{model.purpose}，约 {model.size / 1e6:.0f} MB"
        if model.size
        else f"{model.name}：{model.purpose}"
    )
    store.install(model, say)
    say(f"{model.name}：已就绪")
