"""The conductor: one call, from its first ring to its last word.

Everything that happens to the call arrives in one inbox and is handled there in order; what takes
time (recognition, the ticket desk, a person's phone) runs in child tasks that post their outcome.
An expected failure is such an outcome; an exception out of a child ends the call in `Reception`.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any, assert_never

import structlog

from voicebot.calls.brain import Brain
from voicebot.calls.courtesy import Courtesy
from voicebot.calls.din import Din
from voicebot.calls.drafting import Draft, Drafter, think
from voicebot.calls.ears import Ears
from voicebot.calls.errands import Errands
from voicebot.calls.inbox import JobDone, Message, Recognised, Unrecognised, VoiceFailed
from voicebot.calls.parts import CallParts, Recording
from voicebot.calls.ports import AudioIn, DigitIn, HeldIn, HungUp, Line, TextIn
from voicebot.calls.round import Reply, Round, Rounds
from voicebot.calls.scribe import Scribe
from voicebot.calls.speaker import MUTE, Speaker
from voicebot.core.audio import AudioChunk
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import FlowName
from voicebot.core.utterance import Expect, ExpectKind, Utterance
from voicebot.dialogue import Step, start, step
from voicebot.dialogue.effects import (
    ChangeTicket,
    Effect,
    EndCall,
    FileTicket,
    FindTickets,
    HandOver,
    Listen,
    Rate,
    Say,
    SetPace,
)
from voicebot.dialogue.events import CallStarted, Event, HandoverEnded, Heard, Keyed, NoInput, StepFailed
from voicebot.turns import effects as turned
from voicebot.turns import events as turning
from voicebot.turns import machine as turns
from voicebot.turns.events import Melody, Speaking, Tick, Vad

log = structlog.get_logger(__name__)

INBOX = 2000
"""Messages that may wait; detector windows are dropped beyond half of it (a call then is 30 s behind)."""

LAST_WORDS = 12.0
"""Seconds from the longest duration of a call until it is cut, its goodbye said or not."""

MUTE_REPLIES = 2
"""Replies that stayed unspoken, apology and all, of which the dialogue is told."""

TICK = 0.001
"""Least wait in seconds: shorter ones may not move a clock of floats past what is due."""


class Call:
    """Conducts the call on `line` through flow `flow`.

    Args:
        brain: kept to the end, whatever is published meanwhile.
        deaf: take keys only, spend nothing on recognition.
        on_reply: told of each round once nothing is pending any more.
    """

    def __init__(
        self,
        line: Line,
        parts: CallParts,
        brain: Brain,
        flow: FlowName,
        *,
        deaf: bool = False,
        on_reply: Callable[[Reply], None] | None = None,
    ) -> None:
        self._line = line
        self._parts = parts
        self._brain = brain
        self._clock = parts.clock
        self._options = parts.options
        self._flow = flow
        self._deaf = deaf
        self._inbox: asyncio.Queue[Message] = asyncio.Queue(INBOX)
        self._tasks: set[asyncio.Task[Any]] = set()
        self._dialogue = start(brain.flows, flow)
        self._turns = turns.State(options=parts.options.turns)
        self._expect = Expect(ExpectKind.NOTHING)
        self._ended_turn: turned.TurnEnded | None = None
        self._deferred: deque[Event] = deque()
        self._agenda: deque[HandOver | EndCall] = deque()
        self._courtesy = Courtesy(parts.options)
        self._din = Din(parts.options.breath, parts.options.turns.long)
        self._judging = False
        self._mute_replies = 0
        self._in_talk = False
        self._over: str | None = None
        self._limit = parts.options.longest
        self._recording: Recording | None = None
        self._ears: Ears | None = None
        self._drafter: Drafter | None = None
        self._scribe = Scribe(parts.journal, line.info.call_id, parts.clock)
        self._errands = Errands(parts, line, self._post)
        self._speaker = Speaker(line, parts.synthesizer, parts.options, parts.clock, self._spawn, self)
        self._rounds = Rounds(self._scribe, self._speaker, on_reply)

    # ── life ────────────────────────────────────────────────────────────────────────────────

    async def run(self) -> str:
        """Answers, converses, hangs up. Returns why it ended, when the line is gone and everything is
        stored.

        Raises:
            ExceptionGroup: a defect of ours; the call is then recorded as ``error`` and the line is
                still open, for last words.
        """
        info = self._line.info
        structlog.contextvars.bind_contextvars(call_id=info.call_id)
        self._scribe.opened(info, self._flow)
        reason = "error"
        try:
            await self._line.answer()
            self._rounds.began = self._clock.monotonic()
            async with asyncio.TaskGroup() as group:
                self._group = group
                reason = await self._converse()
                for task in tuple(self._tasks):
                    task.cancel()
            await self._line.hang_up("us")
        except VoicebotError as error:  # the line never came to be
            reason = error.code
            raise
        finally:
            if self._recording:
                await self._recording.close()
            name = self._recording.name if self._recording else None
            await self._scribe.closed(reason, self._dialogue.label, name)
        return reason

    async def _converse(self) -> str:
        info = self._line.info
        if info.rate and not self._deaf:
            self._open_ears()
        self._spawn(self._pump())
        self._spawn(self._speaker.run())
        try:
            await self._happen(
                CallStarted(info.call_id, info.caller, info.dialled, info.channel, self._clock.now())
            )
            while self._over is None:
                await self._handle(await self._next())
            self._rounds.close()
        finally:
            if self._ears:
                self._ears.close()
        return self._over

    def _open_ears(self) -> None:
        info, parts = self._line.info, self._parts
        if parts.record:
            self._recording = parts.record(info.call_id, info.rate)
        hearing = parts.recogniser.open(info.call_id, info.rate)
        detector = parts.detector.open(self._post_window)
        self._ears = Ears(detector, hearing, self._options.preroll)
        self._drafter = Drafter(hearing, self._clock, self._options.recognition, self._spawn, self._post)

    def _spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        task = self._group.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _pump(self) -> None:
        """The line's events; sound goes to the ears (or to the person who talks), not to the inbox."""
        async for event in self._line.events():
            if not isinstance(event, AudioIn):
                self._post(event)
                continue
            if self._recording:
                self._recording.caller(event)
            if self._in_talk:
                self._errands.caller_sound(event)
            elif self._ears:
                self._ears.hear(event)

    async def _next(self) -> Message:
        """The next message, or a `Tick` when something is due first."""
        if not self._inbox.empty():
            return self._inbox.get_nowait()
        now = self._clock.monotonic()
        dues = [self._rounds.began + self._limit]
        if (due := turns.deadline(self._turns)) is not None:
            dues.append(due)
        if (due := self._filler_due()) is not None:
            dues.append(due)
        try:
            async with asyncio.timeout(max(TICK, min(dues) - now)):  # `wait_for` makes a task each time
                return await self._inbox.get()
        except TimeoutError:
            return Tick(self._clock.monotonic())

    def _post(self, message: Message) -> None:
        self._inbox.put_nowait(message)

    def _post_window(self, window: Vad) -> None:
        if self._inbox.qsize() < INBOX // 2:
            self._inbox.put_nowait(window)

    # ── what the speaker tells ──────────────────────────────────────────────────────────────

    def speaking(self, on: bool, interruptible: bool) -> None:
        self._post(Speaking(on, self._clock.monotonic(), interruptible))

    def sent(self, chunk: AudioChunk, dbfs: float) -> None:
        at = self._clock.monotonic()
        if self._recording:
            self._recording.ours(chunk, at)
        self._turns, _ = turns.step(self._turns, turning.Sent(dbfs, at))

    def voice_failed(self, error: VoicebotError) -> None:
        self._post(VoiceFailed(error))

    # ── the inbox ───────────────────────────────────────────────────────────────────────────

    async def _handle(self, message: Message) -> None:
        match message:
            case HungUp(reason=reason):
                self._over = self._over or reason
            case TextIn() | DigitIn() if self._in_talk:
                log.info("input while a person talks, ignored", kind=type(message).__name__)
            case Vad() | Speaking() | Tick():
                await self._turn(message)
                await self._after(message)
                await self._cut_short(self._clock.monotonic())
            case Melody():
                await self._turn(message)
            case TextIn(text=text):
                await self._turn(turning.Typed(self._clock.monotonic()))
                await self._line.caption("caller", text, True)
                await self._commit(self._think(Utterance(text)))
            case DigitIn(key=key):
                await self._mute()
                await self._turn(turning.Key(key, self._clock.monotonic()))
            case HeldIn(held=held):
                await self._turn(turning.Held(held, self._clock.monotonic()))
            case Recognised() | Unrecognised():
                await self._recognised(message)
            case VoiceFailed(error=error):
                self._rounds.current.stages[f"failed:{error.code}"] = self._since_start()
                if error.code == MUTE and self._mute_replies < MUTE_REPLIES:
                    self._mute_replies += 1  # the dialogue brings a caller to a person who hears nothing
                    await self._happen(StepFailed(MUTE, self._clock.now()))
            case HandoverEnded():
                await self._talk_ended(message)
            case _:
                await self._job_done(message)

    async def _after(self, message: Vad | Speaking | Tick) -> None:
        """What time and the end of our own speech bring."""
        now = self._clock.monotonic()
        match message:
            case Speaking(on=True):
                await self._line.state("speaking")
            case Speaking(on=False):
                self._rounds.current.heard += self._speaker.take_heard()
                self._courtesy.spoke(now)
                if not self._speaker.busy:  # else it tells of words before those that are coming
                    await self._run_agenda()
            case Tick():
                if now - self._rounds.began >= self._limit:
                    await self._out_of_time()
                if (due := self._filler_due()) is not None and now >= due:
                    language = self._dialogue.language
                    words = self._brain.fillers(language) or self._options.fillers
                    filler = self._courtesy.filler(now, words)
                    await self._speaker.say(filler, interruptible=not self._din.loud, language=language)

    async def _out_of_time(self) -> None:
        """The call has lasted too long: it is said, then it ends, whatever happens."""
        if self._in_talk or self._limit > self._options.longest:
            self._over = self._over or "too_long"
            return
        self._limit = self._options.longest + LAST_WORDS
        await self._turn(turning.Held(True, self._clock.monotonic()))  # nothing more is listened to
        await self._speaker.stop()
        self._speaker.forget()
        await self._speaker.say(self._options.too_long, interruptible=False)
        self._agenda.clear()
        self._agenda.append(EndCall("too_long"))

    # ── turns ───────────────────────────────────────────────────────────────────────────────

    async def _mute(self) -> None:
        """A key was pressed: what was being said counts no more, nor the tone in the sound."""
        self._drop_draft()
        self._ended_turn = None
        if self._ears:
            self._ears.end()
        await self._judged()
        await self._turn(turning.Typed(self._clock.monotonic()))
        self._rounds.current.interrupted |= self._speaker.busy
        await self._speaker.stop()

    async def _cut_short(self, now: float) -> None:
        """Nobody speaks so long without a breath: whatever it is, its turn is over."""
        if self._turns.phase is turns.Phase.SPEECH and self._din.unbroken(now):
            ended = turned.TurnEnded(self._turns.revision, self._turns.began, self._turns.voice_at)
            await self._turn(turning.Typed(now))
            await self._turn_ended(ended)

    async def _turn(self, event: turning.TurnInput) -> None:
        self._turns, effects = turns.step(self._turns, event)
        for effect in effects:
            await self._carry_out_turn(effect)

    async def _carry_out_turn(self, effect: turned.TurnEffect) -> None:
        match effect:
            case turned.TurnBegan(started=started):
                self._drop_draft()
                self._ended_turn = None
                self._courtesy.paid()
                self._din.paused(started)
                if self._ears:
                    self._ears.begin(started)
                await self._line.state("listening")
            case turned.DraftTurn(revision=revision):
                if self._turns.phase is turns.Phase.PAUSE:
                    self._din.paused(self._clock.monotonic())
                if self._drafter:
                    self._drafter.start(revision, self._expect, final=False)
            case turned.JudgeMelody(revision=revision):
                self._judge_melody(revision)
            case turned.DropDraft():
                self._drop_draft()
            case turned.TurnEnded():
                await self._turn_ended(effect)
            case turned.TurnDiscarded():
                await self._turn_discarded()
            case turned.Duck(on=on):
                self._speaker.duck(on)
            case turned.StopSpeaking():
                self._rounds.current.interrupted |= self._speaker.busy
                await self._speaker.stop()
            case turned.KeysEntered(keys=keys):
                self._din.understood()
                self._rounds.open(Round(keys=keys))
                await self._happen(Keyed(keys, self._clock.now()))
            case turned.NoInput(count=count):
                self._rounds.open(Round())
                await self._happen(NoInput(count, self._clock.now()))
            case _:
                assert_never(effect)

    async def _turn_ended(self, ended: turned.TurnEnded) -> None:
        if self._ears:
            self._ears.end()
        self._ended_turn = ended
        self._speaker.withdraw()  # it answers what was said before
        now = self._clock.monotonic()
        self._courtesy.owe(now, silent=ended.ended)
        self._speaker.awaited(ended.ended)
        await self._line.state("thinking")
        if self._drafter is None:
            return
        if self._din.ended(ended.ended - ended.started, now):
            # the sound goes on: as a turn of its own it would void this one before it is recognised
            self._judging = True
            await self._turn(turning.Held(True, now))
        if self._drafter.draft:
            await self._commit(self._drafter.draft)
        elif not self._drafter.busy:
            self._drafter.start(ended.revision, self._expect, final=True)

    async def _turn_discarded(self) -> None:
        """It was no turn: go on as if nothing had been heard."""
        self._drop_draft()
        if self._ears:
            self._ears.end()
        if self._options.resume_false_stop and self._speaker.cut_off:
            self._din.false_stop()
            self._speaker.resume(yielding=not self._din.loud)
        if not self._speaker.busy:
            await self._run_agenda()

    def _judge_melody(self, revision: int) -> None:
        melody, turn = self._parts.melody, self._ears.turn() if self._ears else None
        if melody is None or turn is None:
            return

        async def judge() -> None:
            finished = await melody.finished(turn)
            self._post(Melody(revision, finished, self._clock.monotonic()))

        self._spawn(judge())

    # ── recognition and drafts ──────────────────────────────────────────────────────────────

    def _drop_draft(self) -> None:
        if self._drafter:
            self._drafter.drop()

    async def _recognised(self, message: Recognised | Unrecognised) -> None:
        if self._drafter is None or not self._drafter.arrived(message):
            return  # the caller went on meanwhile
        ended = self._ended_turn
        if isinstance(message, Unrecognised):
            await self._unrecognised(message, ended)
            return
        began, heard = self._rounds.began, self._turns
        utterance = replace(message.utterance, started=heard.began - began, ended=heard.voice_at - began)
        draft = self._think(utterance, message.revision, message.took)
        self._drafter.draft = draft
        if ended is not None:
            await self._commit(draft)
            return
        for effect in draft.step.effects:
            if isinstance(effect, Say):
                self._speaker.prepare(effect.text, effect.language)
                break
        text = message.utterance.text
        saying = self._rounds.current.text if self._turns.over else ""
        verdict = self._brain.verdict(text, self._expect, saying)
        now = self._clock.monotonic()
        await self._turn(turning.Verdict(message.revision, verdict, not text.strip(), now))

    async def _unrecognised(self, failure: Unrecognised, ended: turned.TurnEnded | None) -> None:
        log.warning("not recognised", code=failure.error.code, final=failure.final)
        if ended is None or self._drafter is None:
            return  # only a draft: the final recognition may still succeed
        if not failure.final:
            self._drafter.start(ended.revision, self._expect, final=True)
            return
        await self._judged()
        self._rounds.open(self._round_of(None, ended))
        if times := self._din.silence(None):
            await self._happen(NoInput(times, self._clock.now()))
        else:
            await self._happen(StepFailed(failure.error.code, self._clock.now()))

    async def _judged(self) -> None:
        """A turn that was cut off has been recognised: we listen again."""
        if self._judging:
            self._judging = False
            await self._turn(turning.Held(False, self._clock.monotonic()))

    def _think(self, utterance: Utterance, revision: int = -1, recognised_in: float = 0.0) -> Draft:
        return think(
            self._brain, self._clock, self._dialogue, self._expect, utterance, revision, recognised_in
        )

    async def _commit(self, draft: Draft) -> None:
        """The turn is over: what was drafted happens."""
        self._drop_draft()
        ended, self._ended_turn = self._ended_turn, None
        await self._judged()
        await self._line.caption("caller", draft.utterance.text, True)
        self._rounds.open(self._round_of(draft, ended))
        if ended and (times := self._din.silence(draft)):
            await self._happen(NoInput(times, self._clock.now()))
            return
        heard = Heard(draft.utterance, draft.meaning, draft.answer, self._clock.now())
        if self._errands.pending or draft.base is not self._dialogue:
            await self._happen(heard)
        else:
            await self._apply(draft.step)

    def _round_of(self, draft: Draft | None, ended: turned.TurnEnded | None) -> Round:
        now = self._since_start()
        fresh = Round(started=now, ended=now)
        if draft:
            fresh.said, fresh.confidence = draft.utterance.text, draft.utterance.confidence
            fresh.engine, fresh.meaning = draft.utterance.engine, draft.meaning
            fresh.stages.update((name, seconds * 1000) for name, seconds in draft.stages)
        if ended:
            fresh.started, fresh.ended = ended.started - self._rounds.began, ended.ended - self._rounds.began
            fresh.stages["turn_end"] = (now - fresh.ended) * 1000
        return fresh

    # ── dialogue ────────────────────────────────────────────────────────────────────────────

    async def _happen(self, event: Event) -> None:
        """Something happened to the dialogue; while an errand is out, all but its result waits."""
        if self._errands.pending and not isinstance(event, JobDone | HandoverEnded):
            self._deferred.append(event)
            return
        await self._apply(step(self._brain.flows, self._dialogue, event))

    async def _apply(self, after: Step) -> None:
        self._dialogue = after.state
        self._agenda.clear()
        self._speaker.forget()
        for effect in after.effects:
            await self._carry_out(effect)
        if not self._speaker.busy:
            await self._run_agenda()
        self._report()

    async def _carry_out(self, effect: Effect) -> None:
        match effect:
            case Say(text=text, interruptible=interruptible, language=language):
                self._courtesy.paid()
                self._rounds.current.says.append(effect)
                yields = interruptible and not self._din.loud
                await self._speaker.say(text, interruptible=yields, language=language)
            case Listen(expect=expect):
                self._expect = expect
                await self._turn(turning.Expecting(expect, self._clock.monotonic()))
            case FileTicket() | FindTickets() | ChangeTicket():
                self._courtesy.owe(self._clock.monotonic())
                self._errands.pending += 1
                self._spawn(self._errands.run(effect))
            case Rate(score=score):
                self._scribe.rated(score)
            case SetPace(rate=rate):
                pace = self._options.voice.rate * rate
                self._speaker.settings = replace(self._speaker.settings, rate=pace)
            case HandOver() | EndCall():
                self._agenda.append(effect)
            case _:
                assert_never(effect)

    async def _job_done(self, result: JobDone) -> None:
        self._errands.pending -= 1
        await self._happen(result)
        while self._deferred and not self._errands.pending:
            await self._happen(self._deferred.popleft())

    async def _run_agenda(self) -> None:
        """All was said (or cut short): now what had to wait for it."""
        if not self._agenda:
            if not self._errands.pending and not self._in_talk:
                await self._line.state("thinking" if self._courtesy.owed else "listening")
            return
        effect = self._agenda.popleft()
        match effect:
            case EndCall(reason=reason):
                talking_over = self._turns.phase in (turns.Phase.SPEECH, turns.Phase.PAUSE)
                # the caller broke in: the goodbye waits for what they say
                if talking_over and not self._din.loud:
                    self._agenda.appendleft(effect)
                else:
                    self._over = self._over or reason
            case HandOver():
                self._in_talk = True
                if self._ears:
                    self._ears.end()
                await self._turn(turning.Held(True, self._clock.monotonic()))
                await self._line.state("waiting")
                self._spawn(self._errands.hand_over(effect, self._dialogue.slot_values()))
            case _:
                assert_never(effect)

    async def _talk_ended(self, ended: HandoverEnded) -> None:
        self._in_talk = False
        await self._turn(turning.Held(False, self._clock.monotonic()))
        log.info("handover ended", outcome=ended.outcome)
        await self._happen(ended)

    # ── rounds ──────────────────────────────────────────────────────────────────────────────

    def _report(self) -> None:
        """Once nothing is pending, the round is what was made of the input."""
        if not self._errands.pending and not self._in_talk:
            self._rounds.report(self._dialogue, ended=self._over is not None)

    def _since_start(self) -> float:
        return self._clock.monotonic() - self._rounds.began

    def _filler_due(self) -> float | None:
        quiet = self._speaker.busy or self._in_talk or not self._line.info.rate
        return None if quiet else self._courtesy.due()
