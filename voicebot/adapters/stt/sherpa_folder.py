"""What a folder with a sherpa-onnx model holds, and what is wrong with it.

The library ends the whole process when a model lacks what it looks for, so the files are looked at
here first, and the model is tried in a process of its own.
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from voicebot.adapters.models.fault import Fault, damaged
from voicebot.core.errors import VoicebotError

REMEDY: Final = "重新下载并解压完整的 sherpa-onnx 模型，再执行 voicebot models check"
PROBE_TIMEOUT: Final = 120.0


class Kind(StrEnum):
    """Architectures we load; the first four are streaming."""

    STREAMING_TRANSDUCER = "streaming transducer"
    STREAMING_PARAFORMER = "streaming paraformer"
    STREAMING_CTC = "streaming zipformer ctc"
    TRANSDUCER = "transducer"
    PARAFORMER = "paraformer"
    SENSE_VOICE = "sense voice"
    WHISPER = "whisper"

    @property
    def streaming(self) -> bool:
        return self.value.startswith("streaming")

    @property
    def takes_hotwords(self) -> bool:
        return self in (Kind.STREAMING_TRANSDUCER, Kind.TRANSDUCER)


@dataclass(frozen=True, slots=True)
class Layout:
    """A model's files; `parts` by role: ``encoder``, ``decoder``, ``joiner`` or ``model``."""

    folder: Path
    kind: Kind
    parts: Mapping[str, Path]
    tokens: Path

    def optional(self, name: str) -> str:
        """Path of a further file the model may have, else empty."""
        path = self.folder / name
        return str(path) if path.is_file() else ""


def read_layout(folder: Path) -> Layout:
    """The model in `folder`.

    Raises:
        VoicebotError: ``model.damaged``, ``model.missing``; names each file and the remedy.
    """
    if not folder.is_dir():
        raise VoicebotError(
            "model.missing", f"sherpa-onnx 模型目录 {folder} 不存在。处理办法：改正设置 stt.sherpa.folder"
        )
    parts = {role: path for role in ("encoder", "decoder", "joiner") if (path := _find(folder, role))}
    if not parts and (model := _find(folder, "model") or _find(folder, "ctc")):
        parts = {"model": model}
    tokens = next(iter(sorted(folder.glob("*tokens.txt"))), None)
    faults = []
    if not parts or set(parts) in ({"encoder"}, {"decoder"}, {"joiner"}):
        wanted = "model.onnx，或 encoder、decoder（、joiner）各一个 .onnx"
        faults.append(Fault(str(folder), f"没有完整的模型文件（{wanted}）", REMEDY))
    if tokens is None or not _filled(tokens):
        faults.append(Fault(str(tokens or folder / "tokens.txt"), "文件缺失或为空", REMEDY))
    faults += [Fault(str(path), "文件为空", REMEDY) for path in parts.values() if not _filled(path)]
    if faults or tokens is None:
        raise damaged(faults)
    first = parts.get("encoder") or parts["model"]
    kind = _kind(set(parts), _metadata(first))
    if kind is None:
        raise damaged([Fault(str(first), "不是支持的 sherpa-onnx 模型种类", REMEDY)])
    return Layout(folder, kind, parts, tokens)


def _find(folder: Path, role: str) -> Path | None:
    """The file for `role`; the quantised one of two, since it runs on a processor."""
    found = sorted(folder.glob(f"*{role}*.onnx"), key=lambda path: ("int8" not in path.name, path.name))
    return found[0] if found else None


def _filled(path: Path) -> bool:
    return path.is_file() and path.stat().st_size > 0


def _metadata(path: Path) -> Mapping[str, str]:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 4
    try:
        session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    # onnxruntime raises a dozen bare kinds for a file it cannot read
    except Exception as error:
        raise damaged([Fault(str(path), f"文件损坏：{error}", REMEDY)]) from error
    about: Mapping[str, str] = session.get_modelmeta().custom_metadata_map
    return about


def _kind(roles: set[str], about: Mapping[str, str]) -> Kind | None:
    """By the files and the first one's metadata, as the library's export scripts write it."""
    named = about.get("model_type", "")
    chunked = "decode_chunk_len" in about or "chunk_shift" in about
    match sorted(roles):
        case ["decoder", "encoder", "joiner"]:
            return Kind.STREAMING_TRANSDUCER if chunked else Kind.TRANSDUCER
        case ["decoder", "encoder"] if named.startswith("whisper"):
            return Kind.WHISPER
        case ["decoder", "encoder"] if "lfr_window_size" in about:
            return Kind.STREAMING_PARAFORMER
        case ["model"] if "lang_zh" in about:
            return Kind.SENSE_VOICE
        case ["model"] if "lfr_window_size" in about:
            return Kind.PARAFORMER
        case ["model"] if named.startswith("zipformer2") and chunked:
            return Kind.STREAMING_CTC
        case _:
            return None


def probe(options: Mapping[str, Any]) -> list[Fault]:
    """Loads the model in a process of its own and decodes a little noise.

    Args:
        options: members of `SherpaOptions`.
    """
    folder = str(options["folder"])
    command = [sys.executable, "-m", "voicebot.adapters.stt.sherpa_probe", json.dumps(dict(options))]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PROBE_TIMEOUT)
    except subprocess.TimeoutExpired:
        return [Fault(folder, f"{PROBE_TIMEOUT:.0f} 秒内没有装入", REMEDY)]
    if done.returncode == 0:
        return []
    lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
    why = lines[-1][-300:] if lines else f"退出码 {done.returncode}"
    return [Fault(folder, f"sherpa-onnx 装不进这个模型：{why}", REMEDY)]
