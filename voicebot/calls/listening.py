"""The caller's side of one call: turns, what was said in them, and what of it counts."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any, assert_never

import structlog

from voicebot.calls.assisting import Assisting
from voicebot.calls.brain import Brain
from voicebot.calls.conversation import Conversation, Hold
from voicebot.calls.din import Din
from voicebot.calls.drafting import Draft, Drafter, think
from voicebot.calls.ears import Ears
from voicebot.calls.inbox import Assisted, Message, Recognised, Unrecognised
from voicebot.calls.parts import CallParts
from voicebot.calls.ports import AudioIn, Line
from voicebot.calls.round import Round
from voicebot.calls.speaker import Speaker
from voicebot.core.utterance import Expect, Utterance
from voicebot.dialogue.effects import Say
from voicebot.dialogue.events import Heard, Keyed, NoInput, StepFailed
from voicebot.turns import effects as turned
from voicebot.turns import events as turning
from voicebot.turns.machine import step
from voicebot.turns.state import Phase, State
from voicebot.turns.timers import deadline

log = structlog.get_logger(__name__)


class Listening:
    """Carries out what `turns` decides. Implements `conversation.Floor`.

    A call without sound (typed words, or keys only) never opens its ears.
    """

    def __init__(
        self,
        line: Line,
        parts: CallParts,
        brain: Brain,
        conversation: Conversation,
        speaker: Speaker,
        spawn: Callable[[Coroutine[Any, Any, Any]], asyncio.Task[Any]],
        post: Callable[[Message], None],
    ) -> None:
        self._line = line
        self._parts = parts
        self._clock = parts.clock
        self._options = parts.options
        self._brain = brain
        self._conversation = conversation
        self._rounds = conversation.rounds
        self._speaker = speaker
        self._spawn = spawn
        self._post = post
        self._turns = State(options=parts.options.turns)
        self._din = Din(parts.options.breath, parts.options.turns.long)
        self._ended: turned.TurnEnded | None = None
        """The turn whose text is awaited."""
        self._deaf_for: set[Hold] = set()
        self._ears: Ears | None = None
        self._drafter: Drafter | None = None
        self._assisting = Assisting(parts.helper, brain, parts.clock, spawn, post)
        self._pending: Draft | None = None
        """What will be committed when the language model has looked at it, as it is if need be."""

    def open(self, on_window: Callable[[turning.Vad], None]) -> None:
        """Begins to hear sound."""
        info = self._line.info
        hearing = self._parts.recogniser.open(info.call_id, info.rate)
        self._ears = Ears(self._parts.detector.open(on_window), hearing, self._options.preroll)
        self._drafter = Drafter(hearing, self._clock, self._options.recognition, self._spawn, self._post)

    def close(self) -> None:
        if self._ears:
            self._ears.close()

    def hear(self, sound: AudioIn) -> None:
        if self._ears:
            self._ears.hear(sound)

    # ── the floor ───────────────────────────────────────────────────────────────────────────

    @property
    def talking(self) -> bool:
        return self._turns.phase in (Phase.SPEECH, Phase.PAUSE)

    @property
    def loud(self) -> bool:
        return self._din.loud

    async def expect(self, expect: Expect) -> None:
        await self.turn(turning.Expecting(expect, self._clock.monotonic()))

    async def hold(self, why: Hold, on: bool) -> None:
        if on and self._ears:
            self._ears.end()
        if on and why is Hold.TALK:  # what was being said is for the person
            self._drop_draft()
            self._ended = None
            self._deaf_for.discard(Hold.JUDGING)
        before = bool(self._deaf_for)
        (self._deaf_for.add if on else self._deaf_for.discard)(why)
        if bool(self._deaf_for) is not before:
            await self.turn(turning.Held(on, self._clock.monotonic()))

    def due(self) -> float | None:
        """When time must be told to `turn` at the latest."""
        return deadline(self._turns)

    # ── what the caller does ────────────────────────────────────────────────────────────────

    def sent(self, dbfs: float) -> None:
        """A piece of our voice went out; it may come back."""
        self._turns, _ = step(self._turns, turning.Sent(dbfs, self._clock.monotonic()))

    async def turn(self, event: turning.TurnInput) -> None:
        """Tells `turns`, and does what it decides."""
        self._turns, effects = step(self._turns, event)
        for effect in effects:
            await self._carry_out(effect)

    async def typed(self, text: str) -> None:
        await self.settle()
        await self.turn(turning.Typed(self._clock.monotonic()))
        await self._line.caption("caller", text, True)
        draft = self._think(Utterance(text))
        await self._conclude(self._assisting.consider(draft, self._conversation.expect))

    async def pressed(self, key: str) -> None:
        """What was being said counts no more, nor the tone in the sound."""
        await self.settle()
        self._drop_draft()
        self._ended = None
        if self._ears:
            self._ears.end()
        await self.hold(Hold.JUDGING, False)
        await self.turn(turning.Typed(self._clock.monotonic()))
        self._rounds.current.interrupted |= self._speaker.busy
        await self._speaker.stop()
        await self.turn(turning.Key(key, self._clock.monotonic()))

    async def cut_short(self) -> None:
        """Nobody speaks so long without a breath: whatever it is, its turn is over."""
        now = self._clock.monotonic()
        if self._turns.phase is Phase.SPEECH and self._din.unbroken(now):
            ended = turned.TurnEnded(self._turns.revision, self._turns.began, self._turns.voice_at)
            await self.turn(turning.Typed(now))
            await self._turn_ended(ended)

    # ── what `turns` decides ────────────────────────────────────────────────────────────────

    async def _carry_out(self, effect: turned.TurnEffect) -> None:
        match effect:
            case turned.TurnBegan(started=started):
                await self._turn_began(started)
            case turned.DraftTurn(revision=revision):
                paused = self._turns.phase is Phase.PAUSE
                if paused:
                    self._din.paused(self._clock.monotonic())
                if self._drafter and (paused or self._drafter.glances):
                    self._assisting.drop()
                    self._drafter.start(revision, self._conversation.expect, final=False)
            case turned.JudgeMelody(revision=revision):
                if self._parts.melody and self._ears and (sound := self._ears.turn()):
                    self._spawn(self._judge_melody(revision, self._parts.melody.finished(sound)))
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
                await self._conversation.happen(Keyed(keys, self._clock.now()))
            case turned.NoInput(count=count):
                self._rounds.open(Round())
                await self._conversation.happen(NoInput(count, self._clock.now()))
            case _:
                assert_never(effect)

    async def _turn_began(self, started: float) -> None:
        if await self.settle():  # who goes on at once does not hear an answer to the words before
            self._rounds.current.interrupted = True
            await self._speaker.stop()
        self._drop_draft()
        self._ended = None
        self._conversation.courtesy.paid()
        self._din.paused(started)
        if self._ears:
            self._ears.begin(started)
        await self._line.state("listening")

    async def _turn_ended(self, ended: turned.TurnEnded) -> None:
        if self._ears:
            self._ears.end()
        self._ended = ended
        self._speaker.withdraw()  # it answers what was said before
        now = self._clock.monotonic()
        self._conversation.courtesy.owe(now, silent=ended.ended)
        self._speaker.awaited(ended.ended)
        await self._line.state("thinking")
        if self._drafter is None:
            return
        if self._din.ended(ended.ended - ended.started, now):
            # the sound goes on: as a turn of its own it would void this one before it is recognised
            await self.hold(Hold.JUDGING, True)
        if self._drafter.draft:
            await self._conclude(self._drafter.draft)
        elif not self._drafter.busy:
            self._drafter.start(ended.revision, self._conversation.expect, final=True)

    async def _turn_discarded(self) -> None:
        """It was no turn: go on as if nothing had been heard."""
        self._drop_draft()
        if self._ears:
            self._ears.end()
        if self._options.resume_false_stop and self._speaker.cut_off:
            self._din.false_stop()
            self._speaker.resume(yielding=not self._din.loud)
        if not self._speaker.busy:
            await self._conversation.next()

    async def _judge_melody(self, revision: int, finished: Coroutine[Any, Any, float]) -> None:
        self._post(turning.Melody(revision, await finished, self._clock.monotonic()))

    # ── recognition and drafts ──────────────────────────────────────────────────────────────

    def _drop_draft(self) -> None:
        self._assisting.drop()
        self._pending = None
        if self._drafter:
            self._drafter.drop()

    async def recognised(self, message: Recognised | Unrecognised) -> None:
        """A recognition that was asked for is done."""
        if self._drafter is None or not self._drafter.arrived(message):
            return  # the caller went on meanwhile
        if isinstance(message, Unrecognised):
            await self._unrecognised(message)
            return
        began, heard = self._rounds.began, self._turns
        utterance = replace(message.utterance, started=heard.began - began, ended=heard.voice_at - began)
        draft = self._think(utterance, message.revision, message.took)
        if self._ended is not None or heard.phase is Phase.PAUSE:
            draft = self._assisting.consider(draft, self._conversation.expect)
        self._drafter.draft = draft
        if self._ended is not None:
            await self._conclude(draft)
            return
        self._prepare(draft)
        text = message.utterance.text
        saying = self._rounds.current.text if heard.over else ""
        verdict = self._brain.verdict(text, self._conversation.expect, saying)
        now = self._clock.monotonic()
        await self.turn(turning.Verdict(message.revision, verdict, not text.strip(), now))

    async def _unrecognised(self, failure: Unrecognised) -> None:
        log.warning("not recognised", code=failure.error.code, final=failure.final)
        if self._ended is None or self._drafter is None:
            return  # only a draft: the final recognition may still succeed
        if not failure.final:
            self._drafter.start(self._ended.revision, self._conversation.expect, final=True)
            return
        await self.hold(Hold.JUDGING, False)
        self._rounds.open(self._round_of(None, self._ended))
        now = self._clock.now()
        if times := self._din.silence(None):
            await self._conversation.happen(NoInput(times, now))
        else:
            await self._conversation.happen(StepFailed(failure.error.code, now))

    def _think(self, utterance: Utterance, revision: int = -1, recognised_in: float = 0.0) -> Draft:
        dialogue, expect = self._conversation.dialogue, self._conversation.expect
        return think(self._brain, self._clock, dialogue, expect, utterance, revision, recognised_in)

    async def assisted(self, message: Assisted) -> None:
        """The language model has looked at the last draft, or has not in time."""
        draft = self._assisting.arrived(message)
        if draft is None:
            return
        if self._pending is not None:
            await self._commit(draft)
        elif self._drafter:
            self._drafter.draft = draft
            self._prepare(draft)

    def _prepare(self, draft: Draft) -> None:
        """The first words of a reply are made before it is certain that they are wanted."""
        if first := next((effect for effect in draft.step.effects if isinstance(effect, Say)), None):
            self._speaker.prepare(first.text, first.language)

    async def _conclude(self, draft: Draft) -> None:
        """The turn is over; the language model has its time if it was asked."""
        if self._assisting.busy:
            self._pending = draft
        else:
            await self._commit(draft)

    async def settle(self) -> bool:
        """Nothing is waited for any longer: what is pending happens as it is. False if nothing was."""
        if self._pending is None:
            return False
        await self._commit(self._pending)
        return True

    async def _commit(self, draft: Draft) -> None:
        """The turn is over: what was drafted happens."""
        self._drop_draft()
        ended, self._ended = self._ended, None
        await self.hold(Hold.JUDGING, False)
        await self._line.caption("caller", draft.utterance.text, True)
        self._rounds.open(self._round_of(draft, ended))
        if ended and (times := self._din.silence(draft)):
            await self._conversation.happen(NoInput(times, self._clock.now()))
            return
        heard = Heard(draft.utterance, draft.meaning, draft.answer, self._clock.now())
        await self._conversation.commit(draft.step, draft.base, heard)

    def _round_of(self, draft: Draft | None, ended: turned.TurnEnded | None) -> Round:
        began = self._rounds.began
        now = self._clock.monotonic() - began
        fresh = Round(started=now, ended=now)
        if draft:
            fresh.said, fresh.confidence = draft.utterance.text, draft.utterance.confidence
            fresh.engine, fresh.meaning = draft.utterance.engine, draft.meaning
            fresh.stages.update((name, seconds * 1000) for name, seconds in draft.stages)
        if ended:
            fresh.started, fresh.ended = ended.started - began, ended.ended - began
            fresh.stages["turn_end"] = (now - fresh.ended) * 1000
        return fresh
