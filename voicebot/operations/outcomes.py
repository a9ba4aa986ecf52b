"""How calls went that were served with one content or another: a trial beside the rest."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Protocol

from voicebot.operations.content import ContentStore
from voicebot.operations.content_changes import label_of


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Calls that have ended, each counted once: by the most that was done for the caller.

    Args:
        calls: all of them.
        human: a person was brought to the call, or an emergency line.
        ticket: a ticket was filed or added to, a call back promised.
        answered: nothing but answers.
        abandoned: the caller hung up before any of that.
        turns, repairs: of all calls together; a repair is a turn in which we did not understand.
        scores: calls that were rated; `score`: sum of their points.
    """

    calls: int = 0
    human: int = 0
    ticket: int = 0
    answered: int = 0
    abandoned: int = 0
    turns: int = 0
    repairs: int = 0
    scores: int = 0
    score: int = 0

    def __add__(self, other: "Outcomes") -> "Outcomes":
        return Outcomes(*(getattr(self, n) + getattr(other, n) for n in Outcomes.__dataclass_fields__))

    @property
    def mean_turns(self) -> float:
        return self.turns / self.calls if self.calls else 0.0

    @property
    def mean_repairs(self) -> float:
        return self.repairs / self.calls if self.calls else 0.0

    @property
    def mean_score(self) -> float | None:
        """None when nobody rated."""
        return self.score / self.scores if self.scores else None


@dataclass(frozen=True, slots=True)
class Running:
    """Calls under way: all of them, and those that are in a flow or will go back to it (those that began
    in it, where only what is stored is known)."""

    calls: int
    in_flow: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """Args: trial, rest: since the trial began."""

    trial: Outcomes
    rest: Outcomes


class OutcomeReader(Protocol):
    async def outcomes(self, contents: Collection[str]) -> Mapping[str, Outcomes]:
        """By content label; labels without a call that ended are left out."""
        ...

    async def running(self, flow: str) -> Running:
        """What publishing a change of this flow means: these calls go on with what they have."""
        ...


async def compare_trial(store: ContentStore, reader: OutcomeReader) -> Comparison | None:
    """How the calls on trial went beside the others of the same time; None without a trial."""
    live = await store.live()
    if not live.trial:
        return None
    since = range(live.trial_revision, live.revision + 1)
    trial, rest = ([label_of(r, trial=on_trial) for r in since] for on_trial in (True, False))
    found = await reader.outcomes([*trial, *rest])
    return Comparison(_sum(found, trial), _sum(found, rest))


def _sum(found: Mapping[str, Outcomes], labels: Collection[str]) -> Outcomes:
    return sum((found[label] for label in labels if label in found), Outcomes())
