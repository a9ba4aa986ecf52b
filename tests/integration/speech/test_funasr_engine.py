"""The FunASR engine against a stand-in server that speaks the published protocol."""

import json
import os
import socket
import ssl
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.peers.funasr_server import FunasrServer
from tests.peers.tones import tones
from voicebot.adapters.nearby import is_near
from voicebot.adapters.stt.funasr import FunasrEngine, FunasrTurn
from voicebot.adapters.stt.options import FunasrOptions, SttOptions
from voicebot.adapters.stt.worker import load_engine
from voicebot.core.audio import AudioChunk, silence
from voicebot.core.errors import VoicebotError
from voicebot.core.utterance import Expect

pytestmark = pytest.mark.integration


def say(turn: FunasrTurn, chunk: AudioChunk) -> None:
    for at in range(0, len(chunk.pcm), 320):
        turn.feed(chunk.pcm[at : at + 320])


def text_of(turn: FunasrTurn, *, final: bool = True) -> str:
    return turn.decode(Expect(), final=final, cancelled=lambda: False).text


@pytest.mark.parametrize("rate", [8_000, 16_000])
def test_a_turn_is_sent_as_the_protocol_says_and_heard(rate: int) -> None:
    with FunasrServer().running() as server:
        engine = FunasrEngine(FunasrOptions(url=server.url, hotwords={"路灯": 20}))
        turn = engine.open(rate)
        say(turn, tones("路坏了", rate))
        assert text_of(turn) == "路坏了"
        turn.reset()
        say(turn, tones("坏了", rate))
        assert text_of(turn) == "坏了"
        turn.close()
    opening = server.openings[-1]
    assert opening["mode"] == "2pass"
    assert opening["is_speaking"] is True
    assert (opening["chunk_size"], opening["audio_fs"]) == ([5, 10, 5], 16_000)
    assert json.loads(opening["hotwords"]) == {"路灯": 20}
    assert max(server.pieces) == 1_920, "60 ms"


def test_texts_come_while_the_caller_speaks_and_a_caller_may_go_on() -> None:
    with FunasrServer().running() as server:
        turn = FunasrEngine(FunasrOptions(url=server.url)).open(8_000)
        say(turn, tones("路坏", 8_000))
        deadline = time.monotonic() + 5
        while not (early := text_of(turn, final=False)) and time.monotonic() < deadline:
            pass
        assert early
        assert "路坏".startswith(early)
        assert text_of(turn) == "路坏"
        say(turn, tones("了", 8_000))
        assert text_of(turn) == "路坏了"


def test_segments_of_the_servers_own_are_put_together() -> None:
    with FunasrServer(segments=9).running() as server:
        turn = FunasrEngine(FunasrOptions(url=server.url)).open(16_000)
        say(turn, tones("路坏了", 16_000))
        assert set(text_of(turn)) == set("路坏了")


@pytest.mark.parametrize("after", [1, 12])
def test_a_broken_connection_loses_no_word(after: int) -> None:
    with FunasrServer().running() as server:
        engine = FunasrEngine(FunasrOptions(url=server.url))
        server.break_after, server.breaks = after, 1
        turn = engine.open(8_000)
        say(turn, tones("路坏了", 8_000))
        assert text_of(turn) == "路坏了"


def test_a_server_that_comes_back_is_used_again() -> None:
    with FunasrServer().running() as first:
        engine = FunasrEngine(FunasrOptions(url=first.url, retry=0.0, answer=0.5))
    turn = engine.open(8_000)
    say(turn, tones("路", 8_000))
    with pytest.raises(VoicebotError, match=r"stt\.failed") as failed:
        text_of(turn)
    assert failed.value.retryable
    assert text_of(engine.open(8_000)) == "", "a turn without sound asks nobody"


def test_silence_is_nothing_and_a_server_that_hangs_is_an_error() -> None:
    with FunasrServer(silent=True).running() as server:
        options = FunasrOptions(url=server.url, answer=0.3)
        turn = FunasrEngine(options).open(8_000)
        say(turn, silence(0.5, 8_000))
        assert text_of(turn) == "", "it is alive and has nothing to say"
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        url = f"ws://127.0.0.1:{deaf.getsockname()[1]}"
        begun = time.monotonic()
        with pytest.raises(VoicebotError, match=r"stt\.unreachable.*stt\.funasr\.url"):
            FunasrEngine(FunasrOptions(url=url, connect=0.3))
        assert time.monotonic() - begun < 2


@pytest.mark.parametrize("rubbish", ["{", "[]", '"text"', '{"mode": 3}', '{"text": "x"}'])
def test_answers_that_are_none_are_passed_over(rubbish: str) -> None:
    with FunasrServer(rubbish=(rubbish,)).running() as server:
        turn = FunasrEngine(FunasrOptions(url=server.url)).open(8_000)
        say(turn, tones("坏了", 8_000))
        assert text_of(turn) == "坏了"


def test_cancelling_gives_up_at_once() -> None:
    with FunasrServer(silent=True).running() as server:
        turn = FunasrEngine(FunasrOptions(url=server.url, answer=30)).open(8_000)
        say(turn, tones("坏", 8_000))
        assert turn.decode(Expect(), final=True, cancelled=lambda: True).text == ""


def test_speech_stays_near_unless_the_operator_says_otherwise() -> None:
    with pytest.raises(VoicebotError, match=r"stt\.remote.*stt\.funasr\.allow_remote"):
        FunasrEngine(FunasrOptions(url="ws://192.0.0.8:10095"))  # reserved, answered by nobody
    near = ("127.0.0.1", "::1", "10.1.2.3", "172.16.0.9", "192.168.1.5", "fd00::1", "::ffff:10.0.0.1")
    far = ("8.8.8.8", "100.64.0.1", "2001:4860:4860::8888", "::ffff:8.8.8.8", "0.0.0.0", "example")
    assert [is_near(a) for a in (*near, *far)] == [True] * len(near) + [False] * len(far)


def test_a_self_signed_certificate_is_trusted_when_named(tmp_path: Path) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=funasr",
    ]
    subprocess.run([*command, "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True)
    trust = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trust.load_cert_chain(certificate, key)
    with FunasrServer().running(trust) as server:
        url = server.url.replace("ws://", "wss://")
        turn = FunasrEngine(FunasrOptions(url=url, certificate=str(certificate))).open(8_000)
        say(turn, tones("坏了", 8_000))
        assert text_of(turn) == "坏了"
        with pytest.raises(VoicebotError, match=r"stt\.unreachable.*[Cc]ertificate|CERTIFICATE"):
            FunasrEngine(FunasrOptions(url=url))


def test_the_settings_choose_it() -> None:
    with FunasrServer().running() as server:
        engine = load_engine(SttOptions(engine="funasr", funasr=FunasrOptions(url=server.url)))
        assert (engine.name, engine.model, engine.streaming) == ("funasr", server.url, True)


@pytest.mark.skipif(
    not os.environ.get("VOICEBOT_STT__FUNASR__URL"),
    reason="no FunASR server: set VOICEBOT_STT__FUNASR__URL to its address",
)
def test_a_real_server_hears_a_caller(caller_says: Callable[[str], AudioChunk]) -> None:
    turn = FunasrEngine(FunasrOptions(url=os.environ["VOICEBOT_STT__FUNASR__URL"])).open(8_000)
    say(turn, caller_says("社保卡丢了怎么补办"))
    assert len(set("社保卡丢了怎么补办") & set(text_of(turn))) > 4
