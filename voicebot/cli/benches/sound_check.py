"""What a hotline said in a step, from its records and its cache of rendered clauses."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from voicebot.adapters.db.calls import SqlCalls
from voicebot.adapters.tts.cache import DiskCache
from voicebot.adapters.tts.voices import VERSIONS
from voicebot.adapters.wall_clock import WallClock
from voicebot.bootstrap.process import open_database
from voicebot.calls.reception import OVERLOAD
from voicebot.cli.benches.gaps import Library
from voicebot.settings import Settings
from voicebot.speech.clauses import plan
from voicebot.speech.keys import cache_key
from voicebot.speech.ports import VoiceSettings
from voicebot.tickets.privacy import mask_phone

RATE: Final = 8000
CALLS: Final = 200
"""Newest calls that are looked through."""


@dataclass(frozen=True, slots=True)
class Prompts:
    """What may have been heard.

    Args:
        pauses: samples between clauses that follow each other in a reply.
        fillers: keys of the clauses that bridge a wait.
        deaf: callers who got keys only, beyond the limit.
        engine: that recognised.
    """

    library: Library
    pauses: Mapping[tuple[str, str], int]
    fillers: frozenset[str]
    deaf: frozenset[str]
    engine: str


async def rendered(settings: Settings, users: Sequence[str]) -> Prompts:
    """Of the calls that these numbers made."""
    masks = {mask_phone(user): user for user in users}
    async with open_database(settings) as database:
        reader = SqlCalls(database, WallClock())
        views = [view for view in await reader.calls(CALLS) if view.caller in masks]
        details = [view for each in views if (view := await reader.call(each.call_id)) is not None]
    turns = [turn for view in details for turn in view.turns]
    cache = DiskCache(settings.tts.cache, settings.tts.cache_bytes)
    clauses = {}
    for path in settings.tts.cache.glob("*/*.vbc"):
        chunk = cache.get(path.stem)
        if chunk is not None and chunk.rate == RATE:
            clauses[path.stem] = chunk.pcm
    fillers = [clause.text for text in settings.call.fillers for clause in plan(text)]
    return Prompts(
        Library(clauses),
        _pauses(settings, (turn.reply for turn in turns)),
        frozenset(_key(settings, text) for text in fillers),
        frozenset(masks[view.caller] for view in views if view.flow == OVERLOAD),
        next((turn.engine for turn in turns if turn.engine), ""),
    )


def _pauses(settings: Settings, replies: Iterable[str]) -> dict[tuple[str, str], int]:
    found = {}
    for reply in replies:
        clauses = plan(reply)
        for one, next_one in pairwise(clauses):
            pair = _key(settings, one.text), _key(settings, next_one.text)
            found[pair] = round(one.pause * RATE)
    return found


def _key(settings: Settings, text: str) -> str:
    """As `CachedSynthesizer` keeps it."""
    tts = settings.tts
    voice = VoiceSettings(tts.engine, tts.voice, tts.rate, RATE, settings.call.voice.language)
    return cache_key(text, voice, VERSIONS.get(tts.engine, "?"))
