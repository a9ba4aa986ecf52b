"""Tiny real sherpa-onnx models of the language of `tones`.

No package carries a Mandarin sherpa-onnx model, so what the engine is tested on is made here: whole
models in the published layouts (metadata, inputs, outputs), a few kilobytes each, whose weights look
at one mel band per character. The library, its features, its decoding and its hot words are the real
ones; only the language is not Mandarin.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tests.peers.tones import HERTZ

TOKENS: Final = ("<blk>", *HERTZ)
_ABOUT: Final = ("<|zh|>", "<|NEUTRAL|>", "<|Speech|>", "<|woitn|>")
_BANDS: Final = 80

Step = tuple[str, list[str], list[str], dict[str, Any]]
"""An operation of a graph: its name, inputs, outputs, attributes."""
_EDGE: Final = 3.0
"""How much likelier 登 is than 灯 (in nats); a hot word must make up for it."""


def sense_voice(folder: Path) -> Path:
    """A SenseVoice model: the whole turn at once, CTC, seven frames in a row; four tokens that tell
    of language, mood, event and figures go ahead of the text."""
    from onnx import TensorProto, helper

    size = len(TOKENS) + len(_ABOUT)
    middle = np.zeros((7 * _BANDS, size), np.float32)
    middle[3 * _BANDS : 4 * _BANDS, : len(TOKENS)] = _weights()
    bias = np.full(size, -1000.0, np.float32)
    bias[: len(TOKENS)] = _bias(loud=16.0)
    lead = np.zeros((1, 4, size), np.float32)
    lead[0, range(4), range(len(TOKENS), size)] = 100.0
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["seen"]),
        helper.make_node("Add", ["seen", "b"], ["scored"]),
        helper.make_node("Concat", ["lead", "scored"], ["logits"], axis=1),
    ]
    graph = helper.make_graph(
        nodes,
        "sense_voice",
        [
            helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", "T", 7 * _BANDS]),
            *(
                helper.make_tensor_value_info(name, TensorProto.INT32, ["N"])
                for name in ("x_length", "language", "text_norm")
            ),
        ],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["N", "T4", size])],
        [_constant("w", middle), _constant("b", bias), _constant("lead", lead)],
    )
    languages = {f"lang_{name}": n for n, name in enumerate(("auto", "zh", "en", "ja", "ko", "yue"))}
    _write(
        graph,
        folder / "model.int8.onnx",
        {
            "model_type": "sense_voice_ctc",
            "comment": "tones",
            "vocab_size": size,
            "lfr_window_size": 7,
            "lfr_window_shift": 6,
            "normalize_samples": 0,
            "with_itn": 14,
            "without_itn": 15,
            **languages,
            "neg_mean": ",".join(["0"] * 7 * _BANDS),
            "inv_stddev": ",".join(["1"] * 7 * _BANDS),
        },
    )
    return _tokens(folder, (*TOKENS, *_ABOUT))


def paraformer(folder: Path) -> Path:
    """A Paraformer model: the whole turn at once, only the frames that begin a character come out."""
    from onnx import TensorProto, helper

    size = len(TOKENS) + 1
    steps: list[Step] = [
        *_scored("scored"),
        ("Compress", ["rows", "begins"], ["characters"], {"axis": 0}),
        ("Unsqueeze", ["characters", "first"], ["logits"], {}),
        ("Cast", ["begins"], ["ones"], {"to": TensorProto.INT32}),
        ("ReduceSum", ["ones", "first"], ["token_num"], {"keepdims": 1}),
    ]
    graph = helper.make_graph(
        [helper.make_node(name, inputs, outputs, **extra) for name, inputs, outputs, extra in steps],
        "paraformer",
        [
            helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, "T", 7 * _BANDS]),
            helper.make_tensor_value_info("x_length", TensorProto.INT32, [1]),
        ],
        [
            helper.make_tensor_value_info("logits", TensorProto.FLOAT, [1, "K", size]),
            helper.make_tensor_value_info("token_num", TensorProto.INT32, [1]),
        ],
        _paraformer_constants(size),
    )
    about = {"model_type": "paraformer", "vocab_size": size, "lfr_window_size": 7, "lfr_window_shift": 6}
    plain = {"neg_mean": ",".join(["0"] * 7 * _BANDS), "inv_stddev": ",".join(["1"] * 7 * _BANDS)}
    _write(graph, folder / "model.onnx", {**about, **plain})
    return _tokens(folder, (*TOKENS, "</s>"))


def streaming_paraformer(folder: Path) -> Path:
    """A streaming Paraformer: a frame that begins a character has the whole weight of one."""
    from onnx import TensorProto, helper

    size = len(TOKENS) + 1
    steps: list[Step] = [
        *_scored("encoder_out"),
        ("Cast", ["begins"], ["weights"], {"to": TensorProto.FLOAT}),
        ("Unsqueeze", ["weights", "first"], ["alphas"], {}),
        ("Identity", ["x_length"], ["encoder_out_length"], {}),
    ]
    encoder = helper.make_graph(
        [helper.make_node(name, inputs, outputs, **extra) for name, inputs, outputs, extra in steps],
        "encoder",
        [
            helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, "T", 7 * _BANDS]),
            helper.make_tensor_value_info("x_length", TensorProto.INT32, [1]),
        ],
        [
            helper.make_tensor_value_info("encoder_out", TensorProto.FLOAT, [1, "T", size]),
            helper.make_tensor_value_info("encoder_out_length", TensorProto.INT32, [1]),
            helper.make_tensor_value_info("alphas", TensorProto.FLOAT, [1, "T"]),
        ],
        _paraformer_constants(size),
    )
    decoder = helper.make_graph(
        [
            helper.make_node("Identity", ["embedding"], ["logits"]),
            helper.make_node("ArgMax", ["embedding"], ["sample_ids"], axis=2, keepdims=0),
            helper.make_node("Identity", ["cache"], ["next_cache"]),
        ],
        "decoder",
        [
            helper.make_tensor_value_info("encoder_out", TensorProto.FLOAT, [1, "T", size]),
            helper.make_tensor_value_info("encoder_out_length", TensorProto.INT32, [1]),
            helper.make_tensor_value_info("embedding", TensorProto.FLOAT, [1, "K", size]),
            helper.make_tensor_value_info("embedding_length", TensorProto.INT32, [1]),
            helper.make_tensor_value_info("cache", TensorProto.FLOAT, [1, size, 1]),
        ],
        [
            helper.make_tensor_value_info("logits", TensorProto.FLOAT, [1, "K", size]),
            helper.make_tensor_value_info("sample_ids", TensorProto.INT64, [1, "K"]),
            helper.make_tensor_value_info("next_cache", TensorProto.FLOAT, [1, size, 1]),
        ],
    )
    about = {
        "vocab_size": size,
        "lfr_window_size": 7,
        "lfr_window_shift": 6,
        "encoder_output_size": size,
        "decoder_num_blocks": 1,
        "decoder_kernel_size": 2,
        "neg_mean": ",".join(["0"] * 7 * _BANDS),
        # the library multiplies by the root of encoder_output_size
        "inv_stddev": ",".join([str(size**-0.5)] * 7 * _BANDS),
    }
    _write(encoder, folder / "encoder.int8.onnx", about)
    _write(decoder, folder / "decoder.int8.onnx", {})
    return _tokens(folder, (*TOKENS, "</s>"))


def transducer(folder: Path) -> Path:
    """A streaming transducer (LSTM layout): chunks of 16 frames, a token once until another comes."""
    from onnx import TensorProto, helper

    size = len(TOKENS)
    encoder = helper.make_graph(
        [
            helper.make_node("MatMul", ["x", "w"], ["seen"]),
            helper.make_node("Add", ["seen", "b"], ["scored"]),
            helper.make_node("Reshape", ["scored", "shape"], ["fours"]),
            helper.make_node("ReduceMean", ["fours"], ["encoder_out"], axes=[2], keepdims=0),
            helper.make_node("Identity", ["h"], ["next_h"]),
            helper.make_node("Identity", ["c"], ["next_c"]),
        ],
        "encoder",
        [
            helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 16, _BANDS]),
            helper.make_tensor_value_info("h", TensorProto.FLOAT, [1, "N", 4]),
            helper.make_tensor_value_info("c", TensorProto.FLOAT, [1, "N", 4]),
        ],
        [
            helper.make_tensor_value_info("encoder_out", TensorProto.FLOAT, ["N", 4, size]),
            helper.make_tensor_value_info("next_h", TensorProto.FLOAT, [1, "N", 4]),
            helper.make_tensor_value_info("next_c", TensorProto.FLOAT, [1, "N", 4]),
        ],
        [
            _constant("w", _weights()),
            _constant("b", _bias(loud=-4.0)),
            _constant("shape", np.array([-1, 4, 4, size], np.int64)),
        ],
    )
    _write(
        encoder,
        folder / "encoder-tones.onnx",
        {
            "model_type": "lstm",
            "num_encoder_layers": 1,
            "T": 16,
            "decode_chunk_len": 16,
            "rnn_hidden_size": 4,
            "d_model": 4,
        },
    )
    return _decoder_and_joiner(folder)


def whole_transducer(folder: Path) -> Path:
    """A transducer for whole turns."""
    from onnx import TensorProto, helper

    size = len(TOKENS)
    encoder = helper.make_graph(
        [
            helper.make_node("MatMul", ["x", "w"], ["seen"]),
            helper.make_node("Add", ["seen", "b"], ["encoder_out"]),
            helper.make_node("Identity", ["x_lens"], ["encoder_out_lens"]),
        ],
        "encoder",
        [
            helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", "T", _BANDS]),
            helper.make_tensor_value_info("x_lens", TensorProto.INT64, ["N"]),
        ],
        [
            helper.make_tensor_value_info("encoder_out", TensorProto.FLOAT, ["N", "T", size]),
            helper.make_tensor_value_info("encoder_out_lens", TensorProto.INT64, ["N"]),
        ],
        [_constant("w", _weights()), _constant("b", _bias(loud=1.5))],
    )
    _write(encoder, folder / "encoder-tones.onnx", {"model_type": "zipformer2", "comment": "tones"})
    return _decoder_and_joiner(folder)


def _decoder_and_joiner(folder: Path) -> Path:
    """What both transducers have: a token once until another comes."""
    from onnx import TensorProto, helper

    size = len(TOKENS)
    said = np.full((size, size), 0.0, np.float32)
    for number in range(1, size):
        # its homophone would be said right after it, too
        same = [n for n in range(1, size) if HERTZ[TOKENS[n]] == HERTZ[TOKENS[number]]]
        said[number, same] = -100.0
    decoder = helper.make_graph(
        [
            helper.make_node("Gather", ["said", "y"], ["each"], axis=0),
            helper.make_node("ReduceMean", ["each"], ["decoder_out"], axes=[1], keepdims=0),
        ],
        "decoder",
        [helper.make_tensor_value_info("y", TensorProto.INT64, ["N", 1])],
        [helper.make_tensor_value_info("decoder_out", TensorProto.FLOAT, ["N", size])],
        [_constant("said", said)],
    )
    joiner = helper.make_graph(
        [helper.make_node("Add", ["encoder_out", "decoder_out"], ["logit"])],
        "joiner",
        [
            helper.make_tensor_value_info("encoder_out", TensorProto.FLOAT, ["N", size]),
            helper.make_tensor_value_info("decoder_out", TensorProto.FLOAT, ["N", size]),
        ],
        [helper.make_tensor_value_info("logit", TensorProto.FLOAT, ["N", size])],
    )
    _write(decoder, folder / "decoder-tones.onnx", {"vocab_size": size, "context_size": 1})
    _write(joiner, folder / "joiner-tones.onnx", {"joiner_dim": size})
    return _tokens(folder, TOKENS)


def _scored(name: str) -> list[Step]:
    """Scores of each frame as `name`, and which frames begin a character as ``begins``."""
    return [
        ("MatMul", ["x", "w"], ["seen"], {}),
        ("Add", ["seen", "b"], [name], {}),
        ("Squeeze", [name, "first"], ["rows"], {}),
        ("ArgMax", ["rows"], ["best"], {"axis": 1, "keepdims": 0}),
        ("Concat", ["first", "best"], ["shifted"], {"axis": 0}),
        ("Slice", ["shifted", "first", "last"], ["before"], {}),
        ("Equal", ["best", "before"], ["same"], {}),
        ("Not", ["same"], ["other"], {}),
        ("Greater", ["best", "first"], ["sound"], {}),
        ("And", ["other", "sound"], ["begins"], {}),
    ]


def _paraformer_constants(size: int) -> list[Any]:
    middle = np.zeros((7 * _BANDS, size), np.float32)
    middle[3 * _BANDS : 4 * _BANDS, : len(TOKENS)] = _weights()
    return [
        _constant("w", middle),
        _constant("b", np.append(_bias(loud=16.0), np.float32(-1000.0))),
        _constant("first", np.array([0], np.int64)),
        _constant("last", np.array([-1], np.int64)),
    ]


def _weights() -> NDArray[np.float32]:
    weights = np.zeros((_BANDS, len(TOKENS)), np.float32)
    for number, character in enumerate(TOKENS[1:], 1):
        weights[_band(HERTZ[character]), number] = 1.0
    return weights


def _bias(loud: float) -> NDArray[np.float32]:
    """Blank wins below `loud` (log energy of a band)."""
    bias = np.zeros(len(TOKENS), np.float32)
    bias[0] = loud
    bias[TOKENS.index("登")] = _EDGE
    return bias


def _band(hertz: float) -> int:
    """The mel band (80 between 20 and 7,600 Hz) that a tone falls into."""

    def mel(frequency: float) -> float:
        return float(1127 * np.log(1 + frequency / 700))

    return round((mel(hertz) - mel(20)) / (mel(7_600) - mel(20)) * (_BANDS + 1)) - 1


def _constant(name: str, value: NDArray[Any]) -> Any:
    from onnx import numpy_helper

    return numpy_helper.from_array(value, name)


def _write(graph: Any, path: Path, about: Mapping[str, object]) -> None:
    from onnx import helper, save

    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    helper.set_model_props(model, {name: str(value) for name, value in about.items()})
    path.parent.mkdir(parents=True, exist_ok=True)
    save(model, str(path))


def _tokens(folder: Path, tokens: tuple[str, ...]) -> Path:
    lines = [f"{token} {number}\n" for number, token in enumerate(tokens)]
    (folder / "tokens.txt").write_text("".join(lines), encoding="utf-8")
    return folder
