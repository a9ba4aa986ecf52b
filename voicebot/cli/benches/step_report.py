"""Figures of `bench capacity`, from what the callers of a step heard."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

from voicebot.cli.benches.bare import Cost
from voicebot.cli.benches.crowd import Heard
from voicebot.cli.benches.gaps import align, covered, gaps, stream
from voicebot.cli.benches.processes import OURS
from voicebot.cli.benches.sound_check import Prompts
from voicebot.cli.benches.talker import PACKET, STEP, Kind, Turn
from voicebot.cli.benches.tape import quantile

BAR: Final = 1800
"""ms: the v2v p95 that a number of calls must hold to count as sustained."""
AUDIBLE: Final = 20.0
"""ms of silence or loss inside a prompt that is a gap: one packet."""
SAMPLES_A_MS: Final = 8


@dataclass(frozen=True, slots=True)
class StepFigures:
    """One step.

    Args:
        admitted: calls taken in full; `deaf`: told that we are full; `refused`: by SIP.
        turns: of the admitted calls.
        sent: A-law of each admitted call; `seconds`: all of them together.
        gaps_ms: each fault inside a prompt.
        checked: share of our sound that could be checked for gaps.
        cpu: part of the hotline → share of a core; `generator`: likewise.
    """

    calls: int
    admitted: int
    deaf: int
    refused: int
    hung_up: int
    turns: tuple[Turn, ...]
    sent: tuple[bytes, ...]
    gaps_ms: tuple[tuple[str, float], ...]
    checked: float
    fillers: int
    engine: str
    cpu: Mapping[str, float]
    generator: float
    late_ms: float
    speech_share: float

    @classmethod
    def of(cls, calls: int, heard: Heard, prompts: Prompts, cpu: Mapping[str, float]) -> Self:
        """Looks through all that came in."""
        taken = [leg for leg in heard.legs if leg.refused is None]
        full = [leg for leg in taken if leg.user not in prompts.deaf]
        found: list[tuple[str, float]] = []
        shares, fillers = [], 0
        for leg in taken:
            sound = stream(data for _, data in leg.packets)
            runs = align(sound, prompts.library)
            faults = gaps(sound, runs, prompts.library, prompts.pauses)
            found += [(fault.kind, fault.samples / SAMPLES_A_MS) for fault in faults]
            shares.append(covered(sound, runs))
            fillers += sum(run.key in prompts.fillers for run in runs)
        return cls(
            calls=calls,
            admitted=len({leg.user for leg in full}),
            deaf=len({leg.user for leg in taken} & prompts.deaf),
            refused=sum(leg.refused is not None for leg in heard.legs),
            hung_up=sum(leg.hung_up for leg in full),
            turns=tuple(turn for leg in full for turn in leg.turns),
            sent=tuple(leg.sent for leg in full if leg.sent),
            gaps_ms=tuple(found),
            checked=sum(shares) / max(len(shares), 1),
            fillers=fillers,
            engine=prompts.engine,
            cpu=cpu,
            generator=heard.cpu,
            late_ms=heard.late_ms,
            speech_share=heard.speech_share,
        )

    def waits(self, kind: Kind) -> list[float]:
        """Seconds to our reply."""
        return [t.waited for t in self.turns if t.speech.kind is kind and t.waited is not None]

    @property
    def p95(self) -> float | None:
        """ms, answer turns."""
        return quantile(self.waits(Kind.ANSWER), 0.95)

    @property
    def max_gap_ms(self) -> float:
        return max((ms for _, ms in self.gaps_ms), default=0.0)

    @property
    def sustained(self) -> bool:
        """All were served within the bar and without gaps."""
        in_time = self.p95 is not None and self.p95 <= BAR
        return in_time and self.max_gap_ms <= AUDIBLE and self.admitted == self.calls

    @property
    def own(self) -> float:
        """Share of a core of all but speech workers."""
        return sum(self.cpu.get(part, 0.0) for part in OURS)

    @property
    def seconds(self) -> float:
        return sum(map(len, self.sent)) / PACKET * STEP

    def as_json(self) -> dict[str, Any]:
        turns = max(len(self.turns), 1)
        kinds = sorted({kind for kind, ms in self.gaps_ms if ms > AUDIBLE})
        return {
            "calls": self.calls,
            "sustained": self.sustained,
            "admitted": self.admitted,
            "deaf": self.deaf,
            "refused": self.refused,
            "hung_up": self.hung_up,
            "turns": len(self.turns),
            "v2v_p50_ms": quantile(self.waits(Kind.ANSWER), 0.5),
            "v2v_p95_ms": self.p95,
            "dictation_p95_ms": quantile(self.waits(Kind.DICTATION), 0.95),
            "false_cut_in": round(sum(turn.cut_in for turn in self.turns) / turns, 3),
            "not_yielded": sum(turn.not_yielded for turn in self.turns),
            "no_reply": sum(turn.over and turn.replied is None for turn in self.turns),
            "fillers": self.fillers,
            "max_gap_ms": round(self.max_gap_ms, 1),
            "gaps": {kind: sum(k == kind and ms > AUDIBLE for k, ms in self.gaps_ms) for kind in kinds},
            "checked": round(self.checked, 3),
            "own_cpu_per_call": percent(self.own / self.calls),
            "cpu": {part: percent(share) for part, share in sorted(self.cpu.items())},
            "generator_cpu": percent(self.generator),
            "generator_late_ms": self.late_ms,
            "speech_share": self.speech_share,
        }


def percent(share: float) -> float:
    """Of a core."""
    return round(share * 100, 2)


def summed_up(
    steps: Sequence[StepFigures], best: StepFigures, beyond: StepFigures, cost: Cost, peer: float, cores: int
) -> dict[str, Any]:
    """The JSON object of the contract.

    Args:
        best: the largest step that was sustained (the first one when none was).
        beyond: twice as many calls, with the admission as shipped.
        peer: share of a core of a stock pipeline.
    """
    calls = best.calls if best.sustained else 0
    left = cores - best.own - best.generator - best.cpu.get("synthesis", 0.0)
    alone = left / bare_load(best, cost)
    return {
        "engine": best.engine,
        "calls": calls,
        "cores": cores,
        "v2v_p95_ms": best.p95,
        "max_gap_ms": round(best.max_gap_ms, 1),
        "own_cpu_per_call": percent(best.own / best.calls),
        "peer_cpu_per_call": percent(peer),
        "recognition_cpu_per_call": percent(best.cpu.get("recognition", 0.0) / best.calls),
        "synthesis_cpu_per_call": percent(best.cpu.get("synthesis", 0.0) / best.calls),
        "generator_cpu": percent(best.generator),
        "bare_cpu_per_call": percent(bare_load(best, cost)),
        "bare_calls": round(alone, 1),
        "ratio": round(calls / alone, 2),
        "beyond": beyond.as_json(),
        "steps": [step.as_json() for step in steps],
    }


def bare_load(step: StepFigures, cost: Cost) -> float:
    """Share of a core that the engine alone needs for one such call.

    `cost` is of some of the step's turns; all of them came in `step.seconds` of calls.
    """
    per_turn = cost.cpu / cost.turns
    return per_turn * len(step.turns) / max(step.seconds, STEP)
