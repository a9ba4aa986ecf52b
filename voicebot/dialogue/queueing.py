"""While a person is waited for: the caller is told their place, and the dialogue goes on in the waiting flow.

The step that asked for the person is kept in `State.queueing`; the waiting flow is the call's base meanwhile,
so that whatever ends leads back to its home, the step at which the caller waits. Whoever is in danger waits
without a word: nobody asks them anything.
"""

from dataclasses import replace

from voicebot.dialogue.events import Queued
from voicebot.dialogue.flows import WAITING, Flows
from voicebot.dialogue.outside import URGENT, back_to_transfer
from voicebot.dialogue.run import PATIENT, Run
from voicebot.dialogue.schema import TransferStep
from voicebot.dialogue.state import Label, Queueing, State, Waiting
from voicebot.dialogue.walk import jump, walk


def would_tell(flows: Flows, state: State) -> bool:
    """The caller would be told a place now: they wait, and nothing else is under way."""
    flow = flows.flows.get(WAITING)
    if flow is None or flow.anchors is None or state.label is Label.ENDED:
        return False
    if state.queueing:
        return not state.waiting and (state.flow, state.node) == (WAITING, flow.anchors.home)
    step = flows.flows[state.flow].nodes[state.node]
    urgent = flows.flows[state.flow].holds or state.queue == URGENT
    return state.waiting is Waiting.PERSON and isinstance(step, TransferStep) and not urgent


def queued(run: Run, event: Queued) -> None:
    """Where the caller stands now."""
    state = run.state
    if not would_tell(run.flows, state):
        if state.queueing:
            run.evolve(queueing=replace(state.queueing, place=event.place))
        run.listen(PATIENT) if state.waiting else run.listen_again()
        return
    if state.queueing is None:
        kept = Queueing(state.base, state.flow, state.node, state.stack, event.place)
        run.evolve(queueing=kept, base=WAITING, flow=WAITING, stack=(), waiting=Waiting.NOTHING, misses=0)
    else:
        run.evolve(queueing=replace(state.queueing, place=event.place))
    walk(run, run.flow.start)


def tell_place(run: Run) -> None:
    """Says it again because the caller asks for a person, or nothing else leads on."""
    run.evolve(stack=(), misses=0)
    jump(run, WAITING)


def came(run: Run) -> None:
    """A person is there: back to where they were asked for."""
    if run.state.queueing:
        back_to_transfer(run)
    run.listen(PATIENT)
