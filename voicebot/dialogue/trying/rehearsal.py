"""A call without a line: typed inputs drive `step`, a `World` answers its effects, time is handed in.

    call = Rehearsal(flows, brain.comprehend, at=datetime(2026, 11, 24, 9, 30, tzinfo=…))
    call.turns[0].said                     # the greeting
    turn = call.put(Say("路灯坏了"))        # or Keys("1"), Silence(6), Hangup(), or any `Event`
    turn.said, turn.action, turn.effects, turn.state, turn.trail, turn.ended

Used by test calls, the editor's simulator, random walks, replay and the bench. Pure: the same inputs
give the same turns; ticket numbers count up from 1; the clock moves with `Silence` alone.

- `world` answers tickets, look-ups and hand-overs at once, see `world.UsualWorld(Outcomes(…))`; it may
  be replaced between inputs (`call.world = UsualWorld(Outcomes(person=(HandoverOutcome.BUSY,)))`). A
  world that answers None (`world.OpenWorld` always does) leaves the errand open (`call.pending`): its
  result is then given as an input, e.g. ``call.put(TicketFiled(receipt, at))``.
- `comprehend` understands what is said; a `Heard` event given as an input has its meaning already.
- After the call has ended further inputs change nothing (their turns are empty).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from voicebot.core.answer import Answer, NoAnswer
from voicebot.core.ids import ArticleId, CallId, FlowName, TicketNo
from voicebot.core.meaning import Meaning
from voicebot.core.utterance import Expect, ExpectKind, Utterance
from voicebot.dialogue import effects as done
from voicebot.dialogue.effects import WEIGHT, Action, Effect, EndCall, HandOver, Listen
from voicebot.dialogue.engine import start, step
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
from voicebot.dialogue.results import OURS
from voicebot.dialogue.state import State
from voicebot.dialogue.trying.world import Errand, Result, UsualWorld, World
from voicebot.dialogue.ways import Way

Comprehend = Callable[[Utterance, Expect, datetime], tuple[Meaning, Answer | NoAnswer]]
"""What was said, what is awaited, wall time → what it means and what is known of it (`Brain.comprehend`)."""

CALL_ID: Final = CallId("rehearsal")

MOST_RESULTS: Final = 40
"""Results that one input may bring; after them a flow that asks for ever new ones is left waiting."""


@dataclass(frozen=True, slots=True)
class Say:
    """The caller says something."""

    text: str


@dataclass(frozen=True, slots=True)
class Keys:
    """The caller presses keys (0-9, * and #), one after the other."""

    keys: str


@dataclass(frozen=True, slots=True)
class Silence:
    """The caller says nothing for so many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Hangup:
    """The caller hangs up."""


Input = Say | Keys | Silence | Hangup | Event


@dataclass(frozen=True, slots=True)
class Turn:
    """What one input led to.

    Args:
        given: None for the begin of the call.
        at: wall time after it.
        events: what happened to the dialogue: the input, and the results of errands.
        effects: of all of them, in order.
        trail: ways taken, in order.
        ended: why the call is over, ``caller`` when the caller hung up; "" while it goes on.
        meaning, answer: of the last thing said, None when nothing was.
    """

    given: Input | None
    at: datetime
    state: State
    events: tuple[Event, ...] = ()
    effects: tuple[Effect, ...] = ()
    trail: tuple[Way, ...] = ()
    ended: str = ""
    meaning: Meaning | None = None
    answer: Answer | NoAnswer | None = None

    @property
    def says(self) -> tuple[done.Say, ...]:
        return tuple(effect for effect in self.effects if isinstance(effect, done.Say))

    @property
    def prompts(self) -> tuple[str, ...]:
        """What the caller hears, sentence by sentence."""
        return tuple(say.text for say in self.says)

    @property
    def said(self) -> str:
        """The same as one text, as `voicebot chat` replies."""
        return "".join(self.prompts)

    @property
    def action(self) -> Action | None:
        """What the turn amounts to (as `voicebot chat` tells it)."""
        return min((say.action for say in self.says), key=WEIGHT.index, default=None)

    @property
    def article(self) -> ArticleId | None:
        return next((say.article for say in self.says if say.article), None)

    @property
    def ticket_no(self) -> TicketNo | None:
        return next((say.ticket_no for say in reversed(self.says) if say.ticket_no), None)


class Rehearsal:
    """One call, begun when it is made.

    Args:
        at: wall time in the city when the call begins.
        flow: to begin in; None for the one of the dialled number.
        outbound: we ring the caller: the slots that the call begins with.
        state: to begin with instead, e.g. in the middle of a call with slots that are filled.
        world: None for a `UsualWorld`.

    Raises:
        KeyError: no such flow.
    """

    def __init__(
        self,
        flows: Flows,
        comprehend: Comprehend,
        *,
        at: datetime,
        flow: FlowName | None = None,
        caller: str = "13800000000",
        dialled: str = "12345",
        channel: str = "phone",
        overload: bool = False,
        earlier: int = 0,
        outbound: Mapping[str, str] | None = None,
        state: State | None = None,
        world: World | None = None,
        call_id: CallId = CALL_ID,
    ) -> None:
        self.flows = flows
        self.world = world or UsualWorld()
        self.at = at
        self.state = state or start(flows, flow or flows.for_number(dialled))
        self.expect = Expect(ExpectKind.NOTHING)
        self.ended = ""
        self.pending: list[Errand] = []
        """Errands whose result is still awaited."""
        self.turns: list[Turn] = []
        self._comprehend = comprehend
        self._quiet = 0.0
        self._silences = 0
        self._begin(None)
        known = tuple((outbound or {}).items())
        rung = outbound is not None
        self._happen(CallStarted(call_id, caller, dialled, channel, at, overload, earlier, rung, known))
        self._finish()

    @property
    def last(self) -> Turn:
        return self.turns[-1]

    def put(self, given: Input) -> Turn:
        """Does what the caller does, or lets an event happen; all that follows from it."""
        self._begin(given)
        if not self.ended:
            self._do(given)
        return self._finish()

    # ── one input ───────────────────────────────────────────────────────────────────────────

    def _begin(self, given: Input | None) -> None:
        self._turn = Turn(given, self.at, self.state, ended=self.ended)

    def _finish(self) -> Turn:
        turn = replace(self._turn, at=self.at, state=self.state, ended=self.ended)
        self.turns.append(turn)
        return turn

    def _do(self, given: Input) -> None:
        match given:
            case Say(text=text) if text.strip():
                self._answered()
                said = Utterance(text)
                meaning, answer = self._comprehend(said, self.expect, self.at)
                self._happen(Heard(said, meaning, answer, self.at))
            case Say():
                self._silences += 1
                self._happen(NoInput(self._silences, self.at))
            case Keys(keys=keys):
                self._press(keys)
            case Silence(seconds=seconds):
                self._be_silent(seconds)
            case Hangup():
                self.ended = "caller"
            case _:
                self._happen(given)

    def _answered(self) -> None:
        self._quiet, self._silences = 0.0, 0

    def _press(self, keys: str) -> None:
        """Keys are collected as far as the question wants them; # ends a number, a pause does too."""
        entered = ""
        for key in keys:
            if self.ended:
                return
            finished = key == "#" and entered != ""
            entered += "" if finished else key
            if finished or len(entered) >= max(self.expect.digits, 1):
                self._answered()
                self._happen(Keyed(entered, self.at))
                entered = ""
        if entered and not self.ended:
            self._answered()
            self._happen(Keyed(entered, self.at))

    def _be_silent(self, seconds: float) -> None:
        """Lets time pass; nobody is reminded while a result is awaited."""
        until = self.at + timedelta(seconds=seconds)
        while not self.ended and not self.state.waiting:
            due = self.at + timedelta(seconds=self.expect.no_input - self._quiet)
            if due > until:
                self._quiet += (until - self.at).total_seconds()
                break
            self.at, self._quiet = due, 0.0
            self._silences += 1
            self._happen(NoInput(self._silences, self.at))
        self.at = max(self.at, until)

    # ── events and effects ──────────────────────────────────────────────────────────────────

    def _happen(self, event: Event) -> None:
        """An event with the results that follow from it."""
        self._apply(event)
        for _ in range(MOST_RESULTS):
            result = None if self.ended else self._result()
            if result is None:
                return
            self._apply(result)

    def _result(self) -> Result | None:
        """Of the first errand that the world answers."""
        answers = (self.world.answer(errand, self.at) for errand in self.pending)
        return next((result for result in answers if result is not None), None)

    def _apply(self, event: Event) -> None:
        settled = settles(event, self.pending)
        after = step(self.flows, self.state, event)
        self.state = after.state
        turn = self._turn
        heard = (event.meaning, event.answer) if isinstance(event, Heard) else (turn.meaning, turn.answer)
        self._turn = replace(
            turn,
            events=(*turn.events, event),
            effects=(*turn.effects, *after.effects),
            trail=(*turn.trail, *after.trail),
            meaning=heard[0],
            answer=heard[1],
        )
        # a later step withdraws a hand-over that has not begun; one that is waited for goes on
        waits = self.state.queueing is not None or isinstance(event, Queued | PersonCame)
        self.pending = [
            e for e in self.pending if e is not settled and (waits or not isinstance(e, HandOver))
        ]
        for effect in after.effects:
            match effect:
                case Listen(expect=expect):
                    self.expect = expect
                case EndCall(reason=reason):
                    self.ended = reason
                case done.FileTicket() | done.FindTickets() | done.ChangeTicket():
                    self.pending.append(effect)
                case HandOver() | done.LeaveQueue():
                    self.pending = [e for e in self.pending if not isinstance(e, HandOver)]
                    self.pending.append(effect)
                case done.Notify(waits=True):
                    self.pending.append(effect)
                case _:
                    pass


def settles(event: Event, pending: list[Errand]) -> Errand | None:
    """The errand whose result an event is."""
    match event:
        case TicketFiled():
            kinds: tuple[type[Errand], ...] = (done.FileTicket,)
        case TicketsFound():
            kinds = (done.FindTickets,)
        case TicketChanged():
            kinds = (done.ChangeTicket,)
        case HandoverEnded():
            kinds = (HandOver, done.LeaveQueue)
        case Notified():
            kinds = (done.Notify,)
        case StepFailed(code=code) if code.split(".")[0] not in OURS:
            kinds = (done.FileTicket, done.FindTickets, done.ChangeTicket, done.Notify)
        case _:
            return None
    return next((errand for errand in pending if isinstance(errand, kinds)), None)
