"""The directory ``data/models``: what is installed, whether it is sound, atomic installs."""

import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from voicebot.adapters.models import vosk_folder
from voicebot.adapters.models.derive import STEPS
from voicebot.adapters.models.fault import Fault, damaged
from voicebot.adapters.models.fetch import Say, fetch, sha256_of
from voicebot.adapters.models.manifest import LocalSource, Model, ModelFile
from voicebot.core.errors import VoicebotError

RECORD: Final = "installed.json"
"""Written last into a model's directory: every file with size and hash, derived ones too."""


@dataclass(frozen=True, slots=True)
class ModelStore:
    """Models under `root` (``data/models``); `environment` gives the operator's own directories."""

    root: Path
    environment: dict[str, str]

    @classmethod
    def of(cls, data: Path) -> "ModelStore":
        return cls(data / "models", dict(os.environ))

    def folder(self, model: Model) -> Path:
        """Where the model lies, or would lie; an operator's directory wins."""
        return self.operators_folder(model) or self.root / model.name

    def operators_folder(self, model: Model) -> Path | None:
        for sources in model.sources:
            for source in sources:
                if isinstance(source, LocalSource) and (named := self.environment.get(source.variable)):
                    return Path(named)
        return None

    def installed(self, model: Model) -> bool:
        """There is something; `faults` says whether it is sound."""
        return self.operators_folder(model) is not None or (self.root / model.name).is_dir()

    def faults(self, model: Model, *, deep: bool = True) -> list[Fault]:
        """Everything wrong with an installed model.

        Args:
            deep: hash every file and try the engine; else only presence and sizes (milliseconds).
        """
        remedy = f"voicebot models pull {model.name}"
        folder = self.folder(model)
        if (operators := self.operators_folder(model)) is not None:
            found = vosk_folder.structure_faults(operators)
            return found or (vosk_folder.probe(operators) if deep else [])
        if not folder.is_dir():
            return [Fault(str(folder), "模型没有安装", f"执行 {remedy}")]
        try:
            recorded = self._recorded(folder)
        except (OSError, ValueError, KeyError, TypeError):
            return [Fault(str(folder / RECORD), "安装记录缺失或损坏", f"执行 {remedy}")]
        expected = {f.path: f for f in recorded} | {f.path: f for f in model.files}
        found = [
            fault
            for file in expected.values()
            if (fault := _file_fault(folder, file, deep, f"执行 {remedy}"))
        ]
        if model.kind == "vosk" and not found:
            found = vosk_folder.structure_faults(folder)
            if deep and not found:
                found = vosk_folder.probe(folder)
        return found

    def _recorded(self, folder: Path) -> list[ModelFile]:
        record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        return [ModelFile(str(f["path"]), str(f["sha256"]), int(f["size"])) for f in record["files"]]

    def install(self, model: Model, say: Say) -> None:
        """Fetches, checks and puts the model in place, all or nothing.

        Raises:
            VoicebotError: ``model.unavailable`` (no source worked, each named), ``model.damaged``.
        """
        downloads = self.root / ".downloads"
        downloads.mkdir(parents=True, exist_ok=True)
        troubles = []
        for sources in model.sources:
            if any(isinstance(source, LocalSource) for source in sources):
                continue
            staging = self.root / f".installing-{model.name}-{os.getpid()}"
            shutil.rmtree(staging, ignore_errors=True)
            staging.mkdir(parents=True)
            try:
                for source in sources:
                    fetch(source, downloads, staging, say)
                self._finish(model, staging)
            except VoicebotError as error:
                troubles.append(error.message)
                if error.code == "model.damaged":  # the next try must not find the same files again
                    shutil.rmtree(downloads)
                    downloads.mkdir()
                continue
            finally:
                shutil.rmtree(staging, ignore_errors=True)
            shutil.rmtree(downloads, ignore_errors=True)
            return
        raise VoicebotError(
            "model.unavailable", f"{model.name} 没有装上：\n" + "\n".join(troubles), retryable=True
        )

    def _finish(self, model: Model, staging: Path) -> None:
        remedy = f"再执行一次 voicebot models pull {model.name}"
        if faults := [f for file in model.files if (f := _file_fault(staging, file, True, remedy))]:
            raise damaged(faults)
        if model.derive:
            STEPS[model.derive](staging)
        files = sorted(p for p in staging.rglob("*") if p.is_file())
        record = {
            "name": model.name,
            "files": [
                {
                    "path": p.relative_to(staging).as_posix(),
                    "sha256": sha256_of(p),
                    "size": p.stat().st_size,
                }
                for p in files
            ],
        }
        (staging / RECORD).write_text(json.dumps(record, indent=1), encoding="utf-8")
        if model.kind == "vosk" and (faults := vosk_folder.structure_faults(staging)):
            raise damaged(faults)
        place = self.root / model.name
        aside = self.root / f".old-{model.name}-{os.getpid()}"
        if place.exists():
            place.rename(aside)
        staging.rename(place)
        shutil.rmtree(aside, ignore_errors=True)


def _file_fault(folder: Path, file: ModelFile, deep: bool, remedy: str) -> Fault | None:
    path = folder / file.path
    if not path.is_file():
        return Fault(str(path), "文件缺失", remedy)
    if (size := path.stat().st_size) != file.size:
        kind = "文件不完整" if size < file.size else "文件大小不对"
        return Fault(str(path), f"{kind}（应为 {file.size} 字节，实为 {size}）", remedy)
    if deep and sha256_of(path) != file.sha256:
        return Fault(str(path), "内容与登记的哈希不符", remedy)
    return None
