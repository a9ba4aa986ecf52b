"""Through the graph: enters steps one after the other until the dialogue waits or ends."""

from typing import Final, assert_never, cast

from voicebot.core.answer import Answer
from voicebot.core.handover import HandoverOutcome
from voicebot.core.ids import FlowName, LanguageTag
from voicebot.dialogue.effects import Action
from voicebot.dialogue.flows import WAITING
from voicebot.dialogue.open_question import act_of, expect_of, label_of
from voicebot.dialogue.outside import leave_queue, notify, ticket, transfer
from voicebot.dialogue.run import Run
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
from voicebot.dialogue.state import Filled, Frame, Waiting
from voicebot.dialogue.ways import ENTER, KNOWN, Way

HISTORY = 8
LEAVING: Final = {"call_back": HandoverOutcome.CALL_BACK, "leave": HandoverOutcome.LEFT}
"""Ends of the waiting flow that give up the place."""


def walk(run: Run, node: str) -> None:
    """Enters `node` of the current flow and goes on. Ends because the checker refuses circles of
    steps that do not wait."""
    target: str | None = node
    flow = None
    while target is not None:
        run.evolve(node=target)
        if run.state.flow != flow:
            flow = run.state.flow
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


def _enter(run: Run, step: AnyStep) -> str | None:
    """Does one step; the next one, or None when the dialogue waits or has moved by itself."""
    match step:
        case BranchStep(on=on, cases=cases):
            value = run.value(on)
            for i, case in enumerate(cases):
                if value in case.is_ or (value and "*" in case.is_):
                    return run.leave("cases", i, "next")
            return run.leave("otherwise")
        case SayStep(prompt=prompt, action=action):
            run.say(prompt, action, run.bump(run.visits))
            return run.leave("next")
        case AskStep() | MenuStep() | RateStep():
            return _ask(run, step)
        case AnswerStep():
            return _tell(run, step)
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
            transfer(run, step)
            return None
        case NotifyStep():
            return notify(run, step)
        case EndStep():
            return _end(run, step)
        case _:
            assert_never(step)


def _tell(run: Run, step: AnswerStep) -> str | None:
    """Reads the answer, or on where a patient reading stopped to ask."""
    answer, rest = _answer_of(run, step), "".join(run.state.rest)
    if answer is not None:
        if step.of == "part":
            run.announce(answer)
        run.inform(answer, whole=step.rest is None)
    elif rest and step.of == "question":
        run.read_out(rest, run.state.article, whole=step.rest is None)
    else:
        return run.leave("none")
    return run.leave("rest" if step.rest and run.state.rest and not run.state.terse else "next")


def _answer_of(run: Run, step: AnswerStep) -> Answer | None:
    state = run.state
    match step.of:
        case "question":
            return run.answer or state.doubt
        case "part":
            return next(iter(state.parts_left), None)
        case _:
            assert_never(step.of)


def _ask(run: Run, step: AskStep | MenuStep | RateStep) -> str | None:
    state = run.state
    if isinstance(step, AskStep) and step.slot and not step.again and state.slot(step.slot):
        run.mark(*KNOWN)
        return step.next
    here = Frame(state.flow, state.node)
    if isinstance(step, AskStep | MenuStep) and state.history[-1:] != (here,):
        run.evolve(history=(*state.history, here)[-HISTORY:])
    run.evolve(label=step.label or label_of(step), misses=0)
    run.say(step.prompt, act_of(step), run.bump(run.visits))
    if isinstance(step, MenuStep) and step.also:
        for key, _, text in step.also.all_lines():
            run.utter(text, Action.ASK, language=LanguageTag(key))
    run.listen(expect_of(run))
    return None


def _end(run: Run, step: EndStep) -> str | None:
    if step.prompt:
        run.say(step.prompt, Action.CLOSE if step.then == "hang_up" else Action.ASK)
    if step.then in LEAVING and run.state.queueing:
        leave_queue(run, LEAVING[step.then])
        return None
    astray = run.state.queueing is not None and run.state.flow != WAITING
    ends = step.then == "hang_up" or (step.then == "return" and not run.state.stack)
    if ends and not astray:
        run.end("done")
        return None
    if ends or step.then != "return":
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
