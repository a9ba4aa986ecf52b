"""Runs test calls and says where they went otherwise than expected."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from voicebot.core.handover import HandoverOutcome, Place
from voicebot.core.marked_yaml import Location
from voicebot.core.problem import Problem
from voicebot.dialogue.effects import ChangeTicket, EndCall, FileTicket, FindTickets, HandOver, Notify, Rate
from voicebot.dialogue.events import HandoverEnded, Queued, StepFailed
from voicebot.dialogue.flows import Flows
from voicebot.dialogue.trying.rehearsal import Comprehend, Hangup, Input, Keys, Rehearsal, Say, Silence, Turn
from voicebot.dialogue.trying.script_file import Script
from voicebot.dialogue.trying.script_shape import EffectsWanted, PlaceShape, StepShape, TicketWanted, Wanted
from voicebot.dialogue.trying.world import UsualWorld

ANY: Final = "*"


@dataclass(frozen=True, slots=True)
class Played:
    """A test call as it went.

    Args:
        failures: at the line of what was expected.
    """

    script: Script
    turns: tuple[Turn, ...]
    failures: tuple[Problem, ...]


def play(flows: Flows, comprehend: Comprehend, script: Script, at: datetime) -> Played:
    """Makes the call.

    Args:
        at: when it begins unless it says so itself; its time zone is the city's.
    """
    shape = script.shape
    now, caller = shape.now or at, shape.caller or ""
    call = Rehearsal(
        replace(flows, city=shape.facts.city(flows.city, caller, now)),
        comprehend,
        at=now if now.tzinfo else now.replace(tzinfo=at.tzinfo),
        flow=shape.flow,
        caller=caller,
        dialled=shape.dialled,
        channel=shape.channel,
        overload=shape.facts.overload,
        earlier=int(shape.facts.caller_repeat),
        outbound=shape.outbound,
        world=UsualWorld(shape.world.outcomes),
    )
    failures: list[Problem] = []
    if shape.greeting:
        failures += _compare(script, ("greeting",), shape.greeting, call.last)
    for index, step in enumerate(shape.steps):
        place = ("steps", index)
        if call.ended:
            message = f"{script.name}：通话已经结束（{call.ended}），后面的步骤没有试"
            failures.append(script.problem(place, "test.over", message))
            break
        turn = call.put(_input(step, call.at))
        failures += _compare(script, place, step, turn)
    return Played(script, tuple(call.turns), tuple(failures))


def _input(step: StepShape, at: datetime) -> Input:
    match step:
        case StepShape(caller=str(text)):
            return Say(text)
        case StepShape(keys=str(keys)):
            return Keys(keys)
        case StepShape(silence=float(seconds)):
            return Silence(seconds)
        case StepShape(failure=str(code)):
            return StepFailed(code, at)
        case StepShape(queued=PlaceShape(ahead=ahead, minutes=minutes)):
            return Queued(Place(ahead, None if minutes is None else 60.0 * minutes), at)
        case StepShape(person=HandoverOutcome() as outcome):
            return HandoverEnded(outcome, at)
        case _:
            return Hangup()


def _compare(script: Script, place: Location, wanted: Wanted, turn: Turn) -> Iterator[Problem]:
    """Each expectation that was not met, with what was said."""
    for field, message in _differences(wanted, turn):
        said = turn.said or "（没有说话）"
        code = f"test.{field[0]}"
        yield script.problem((*place, *field), code, f"{script.name}：{message}；说的是「{said}」")


def _differences(wanted: Wanted, turn: Turn) -> Iterator[tuple[Location, str]]:
    state = turn.state
    for word in wanted.says:
        if word not in turn.said:
            yield ("says",), f"应说「{word}」"
    if wanted.exactly is not None and wanted.exactly != turn.said:
        yield ("exactly",), f"应说「{wanted.exactly}」"
    if wanted.action is not None and wanted.action is not turn.action:
        yield ("action",), f"应为 {wanted.action}，实际是 {turn.action or '没有'}"
    if wanted.state is not None and wanted.state is not state.label:
        yield ("state",), f"应为 {wanted.state}，实际是 {state.label}"
    if wanted.step is not None and wanted.step not in (state.node, f"{state.flow}.{state.node}"):
        yield ("step",), f"应在 {wanted.step}，实际在 {state.flow}.{state.node}"
    if wanted.queue is not None and wanted.queue != state.queue:
        yield ("queue",), f"应转 {wanted.queue}，实际是 {state.queue or '没有转'}"
    for name, value in wanted.slots.items():
        found = state.slot(name)
        if not (bool(found) if value == ANY else found == (value or "")):
            yield ("slots", name), f"{name} 应为「{value or '空'}」，实际是「{found or '空'}」"
    if wanted.effects is not None:
        yield from ((("effects", *field), message) for field, message in _effects(wanted.effects, turn))


def _effects(wanted: EffectsWanted, turn: Turn) -> Iterator[tuple[Location, str]]:
    done = turn.effects
    if wanted.ticket is not None:
        tickets = [effect for effect in done if isinstance(effect, FileTicket)]
        if tickets:
            yield from _ticket(wanted.ticket, tickets[-1])
        else:
            yield ("ticket",), "应登记工单，实际没有"
    found = any(isinstance(effect, FindTickets) for effect in done)
    if wanted.find is not None and wanted.find is not found:
        yield ("find",), "应查工单，实际没有" if wanted.find else "不应查工单，实际查了"
    changes = [effect.request.value for effect in done if isinstance(effect, ChangeTicket)]
    if wanted.change is not None and wanted.change not in changes:
        yield ("change",), f"应办 {wanted.change}，实际{_had(changes)}"
    queues = [effect.queue for effect in done if isinstance(effect, HandOver)]
    if wanted.transfer is not None and wanted.transfer not in queues:
        yield ("transfer",), f"应转 {wanted.transfer}，实际{_had(queues)}"
    numbers = [effect.emergency for effect in done if isinstance(effect, HandOver) and effect.emergency]
    if wanted.emergency is not None and wanted.emergency not in numbers:
        yield ("emergency",), f"应呼叫 {wanted.emergency}，实际{_had(numbers)}"
    rung = [effect.number for effect in done if isinstance(effect, HandOver) and effect.number]
    if wanted.number is not None and wanted.number not in rung:
        yield ("number",), f"应呼叫 {wanted.number}，实际{_had(rung)}"
    told = [effect.target for effect in done if isinstance(effect, Notify)]
    if wanted.notify is not None and wanted.notify not in told:
        yield ("notify",), f"应通知 {wanted.notify}，实际{_had(told)}"
    scores = [effect.score for effect in done if isinstance(effect, Rate)]
    if wanted.rate is not None and wanted.rate not in scores:
        yield ("rate",), f"应记 {wanted.rate} 分，实际{_had(scores)}"
    ended = any(isinstance(effect, EndCall) for effect in done)
    if wanted.end is not None and wanted.end is not ended:
        yield ("end",), "应结束通话，实际没有" if wanted.end else "不应结束通话，实际结束了"


def _had(found: Iterable[object]) -> str:
    return "是 " + "、".join(str(one) for one in found) if found else "没有"


def _ticket(wanted: TicketWanted, effect: FileTicket) -> Iterator[tuple[Location, str]]:
    demand = effect.demand
    fields = {
        "appeal_type": demand.appeal_type,
        "title": demand.title,
        "content": demand.content,
        "urgency": demand.urgency,
        "department": demand.department or "",
        "address": demand.address,
        "occurred": demand.occurred,
        "object": demand.object,
        "name": demand.caller_name,
        "phone": demand.phone,
        "confidential": demand.confidential,
        "anonymous": demand.anonymous,
        "callback": demand.callback_only,
    }
    for name in wanted.model_fields_set:
        value, found = getattr(wanted, name), fields[name]
        fits = value is found if isinstance(found, bool) else (value in found if value else not found)
        if not fits:
            message = (
                f"工单的 {name} 应{'有' if value else '为'}「{value or '空'}」，实际是「{found or '空'}」"
            )
            yield ("ticket", name), message
