"""A recorded call run once more through other content: where does it now go otherwise?

    replay = replay_told(told, flows, brain.comprehend, flow)
    replay.differs, replay.turns[3].differences, replay.stopped

What was heard is understood anew; results of tickets, hand-overs and messages are those of the record. A
result that the call of then did not need is assumed to be good, and marked. Pure, no error on any record.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import zip_longest
from typing import Any, Final

from voicebot.core.answer import Answer
from voicebot.core.ids import FlowName
from voicebot.dialogue.effects import (
    ChangeTicket,
    FileTicket,
    FindTickets,
    HandOver,
    LeaveQueue,
    Notify,
    Rate,
)
from voicebot.dialogue.events import (
    CallStarted,
    Event,
    Heard,
    Keyed,
    NoInput,
    PersonCame,
    Queued,
    StepFailed,
)
from voicebot.dialogue.flows import Flows
from voicebot.dialogue.results import OURS
from voicebot.dialogue.told import After, Cut, Said, Told, ToldEvent
from voicebot.dialogue.trying.rehearsal import MOST_RESULTS, Comprehend, Rehearsal, settles
from voicebot.dialogue.trying.world import Errand, OpenWorld, Result, UsualWorld

ASTRAY: Final = 3
"""Answers in a row to other questions than the caller was asked: what follows says nothing any more."""


class What(StrEnum):
    """What may differ."""

    SAID = "said"
    STEP = "step"
    SLOT = "slot"
    EFFECT = "effect"


@dataclass(frozen=True, slots=True)
class Difference:
    """`before`: in the record, `now`: in the replay; "" where there is nothing.

    Args:
        name: of the slot, or of the effect (a class of `effects`), with the field that differs.
    """

    what: What
    before: str
    now: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class ReplayedTurn:
    """What the caller did (None: the call began), and what came of it then and now.

    Args:
        assumed: results that the record does not have.
        unused: results of the record that nobody asked for now.
        astray: the answer was given to this step (``flow.step``), where the call now stands elsewhere.
        meaning: (then, now) where it is understood otherwise.
    """

    given: ToldEvent
    before: After
    now: After
    differences: tuple[Difference, ...]
    assumed: tuple[Errand, ...] = ()
    unused: tuple[Result, ...] = ()
    astray: str = ""
    meaning: tuple[str, str] | None = None


class Stop(StrEnum):
    """Why a replay does not reach the end of the record."""

    NOT = ""
    ENDED = "ended"
    ASTRAY = "astray"
    CUT = "cut"


@dataclass(frozen=True, slots=True)
class Replay:
    """Args: left: inputs of the record that were not given any more."""

    turns: tuple[ReplayedTurn, ...]
    stopped: Stop = Stop.NOT
    left: int = 0

    @property
    def differs(self) -> bool:
        return self.stopped in (Stop.ENDED, Stop.ASTRAY) or any(turn.differences for turn in self.turns)


def replay_told(told: Sequence[Told], flows: Flows, comprehend: Comprehend, flow: FlowName) -> Replay:
    """Args:
        told: of one call, from its beginning.
        flow: in which it begins.

    Raises:
        KeyError: no such flow.
        ValueError: a record without a beginning.
    """
    if not told or not isinstance(told[0].event, CallStarted):
        raise ValueError("a record without a beginning")
    return _Replaying(flows, comprehend, flow, told[0].event).run(tuple(_rounds(told)))


Round = tuple[Told, ...]
"""An input, and the results that followed."""


def _rounds(told: Sequence[Told]) -> Iterator[Round]:
    current: list[Told] = []
    for one in told:
        if current and not _is_result(one.event):
            yield tuple(current)
            current = []
        current.append(one)
    yield tuple(current)


def _is_result(event: ToldEvent) -> bool:
    match event:
        case CallStarted() | Said() | Keyed() | NoInput() | Queued() | PersonCame() | Cut():
            return False
        case StepFailed(code=code):
            return code.split(".")[0] not in OURS
        case _:
            return True


class _Replaying:
    """One replay under way."""

    def __init__(self, flows: Flows, comprehend: Comprehend, flow: FlowName, began: CallStarted) -> None:
        self._comprehend = comprehend
        self._call = Rehearsal(
            flows,
            comprehend,
            at=began.at,
            flow=flow,
            caller=began.caller,
            dialled=began.dialled,
            channel=began.channel,
            overload=began.overload,
            earlier=began.earlier,
            world=OpenWorld(),
            call_id=began.call_id,
        )
        self._usual = UsualWorld()

    def run(self, rounds: Sequence[Round]) -> Replay:
        turns: list[ReplayedTurn] = []
        lost = 0
        for index, told in enumerate(rounds):
            before = turns[-1].before if turns else None
            if isinstance(told[0].event, Cut):
                return Replay(tuple(turns), Stop.CUT, len(rounds) - index)
            if self._call.ended and before is not None:
                if not before.ends:
                    return Replay(tuple(turns), Stop.ENDED, len(rounds) - index)
                self._call.ended = ""  # the caller spoke on into the goodbye, then as now
            astray = self._astray(before)
            lost = lost + 1 if astray else 0
            if lost > ASTRAY:
                return Replay(tuple(turns), Stop.ASTRAY, len(rounds) - index)
            turns.append(replace(self._turn(told), astray=astray))
        return Replay(tuple(turns))

    def _astray(self, before: After | None) -> str:
        """The step to which the next input of the record was an answer, where it is not awaited now."""
        if before is None:
            return ""
        now = After.of(self._call.state, ())
        return before.place if before.awaits != now.awaits else ""

    def _turn(self, told: Round) -> ReplayedTurn:
        call, given, began = self._call, told[0].event, len(self._call.turns)
        if isinstance(given, CallStarted):
            began = 0  # the rehearsal has begun by itself
        else:
            self._put(self._event(given))
        assumed: list[Errand] = []
        unused: list[Result] = []
        for event in _results(told):
            while self._waits_for_another(event) and len(assumed) < MOST_RESULTS:
                assumed.append(self._assume(call.pending[0]))
            if call.ended or settles(event, call.pending) is None:
                unused.append(event)
            else:
                self._put(event)
        before = _joined(told)
        while (errand := self._unanswered(before, told)) and len(assumed) < MOST_RESULTS:
            assumed.append(self._assume(errand))
        turns = call.turns[began:]
        effects = [effect for turn in turns for effect in turn.effects]
        now = After.of(call.state, effects)
        return ReplayedTurn(
            given,
            before,
            now,
            tuple(_differences(before, now)),
            tuple(assumed),
            tuple(unused),
            meaning=self._meaning(given, began),
        )

    def _put(self, event: Event) -> None:
        self._call.at = event.at
        self._call.put(event)

    def _event(self, told: ToldEvent) -> Event:
        assert not isinstance(told, Cut)  # replay has stopped there
        if not isinstance(told, Said):
            return told
        meaning, answer = self._comprehend(told.utterance, self._call.expect, told.at)
        return Heard(told.utterance, meaning, answer, told.at)

    def _meaning(self, given: ToldEvent, began: int) -> tuple[str, str] | None:
        turn = self._call.turns[began]
        if not isinstance(given, Said) or turn.meaning is None:
            return None
        article = turn.answer.article if isinstance(turn.answer, Answer) else None
        then = " ".join(filter(None, (given.intent.value, given.article)))
        now = " ".join(filter(None, (turn.meaning.intent.value, article)))
        return (then, now) if then != now else None

    def _waits_for_another(self, event: Event) -> bool:
        """An errand of now must come back before a result of then can."""
        pending = self._call.pending
        return bool(pending) and not self._call.ended and settles(event, pending) is None

    def _unanswered(self, before: After, told: Round) -> Errand | None:
        """An errand without a result, unless the call of then did not get it either (the caller broke in
        on a hand-over, or hung up)."""
        if self._call.ended:
            return None
        waits = self._call.state.queueing or isinstance(told[0].event, Queued | PersonCame)
        for errand in self._call.pending:
            kind = type(errand).__name__
            if waits and isinstance(errand, HandOver):
                continue  # its result comes in a later round
            asked = sum(effect["kind"] == kind for effect in before.effects)
            had = sum(settles(event, [errand]) is not None for event in _results(told))
            if asked <= had:
                return errand
        return None

    def _assume(self, errand: Errand) -> Errand:
        result = self._usual.answer(errand, self._call.at)
        assert result is not None  # the usual world lets nobody wait
        self._put(result)
        return errand


def _results(told: Round) -> Iterator[Result]:
    return (one.event for one in told[1:] if isinstance(one.event, Result))


def _joined(told: Round) -> After:
    """A round as one."""
    last = told[-1].after
    says = tuple(text for one in told for text in one.after.says)
    effects = tuple(effect for one in told for effect in one.after.effects)
    return replace(last, says=says, effects=effects)


# ── comparison ──────────────────────────────────────────────────────────────────────────────


def _differences(before: After, now: After) -> Iterator[Difference]:
    if before.said != now.said:
        yield Difference(What.SAID, before.said, now.said)
    if before.place != now.place:
        yield Difference(What.STEP, before.place, now.place)
    then, values = dict(before.slots), dict(now.slots)
    for name in {**then, **values}:
        if then.get(name, "") != values.get(name, ""):
            yield Difference(What.SLOT, then.get(name, ""), values.get(name, ""), name)
    kinds = dict.fromkeys(effect["kind"] for effect in (*before.effects, *now.effects))
    for kind in kinds:
        yield from _effects(kind, _of(before, kind), _of(now, kind))


def _of(after: After, kind: str) -> list[Mapping[str, Any]]:
    return [effect for effect in after.effects if effect["kind"] == kind]


def _effects(
    kind: str, before: Sequence[Mapping[str, Any]], now: Sequence[Mapping[str, Any]]
) -> Iterator[Difference]:
    """Of one kind, in their order; fields that only one side knows (another release) are not compared."""
    for old, new in zip_longest(before, now):
        if old is None or new is None:
            yield Difference(What.EFFECT, _brief(old), _brief(new), kind)
            continue
        was, is_ = dict(_fields(old)), dict(_fields(new))
        for name in was:
            if name in is_ and was[name] != is_[name]:
                yield Difference(What.EFFECT, str(was[name]), str(is_[name]), f"{kind}.{name}")


def _fields(effect: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """With those of what is in it (a ticket's demand)."""
    for name, value in effect.items():
        if isinstance(value, Mapping):
            yield from _fields(value)
        elif name != "kind":
            yield name, value


BRIEF: Final = {
    FileTicket.__name__: "title",
    FindTickets.__name__: "ticket_no",
    ChangeTicket.__name__: "request",
    HandOver.__name__: "queue",
    LeaveQueue.__name__: "outcome",
    Notify.__name__: "target",
    Rate.__name__: "score",
    "SetPace": "rate",
    "EndCall": "reason",
}


def _brief(effect: Mapping[str, Any] | None) -> str:
    """What tells an effect from others of its kind; "" for none."""
    if effect is None:
        return ""
    fields = dict(_fields(effect))
    return str(fields.get(BRIEF[effect["kind"]], "")) or "*" if effect["kind"] in BRIEF else "*"
