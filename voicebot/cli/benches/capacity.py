"""`bench capacity`: how many callers at once are served well, and what a call costs.

Scripted callers, 35 % of the time speaking, ring in over SIP in growing numbers until our voice comes
late or has gaps. Then, on a hotline with its admission as shipped, twice as many. Beside it: what the
recognition engine alone could do with the CPU that we leave it, and what stock pipecat pipelines
cost. See docs/benchmarks.md.
"""

import asyncio
import multiprocessing
import os
import sys
import time
from collections.abc import AsyncIterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any, Final

from voicebot.adapters.logs import LogOptions, setup_logging
from voicebot.adapters.sip import g711
from voicebot.cli.benches import bare, crowd, stock_peer
from voicebot.cli.benches.caller import Caller, Utterance, script
from voicebot.cli.benches.hotline import own_hotline
from voicebot.cli.benches.latency import QUESTIONS
from voicebot.cli.benches.processes import cpu_of_parts, shares, table
from voicebot.cli.benches.sound_check import Prompts, rendered
from voicebot.cli.benches.step_report import StepFigures, summed_up
from voicebot.cli.benches.talker import PACKET, Kind, Speech
from voicebot.core.errors import VoicebotError
from voicebot.settings import Settings

TICKETS: Final = (
    (
        ("我要投诉楼下的烧烤店|半夜还在吵", Kind.ANSWER),
        ("在人民路|一百二十号旁边", Kind.DICTATION),
        ("上个星期开始的", Kind.DICTATION),
        ("对的", Kind.ANSWER),
    ),
    (
        ("我要反映一下小区门口的路灯|坏了好几天", Kind.ANSWER),
        ("在中山路|和平小区的南门", Kind.DICTATION),
        ("大概三天以前", Kind.DICTATION),
        ("没错是这样", Kind.ANSWER),
    ),
)
"""What those say who have something filed."""
TICKET_EVERY: Final = 3
"""One caller of three begins with a ticket; the others only ask."""
UNLIMITED: Final = {
    "VOICEBOT_ADMISSION__MAX_CALLS": "1000",
    "VOICEBOT_ADMISSION__MAX_BACKLOG": "1000",
    "VOICEBOT_ADMISSION__LOAD": "1000",
}
PEER_SECONDS: Final = 10.0
BARE_TURNS: Final = 60
"""Turns that the engine alone decodes; more take long and change nothing."""
COMMAND: Final = ("-c", "from voicebot.cli import main; main()")


@dataclass(frozen=True, slots=True)
class Plan:
    """What is measured.

    Args:
        steps: calls at once, one after the other.
        seconds: that each of them lasts.
        seed: of levels, pauses, noise.
    """

    steps: tuple[int, ...]
    seconds: float
    seed: int = 1


async def measure(settings: Settings, plan: Plan) -> dict[str, Any]:
    """The JSON object of the contract, with a list of the steps.

    Raises:
        VoicebotError: the caller's voice is not installed, or the hotline does not start.
    """
    people = People(await asyncio.to_thread(_speeches, settings, plan.seed))
    await _render_ahead(settings)
    with _helper() as pool:
        steps: list[StepFigures] = []
        async with _hotline(settings, UNLIMITED) as own:
            for calls in plan.steps:
                steps.append(await _step(own, pool, people.some(calls), plan.seconds, again=True))
                if len(steps) > 1 and not steps[-1].sustained and not steps[-2].sustained:
                    break
        best = max((step for step in steps if step.sustained), key=lambda s: s.calls, default=steps[0])
        async with _hotline(settings, {}) as own:
            beyond = await _step(own, pool, people.some(2 * best.calls), plan.seconds, again=False)
        loop = asyncio.get_running_loop()
        cost = await loop.run_in_executor(pool, bare.run, settings.stt, _said(best))
        peer = await loop.run_in_executor(pool, stock_peer.run, best.sent, PEER_SECONDS)
    return summed_up(steps, best, beyond, cost, peer, os.cpu_count() or 1)


def _helper() -> ProcessPoolExecutor:
    """One process for callers, engine and peer, so that its CPU is theirs alone."""
    return ProcessPoolExecutor(
        1,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=setup_logging,
        initargs=(LogOptions(level="ERROR"), "bench"),
    )


# ── callers ─────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class _Speeches:
    questions: tuple[Speech, ...]
    tickets: tuple[tuple[Speech, ...], ...]


class People:
    """Callers of all steps: each has a number of their own, so that their record is found."""

    def __init__(self, speeches: _Speeches) -> None:
        self._speeches = speeches
        self._numbers = count(1)

    def some(self, calls: int) -> tuple[crowd.Person, ...]:
        return tuple(self._person(next(self._numbers), place) for place in range(calls))

    def _person(self, number: int, place: int) -> crowd.Person:
        questions, tickets = self._speeches.questions, self._speeches.tickets
        first = number * 5 % len(questions)
        files = place % TICKET_EVERY == TICKET_EVERY - 1
        once = tickets[place // TICKET_EVERY % len(tickets)] if files else ()
        return crowd.Person(f"1390000{number:04d}", once, questions[first:] + questions[:first])


def _speeches(settings: Settings, seed: int) -> _Speeches:
    caller = Caller(settings.stt.models, settings.data / "cache" / "bench", seed)
    questions = [speech(caller.utter(line), Kind.ANSWER) for line in script(QUESTIONS, seed)]
    told = [(text, kind) for ticket in TICKETS for text, kind in ticket]
    lines = script([text for text, _ in told], seed)
    said = iter([speech(caller.utter(line), kind) for line, (_, kind) in zip(lines, told, strict=True)])
    return _Speeches(tuple(questions), tuple(tuple(next(said) for _ in ticket) for ticket in TICKETS))


def speech(utterance: Utterance, kind: Kind) -> Speech:
    """For the wire; a word or two is not said into our voice."""
    sound = g711.encode(utterance.pcm, "pcma")
    whole = sound[: len(sound) // PACKET * PACKET]
    short = utterance.ended - utterance.began < 1.0
    return Speech(utterance.text, whole, utterance.began, utterance.ended, kind, interrupts=not short)


# ── steps ───────────────────────────────────────────────────────────────────────────────────


@asynccontextmanager
async def _hotline(settings: Settings, extra: Mapping[str, str]) -> AsyncIterator[Settings]:
    """One whose fixed sentences are rendered already, as after its first minutes."""
    cache = {
        "VOICEBOT_RENDER_AHEAD": "false",
        "VOICEBOT_TTS__CACHE": str(settings.tts.cache.absolute()),
        "VOICEBOT_TTS__CACHE_PERSONAL": "true",  # tapes are aligned with it
    }
    log = settings.data / "bench-hotline.log"
    async with own_hotline(settings.stt.models, log, **cache, **extra) as own:
        yield own


async def _render_ahead(settings: Settings) -> None:
    program = (sys.executable, *COMMAND, "speech", "render", "--sample-rate", "8000")
    process = await asyncio.create_subprocess_exec(
        *program,
        "--data",
        str(settings.data),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    if await process.wait():
        raise VoicebotError("bench.not_rendered", "the fixed sentences cannot be rendered: voicebot doctor")


async def _step(
    own: Settings, pool: ProcessPoolExecutor, people: tuple[crowd.Person, ...], seconds: float, *, again: bool
) -> StepFigures:
    """The people call, and what they heard is looked at."""
    loop = asyncio.get_running_loop()
    target = f"sip:12345@{own.sip.listen}"
    calling = loop.run_in_executor(pool, crowd.run, crowd.Crowd(target, people, seconds, again))
    await asyncio.sleep(crowd.SETTLED)
    before, began = cpu_of_parts(table(), os.getpid()), time.monotonic()
    await asyncio.sleep(max(1.0, seconds - crowd.SETTLED - 1.0))
    after, ended = cpu_of_parts(table(), os.getpid()), time.monotonic()
    heard = await calling
    prompts: Prompts = await rendered(own, [person.user for person in people])
    return await asyncio.to_thread(
        StepFigures.of, len(people), heard, prompts, shares(before, after, ended - began)
    )


def _said(step: StepFigures) -> list[bare.Said]:
    turns = step.turns[:BARE_TURNS]
    return [bare.Said(g711.decode(t.speech.sound, "pcma"), t.speech.began, t.speech.ended) for t in turns]
