"""Random calls: somebody says and presses anything, the world answers anything, then falls silent.

What must hold whatever happens is told as `Stroll.defects`:

- a step never raises (it would come out of `stroll`), speaks no empty sentence and no unfilled variable,
  and ends with exactly one effect that waits for somebody or ends the call;
- the state survives JSON after each input;
- after a word, a key or a reminder the world is asked at most `MOST_ERRANDS` times;
- the call ends. A caller who does at most `MOST_INPUTS` things and then says nothing is hung up on within
  `SILENT_TURNS` silences, each as long as we wait for an answer; in a flow that holds (an emergency, which
  never hangs up) the caller hangs up then. With the greeting, the hang-up and what was still awaited when
  the silence began a call has at most `MOST_TURNS` turns.

Chance is handed in (`random.Random(seed)`): the same seed gives the same call.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from voicebot.core.handover import HandoverOutcome
from voicebot.core.ids import FlowName
from voicebot.dialogue.effects import (
    ChangeTicket,
    EndCall,
    FileTicket,
    FindTickets,
    HandOver,
    LeaveQueue,
    Listen,
    Notify,
)
from voicebot.dialogue.events import Event, Heard, Keyed, NoInput, StepFailed
from voicebot.dialogue.flows import Flows
from voicebot.dialogue.results import OURS
from voicebot.dialogue.state import Label, from_json, to_json
from voicebot.dialogue.trying.random_inputs import Chance, RandomWorld, anything, entered, some_city
from voicebot.dialogue.trying.rehearsal import Comprehend, Hangup, Rehearsal, Silence, Turn
from voicebot.dialogue.trying.world import Changing, Filing, Notice, Outcomes, Search, UsualWorld

MOST_INPUTS: Final = 24
SILENT_TURNS: Final = 12
MOST_TURNS: Final = MOST_INPUTS + SILENT_TURNS + 6
MOST_ERRANDS: Final = 8

FAILURE: Final = Outcomes(
    (Filing.FAILED,), (Search.FAILED,), (Changing.FAILED,), (HandoverOutcome.NO_ANSWER,), (Notice.FAILED,)
)

ENDINGS: Final = (Listen, HandOver, LeaveQueue, EndCall, FileTicket, FindTickets, ChangeTicket, Notify)
"""Effects that wait for somebody or end the call."""


@dataclass(frozen=True, slots=True)
class Stroll:
    """One random call.

    Args:
        defects: what did not hold, in words of ours; none in a good flow.
    """

    flow: FlowName
    turns: tuple[Turn, ...]
    defects: tuple[str, ...]

    @property
    def steps(self) -> int:
        """Events the engine was given."""
        return sum(len(turn.events) for turn in self.turns)


def stroll(
    flows: Flows,
    comprehend: Comprehend,
    chance: Chance,
    at: datetime,
    flow: FlowName,
    phrases: Sequence[str],
) -> Stroll:
    """Makes one call that begins in `flow`, as a call of its own or called by the main line.

    Args:
        phrases: see `vocabulary`.
    """
    caller = chance.choice(("", "13800000000"))
    call = Rehearsal(
        replace(flows, city=some_city(chance, flows.city, caller)),
        comprehend,
        at=at,
        state=entered(chance, flows, flow),
        caller=caller,
        dialled=chance.choice(("12345", "12315", "")),
        channel=chance.choice(("phone", "web", "text")),
        overload=chance.random() < 0.2,
        earlier=chance.choice((0, 0, 2)),
        world=RandomWorld(chance),
    )
    defects = list(_look(call.last))
    for _ in range(chance.randint(1, MOST_INPUTS)):
        if call.ended:
            break
        defects += _look(call.put(anything(chance, phrases, call.at)))
    defects += _fall_silent(call)
    if len(call.turns) > MOST_TURNS:
        defects.append(f"{len(call.turns)} turns")
    return Stroll(flow, tuple(call.turns), tuple(defects))


def _fall_silent(call: Rehearsal) -> Iterator[str]:
    """The caller says nothing any more; what is still awaited comes, and goes wrong."""
    call.world = UsualWorld(FAILURE)
    while call.pending and not call.ended:
        result = call.world.answer(call.pending[0], call.at)
        assert result is not None  # nobody is let wait by a failing world
        yield from _look(call.put(result))
    for _ in range(SILENT_TURNS):
        if call.ended:
            return
        yield from _look(call.put(Silence(call.expect.no_input)))
    if not call.ended and not call.flows.flows[call.state.flow].holds:
        yield f"silence does not end it: {call.state.flow}.{call.state.node}"
    call.put(Hangup())


def _look(turn: Turn) -> Iterator[str]:
    """What is wrong with a turn."""
    where = f"{turn.state.flow}.{turn.state.node} after {turn.given}"
    if (errands := _longest(turn.events)) > MOST_ERRANDS:
        yield f"{errands} results in a row: {where}"
    if turn.events and not isinstance(turn.effects[-1], ENDINGS):
        yield f"nothing is waited for: {where}"
    for say in turn.says:
        if not say.text.strip() or "{" in say.text:
            yield f"not to be spoken: {say.text!r}, {where}"
    if from_json(to_json(turn.state)) != turn.state:
        yield f"the state changes in JSON: {where}"
    if turn.ended and turn.ended != "caller" and turn.state.label is not Label.ENDED:
        yield f"hung up while {turn.state.label}: {where}"


def _longest(events: Sequence[Event]) -> int:
    """Most results of the world in a row; failures of ours in between are none."""
    longest = run = 0
    for event in events:
        if isinstance(event, StepFailed) and event.code.split(".")[0] in OURS:
            continue
        run = 0 if isinstance(event, Heard | Keyed | NoInput) else run + 1
        longest = max(longest, run)
    return longest
