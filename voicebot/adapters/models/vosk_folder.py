"""Is this directory a whole Vosk model? Vosk itself only says so when it is too late (findings.md)."""

import subprocess
import sys
from pathlib import Path
from typing import Final

from voicebot.adapters.models.fault import Fault

PROBE_TIMEOUT: Final = 120.0
"""Seconds; the 1.3 GB model takes about 20 to load."""

_GRAPHS: Final = (
    ("graph/HCLG.fst",),
    ("graph/HCLr.fst", "graph/Gr.fst"),
    ("HCLG.fst",),
    ("HCLr.fst", "Gr.fst"),
)
_NEEDED: Final = (("am/final.mdl", "final.mdl"), ("conf/mfcc.conf", "mfcc.conf"))
_IVECTOR: Final = ("final.dubm", "final.ie", "final.mat", "global_cmvn.stats", "splice.conf")
_REMEDY: Final = "重新下载并解压完整的 Vosk 模型，或执行 voicebot models pull"


def structure_faults(folder: Path) -> list[Fault]:
    """Files that are missing or empty; needs no engine."""
    if not folder.is_dir():
        return [Fault(str(folder), "目录不存在", _REMEDY)]
    faults = []
    for either in _NEEDED:
        if not any(_filled(folder / name) for name in either):
            faults.append(Fault(str(folder / either[0]), "文件缺失或为空", _REMEDY))
    if not any(all(_filled(folder / name) for name in names) for names in _GRAPHS):
        faults.append(
            Fault(str(folder / "graph"), "解码图缺失或为空（HCLG.fst，或 HCLr.fst 加 Gr.fst）", _REMEDY)
        )
    if (folder / "ivector").is_dir():
        faults += [
            Fault(str(folder / "ivector" / name), "文件缺失或为空", _REMEDY)
            for name in _IVECTOR
            if not _filled(folder / "ivector" / name)
        ]
    return faults


def _filled(path: Path) -> bool:
    return path.is_file() and path.stat().st_size > 0


def probe(folder: Path) -> list[Fault]:
    """Loads the model in a process of its own and decodes a second of silence: some damage makes
    the library abort, and that must not be our process."""
    command = [sys.executable, "-m", "voicebot.adapters.stt.vosk_probe", str(folder)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PROBE_TIMEOUT)
    except subprocess.TimeoutExpired:
        return [Fault(str(folder), f"{PROBE_TIMEOUT:.0f} 秒内没有装入", _REMEDY)]
    if done.returncode == 0:
        return []
    lines = [line for line in done.stderr.splitlines() if "ERROR" in line or "Error" in line]
    why = lines[-1].strip()[-200:] if lines else f"退出码 {done.returncode}"
    return [Fault(str(folder), f"Vosk 装不进这个模型：{why}", _REMEDY)]
