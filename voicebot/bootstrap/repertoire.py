"""What the voice says in every call: known, so that it may be kept, and rendered while nobody waits."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Final, Protocol

import structlog

from voicebot.adapters.tts.cache import CachedSynthesizer
from voicebot.calls.brain import Brain
from voicebot.calls.options import CallOptions
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import MANDARIN
from voicebot.dialogue.manner import PATIENT_RATE, SLOWEST_RATE
from voicebot.speech.fixed import fixed_clauses
from voicebot.speech.ports import VoiceSettings

log = structlog.get_logger(__name__)

RATES: Final = (8000, 16000)
"""Of telephones and browsers: fixed sentences are rendered ahead for both."""

LOOK_AGAIN: Final = 5.0
"""Seconds until rendering ahead looks for new sentences, or for a voice that was away."""


@dataclass(frozen=True, slots=True)
class Part:
    """A clause as it will be asked for; the sample rate is the line's."""

    spoken: str
    settings: VoiceSettings


def parts(brain: Brain, options: CallOptions) -> tuple[Part, ...]:
    """What is worth rendering ahead, the commonest first.

    All fixed clauses of flows and first answers at the usual rate, the same at the patient one, those
    of the flows at the slowest; then other languages.
    """
    flows = fixed_clauses((*options.sentences, *brain.flows.templates()))
    spoken = fixed_clauses((*options.sentences, *brain.sentences()))
    usual = options.voice
    found = [
        Part(clause, replace(usual, rate=usual.rate * rate))
        for clauses, rate in ((spoken, 1.0), (spoken, PATIENT_RATE), (flows, SLOWEST_RATE))
        for clause in clauses
    ]
    for language in brain.languages[1:]:
        foreign = fixed_clauses(brain.flows.templates(language), language)
        found += [Part(clause, replace(usual, language=language)) for clause in foreign]
    return tuple(found)


def fixed(brain: Brain, options: CallOptions) -> frozenset[str]:
    """Every clause in which nothing of a caller can be: it stands so in the content or the settings.

    About 0.4 s of work for 180 articles.
    """
    texts = (*options.sentences, *brain.sentences(), *brain.background())
    others = brain.languages[1:]
    foreign = [c for tag in others for c in fixed_clauses(brain.flows.templates(tag), tag)]
    return frozenset((*fixed_clauses(texts, MANDARIN), *foreign))


class Served(Protocol):
    """What new calls are served with (see `LiveBrain`)."""

    @property
    def brains(self) -> Sequence[Brain]:
        """What most calls get comes first."""
        ...


class Repertoire:
    """The fixed clauses of the content that serves the next call. Callable: is this one of them?

    Clauses of earlier versions stay known: calls that began with them go on.
    """

    def __init__(self, live: Served, options: CallOptions) -> None:
        self._live = live
        self._options = options
        self._versions: set[str] = set()
        self._known: frozenset[str] = frozenset()
        for brain in live.brains:
            self._learn(brain)

    def __call__(self, spoken: str) -> bool:
        return spoken in self._known

    async def follow(self) -> None:
        """Takes up new content, until cancelled."""
        while True:
            await asyncio.sleep(LOOK_AGAIN)
            for brain in self._live.brains:
                if brain.version not in self._versions:
                    await asyncio.to_thread(self._learn, brain)

    def _learn(self, brain: Brain) -> None:
        self._known |= fixed(brain, self._options)
        self._versions.add(brain.version)


async def render_ahead(live: Served, synthesizer: CachedSynthesizer, options: CallOptions) -> None:
    """Makes the sound of all `parts` while nobody waits for it; again after new content.

    Ends for a version of the content when the cache has no more room: what is said most comes first.
    """
    done: set[tuple[Part, int]] = set()
    versions: tuple[str, ...] = ()
    while True:
        if _versions(live) != versions:
            versions = _versions(live)
            each = [await asyncio.to_thread(parts, brain, options) for brain in live.brains]
            wanted = tuple(dict.fromkeys(part for found in each for part in found))
            for part, rate in product(wanted, RATES):
                if _versions(live) != versions or synthesizer.full:
                    break
                if (part, rate) not in done:
                    await _render(Part(part.spoken, replace(part.settings, sample_rate=rate)), synthesizer)
                    done.add((part, rate))
            log.info("tts.rendered_ahead", clauses=len(done), of=len(wanted) * len(RATES))
            if synthesizer.full:
                log.warning("tts.cache_full", setting="tts.cache_bytes")
        await asyncio.sleep(LOOK_AGAIN)


def _versions(live: Served) -> tuple[str, ...]:
    return tuple(brain.version for brain in live.brains)


async def _render(part: Part, synthesizer: CachedSynthesizer) -> None:
    """One clause, tried until the voice is there."""
    while True:
        try:
            await synthesizer.prepare(part.spoken, part.settings)
            return
        except VoicebotError as error:
            if not error.retryable:
                log.error("not rendered ahead", code=error.code, text=part.spoken)
                return
        await asyncio.sleep(LOOK_AGAIN)
