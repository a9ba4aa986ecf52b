"""`step(flows, state, event) -> Step(state, effects)`: the dialogue, pure."""

from dataclasses import dataclass
from typing import assert_never

from voicebot.core.ids import FlowName
from voicebot.dialogue.effects import Action, Effect, EndCall
from voicebot.dialogue.events import (
    CallStarted,
    Event,
    HandoverEnded,
    Heard,
    Keyed,
    NoInput,
    Notified,
    PersonCame,
    Queued,
    StepFailed,
    TicketChanged,
    TicketFiled,
    TicketsFound,
)
from voicebot.dialogue.flows import Flows
from voicebot.dialogue.hearing import heard, keyed
from voicebot.dialogue.pickup import MACHINE, is_machine
from voicebot.dialogue.policy import wants_on
from voicebot.dialogue.queueing import came, queued
from voicebot.dialogue.repairs import silent
from voicebot.dialogue.results import changed, failed, filed, found, handed_over, notified
from voicebot.dialogue.run import Run
from voicebot.dialogue.state import Filled, Label, State
from voicebot.dialogue.walk import walk
from voicebot.dialogue.ways import Way


@dataclass(frozen=True, slots=True)
class Step:
    """What an event led to; effects are carried out in order.

    Args:
        trail: ways taken from step to step, in order.
    """

    state: State
    effects: tuple[Effect, ...]
    trail: tuple[Way, ...] = ()


def start(flows: Flows, flow_name: FlowName) -> State:
    """The state of a call that is about to begin; `CallStarted` speaks the first words.

    Raises:
        KeyError: no such flow.
    """
    return State(base=flow_name, flow=flow_name, node=flows.flows[flow_name].start)


def step(flows: Flows, state: State, event: Event) -> Step:
    """One event of a call. Never raises on events of any order; the last effect is one that waits
    for somebody or ends the call, so the caller is never left in dead air."""
    if state.label is Label.ENDED and not (isinstance(event, Heard) and wants_on(event.meaning)):
        return Step(state, (EndCall("done"),))
    run = Run(flows, state, event.at)
    if state.label is Label.ENDED:
        _reopen(run)
    match event:
        case CallStarted():
            _begin(run, event)
        case Heard() if state.outbound and not state.heard and is_machine(event):
            run.fill(Filled("result", MACHINE))
            run.end(MACHINE)
        case Heard():
            run.evolve(heard=True)
            heard(run, event)
        case Keyed():
            run.evolve(heard=True)
            keyed(run, event)
        case NoInput():
            silent(run, event)
        case TicketFiled():
            filed(run, event)
        case TicketsFound():
            found(run, event)
        case TicketChanged():
            changed(run, event)
        case Notified():
            notified(run)
        case Queued():
            queued(run, event)
        case PersonCame():
            came(run)
        case HandoverEnded():
            handed_over(run, event)
        case StepFailed():
            failed(run, event)
        case _:
            assert_never(event)
    return Step(*run.finish(), tuple(run.trail))


def _reopen(run: Run) -> None:
    """The caller had one more thing to say before the line went down."""
    flow, anchors = run.flows.anchored(run.state.base)
    run.evolve(flow=flow, node=anchors.home, stack=(), label=Label.LISTENING)
    run.keep_language()


def _begin(run: Run, event: CallStarted) -> None:
    run.evolve(call_id=event.call_id, caller=event.caller, dialled=event.dialled, channel=event.channel)
    run.evolve(overload=event.overload, earlier=event.earlier, outbound=event.outbound)
    run.fill(*(Filled(name, value) for name, value in event.known))
    run.lead(Action.GREET)
    walk(run, run.flow.start)
    if run.state.label is not Label.ENDED:
        run.evolve(label=Label.GREETING)
