"""The conductor: one call, from its first ring to its last word.

Everything that happens to the call arrives in one inbox and is handled there in order; what takes
time (recognition, the ticket desk, a person's phone) runs in child tasks that post their outcome.
An expected failure is such an outcome; an exception out of a child ends the call in `Reception`.
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

import structlog

from voicebot.calls.brain import Brain
from voicebot.calls.conversation import Conversation, Hold
from voicebot.calls.inbox import Assisted, Message, Recognised, Unrecognised, VoiceFailed
from voicebot.calls.listening import Listening
from voicebot.calls.parts import CallParts
from voicebot.calls.ports import AudioIn, DigitIn, HeldIn, HungUp, Line, TextIn
from voicebot.calls.round import Reply
from voicebot.calls.speaker import MUTE, Speaker
from voicebot.calls.tapes import CallTapes
from voicebot.calls.waiting_room import PersonGone, PersonThere
from voicebot.core.audio import AudioChunk
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import FlowName
from voicebot.dialogue.events import CallStarted, HandoverEnded, StepFailed
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
        known: slots that the call begins with (one that we made).
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
        known: Mapping[str, str] | None = None,
        on_reply: Callable[[Reply], None] | None = None,
    ) -> None:
        self._line = line
        self._parts = parts
        self._brain = brain
        self._clock = parts.clock
        self._options = parts.options
        self._flow = flow
        self.deaf = deaf
        self._known = tuple((known or {}).items())
        self._inbox: asyncio.Queue[Message] = asyncio.Queue(INBOX)
        self._tasks: set[asyncio.Task[Any]] = set()
        self._mute_replies = 0
        self._limit = parts.options.longest
        speaker = Speaker(line, parts.synthesizer, parts.options, parts.clock, self._spawn, self)
        conversation = Conversation(
            line, parts, brain.flows, flow, speaker, self._spawn, self._post, on_reply
        )
        listening = Listening(line, parts, brain, conversation, speaker, self._spawn, self._post)
        self._tapes = CallTapes(line, parts, conversation.scribe, self._spawn)
        conversation.floor, conversation.seeking.tapes = listening, self._tapes
        self._speaker, self._conversation, self._listening = speaker, conversation, listening
        self._rounds = conversation.rounds

    @property
    def flows(self) -> frozenset[FlowName]:
        """Those the call is in: the one that speaks, those it goes back to, the one it began in."""
        state = self._conversation.dialogue
        return frozenset((state.home, state.base, state.flow, *(frame.flow for frame in state.stack)))

    @property
    def slots(self) -> Mapping[str, str]:
        """All that is filled, by name."""
        return {slot.name: slot.value for slot in self._conversation.dialogue.slots}

    @property
    def score(self) -> int | None:
        """The last score that was given."""
        return self._conversation.score

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
        self._conversation.scribe.opened(info, self._flow, self._brain.version)
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
            name = await self._tapes.close()
            await self._conversation.scribe.closed(reason, self._conversation.dialogue.label, name)
        return reason

    async def _converse(self) -> str:
        info = self._line.info
        if info.rate and not self.deaf:
            self._listening.open(self._post_window)
            self._tapes.open(self._rounds.began)
        self._spawn(self._pump())
        self._spawn(self._speaker.run())
        try:
            await self._conversation.happen(
                CallStarted(
                    info.call_id,
                    info.caller,
                    info.dialled,
                    info.channel,
                    self._clock.now(),
                    overload=self.deaf,
                    earlier=0 if info.outbound else await self._earlier(info.caller),
                    outbound=info.outbound,
                    known=self._known,
                )
            )
            while self._conversation.over is None:
                await self._handle(await self._next())
            self._rounds.close()
            await self._tapes.finish()
        finally:
            self._tapes.talk(False)
            self._listening.close()
        return self._conversation.over

    async def _earlier(self, caller: str) -> int:
        """How often the caller has called lately; nobody waits long to be greeted for that."""
        if self._parts.earlier is None or not caller:
            return 0
        try:
            async with asyncio.timeout(self._options.known):
                return await self._parts.earlier(caller)
        except (VoicebotError, TimeoutError) as error:
            log.warning("earlier calls not known", error=str(error) or "timeout")
            return 0

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
            self._tapes.caller(event)
            if self._conversation.in_talk:
                self._tapes.caller_talks(event)
                self._conversation.caller_sound(event)
            else:
                self._listening.hear(event)

    async def _next(self) -> Message:
        """The next message, or a `Tick` when something is due first."""
        if not self._inbox.empty():
            return self._inbox.get_nowait()
        now = self._clock.monotonic()
        dues = [self._rounds.began + self._limit]
        if (due := self._listening.due()) is not None:
            dues.append(due)
        if (due := self._conversation.filler_due()) is not None:
            dues.append(due)
        if (due := self._conversation.place_due()) is not None:
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
        self._tapes.ours(chunk, self._clock.monotonic())
        self._listening.sent(dbfs)

    def voice_failed(self, error: VoicebotError) -> None:
        self._post(VoiceFailed(error))

    # ── the inbox ───────────────────────────────────────────────────────────────────────────

    async def _handle(self, message: Message) -> None:
        match message:
            case HungUp(reason=reason):
                await self._listening.settle()
                self._conversation.over = self._conversation.over or reason
            case TextIn() | DigitIn() if self._conversation.in_talk:
                log.info("input while a person talks, ignored", kind=type(message).__name__)
            case Vad() | Speaking() | Tick():
                await self._listening.turn(message)
                await self._after(message)
                await self._listening.cut_short()
            case Melody():
                await self._listening.turn(message)
            case TextIn(text=text):
                await self._listening.typed(text)
            case DigitIn(key=key):
                await self._listening.pressed(key)
            case HeldIn(held=held):
                await self._listening.hold(Hold.LINE, held)
            case Recognised() | Unrecognised():
                await self._listening.recognised(message)
            case Assisted():
                await self._listening.assisted(message)
            case VoiceFailed(error=error):
                self._rounds.current.stages[f"failed:{error.code}"] = (
                    self._clock.monotonic() - self._rounds.began
                )
                if error.code == MUTE and self._mute_replies < MUTE_REPLIES:
                    self._mute_replies += 1  # the dialogue brings a caller to a person who hears nothing
                    await self._conversation.happen(StepFailed(MUTE, self._clock.now()))
            case PersonThere():
                await self._conversation.person_there(message)
                self._tapes.talk(self._conversation.in_talk)
            case PersonGone():
                self._tapes.talk(False)
                await self._conversation.person_gone(message)
            case HandoverEnded():
                self._tapes.talk(False)
                await self._conversation.talk_ended(message)
            case _:
                await self._conversation.job_done(message)

    async def _after(self, message: Vad | Speaking | Tick) -> None:
        """What time and the end of our own speech bring."""
        now = self._clock.monotonic()
        match message:
            case Speaking(on=True):
                await self._line.state("speaking")
            case Speaking(on=False):
                self._rounds.current.heard += self._speaker.take_heard()
                self._conversation.courtesy.spoke(now)
                if not self._speaker.busy:  # else it tells of words before those that are coming
                    await self._conversation.next()
            case Tick():
                if now - self._rounds.began >= self._limit:
                    await self._out_of_time()
                if (due := self._conversation.filler_due()) is not None and now >= due:
                    language = self._conversation.dialogue.language
                    words = self._brain.fillers(language) or self._options.fillers
                    filler = self._conversation.courtesy.filler(now, words)
                    await self._speaker.say(filler, interruptible=not self._listening.loud, language=language)
                self._conversation.hum()
                if (due := self._conversation.place_due()) is not None and now >= due:
                    await self._conversation.tell_place()

    async def _out_of_time(self) -> None:
        """The call has lasted too long: it is said, then it ends, whatever happens."""
        if self._conversation.in_talk or self._limit > self._options.longest:
            self._conversation.over = self._conversation.over or "too_long"
            return
        self._limit = self._options.longest + LAST_WORDS
        await self._conversation.end(self._options.too_long, "too_long")
