"""Which recognition model the hotline uses, and what to tell the operator about it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from voicebot.adapters.models.fault import damaged
from voicebot.adapters.models.fetch import Say
from voicebot.adapters.models.manifest import MODELS, RECOGNITION, VOSK_SMALL_CN, WHISPER_BASE, Model, Use
from voicebot.adapters.models.store import ModelStore
from voicebot.core.errors import VoicebotError

FALLBACK_NOTE: Final = "fallback, not Vosk"


@dataclass(frozen=True, slots=True)
class Choice:
    """`engine` is ``vosk`` or ``whisper``; `note` is empty for the first choice."""

    engine: str
    model: str
    folder: Path
    note: str


def choose_recognition(store: ModelStore) -> Choice:
    """The best installed model; sizes are checked, hashes are left to ``voicebot models check``.

    An operator's directory that is damaged is an error, never silently passed over.

    Raises:
        VoicebotError: ``model.missing``, ``model.damaged``.
    """
    for model in RECOGNITION:
        if not store.installed(model):
            continue
        if faults := store.faults(model, deep=False):
            raise damaged(faults)
        vosk = model.kind == "vosk"
        folder = store.folder(model)
        return Choice(
            "vosk" if vosk else "whisper",
            folder.name if vosk else model.name,
            folder,
            "" if vosk else FALLBACK_NOTE,
        )
    raise VoicebotError(
        "model.missing", f"{store.root} 里没有语音识别模型。处理办法：执行 voicebot models pull"
    )


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
