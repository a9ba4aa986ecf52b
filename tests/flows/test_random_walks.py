"""500 random calls through each shipped flow: never an exception, never dead air, always an end."""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from tests.flows.caller import AT
from voicebot.bootstrap.brain import load_brain
from voicebot.calls.brain import Brain
from voicebot.core.answer import Answer, NoAnswer
from voicebot.core.ids import FlowName
from voicebot.core.meaning import Meaning
from voicebot.core.utterance import Expect, Utterance
from voicebot.dialogue.trying.random_calls import MOST_TURNS, stroll
from voicebot.dialogue.trying.random_inputs import vocabulary

ROOT = Path(__file__).parents[2]
FLOWS = sorted(p.stem for p in (ROOT / "ivr_flows").glob("*.yaml") if not p.name.endswith(".test.yaml"))
WALKS = 500

Comprehend = Callable[[Utterance, Expect, datetime], tuple[Meaning, Answer | NoAnswer]]


@pytest.fixture(scope="module")
def brain() -> Brain:
    return load_brain(ROOT)


@pytest.fixture(scope="module")
def comprehend(brain: Brain) -> Comprehend:
    """The real understanding; each thing is understood once."""
    known: dict[tuple[Utterance, Expect], tuple[Meaning, Answer | NoAnswer]] = {}

    def understand(said: Utterance, expect: Expect, at: datetime) -> tuple[Meaning, Answer | NoAnswer]:
        if (said, expect) not in known:
            known[said, expect] = brain.comprehend(said, expect, AT)
        return known[said, expect]

    return understand


@pytest.mark.parametrize("flow", FLOWS)
def test_random_calls_end_and_show_no_defect(flow: str, brain: Brain, comprehend: Comprehend) -> None:
    name = FlowName(flow)
    phrases = vocabulary(brain.flows, name)
    longest = 0
    for seed in range(WALKS):
        walk = stroll(brain.flows, comprehend, random.Random(f"{flow}-{seed}"), AT, name, phrases)
        assert not walk.defects, f"seed {seed}: {walk.defects}"
        assert walk.turns[-1].ended
        longest = max(longest, len(walk.turns))
    assert 20 < longest <= MOST_TURNS


def test_the_same_seed_is_the_same_call(brain: Brain, comprehend: Comprehend) -> None:
    phrases = vocabulary(brain.flows, FlowName("main"))
    first, again = (
        stroll(brain.flows, comprehend, random.Random(7), AT, FlowName("main"), phrases) for _ in range(2)
    )
    assert first == again


def test_a_flow_that_never_ends_is_found(brain: Brain, comprehend: Comprehend) -> None:
    """The checker refuses it; here it is smuggled past."""
    flow = brain.flows.flows[FlowName("main")]
    home = flow.nodes["anything_else"].model_copy(update={"on_no_input": "anything_else"})
    endless = replace(flow, nodes={**flow.nodes, "anything_else": home})
    flows = replace(brain.flows, flows={**brain.flows.flows, flow.name: endless})
    walks = [stroll(flows, comprehend, random.Random(seed), AT, flow.name, ["", "嗯"]) for seed in range(50)]
    assert any(
        "silence does not end it: main.anything_else" in defect for walk in walks for defect in walk.defects
    )
