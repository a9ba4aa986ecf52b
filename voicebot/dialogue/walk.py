"""Through the graph: enters steps one after the other until the dialogue waits or ends."""

from typing import assert_never, cast

from voicebot.core.demand import TicketRequest
from voicebot.core.handover import HandoverReason
from voicebot.core.ids import FlowName, LanguageTag, QueueName, TicketNo
from voicebot.core.utterance import Expect, ExpectKind
from voicebot.dialogue.demands import demand, summary
from voicebot.dialogue.effects import Action, ChangeTicket, FileTicket, FindTickets, HandOver, Notify
from voicebot.dialogue.run import PATIENT, Run
from voicebot.dialogue.schema import (
    AnswerStep,
    AnyStep,
    AskStep,
    BranchStep,
    CallStep,
    EndStep,
    MenuStep,
    NotifyStep,
    RateStep,
    SayStep,
    SetStep,
    TicketStep,
    TransferStep,
)
from voicebot.dialogue.state import Filled, Frame, Label, Waiting
from voicebot.dialogue.ways import ENTER, KNOWN, Way

HISTORY = 8
PHONE_DIGITS = 12
DATE_DIGITS = 8
NOBODYS = QueueName("")
YES_OR_NO = ("是的", "不是")
SCORES = ("一分", "两分", "三分", "四分", "五分")
"""Labels of questions that are closed by their kind, in the order of their keys."""


def walk(run: Run, node: str) -> None:
    """Enters `node` of the current flow and goes on. Ends because the checker refuses circles of
    steps that do not wait."""
    target: str | None = node
    while target is not None:
        run.evolve(node=target)
        run.keep_language()
        target = _enter(run, cast(AnyStep, run.node))


def take(run: Run, *field: str | int) -> bool:
    """Leaves the current step by one of its ways (``"done"``, ``"choices", 0, "next"``) and goes on;
    False when the step has no such way: then nothing happens."""
    target = run.leave(*field)
    if target is not None:
        walk(run, target)
    return target is not None


def jump(run: Run, flow: FlowName, node: str | None = None) -> None:
    """Goes to another flow (its start by default) without coming back."""
    run.evolve(flow=flow, waiting=Waiting.NOTHING)
    walk(run, node or run.flow.start)


def break_in(run: Run, flow: FlowName) -> None:
    """Runs `flow`, then asks again what was asked before. A flow does not break into itself: it
    starts anew."""
    state = run.state
    names = [*(frame.flow for frame in state.stack), state.flow]
    if flow in names:
        run.evolve(stack=state.stack[: names.index(flow)])
    elif state.waiting:
        # The step under way must not be done twice; its result is told when it comes.
        run.evolve(stack=(*state.stack, _home(run)))
    else:
        run.evolve(stack=(*state.stack, Frame(state.flow, state.node)))
    jump(run, flow)


def serve(run: Run, flow: FlowName) -> None:
    """Runs `flow` as the new business of this call, then asks whether there is anything else."""
    fresh = tuple(c for c in run.state.counters if f"{flow}." not in c[0])
    run.evolve(stack=(_home(run),), counters=fresh)
    jump(run, flow)


def go_anchor(run: Run, anchor: str) -> None:
    """Goes to a step by its role (home, answer, offer, keys, close) and forgets what was under way."""
    flow, anchors = run.flows.anchored(run.state.base)
    run.evolve(stack=())
    jump(run, flow, getattr(anchors, anchor))


def _home(run: Run) -> Frame:
    flow, anchors = run.flows.anchored(run.state.base)
    return Frame(flow, anchors.home)


def ask_again(run: Run, *, prompt: bool, afresh: bool = False) -> None:
    """Waits for the same answer; `prompt` speaks the question once more: in other words, or
    `afresh`, as after a digression."""
    step = run.node
    match step:
        case AskStep() | MenuStep() | RateStep():
            if prompt:
                run.say(step.prompt, _act(step), 0 if afresh else run.bump(_visits(run)))
            run.listen(expect_of(run))
        case _:
            run.listen_again()


def expect_of(run: Run) -> Expect:
    """What the current question waits for."""
    match run.node:
        case AskStep() as step:
            digits = {
                ExpectKind.PHONE: PHONE_DIGITS,
                ExpectKind.YES_NO: 1,
                ExpectKind.CHOICE: 1,
            }.get(step.expect, 0)
            if "phone" in step.corrects and step.expect is ExpectKind.OPEN:
                digits = PHONE_DIGITS
            labels = tuple(choice.label for choice in step.choices)
            if step.expect is ExpectKind.YES_NO:
                labels = labels or YES_OR_NO
            return Expect(step.expect, step.patience, labels, step.digits or digits)
        case MenuStep(choices=choices):
            return Expect(ExpectKind.CHOICE, choices=tuple(c.label for c in choices), digits=1)
        case RateStep():
            return Expect(ExpectKind.SCORE, choices=SCORES, digits=1)
        case _:
            return run.state.expect or Expect()


def _enter(run: Run, step: AnyStep) -> str | None:
    """Does one step; the next one, or None when the dialogue waits or has moved by itself."""
    match step:
        case SayStep(prompt=prompt, action=action):
            run.say(prompt, action, run.bump(_visits(run)))
            return run.leave("next")
        case AskStep() | MenuStep() | RateStep():
            return _ask(run, step)
        case AnswerStep():
            return _tell(run, step)
        case BranchStep(on=on, cases=cases):
            value = run.value(on)
            for i, case in enumerate(cases):
                if value in case.is_ or (value and "*" in case.is_):
                    return run.leave("cases", i, "next")
            return run.leave("otherwise")
        case SetStep(slots=slots):
            run.fill(*(Filled(name, run.render(text)) for name, text in slots.items()))
            if step.manner is not None:
                run.evolve(chosen=True)
                run.change_manner(step.manner)
            if step.language is not None:
                run.want(step.language)
            return run.leave("next")
        case CallStep(flow=flow, next=following):
            run.mark(*ENTER)
            given = [Filled(name, run.render(text)) for name, text in step.inputs.items()]
            run.fill(*given)
            here = Frame(run.state.flow, following, run.state.node)
            run.evolve(stack=(*run.state.stack, here), flow=flow)
            return run.flow.start
        case TicketStep():
            ticket(run, step)
            return None
        case TransferStep():
            _transfer(run, step)
            return None
        case NotifyStep():
            return _notify(run, step)
        case EndStep():
            return _end(run, step)
        case _:
            assert_never(step)


def _tell(run: Run, step: AnswerStep) -> str | None:
    """Reads the answer, or on where a patient reading stopped to ask."""
    answer, rest = run.answer or run.state.doubt, "".join(run.state.rest)
    if answer is not None:
        run.inform(answer, whole=step.rest is None)
    elif rest:
        run.read_out(rest, run.state.article, whole=step.rest is None)
    else:
        return run.leave("none")
    return run.leave("rest" if step.rest and run.state.rest else "next")


def _ask(run: Run, step: AskStep | MenuStep | RateStep) -> str | None:
    state = run.state
    if isinstance(step, AskStep):
        if step.slot and not step.again and state.slot(step.slot):
            run.mark(*KNOWN)
            return step.next
        here = Frame(state.flow, state.node)
        if not state.history or state.history[-1] != here:
            run.evolve(history=(*state.history, here)[-HISTORY:])
    run.evolve(label=step.label or _label(step), misses=0)
    run.say(step.prompt, _act(step), run.bump(_visits(run)))
    if isinstance(step, MenuStep) and step.also:
        for key, _, text in step.also.all_lines():
            run.utter(text, Action.ASK, language=LanguageTag(key))
    run.listen(expect_of(run))
    return None


def _act(step: AskStep | MenuStep | RateStep) -> Action:
    if isinstance(step, RateStep):
        return Action.RATE
    return Action.CONFIRM if isinstance(step, AskStep) and step.expect is ExpectKind.YES_NO else Action.ASK


def _label(step: AskStep | MenuStep | RateStep) -> Label:
    match step:
        case RateStep():
            return Label.CLOSING
        case AskStep(expect=ExpectKind.YES_NO):
            return Label.CONFIRMING
        case AskStep(slot=str()):
            return Label.COLLECTING
        case _:
            return Label.LISTENING


def _visits(run: Run) -> str:
    return f"{run.state.flow}.{run.state.node}"


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


def _transfer(run: Run, step: TransferStep) -> None:
    urgent = step.emergency is not None or run.flow.holds
    if step.prompt:
        act = Action.TRANSFER_EMERGENCY if urgent else Action.TRANSFER_HUMAN
        run.say(step.prompt, act, run.bump(_visits(run)), interruptible=not urgent)
    hand_over(run, step)


def hand_over(run: Run, step: TransferStep) -> None:
    """Asks for the person (again: a later step withdraws what has not begun yet)."""
    state, queue = run.state, step.queue or NOBODYS
    urgent = step.emergency is not None or run.flow.holds
    reason = HandoverReason.EMERGENCY if urgent else state.reason or HandoverReason.POLICY
    emergency = run.render(step.emergency) if step.emergency else None
    skill, number = step.skill or "", step.number or ""
    run.effects.append(
        HandOver(queue, reason, summary(state), emergency, state.wanted, skill=skill, number=number)
    )
    run.evolve(waiting=Waiting.PERSON, queue=step.queue, label=step.label or Label.WAITING)


def _notify(run: Run, step: NotifyStep) -> str | None:
    """Sends a message; on at once unless the author wants to know whether it arrived."""
    if step.prompt:
        run.say(step.prompt, Action.WAIT, run.bump(_visits(run)))
    phone = run.render(step.phone) if step.phone else ""
    told = tuple((name, run.value(name)) for name in step.slots)
    waits = step.failed is not None
    run.effects.append(Notify(step.to, _visits(run), phone, run.render(step.text), told, waits))
    if not waits:
        return run.leave("next")
    run.evolve(waiting=Waiting.NOTICE, label=step.label or Label.WAITING)
    return None


def keep_waiting(run: Run) -> None:
    """The caller did something while a result is awaited: nothing changes."""
    if run.state.waiting is Waiting.PERSON and isinstance(run.node, TransferStep):
        hand_over(run, run.node)
    else:
        run.listen(PATIENT)


def _end(run: Run, step: EndStep) -> str | None:
    if step.prompt:
        run.say(step.prompt, Action.CLOSE if step.then == "hang_up" else Action.ASK)
    if step.then == "hang_up" or (step.then == "return" and not run.state.stack):
        run.end("done")
        return None
    if step.then == "home":
        home = _home(run)
        run.evolve(stack=(), flow=home.flow)
        return home.node
    frame = run.state.stack[-1]
    run.evolve(stack=run.state.stack[:-1], flow=frame.flow)
    if frame.call:
        _hand_back(run, frame)
        run.trail.append(Way(frame.flow, frame.call, ("next",)))
    return frame.node


def _hand_back(run: Run, frame: Frame) -> None:
    """What the flow that ends gives to the one that called it."""
    step = run.flow.nodes[frame.call]
    if isinstance(step, CallStep):
        given = [Filled(ours, run.state.slot(theirs)) for ours, theirs in step.outputs.items()]
        run.fill(*given)
