"""Ways through a flow: which way out of a step a call took, and which ways there are."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from voicebot.core.ids import FlowName
from voicebot.dialogue.flows import Flows
from voicebot.dialogue.schema import AskStep, CallStep, EndStep, RateStep, Step, targets

Field = tuple[str | int, ...]
"""Where a step names its target, as `schema.targets` gives it: ``("yes",)``, ``("choices", 0, "next")``."""

ENTER: Final[Field] = ("flow",)
"""Into the flow that a `call` step names; its ``next`` is taken when that flow returns."""

SILENT: Final[Field] = ("no_input",)
"""On to ``next`` because the caller said nothing."""

GIVEN_UP: Final[Field] = ("no_match",)
"""On to ``next`` because nothing fitted, as often as the step allows."""

KNOWN: Final[Field] = ("filled",)
"""Past a question whose slot has its value already."""


class Way(NamedTuple):
    """One way out of one step."""

    flow: FlowName
    node: str
    field: Field

    def __str__(self) -> str:
        """As an author finds it in the file: ``confirm.choices.0.next``."""
        return ".".join(str(part) for part in (self.node, *self.field))


def ways(flows: Flows, name: FlowName) -> tuple[Way, ...]:
    """All ways of a flow that lead from one of its steps to another step: taking each of them in some
    call is 100 % branch coverage.

    Among them are those an author does not write but gets: on without an answer where a question may
    be left (`SILENT`, `GIVEN_UP`), and into a called flow (`ENTER`). Not among them is what happens at
    any step alike (a person after two misunderstandings, the goodbye after long silence, emergencies),
    passing a question that is answered already (`KNOWN`; not each can be), and the ``next`` of a `call`
    whose flow never returns.
    """
    nodes = flows.flows[name].nodes
    return tuple(Way(name, node, field) for node, step in nodes.items() for field in _fields(flows, step))


def _fields(flows: Flows, step: Step) -> Iterator[Field]:
    match step:
        case CallStep(flow=flow):
            yield ENTER
            if not returns(flows, flow):
                return
        case RateStep():
            yield from (SILENT, GIVEN_UP)
        case AskStep(optional=True, on_no_match=None):
            yield GIVEN_UP
        case _:
            pass
    yield from (field for field, _ in targets(step))


def returns(flows: Flows, name: FlowName) -> bool:
    """A flow may come back to the `call` that entered it."""
    steps = flows.flows[name].nodes.values()
    return any(isinstance(step, EndStep) and step.then == "return" for step in steps)
