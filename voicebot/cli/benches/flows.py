"""`voicebot bench flows`: how fast the engine steps, how soon flows are loaded, where random calls end."""

import random
import statistics
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from voicebot.adapters.files.content import Content, read_content
from voicebot.bootstrap.brain import BrainMaker, user_shelf
from voicebot.calls.brain import Brain
from voicebot.cli.benches.many_flows import many_flows
from voicebot.core.answer import Answer, NoAnswer
from voicebot.core.ids import FlowName
from voicebot.core.meaning import Meaning
from voicebot.core.utterance import Expect, Utterance
from voicebot.dialogue import Flows, State, load_flows, step
from voicebot.dialogue.engine import start
from voicebot.dialogue.events import Event
from voicebot.dialogue.trying.coverage import try_flows
from voicebot.dialogue.trying.random_calls import stroll
from voicebot.dialogue.trying.random_inputs import vocabulary
from voicebot.dialogue.trying.rehearsal import Comprehend

USUAL: Final = datetime(2026, 11, 24, 9, 30)
ROUNDS: Final = 9
LEAST_SECONDS: Final = 0.5
"""CPU seconds of one round of steps."""

Moment = tuple[Flows, State, Event]


def measure(root: Path, walks: int, flows: int, lines: int) -> dict[str, Any]:
    """All on one core; steps by the CPU time of this process, so that other work does not count.

    Args:
        root: folder of the content.
        walks: random calls, shared among the flows.
        flows, lines: how many flows of how many lines are loaded, beside those of the content.

    Raises:
        VoicebotError: the content is not valid.
    """
    content = read_content(root)
    brain = BrainMaker(shelf=user_shelf()).make(content, "bench")
    at = USUAL.replace(tzinfo=ZoneInfo(brain.catalogue.city.timezone))
    return {
        "engine": _engine(_moments(brain, content, at)),
        "load": _load(brain, content, flows, lines),
        "walks": _walks(brain, at, walks),
    }


def _moments(brain: Brain, content: Content, at: datetime) -> list[Moment]:
    """Every event of the test calls, with the state it met: what callers do, in the shares they do it."""
    moments: list[Moment] = []
    for played in try_flows(brain.flows, brain.comprehend, content.tests, at).played:
        shape = played.script.shape
        state = start(brain.flows, shape.flow or brain.flows.for_number(shape.dialled))
        for event in (event for turn in played.turns for event in turn.events):
            moments.append((brain.flows, state, event))
            state = step(brain.flows, state, event).state
    return moments


def _engine(moments: Sequence[Moment]) -> dict[str, Any]:
    rates: list[float] = []
    for _ in range(ROUNDS):
        steps, began = 0, time.process_time()
        while (spent := time.process_time() - began) < LEAST_SECONDS:
            for flows, state, event in moments:
                step(flows, state, event)
            steps += len(moments)
        rates.append(steps / spent)
    each = sorted(_seconds(moment) * 1e6 for moment in moments)
    return {
        "moments": len(moments),
        "steps_per_s": round(statistics.median(rates)),
        "undisturbed": round(1e6 / statistics.mean(each)),
        "step_us": {"p50": round(statistics.median(each), 1), "p95": round(each[len(each) * 95 // 100], 1)},
    }


def _seconds(moment: Moment, times: int = 20) -> float:
    """The quickest of some: what else the machine does makes the others longer (caches, shared cores)."""
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        step(*moment)
        taken.append(time.perf_counter() - began)
    return min(taken)


def _load(brain: Brain, content: Content, flows: int, lines: int) -> dict[str, Any]:
    """Texts → checked graph, cold: nothing is kept from one time to the next."""
    made = many_flows(flows, lines)
    taken, cpu = [], []
    for _ in range(5):
        began, spent = time.perf_counter(), time.process_time()
        loaded = load_flows({**content.flows, **made}, brain.catalogue)
        taken.append(time.perf_counter() - began)
        cpu.append(time.process_time() - spent)
    return {
        "flows": len(made),
        "lines": sum(text.count("\n") for text in made.values()),
        "loaded": len(loaded.flows),
        "seconds": round(statistics.median(taken), 3),
        "cpu_seconds": round(statistics.median(cpu), 3),
    }


def _walks(brain: Brain, at: datetime, walks: int) -> dict[str, Any]:
    """Random calls through every flow, with the real understanding (each thing is understood once)."""
    understand = _remembering(brain.comprehend, at)
    names: list[FlowName] = list(brain.flows.flows)
    phrases = {name: vocabulary(brain.flows, name) for name in names}
    steps = longest = 0
    defects: list[str] = []
    began = time.perf_counter()
    for seed in range(walks):
        name = names[seed % len(names)]
        walk = stroll(brain.flows, understand, random.Random(seed), at, name, phrases[name])
        steps += walk.steps
        longest = max(longest, len(walk.turns))
        defects += [f"seed {seed}, {name}: {defect}" for defect in walk.defects]
    return {
        "calls": walks,
        "steps": steps,
        "most_turns": longest,
        "defects": len(defects),
        "first_defects": defects[:5],
        "seconds": round(time.perf_counter() - began, 1),
    }


def _remembering(comprehend: Comprehend, at: datetime) -> Comprehend:
    known: dict[tuple[Utterance, Expect], tuple[Meaning, Answer | NoAnswer]] = {}

    def understand(said: Utterance, expect: Expect, _: datetime) -> tuple[Meaning, Answer | NoAnswer]:
        if (said, expect) not in known:
            known[said, expect] = comprehend(said, expect, at)
        return known[said, expect]

    return understand
