"""The sherpa-onnx engine on the real library and tiny models of its layouts (see peers/tone_models)."""

import inspect
import os
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from voicebot.adapters.stt.options import SherpaOptions, SttOptions
from voicebot.adapters.stt.worker import load_engine
from voicebot.core.audio import AudioChunk, silence
from voicebot.core.errors import VoicebotError
from voicebot.core.utterance import Expect

pytestmark = pytest.mark.integration
pytest.importorskip("sherpa_onnx", reason="sherpa-onnx is in the extra sherpa")
pytest.importorskip("onnx", reason="onnx builds the models these tests use; it is in the test extra")

from tests.peers import tone_models  # noqa: E402
from tests.peers.tones import tones  # noqa: E402
from voicebot.adapters.stt.sherpa import SherpaEngine, StreamingTurn, WholeTurn, load_sherpa  # noqa: E402
from voicebot.adapters.stt.sherpa_build import build  # noqa: E402
from voicebot.adapters.stt.sherpa_folder import Kind, read_layout  # noqa: E402

MAKERS: dict[str, tuple[Callable[[Path], Path], Kind]] = {
    "sense_voice": (tone_models.sense_voice, Kind.SENSE_VOICE),
    "paraformer": (tone_models.paraformer, Kind.PARAFORMER),
    "streaming_paraformer": (tone_models.streaming_paraformer, Kind.STREAMING_PARAFORMER),
    "transducer": (tone_models.transducer, Kind.STREAMING_TRANSDUCER),
    "whole_transducer": (tone_models.whole_transducer, Kind.TRANSDUCER),
}


@pytest.fixture(scope="module", params=sorted(MAKERS))
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> SherpaEngine:
    make, kind = MAKERS[request.param]
    folder = make(tmp_path_factory.mktemp(request.param) / "tones")
    assert read_layout(folder).kind is kind
    return load_sherpa(SherpaOptions(folder=str(folder)))


def say(stream: StreamingTurn | WholeTurn, chunk: AudioChunk, piece: int = 320) -> None:
    for at in range(0, len(chunk.pcm), piece):
        stream.feed(chunk.pcm[at : at + piece])


def text_of(stream: StreamingTurn | WholeTurn, *, final: bool = True) -> str:
    return stream.decode(Expect(), final=final, cancelled=lambda: False).text


@pytest.mark.parametrize("rate", [8_000, 16_000])
def test_it_hears_a_turn_and_the_next_one(engine: SherpaEngine, rate: int) -> None:
    stream = engine.open(rate)
    say(stream, tones("路坏了", rate))
    heard = stream.decode(Expect(), final=True, cancelled=lambda: False)
    assert heard.text == "路坏了"
    assert 0.3 < heard.confidence <= 1
    stream.reset()
    say(stream, tones("坏了", rate))
    assert text_of(stream) == "坏了"
    stream.close()


def test_a_caller_who_goes_on_after_the_end_is_heard_as_one_turn(engine: SherpaEngine) -> None:
    stream = engine.open(8_000)
    say(stream, tones("路", 8_000))
    assert text_of(stream) == "路"
    say(stream, tones("坏了", 8_000))
    assert text_of(stream) == "路坏了"


def test_silence_is_nothing(engine: SherpaEngine) -> None:
    stream = engine.open(8_000)
    say(stream, silence(1.0, 8_000))
    assert text_of(stream) == ""
    assert engine.open(8_000).decode(Expect(), final=True, cancelled=lambda: False).text == ""


def test_streams_in_several_threads_do_not_hear_each_other(engine: SherpaEngine) -> None:
    heard: dict[str, str] = {}

    def listen(text: str) -> None:
        stream = engine.open(8_000)
        say(stream, tones(text, 8_000))
        heard[text] = text_of(stream)

    threads = [threading.Thread(target=listen, args=(text,)) for text in ("路", "坏了", "了坏", "路坏")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert heard == {text: text for text in heard}
    assert len(heard) == 4


def test_a_streaming_model_writes_while_it_is_fed(tmp_path: Path) -> None:
    engine = load_sherpa(SherpaOptions(folder=str(tone_models.transducer(tmp_path / "tones"))))
    assert engine.streaming
    stream = engine.open(8_000)
    say(stream, tones("路坏", 8_000))
    early = text_of(stream, final=False)
    say(stream, tones("了", 8_000))
    assert early
    assert "路坏了".startswith(early)
    assert text_of(stream) == "路坏了"


@pytest.mark.parametrize("make", [tone_models.transducer, tone_models.whole_transducer])
def test_hot_words_are_heard_rather_than_their_homophones(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], make: Callable[[Path], Path]
) -> None:
    folder = str(make(tmp_path / "tones"))

    def heard(*hotwords: str) -> str:
        stream = load_sherpa(SherpaOptions(folder=folder, hotwords=hotwords)).open(8_000)
        say(stream, tones("路灯坏了", 8_000))
        return text_of(stream)

    assert heard() == "路登坏了"
    assert heard("路灯") == "路灯坏了"
    assert heard("路灯", "井盖") == "路灯坏了", "what the model cannot write is left out"
    assert "Encode hotwords failed" not in capfd.readouterr().err


def test_hot_words_for_a_model_that_takes_none_are_refused(tmp_path: Path) -> None:
    folder = str(tone_models.sense_voice(tmp_path / "tones"))
    with pytest.raises(VoicebotError, match=r"stt\.options.*stt\.sherpa\.hotwords.*transducer"):
        load_sherpa(SherpaOptions(folder=folder, hotwords=("路灯",)))


def test_the_settings_choose_it(tmp_path: Path) -> None:
    folder = tone_models.sense_voice(tmp_path / "tones")
    engine = load_engine(SttOptions(engine="sherpa", sherpa=SherpaOptions(folder=str(folder))))
    assert (engine.name, engine.model, engine.note) == ("sherpa", "tones", "")


def _no_metadata(folder: Path) -> None:
    import onnx

    path = folder / "model.int8.onnx"
    model = onnx.load(str(path))
    kept = [p for p in model.metadata_props if p.key != "vocab_size"]
    del model.metadata_props[:]
    model.metadata_props.extend(kept)
    onnx.save(model, str(path))


DAMAGE: dict[str, tuple[Callable[[Path], object], str]] = {
    "no folder": (
        shutil.rmtree,
        r"model\.missing.*stt\.sherpa\.folder",
    ),
    "no model": (lambda f: (f / "model.int8.onnx").unlink(), "没有完整的模型文件"),
    "no tokens": (lambda f: (f / "tokens.txt").unlink(), r"tokens\.txt：文件缺失或为空"),
    "rubbish": (lambda f: (f / "model.int8.onnx").write_bytes(b"junk" * 99), r"model\.int8\.onnx：文件损坏"),
    "half a model": (
        lambda f: (f / "model.int8.onnx").write_bytes((f / "model.int8.onnx").read_bytes()[:-900]),
        r"model\.int8\.onnx：文件损坏",
    ),
    "what ends the library's process": (_no_metadata, "装不进这个模型：.*vocab_size"),
    "tokens that are none": (lambda f: (f / "tokens.txt").write_text("a b c d\n"), "装不进这个模型"),
}


@pytest.mark.parametrize("damage", sorted(DAMAGE))
def test_a_bad_model_is_an_error_that_names_file_and_remedy(tmp_path: Path, damage: str) -> None:
    folder = tone_models.sense_voice(tmp_path / "tones")
    spoil, said = DAMAGE[damage]
    spoil(folder)
    with pytest.raises(VoicebotError, match=said) as refused:
        load_sherpa(SherpaOptions(folder=str(folder)))
    assert "处理办法" in refused.value.message
    assert str(tmp_path) in refused.value.message


def test_a_model_of_another_kind_is_refused(tmp_path: Path) -> None:
    folder = tone_models.transducer(tmp_path / "tones")
    (folder / "joiner-tones.onnx").unlink()
    with pytest.raises(VoicebotError, match="不是支持的 sherpa-onnx 模型种类"):
        load_sherpa(SherpaOptions(folder=str(folder)))


def _metadata_only(path: Path, about: dict[str, str]) -> None:
    """An ONNX file that does nothing but tell what it is."""
    from onnx import TensorProto, helper, save

    info = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1])
    out = helper.make_tensor_value_info("y", TensorProto.FLOAT, [1])
    graph = helper.make_graph([helper.make_node("Identity", ["x"], ["y"])], "g", [info], [out])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    helper.set_model_props(model, about)
    save(model, str(path))


PUBLISHED: list[tuple[Kind, dict[str, dict[str, str]], str]] = [
    (
        Kind.STREAMING_TRANSDUCER,
        {
            "encoder-epoch-99-avg-1.int8.onnx": {"model_type": "zipformer2", "decode_chunk_len": "32"},
            "decoder-epoch-99-avg-1.onnx": {},
            "joiner-epoch-99-avg-1.int8.onnx": {},
        },
        "tokens.txt",
    ),
    (
        Kind.TRANSDUCER,
        {"encoder.onnx": {"model_type": "zipformer2"}, "decoder.onnx": {}, "joiner.onnx": {}},
        "tokens.txt",
    ),
    (
        Kind.STREAMING_PARAFORMER,
        {"encoder.int8.onnx": {"lfr_window_size": "7"}, "decoder.int8.onnx": {}},
        "tokens.txt",
    ),
    (
        Kind.WHISPER,
        {"tiny-encoder.int8.onnx": {"model_type": "whisper-tiny"}, "tiny-decoder.int8.onnx": {}},
        "tiny-tokens.txt",
    ),
    (
        Kind.STREAMING_CTC,
        {"model.int8.onnx": {"model_type": "zipformer2", "decode_chunk_len": "32"}},
        "tokens.txt",
    ),
    (Kind.PARAFORMER, {"model.int8.onnx": {"lfr_window_size": "7"}}, "tokens.txt"),
    (Kind.SENSE_VOICE, {"model.int8.onnx": {"lfr_window_size": "7", "lang_zh": "3"}}, "tokens.txt"),
]


@pytest.mark.parametrize(("kind", "files", "tokens"), PUBLISHED, ids=[str(kind) for kind, *_ in PUBLISHED])
def test_published_layouts_are_known_and_loaded_as_the_library_asks(
    tmp_path: Path, kind: Kind, files: dict[str, dict[str, str]], tokens: str
) -> None:
    for name, about in files.items():
        _metadata_only(tmp_path / name, about)
        if "int8" in name:  # the same in full precision lies beside it
            _metadata_only(tmp_path / name.replace(".int8", ""), about)
    (tmp_path / tokens).write_text("<blk> 0\n路 1\n灯 2\n", encoding="utf-8")
    layout = read_layout(tmp_path)
    assert layout.kind is kind
    assert {path.name for path in layout.parts.values()} == set(files)
    asked: list[dict[str, object]] = []
    options = SherpaOptions(folder=str(tmp_path), hotwords=("路灯",) if kind.takes_hotwords else ())
    build(recording(asked), layout, options, bool(options.hotwords))
    (given,) = asked
    assert given["tokens"] == str(tmp_path / tokens)
    assert given.get("decoding_method") == ("modified_beam_search" if kind.takes_hotwords else None)


def recording(asked: list[dict[str, object]]) -> ModuleType:
    """The library, except that its makers only check their arguments and note them."""
    import sherpa_onnx

    def noting(real: Any) -> Callable[..., None]:
        def make(**given: object) -> None:
            inspect.signature(real).bind(**given)
            asked.append(given)

        return make

    library = ModuleType("sherpa_onnx")
    for name in ("OnlineRecognizer", "OfflineRecognizer"):
        real = getattr(sherpa_onnx, name)
        makers = [maker for maker in dir(real) if maker.startswith("from_")]
        noted = {maker: staticmethod(noting(getattr(real, maker))) for maker in makers}
        setattr(library, name, type(name, (), noted))
    return library


@pytest.mark.skipif(
    not os.environ.get("VOICEBOT_STT__SHERPA__FOLDER"),
    reason="no Mandarin sherpa-onnx model: set VOICEBOT_STT__SHERPA__FOLDER to its directory",
)
def test_an_operators_model_hears_a_caller(caller_says: Callable[[str], AudioChunk]) -> None:
    engine = load_sherpa(SherpaOptions(folder=os.environ["VOICEBOT_STT__SHERPA__FOLDER"]))
    stream = engine.open(8_000)
    say(stream, caller_says("社保卡丢了怎么补办"))
    assert len(set("社保卡丢了怎么补办") & set(text_of(stream))) > 4
