"""What is said and done in one call: the dialogue's state, and its effects in their order."""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import replace
from enum import Enum
from typing import Any, Protocol, assert_never

import structlog

from voicebot.calls.courtesy import Courtesy
from voicebot.calls.errands import Errands
from voicebot.calls.inbox import JobDone, Message
from voicebot.calls.parts import CallParts
from voicebot.calls.ports import AudioIn, Line
from voicebot.calls.round import Reply, Round, Rounds
from voicebot.calls.scribe import Scribe
from voicebot.calls.seeking import Seeking, Stage
from voicebot.calls.speaker import Speaker
from voicebot.calls.waiting_room import PersonGone, PersonThere
from voicebot.calls.whisper import Whisper
from voicebot.core.ids import FlowName
from voicebot.core.utterance import Expect, ExpectKind
from voicebot.dialogue import Flows, Step, start, step
from voicebot.dialogue.demands import summary
from voicebot.dialogue.effects import (
    ChangeTicket,
    Effect,
    EndCall,
    FileTicket,
    FindTickets,
    HandOver,
    LeaveQueue,
    Listen,
    NoteUnanswered,
    Notify,
    Rate,
    Say,
    SetPace,
)
from voicebot.dialogue.events import Event, HandoverEnded, Heard, PersonCame, Queued
from voicebot.dialogue.queueing import would_tell
from voicebot.dialogue.told import Told

log = structlog.get_logger(__name__)


class Hold(Enum):
    """Why nothing is listened to; each reason ends by itself."""

    LINE = "the caller put us on hold"
    TALK = "a person has the call"
    JUDGING = "a turn that was cut off is being recognised"
    END = "the last words"


class Floor(Protocol):
    """Who has the floor, as far as what we do depends on it (see `Listening`)."""

    @property
    def talking(self) -> bool:
        """The caller is in the middle of a turn."""
        ...

    @property
    def loud(self) -> bool:
        """Noise goes on over whatever we say: our words must not yield to it."""
        ...

    async def expect(self, expect: Expect) -> None:
        """From now on an answer of this kind is awaited."""
        ...

    async def hold(self, why: Hold, on: bool) -> None:
        """Nothing is listened to while any reason is `on`."""
        ...


class Conversation:
    """Runs the dialogue's steps and carries out their effects.

    Args:
        floor: set by the conductor before anything happens.
    """

    floor: Floor

    def __init__(
        self,
        line: Line,
        parts: CallParts,
        flows: Flows,
        flow: FlowName,
        speaker: Speaker,
        spawn: Callable[[Coroutine[Any, Any, Any]], asyncio.Task[Any]],
        post: Callable[[Message], None],
        on_reply: Callable[[Reply], None] | None,
    ) -> None:
        self._line = line
        self._clock = parts.clock
        self._pace = parts.options.voice.rate
        self._flows = flows
        self._speaker = speaker
        self._spawn = spawn
        self._errands = Errands(parts, line, post)
        self._whisper = Whisper(parts.helper, parts.clock, spawn)
        self.seeking = Seeking(parts, self._errands, spawn, post, self._told)
        self._deferred: deque[Event] = deque()
        self._late: deque[JobDone] = deque()
        """What the ticket desk has answered during a talk."""
        self._agenda: deque[HandOver | EndCall] = deque()
        self.scribe = Scribe(parts.journal, line.info.call_id, parts.clock)
        self.rounds = Rounds(self.scribe, speaker, on_reply)
        self.courtesy = Courtesy(parts.options)
        self.dialogue = start(flows, flow)
        self.expect = Expect(ExpectKind.NOTHING)
        self.over: str | None = None
        """Why the call is to end."""
        self.score: int | None = None
        """Given in this call, the last one."""

    @property
    def in_talk(self) -> bool:
        """A person has the call, or is being rung: the caller is not ours."""
        return self.seeking.stage in (Stage.RINGING, Stage.TALK)

    # ── events and effects ──────────────────────────────────────────────────────────────────

    async def happen(self, event: Event) -> None:
        """Something happened to the dialogue; while an errand is out, all but its result waits."""
        if self._errands.pending and not isinstance(event, JobDone | HandoverEnded):
            self._deferred.append(event)
            return
        await self._apply(event, step(self._flows, self.dialogue, event))

    async def commit(self, drafted: Step, made_from: object, event: Event) -> None:
        """`event` happened, and `drafted` is what follows from it, if the dialogue is still `made_from`."""
        if self._errands.pending or made_from is not self.dialogue:
            await self.happen(event)
        else:
            await self._apply(event, drafted)

    async def job_done(self, result: JobDone) -> None:
        """The ticket desk has answered."""
        self._errands.pending -= 1
        if self.seeking.stage is Stage.TALK:  # nobody speaks into a talk
            self._late.append(result)
            return
        await self.happen(result)
        while self._deferred and not self._errands.pending:
            await self.happen(self._deferred.popleft())

    async def talk_ended(self, ended: HandoverEnded) -> None:
        """The caller is ours again."""
        self.seeking.over()
        self.seeking.tapes.record(True)
        self._speaker.hum(None)
        await self.floor.hold(Hold.TALK, False)
        log.info("handover ended", outcome=ended.outcome)
        await self.happen(ended)
        while self._late:
            await self.happen(self._late.popleft())

    async def person_there(self, there: PersonThere) -> None:
        """A person takes the call: we are silent at once, and the dialogue is where it asked for them."""
        if there.room is not self.seeking.room:
            return  # not wanted any more: the hand-over is about to be ended
        self.seeking.stage = Stage.TALK
        self._agenda.clear()
        self._speaker.hum(None)
        await self._speaker.stop()
        self._speaker.forget()
        await self.floor.hold(Hold.TALK, True)
        self.courtesy.paid()
        await self._line.flush()
        if self.dialogue.queueing:
            event = PersonCame(self._clock.now())
            await self._apply(event, step(self._flows, self.dialogue, event))
        there.ready.set()

    async def person_gone(self, gone: PersonGone) -> None:
        """Another person is sought: the caller is in the queue again."""
        if gone.room is self.seeking.room and self.seeking.stage is Stage.TALK:
            self.seeking.stage = Stage.RINGING
            await self._line.state("waiting")
            self.hum()

    def place_due(self) -> float | None:
        """When the caller is to be told where they stand in the queue; None while something else goes on."""
        room, stage = self.seeking.room, self.seeking.stage
        if room is None or stage is Stage.TALK or self._speaker.busy or self._errands.pending:
            return None
        busy = stage is Stage.WAITING and (self.floor.talking or self.courtesy.owed)
        return None if busy or not would_tell(self._flows, self.dialogue) else room.due

    async def tell_place(self) -> None:
        """Tells it; from the first time on the caller may speak."""
        room = self.seeking.room
        if room is None:
            return
        event = Queued(room.telling(), self._clock.now())
        after = step(self._flows, self.dialogue, event)
        if self.seeking.stage is Stage.RINGING:
            self.seeking.stage = Stage.WAITING
            await self.floor.hold(Hold.TALK, False)
        self.rounds.open(Round())
        await self._apply(event, after)

    def hum(self) -> None:
        """There is news of the queue: the caller hears music from now on, where nobody speaks."""
        room = self.seeking.room
        if room is not None and room.sounding and self.seeking.stage is not Stage.TALK:
            self._speaker.hum(lambda: self.floor.talking or self.courtesy.owed)

    async def end(self, words: str, reason: str) -> None:
        """Says `words` instead of anything else, then ends the call."""
        await self.floor.hold(Hold.END, True)
        await self._speaker.stop()
        self._speaker.forget()
        await self._speaker.say(words, interruptible=False)
        self._agenda.clear()
        self._agenda.append(EndCall(reason))

    async def _apply(self, event: Event, after: Step) -> None:
        self.dialogue = after.state
        self.rounds.current.told.append(Told.of(event, after.state, after.effects))
        self._agenda.clear()
        self._speaker.forget()
        if isinstance(event, Heard):
            spans = tuple((name, slot.span) for name, slot in event.meaning.slots.items())
            self._whisper.said("caller", event.utterance.text, spans)
        for effect in after.effects:
            await self._carry_out(effect)
        if not self._speaker.busy:
            await self.next()
        if not self._errands.pending and not self.in_talk:
            self.rounds.report(self.dialogue, ended=self.over is not None)

    async def _carry_out(self, effect: Effect) -> None:
        match effect:
            case Say(text=text, interruptible=interruptible, language=language):
                self.courtesy.paid()
                self.rounds.current.says.append(effect)
                self._whisper.said("bot", text)
                yields = interruptible and not self.floor.loud
                await self._speaker.say(text, interruptible=yields, language=language)
            case Listen(expect=expect):
                self.expect = expect
                await self.floor.expect(expect)
            case FileTicket() | FindTickets() | ChangeTicket():
                self.courtesy.owe(self._clock.monotonic())
                self._errands.pending += 1
                self._spawn(self._errands.run(effect))
            case Notify(waits=waits):
                outcome = self._errands.notify(effect)
                if waits:
                    self.courtesy.owe(self._clock.monotonic())
                    self._errands.pending += 1
                    self._spawn(self._errands.notified(outcome))
            case LeaveQueue(outcome=outcome):
                await self.floor.hold(Hold.TALK, True)
                self.seeking.leave(outcome)
            case NoteUnanswered():
                self.scribe.unanswered(effect)
            case Rate(score=score):
                self.score = score
                self.scribe.rated(score)
            case SetPace(rate=rate):
                self._speaker.settings = replace(self._speaker.settings, rate=self._pace * rate)
            case HandOver() | EndCall():
                self._agenda.append(effect)
                if isinstance(effect, HandOver):
                    self._whisper.begin(effect)
            case _:
                assert_never(effect)

    async def next(self) -> None:
        """All was said (or cut short): now what had to wait for it."""
        if not self._agenda:
            if not self._errands.pending and not self.in_talk:
                quiet = "waiting" if self.seeking.stage is Stage.WAITING else "listening"
                await self._line.state("thinking" if self.courtesy.owed else quiet)
            return
        effect = self._agenda.popleft()
        match effect:
            case EndCall(reason=reason):
                # the caller broke in: the goodbye waits for what they say
                if self.floor.talking and not self.floor.loud:
                    self._agenda.appendleft(effect)
                else:
                    self.over = self.over or reason
            case HandOver():
                await self.floor.hold(Hold.TALK, True)
                await self._line.state("waiting")
                told, notes = self._whisper.end(effect)
                self.rounds.current.stages.update(notes)
                await self.seeking.begin(told, self.dialogue.slot_values())
            case _:
                assert_never(effect)

    def _told(self) -> tuple[str, Mapping[str, str]]:
        return summary(self.dialogue), self.dialogue.slot_values()

    # ── what time brings ────────────────────────────────────────────────────────────────────

    def caller_sound(self, sound: AudioIn) -> None:
        """The caller's sound while a person is rung or talks."""
        self._errands.caller_sound(sound)

    def filler_due(self) -> float | None:
        """When the caller has to be told that we are still there; None while they need not."""
        quiet = self._speaker.busy or self.in_talk or not self._line.info.rate
        return None if quiet else self.courtesy.due()
