"""What comes back from effects: tickets stored and found, people reached or not, failures."""

from datetime import datetime, timedelta

from voicebot.core.demand import TicketSummary
from voicebot.core.handover import HandoverOutcome, HandoverReason
from voicebot.core.ids import FlowName
from voicebot.dialogue.effects import Action
from voicebot.dialogue.events import HandoverEnded, StepFailed, TicketChanged, TicketFiled, TicketsFound
from voicebot.dialogue.flows import WAITING
from voicebot.dialogue.open_question import ask_again, keep_waiting
from voicebot.dialogue.outside import back_to_transfer, ticket
from voicebot.dialogue.repairs import to_person
from voicebot.dialogue.run import Run
from voicebot.dialogue.schema import AskStep, MenuStep, NotifyStep, RateStep, TicketStep, TransferStep
from voicebot.dialogue.state import Filled, Waiting
from voicebot.dialogue.walk import serve, take

OURS = ("stt", "tts", "nlu", "understand", "knowledge", "embed", "speech")
"""Codes of failures that are not the effect the dialogue waits for."""

MOST_FAILURES = 2


def spoken_due(at: datetime) -> str:
    """A deadline as it is spoken, to ten minutes, never earlier than it is.

    >>> spoken_due(datetime(2026, 11, 27, 17, 23))
    '11月27日17点30分'
    """
    at += timedelta(minutes=-at.minute % 10)
    return f"{at.month}月{at.day}日{at.hour}点" + (f"{at.minute}分" if at.minute else "")


def filed(run: Run, event: TicketFiled) -> None:
    """A ticket is stored: only now is there a number to speak."""
    receipt, node = event.receipt, run.node
    run.fill(
        Filled("ticket_no", receipt.ticket_no),
        Filled("due", spoken_due(receipt.due_at)),
        Filled("ticket_department", receipt.department or ""),
    )
    run.evolve(ticket_no=receipt.ticket_no, filed=True)
    if run.state.waiting is Waiting.TICKET and isinstance(node, TicketStep):
        run.evolve(waiting=Waiting.NOTHING)
        take(run, "appended" if receipt.appended and node.appended else "done")
    else:  # something more urgent came between
        run.say(run.flows.phrases.late_ticket, Action.TICKET_CREATED)
        _go_on(run)


def found(run: Run, event: TicketsFound) -> None:
    """What the store knows of the caller's tickets; the newest is in focus."""
    node = run.node
    if run.state.waiting is not Waiting.SEARCH or not isinstance(node, TicketStep):
        _go_on(run)
        return
    run.evolve(waiting=Waiting.NOTHING)
    if not event.tickets:
        run.forget("ticket_no")
        take(run, "none" if node.none else "failed")
        return
    _focus(run, max(event.tickets, key=lambda t: t.ticket_no))
    run.fill(Filled("tickets", str(len(event.tickets))))
    take(run, "many" if len(event.tickets) > 1 and node.many else "done")


def changed(run: Run, event: TicketChanged) -> None:
    """A request to a ticket was taken, or refused with a reason."""
    node = run.node
    if run.state.waiting is not Waiting.CHANGE or not isinstance(node, TicketStep):
        _go_on(run)
        return
    run.evolve(waiting=Waiting.NOTHING)
    if event.ticket is None:
        run.forget("refusal")
        run.fill(Filled("refusal", event.reason or "这件工单现在不能这样处理"))
        take(run, "none" if node.none else "failed")
    else:
        _focus(run, event.ticket)
        take(run, "done")


def handed_over(run: Run, event: HandoverEnded) -> None:
    """The talk with a person is over, or there was none."""
    if run.state.queueing:
        back_to_transfer(run)
    node = run.node
    if run.state.waiting is not Waiting.PERSON or not isinstance(node, TransferStep):
        _go_on(run)
        return
    run.evolve(waiting=Waiting.NOTHING)
    match event.outcome:
        case HandoverOutcome.COMPLETED:
            run.end("handed_over")
        case HandoverOutcome.RETURNED if _leads_on(run, event.flow):
            serve(run, FlowName(event.flow))
        case HandoverOutcome.RETURNED | HandoverOutcome.LEFT:
            take(run, "returned")
        case HandoverOutcome.CALL_BACK if node.call_back:
            take(run, "call_back")
        case _:
            run.bump("handover_failed")
            take(run, "failed")


def _leads_on(run: Run, name: str) -> bool:
    """A person may send a caller to this flow: it is there, no emergency, and not the waiting."""
    flow = run.flows.flows.get(FlowName(name))
    return flow is not None and not flow.holds and flow.name != WAITING


def notified(run: Run) -> None:
    """A message was taken by its target."""
    if run.state.waiting is not Waiting.NOTICE or not isinstance(run.node, NotifyStep):
        _go_on(run)
        return
    run.evolve(waiting=Waiting.NOTHING)
    take(run, "next")


def failed(run: Run, event: StepFailed) -> None:
    """Something broke: the caller hears a sentence, then there is a next step."""
    node, state = run.node, run.state
    area = event.code.split(".")[0]
    if state.waiting is Waiting.PERSON and isinstance(node, TransferStep) and area not in OURS:
        run.evolve(waiting=Waiting.NOTHING)
        run.bump("handover_failed")
        take(run, "failed")
    elif state.waiting is Waiting.NOTICE and isinstance(node, NotifyStep) and area not in OURS:
        run.evolve(waiting=Waiting.NOTHING)
        take(run, "failed")
    elif state.waiting and isinstance(node, TicketStep) and area not in OURS:
        if run.bump(f"retry:{state.flow}.{state.node}") == 0:
            run.say(run.flows.phrases.try_again, Action.WAIT)
            ticket(run, node)
        else:
            run.evolve(waiting=Waiting.NOTHING)
            take(run, "failed")
    else:
        _apologise(run, event.code, area)


def _apologise(run: Run, code: str, area: str) -> None:
    failures = run.flows.phrases.failures
    sentences = (failures.get(code), failures.get(area), failures["default"])
    times = run.bump("failures")
    if run.state.waiting:
        keep_waiting(run)
    elif times + 1 >= MOST_FAILURES and not run.state.count("handover_failed"):
        to_person(run, HandoverReason.FAILURE)
    else:
        run.repair(times, *sentences)
        ask_again(run, prompt=False)


def _focus(run: Run, found: TicketSummary) -> None:
    run.forget("reply", "ticket_department")
    run.fill(
        Filled("ticket_no", found.ticket_no),
        Filled("title", found.title),
        Filled("status", found.state),
        Filled("due", spoken_due(found.due_at)),
        Filled("ticket_department", found.department or ""),
        Filled("reply", found.reply),
    )
    run.evolve(ticket_no=found.ticket_no)


def _go_on(run: Run) -> None:
    """A result nobody waits for any more."""
    if run.state.waiting:
        keep_waiting(run)
    elif isinstance(run.node, AskStep | MenuStep | RateStep):
        ask_again(run, prompt=True)
    else:
        run.listen_again()
