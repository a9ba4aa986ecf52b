"""The library's recogniser for a model's files."""

from collections.abc import Sequence
from types import ModuleType
from typing import Any, assert_never

import structlog

from voicebot.adapters.stt.options import SherpaOptions
from voicebot.adapters.stt.sherpa_folder import Kind, Layout
from voicebot.core.errors import VoicebotError

_log = structlog.get_logger(__name__)


def library() -> ModuleType:
    """sherpa_onnx; raises VoicebotError ``stt.missing`` when it is not installed."""
    try:
        import sherpa_onnx
    except ImportError as error:
        raise VoicebotError(
            "stt.missing",
            "没有安装 sherpa-onnx。处理办法：pip install 'voicebot-12345[sherpa]'，或改设置 stt.engine",
        ) from error
    module: ModuleType = sherpa_onnx
    return module


def known_hotwords(phrases: Sequence[str], layout: Layout) -> list[str]:
    """The hot words the model can write; others would only be complained of at every turn."""
    if not phrases or layout.optional("bpe.vocab"):
        return list(phrases)
    tokens = {
        line.split()[0] for line in layout.tokens.read_text(encoding="utf-8").splitlines() if line.strip()
    }
    known = [phrase for phrase in phrases if all(character in tokens for character in phrase)]
    if unknown := sorted(set(phrases) - set(known)):
        _log.warning("stt.hotwords_unknown", phrases=unknown, tokens=str(layout.tokens))
    return known


def build(library: ModuleType, layout: Layout, options: SherpaOptions, hot: bool) -> Any:
    """The library's recogniser for a layout.

    Args:
        hot: hot words will be given with each stream.
    """
    online, offline = library.OnlineRecognizer, library.OfflineRecognizer
    parts = {role: str(path) for role, path in layout.parts.items()}
    common: dict[str, Any] = {"tokens": str(layout.tokens), "num_threads": 1, "provider": "cpu"}
    # replaces homophones after decoding, when the folder has the rules for it
    common["hr_lexicon"], common["hr_rule_fsts"] = (
        layout.optional("lexicon.txt"),
        layout.optional("replace.fst"),
    )
    if not (common["hr_lexicon"] and common["hr_rule_fsts"]):
        common["hr_lexicon"] = common["hr_rule_fsts"] = ""
    search: dict[str, Any] = {}
    if hot:
        vocabulary = layout.optional("bpe.vocab")
        search = {
            "decoding_method": "modified_beam_search",
            "hotwords_score": options.hotwords_score,
            "modeling_unit": "cjkchar+bpe" if vocabulary else "cjkchar",
            "bpe_vocab": vocabulary,
        }
    match layout.kind:
        case Kind.STREAMING_TRANSDUCER:
            return online.from_transducer(**parts, **common, **search)
        case Kind.STREAMING_PARAFORMER:
            return online.from_paraformer(**parts, **common)
        case Kind.STREAMING_CTC:
            return online.from_zipformer2_ctc(**parts, **common)
        case Kind.TRANSDUCER:
            return offline.from_transducer(**parts, **common, **search)
        case Kind.PARAFORMER:
            return offline.from_paraformer(paraformer=parts["model"], **common)
        case Kind.SENSE_VOICE:
            return offline.from_sense_voice(**parts, **common, language=options.language, use_itn=False)
        case Kind.WHISPER:
            return offline.from_whisper(**parts, **common, language=options.language)
        case _:
            assert_never(layout.kind)
