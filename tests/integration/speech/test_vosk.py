"""The Vosk engine on a real model. No Mandarin model comes in packages, so the Korean one proves the
engine; no usable Korean voice comes either, so parity with a bare recogniser is what is measured."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from voicebot.adapters.models.manifest import VOSK_VARIABLE
from voicebot.adapters.stt.engine import NOTHING, Decoded
from voicebot.adapters.stt.text import join_hanzi
from voicebot.adapters.stt.vosk import IDLE, SURE, VoskEngine
from voicebot.core.audio import AudioChunk
from voicebot.core.errors import VoicebotError
from voicebot.core.utterance import Expect, ExpectKind

pytestmark = pytest.mark.integration

NEVER = lambda: False  # noqa: E731
CHUNK = 320


@pytest.fixture(scope="module")
def engine(vosk_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> VoskEngine:
    """The model without dither (random noise in its features), so that results can be compared."""
    folder = copy_without(vosk_folder, tmp_path_factory.mktemp("vosk") / "model", "conf/mfcc.conf")
    features = (vosk_folder / "conf/mfcc.conf").read_text()
    (folder / "conf/mfcc.conf").write_text(features.rstrip() + "\n--dither=0\n")
    return VoskEngine(folder)


def copy_without(source: Path, target: Path, left_out: str) -> Path:
    """A model of links to another's files, one left out."""
    for path in (p for p in source.rglob("*") if p.is_file()):
        link = target / path.relative_to(source)
        link.parent.mkdir(parents=True, exist_ok=True)
        if path != source / left_out:
            link.symlink_to(path.resolve())
    return target


def bare(engine: VoskEngine, pcm: bytes) -> str:
    """What vosk itself makes of the sound in one go."""
    recogniser = engine.recogniser(8_000)
    texts = []
    for at in range(0, len(pcm), CHUNK):
        if recogniser.AcceptWaveform(pcm[at : at + CHUNK]):
            texts.append(json.loads(recogniser.Result())["text"])
    texts.append(json.loads(recogniser.FinalResult())["text"])
    return join_hanzi(" ".join(t for t in texts if t))


def test_parity_with_a_bare_recogniser_and_reset_between_turns(
    engine: VoskEngine, caller_says: Callable[[str], AudioChunk]
) -> None:
    stream = engine.open(8_000)
    for text in ("社保卡丢了怎么补办", "我家门口的路灯坏了三天了", "公积金怎么提取"):
        pcm = caller_says(text).pcm
        for at in range(0, len(pcm), CHUNK):
            stream.feed(pcm[at : at + CHUNK])
        heard = stream.decode(Expect(), final=True, cancelled=NEVER)
        assert heard.text == bare(engine, pcm) != ""
        assert 0 < heard.confidence <= 1
        stream.reset()
    stream.close()


def test_partial_text_comes_while_speaking_and_does_not_end_the_turn(
    engine: VoskEngine, caller_says: Callable[[str], AudioChunk]
) -> None:
    pcm = caller_says("居住证怎么办理需要什么材料").pcm
    stream = engine.open(8_000)
    early = Decoded("", 0)
    for at in range(0, len(pcm), CHUNK):
        stream.feed(pcm[at : at + CHUNK])
        early = early if early.text else stream.decode(Expect(), final=False, cancelled=NEVER)
    assert early.text, "no words before the end of the turn"
    assert len(stream.decode(Expect(), final=True, cancelled=NEVER).text) > len(early.text)


def test_a_turn_goes_on_after_its_final_text(
    engine: VoskEngine, caller_says: Callable[[str], AudioChunk]
) -> None:
    stream = engine.open(8_000)
    stream.feed(caller_says("公积金怎么提取").pcm)
    first = stream.decode(Expect(), final=True, cancelled=NEVER)
    stream.feed(caller_says("我家门口的路灯坏了三天了").pcm)
    assert stream.decode(Expect(), final=True, cancelled=NEVER).text.startswith(first.text)


def test_words_before_and_after_a_pause_are_one_text(
    engine: VoskEngine, caller_says: Callable[[str], AudioChunk]
) -> None:
    """Longer than Vosk's own end of an utterance (0.5 s), with a draft in it, as in a call."""
    first, second = caller_says("公积金怎么提取").pcm, caller_says("我家门口的路灯坏了三天了").pcm
    stream = engine.open(8_000)
    for at in range(0, len(first), CHUNK):
        stream.feed(first[at : at + CHUNK])
    draft = stream.decode(Expect(), final=False, cancelled=NEVER)
    assert draft.text == bare(engine, first), "a draft in a pause has the last words too"
    for at in range(0, len(second), CHUNK):
        stream.feed(second[at : at + CHUNK])
    whole = stream.decode(Expect(), final=True, cancelled=NEVER).text
    assert whole.replace(" ", "") == (draft.text + bare(engine, second)).replace(" ", "")


def test_recognisers_are_pooled_and_know_nothing_of_the_speaker_before(
    engine: VoskEngine, caller_says: Callable[[str], AudioChunk]
) -> None:
    text = caller_says("居住证怎么办理需要什么材料").pcm
    want = bare(engine, text)
    before = caller_says("转人工").pcm
    streams = [engine.open(8_000) for _ in range(3)]
    for stream in streams:
        stream.feed(before)  # never asked for a text: the turn was none
        stream.reset()
    used = {id(r) for r in engine._idle[8_000]}
    assert 1 <= len(used) <= IDLE
    last = engine.open(8_000)
    for at in range(0, len(text), CHUNK):
        last.feed(text[at : at + CHUNK])
    assert last.decode(Expect(), final=True, cancelled=NEVER).text == want
    assert id(last._recogniser) in used
    last.close()
    stream = engine.open(8_000)
    assert stream.decode(Expect(), final=True, cancelled=NEVER) == NOTHING


def test_nothing_fed_is_nothing_heard(engine: VoskEngine) -> None:
    stream = engine.open(8_000)
    assert stream.decode(Expect(), final=True, cancelled=NEVER) == NOTHING
    stream.reset()
    stream.feed(bytes(16_000))
    assert stream.decode(Expect(), final=True, cancelled=NEVER).text == ""


def test_a_grammar_holds_known_words_only(engine: VoskEngine) -> None:
    known = next(word for word in ("네", "아니", "예", "나") if engine.knows(word))
    closed = Expect(ExpectKind.CHOICE, choices=(known, "不在词表里的词"))
    assert engine.grammar(closed) == (known,)
    assert engine.grammar(Expect(ExpectKind.OPEN, choices=(known,))) == ()
    assert engine.grammar(Expect(ExpectKind.CHOICE, choices=("不在词表里的词",))) == ()


def test_a_closed_question_never_crashes_and_falls_back_to_free_text(
    engine: VoskEngine, caller_says: Callable[[str], AudioChunk]
) -> None:
    pcm = caller_says("公积金怎么提取").pcm
    for choices in ((), ("",), ("]", '"'), ("네",)):
        stream = engine.open(8_000)
        stream.feed(pcm)
        heard = stream.decode(Expect(ExpectKind.CHOICE, choices=choices), final=True, cancelled=NEVER)
        assert isinstance(heard, Decoded)
        assert heard.text


@pytest.mark.parametrize("said", ["네", "아니요"])
def test_an_answer_of_a_closed_question_is_heard_by_its_grammar(engine: VoskEngine, said: str) -> None:
    """espeak-ng's Korean, of which the open grammar hears 2 of these 4 and of all words next to none."""
    pytest.importorskip("espeakng_loader", reason="no Korean voice: espeak-ng is in an extra")
    from voicebot.adapters.tts.espeak import EspeakEngine
    from voicebot.adapters.tts.polish import polish

    closed = Expect(ExpectKind.CHOICE, choices=("네", "아니요"))
    for rate in (0.8, 1.0):
        stream = engine.open(8_000)
        stream.feed(bytes(6_400) + polish(EspeakEngine().speak(said, "ko", rate), 8_000).pcm + bytes(6_400))
        heard = stream.decode(closed, final=False, cancelled=NEVER)
        assert (heard.text, heard.confidence > SURE) == (said, True)
        stream.close()


@pytest.mark.parametrize("victim", ["am/final.mdl", "graph/HCLr.fst", "conf/mfcc.conf", "ivector/final.ie"])
def test_a_model_with_a_file_missing_is_a_clear_error(vosk_folder: Path, tmp_path: Path, victim: str) -> None:
    broken = copy_without(vosk_folder, tmp_path / "model", victim)
    with pytest.raises(VoicebotError, match=r"model\.damaged"):
        VoskEngine(broken)


def test_mandarin_vosk_hears_the_caller(caller_says: Callable[[str], AudioChunk]) -> None:
    if not (named := os.environ.get(VOSK_VARIABLE)):
        pytest.skip(f"no Mandarin Vosk model: set {VOSK_VARIABLE} to its directory")
    stream = VoskEngine(Path(named)).open(8_000)
    stream.feed(caller_says("社保卡丢了怎么补办").pcm)
    assert "社保卡" in stream.decode(Expect(), final=True, cancelled=NEVER).text
