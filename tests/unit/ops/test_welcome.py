"""What `voicebot serve` tells."""

import pytest

from voicebot.adapters.supervisor import Happening, PartEvent
from voicebot.cli.welcome import Welcome, describe
from voicebot.operations.ports import PartStatus
from voicebot.settings import HttpOptions

PARTS = (PartStatus("line", True, "0 calls"), PartStatus("recognition", True, "vosk-model-small-cn-0.22"))


def welcome(http: HttpOptions, *, sip: str = "0.0.0.0:5060", password: str | None = None) -> str:
    return Welcome(sip, http, password, 4.2, PARTS).text("192.168.1.5")


def test_where_to_call_and_log_in() -> None:
    text = welcome(HttpOptions(), password="once-only")
    assert "sip:12345@192.168.1.5:5060" in text
    assert "https://192.168.1.5:8443/call" in text
    assert "http://127.0.0.1:8080/call" in text, "plain http has a microphone only on the machine itself"
    assert "once-only" in text
    assert "用时 4.2 秒" in text
    assert "vosk-model-small-cn-0.22" in text
    assert "!!" not in text


def test_only_what_is_on() -> None:
    text = welcome(HttpOptions(host="10.0.0.9", port=80, https_port=0), sip="10.0.0.9:5070")
    assert "sip:12345@10.0.0.9:5070" in text
    assert "http://10.0.0.9:80/call" in text
    assert "https" not in text
    assert "密码" in text
    assert "网页" not in welcome(HttpOptions(port=0, https_port=0))


def test_a_fallback_is_shouted() -> None:
    parts = [PartStatus("recognition", True, "whisper-base: fallback, not Vosk")]
    text = Welcome("0.0.0.0:5060", HttpOptions(), None, 1.0, parts).text("192.168.1.5")
    assert text.count("!!") > 3
    assert "VOICEBOT_STT__VOSK_MODEL" in text


@pytest.mark.parametrize("what", list(Happening))
def test_every_happening_has_words(what: Happening) -> None:
    assert describe(PartEvent("line", what, 7, 1.0, -9)).startswith("电话 line: ")
