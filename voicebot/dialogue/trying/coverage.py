"""Test calls all together: what failed, and which ways of each flow they took."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from voicebot.core.ids import FlowName
from voicebot.core.marked_yaml import MarkedYaml
from voicebot.core.problem import Problem
from voicebot.dialogue.flows import Flows
from voicebot.dialogue.trying.rehearsal import Comprehend
from voicebot.dialogue.trying.script_file import flow_of, load_scripts
from voicebot.dialogue.trying.scripted import Played, play
from voicebot.dialogue.ways import Way, ways


@dataclass(frozen=True, slots=True)
class Coverage:
    """Of one flow, by the calls of its own file of test calls.

    Args:
        ways: how many there are (`ways.ways`).
        missing: those not taken.
    """

    flow: FlowName
    ways: int
    missing: tuple[Way, ...]

    @property
    def percent(self) -> float:
        """0 to 100; 100 for a flow without ways."""
        return 100.0 * (1 - len(self.missing) / self.ways) if self.ways else 100.0


def coverage(flows: Flows, name: FlowName, played: Iterable[Played]) -> Coverage:
    """What the test calls of flow `name` cover of it; calls of other flows' files do not count."""
    taken = {way for one in played if one.script.flow == name for turn in one.turns for way in turn.trail}
    there = ways(flows, name)
    return Coverage(name, len(there), tuple(way for way in there if way not in taken))


def line_of(way: Way, document: MarkedYaml) -> int:
    """Where a way stands in its flow's file; one that is not written, at its step."""
    return document.mark(("steps", way.node, *way.field))[0]


@dataclass(frozen=True, slots=True)
class Report:
    """What came of test calls.

    Args:
        coverage: of each flow that was asked for, in their order.
    """

    played: tuple[Played, ...]
    coverage: tuple[Coverage, ...]

    @property
    def failures(self) -> tuple[Problem, ...]:
        return tuple(problem for one in self.played for problem in one.failures)

    @property
    def percent(self) -> float:
        """Of all these flows together."""
        there = sum(c.ways for c in self.coverage)
        missing = sum(len(c.missing) for c in self.coverage)
        return 100.0 * (1 - missing / there) if there else 100.0


def try_flows(
    flows: Flows, comprehend: Comprehend, texts: Mapping[str, str], at: datetime, only: FlowName | None = None
) -> Report:
    """Makes all test calls, or those of one flow.

    Args:
        texts: files of test calls, path → content.
        at: see `scripted.play`.

    Raises:
        ContentError: a file of test calls has mistakes.
    """
    wanted = {path: text for path, text in texts.items() if only in (None, flow_of(path))}
    played = tuple(play(flows, comprehend, script, at) for script in load_scripts(wanted, flows))
    names = [only] if only else list(flows.flows)
    return Report(played, tuple(coverage(flows, name, played) for name in names))
