"""`bench turns`: a labelled set of calls on virtual time, with the real detector, recogniser and voice.

The whole call is the shipped one; only the telephone and the clock are ours, so a run is the same
to the millisecond on any machine. A decode takes `Timing.decode` of virtual time, whatever it took.
"""

import asyncio
import tempfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np

from voicebot.adapters.db.calls import SqlCalls, SqlJournal
from voicebot.adapters.db.database import FILE_NAME, Database
from voicebot.adapters.db.tickets import SqlTicketStore
from voicebot.adapters.stt.worker import load_engine
from voicebot.adapters.tts.cache import CachedSynthesizer, DiskCache
from voicebot.adapters.tts.inprocess import InProcessSynthesizer
from voicebot.adapters.tts.voices import Choir, load_voices
from voicebot.adapters.vad import SileroDetector
from voicebot.adapters.virtual_time import VirtualClock
from voicebot.bootstrap.brain import load_brain
from voicebot.bootstrap.chat import Seat
from voicebot.calls.call import Call
from voicebot.calls.parts import CallParts
from voicebot.calls.records import TurnRecord
from voicebot.cli.benches.caller import DBM0, RATE, Caller, Floats, Utterance
from voicebot.cli.benches.phone import Phone
from voicebot.cli.benches.tape import VOICE, Heard, dbfs, first_voice, last_voice, yielding
from voicebot.cli.benches.turn_cases import ASKED, Case, Kind, cases
from voicebot.cli.benches.turn_parts import TapeMelody, TapeRecogniser, TapeVoice, Timing
from voicebot.cli.benches.turn_report import Outcome, report
from voicebot.core.handover import HandoverOutcome
from voicebot.core.ids import CallId
from voicebot.operations.ticket_desk import TicketDesk
from voicebot.settings import Settings

START: Final = datetime(2026, 11, 24, 9, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
QUIET: Final = 0.8
"""Seconds without our voice after which it is the caller's turn."""
OVER_AFTER: Final = 1.2
"""Seconds of our answer before something is said over it."""
WATCH: Final = 4.0
"""Seconds after that in which we look at what our voice does."""
REPLY: Final = 6.0


async def measure(
    settings: Settings, models: Path, cache: Path, seed: int, kinds: Sequence[Kind], timing: Timing
) -> tuple[dict[str, Any], list[Outcome]]:
    """Runs the cases of `kinds`; the JSON object, and what each case showed. Needs a `VirtualLoop`.

    Raises:
        VoicebotError: content cannot be used, or a voice or model is not installed.
    """
    caller = Caller(models, cache, seed)
    brain = load_brain(settings.content.root)
    recogniser = TapeRecogniser(load_engine(settings.stt), cache / "texts", timing)
    choir = Choir(load_voices(settings.tts), failures=2, rest=60.0)
    voice = CachedSynthesizer(
        InProcessSynthesizer(choir),
        DiskCache(settings.tts.cache, settings.tts.cache_bytes),
        engine=settings.tts.engine,
        voice=settings.tts.voice,
    )
    detector = SileroDetector()
    outcomes = []
    with tempfile.TemporaryDirectory(prefix="voicebot-bench-") as folder:
        clock = VirtualClock(START)
        database = await Database.open(Path(folder) / FILE_NAME)
        listening = asyncio.create_task(detector.run())
        parts = CallParts(
            recogniser=recogniser,
            detector=detector,
            synthesizer=TapeVoice(voice, clock, timing),
            desk=TicketDesk(SqlTicketStore(database), clock),
            switchboard=Seat(HandoverOutcome.COMPLETED),
            journal=SqlJournal(database, clock),
            clock=clock,
            options=settings.call,
            melody=TapeMelody(timing) if settings.call.turns.unfinished else None,
        )
        try:
            for number, case in enumerate(cases(seed)):
                if case.kind not in kinds:
                    continue
                stage = _Stage(case, caller, clock, CallId(f"bench-{number}"))
                call = asyncio.create_task(
                    Call(stage.phone, parts, brain, brain.flows.for_number("12345")).run()
                )
                outcome = await stage.play()
                stage.phone.hang_up_there()
                await call
                view = await SqlCalls(database, clock).call(stage.phone.info.call_id)
                stage.read(view.turns if view else ())
                outcomes.append(outcome)
        finally:
            listening.cancel()
            await database.close()
    return report(recogniser.engine.name, outcomes, timing.decode), outcomes


class _Stage:
    """One case on one phone."""

    def __init__(self, case: Case, caller: Caller, clock: VirtualClock, call_id: CallId) -> None:
        self._case = case
        self._clock = clock
        self._utterance = _utterance(case, caller)
        level = case.line.level if case.line else -20.0
        noise = _noise(case, caller) * 10 ** ((level + DBM0 - case.snr) / 20)
        self.phone = Phone(call_id, clock, noise=noise, echo=case.echo)
        self._outcome = Outcome(case)
        self._ended = 0.0
        self._answered = 0.0

    async def play(self) -> Outcome:
        await self._our_voice(since=self._clock.monotonic())
        await self._our_silence()
        over = self._case.kind not in ASKED
        for text in self._case.before:
            self._answered = self._clock.monotonic()
            self.phone.type(text)
            await self._our_voice(since=self._answered)
            if not over:
                await self._our_silence()
        await (self._over() if over else self._asked())
        return self._outcome

    async def _asked(self) -> None:
        assert self._utterance is not None
        start = self.phone.play(self._utterance.pcm)
        self._answered = start
        self._ended = start + self._utterance.ended
        first = await self._our_voice(
            since=start + self._utterance.began, within=self._utterance.ended + REPLY
        )
        await asyncio.sleep(max(0.0, self._ended + 0.5 - self._clock.monotonic()))
        if first is not None:
            self._outcome.cut_in = first < self._ended
            self._outcome.reply = None if self._outcome.cut_in else first - self._ended
        await self._our_silence()

    async def _over(self) -> None:
        await asyncio.sleep(OVER_AFTER)
        onset = self._clock.monotonic()
        if self._utterance is not None:
            onset = self.phone.play(self._utterance.pcm) + self._utterance.began
        await asyncio.sleep(onset + WATCH - self._clock.monotonic())
        heard = self.phone.heard()
        gave_way = yielding(heard, onset, WATCH)
        self._outcome.duck, self._outcome.stop = gave_way.duck, gave_way.stop
        self._outcome.stopped = gave_way.stop is not None
        self._outcome.full = _full_again(heard, onset)
        await self._our_silence()

    def read(self, turns: Sequence[TurnRecord]) -> None:
        """What the call itself wrote down: a turn that ended before the caller had is a cut-in too."""
        since = self._answered - self.phone.began
        ours = [turn for turn in turns if turn.said and turn.started > since]
        self._outcome.said = [turn.said for turn in ours]
        if self._case.kind in ASKED and ours:
            self._outcome.cut_in |= ours[0].ended < self._ended - self.phone.began - 0.4

    async def _our_voice(self, since: float, within: float = 12.0) -> float | None:
        while self._clock.monotonic() < since + within and not self.phone.ended:
            if (at := first_voice(self.phone.heard(), since)) is not None:
                return at
            await asyncio.sleep(0.1)
        return None

    async def _our_silence(self) -> None:
        limit = self._clock.monotonic() + 30.0
        while self._clock.monotonic() < limit and not self.phone.ended:
            last = last_voice(self.phone.heard())
            if last is None or self._clock.monotonic() - last > QUIET:
                return
            await asyncio.sleep(0.1)


def _full_again(heard: Heard, onset: float) -> float | None:
    """Seconds after `onset` at which our voice was last softer than 10 dB below its level before."""
    loud = sorted(dbfs(pcm) for at, pcm in heard if onset - 1.2 < at <= onset and dbfs(pcm) > VOICE)
    if not loud:
        return None
    normal = loud[len(loud) * 3 // 4]
    peaks = [at for at, pcm in heard if onset < at <= onset + WATCH and dbfs(pcm) > normal - 6]
    gaps = [b - a for a, b in zip([onset, *peaks], peaks, strict=False)]
    return max(gaps, default=WATCH)


def _utterance(case: Case, caller: Caller) -> Utterance | None:
    if case.line is None:
        return None
    if not case.cough:
        return caller.utter(case.line)
    random = np.random.default_rng(len(case.before[0]))
    burst = random.standard_normal(RATE // 4) * np.exp(-np.arange(RATE // 4) / (RATE / 20))
    twice = np.concatenate((burst, np.zeros(RATE // 8), burst * 0.7))
    twice *= 10 ** ((case.line.level + DBM0) / 20) / np.sqrt(np.mean(burst**2))
    pcm = (np.clip(twice, -1, 1) * 32767).astype("<i2").tobytes()
    return Utterance("", pcm, 0.0, len(twice) / RATE)


def _noise(case: Case, caller: Caller) -> Floats:
    """Ten seconds at an RMS of 1: pink, or four people who talk."""
    length = 10 * RATE
    if case.babble:
        voices = [
            caller.spoken(text)
            for text in (
                "今天天气不错我们去公园走走吧",
                "你吃饭了没有",
                "昨天的球赛你看了吗真精彩",
                "这个菜多少钱一斤",
            )
        ]
        sound = sum(np.resize(voice, length) for voice in voices)
    else:
        spectrum = np.fft.rfft(np.random.default_rng(7).standard_normal(length))
        spectrum[1:] /= np.sqrt(np.arange(1, len(spectrum)))
        sound = np.fft.irfft(spectrum, length)
    return np.asarray(sound / np.sqrt(np.mean(np.square(sound))))
