"""Steps that want something of the world: tickets, people, messages."""

from typing import assert_never

from voicebot.core.demand import TicketRequest
from voicebot.core.handover import HandoverOutcome, HandoverReason
from voicebot.core.ids import QueueName, TicketNo
from voicebot.dialogue.demands import demand, summary
from voicebot.dialogue.effects import (
    Action,
    ChangeTicket,
    FileTicket,
    FindTickets,
    HandOver,
    LeaveQueue,
    Notify,
)
from voicebot.dialogue.run import Run
from voicebot.dialogue.schema import NotifyStep, TicketStep, TransferStep
from voicebot.dialogue.state import Frame, Label, Waiting

NOBODYS = QueueName("")
URGENT = QueueName("紧急")
"""Whoever asked for an emergency line is never left to nobody."""


def ticket(run: Run, step: TicketStep) -> None:
    """Starts what a ticket step does (again, after a failure)."""
    state = run.state
    if step.prompt:
        run.say(step.prompt, Action.WAIT)
    run.evolve(label=step.label or Label.WAITING)
    match step.do:
        case "create" | "callback":
            run.effects.append(FileTicket(demand(state, callback_only=step.do == "callback")))
            run.evolve(waiting=Waiting.TICKET)
        case "find":
            run.effects.append(FindTickets(state.slot("ticket_no"), state.caller))
            run.evolve(waiting=Waiting.SEARCH)
        case "change":
            request = TicketRequest(step.request or "status")
            number = TicketNo(state.slot("ticket_no"))
            run.effects.append(ChangeTicket(number, request, state.slot("detail"), state.caller))
            run.evolve(waiting=Waiting.CHANGE)
        case _:
            assert_never(step.do)


def transfer(run: Run, step: TransferStep) -> None:
    urgent = step.emergency is not None or run.flow.holds
    if step.prompt:
        act = Action.TRANSFER_EMERGENCY if urgent else Action.TRANSFER_HUMAN
        run.say(step.prompt, act, run.bump(run.visits), interruptible=not urgent)
    hand_over(run, step)


def hand_over(run: Run, step: TransferStep) -> None:
    """Asks for the person (again: a later step withdraws what has not begun yet)."""
    if run.state.queueing:
        give_up_place(run)
    state, queue = run.state, step.queue or (URGENT if step.emergency else NOBODYS)
    urgent = step.emergency is not None or run.flow.holds
    reason = HandoverReason.EMERGENCY if urgent else state.reason or HandoverReason.POLICY
    emergency = run.render(step.emergency) if step.emergency else None
    skill, number = step.skill or "", step.number or ""
    run.effects.append(
        HandOver(queue, reason, summary(state), emergency, state.wanted, skill=skill, number=number)
    )
    run.evolve(waiting=Waiting.PERSON, queue=queue or None, label=step.label or Label.WAITING)


def back_to_transfer(run: Run) -> None:
    """The dialogue stands where the person was asked for, as if nothing had been said since; what was told
    meanwhile is kept."""
    before = run.state.queueing
    assert before is not None
    run.evolve(base=before.base, flow=before.flow, node=before.node, stack=before.stack, queueing=None)
    run.evolve(waiting=Waiting.PERSON, label=Label.WAITING, misses=0, doubt=None)
    run.keep_language()


def leave_queue(run: Run, outcome: HandoverOutcome) -> None:
    """The caller waits no longer."""
    back_to_transfer(run)
    run.effects.append(LeaveQueue(outcome))


def give_up_place(run: Run) -> None:
    """Another person is wanted than the one that is waited for; after them the call goes on at home."""
    assert run.state.queueing is not None
    base = run.state.queueing.base
    home, anchors = run.flows.anchored(base)
    run.evolve(base=base, stack=(Frame(home, anchors.home),), queueing=None)


def notify(run: Run, step: NotifyStep) -> str | None:
    """Sends a message; on at once unless the author wants to know whether it arrived."""
    if step.prompt:
        run.say(step.prompt, Action.WAIT, run.bump(run.visits))
    phone = run.render(step.phone) if step.phone else ""
    told = tuple((name, run.value(name)) for name in step.slots)
    waits = step.failed is not None
    run.effects.append(Notify(step.to, run.visits, phone, run.render(step.text), told, waits))
    if not waits:
        return run.leave("next")
    run.evolve(waiting=Waiting.NOTICE, label=step.label or Label.WAITING)
    return None
