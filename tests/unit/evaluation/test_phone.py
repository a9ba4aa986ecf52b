"""Texts spoken and heard again: what is kept, and what each text sounds like."""

from collections.abc import Callable
from pathlib import Path

from voicebot.adapters.stt.engine import Decoded
from voicebot.cli.benches.caller import RATE, Line, Utterance
from voicebot.cli.evaluation.phone import Phone
from voicebot.core.utterance import Expect


class Ears:
    """An engine that hears how long it listened, in tenths of a second."""

    name = "ears"
    model = "none"
    note = ""
    streaming = False

    def __init__(self) -> None:
        self.opened = 0
        self._bytes = 0

    def open(self, rate: int) -> "Ears":
        assert rate == RATE
        self.opened += 1
        self._bytes = 0
        return self

    def feed(self, pcm: bytes) -> None:
        self._bytes += len(pcm)

    def decode(self, expect: Expect, *, final: bool, cancelled: Callable[[], bool]) -> Decoded:
        return Decoded(f"听了{round(self._bytes / 2 / RATE * 10)}", 1.0)

    def reset(self) -> None:
        self._bytes = 0

    def close(self) -> None:
        self._bytes = 0


def make(kept: Path, lines: list[Line], ears: Ears) -> Phone:
    def speak(line: Line) -> Utterance:
        lines.append(line)
        seconds = 0.1 * len(line.text)
        return Utterance(line.text, bytes(round((seconds + 1.8) * RATE) * 2), 0.3, 0.3 + seconds)

    return Phone(speak, lambda: ears, kept, Expect())


def test_what_was_heard_is_kept(tmp_path: Path) -> None:
    kept, lines, ears = tmp_path / "cache" / "heard.jsonl", list[Line](), Ears()
    progress: list[int] = []
    texts = ["路灯坏了", "翠湖路18号", "……"]
    heard = make(kept, lines, ears).hear(texts, progress.append)
    assert heard == ["听了9", "听了11", ""]
    assert progress == [1, 2, 3]
    assert [line.text for line in lines] == ["路灯坏了", "翠湖路十八号"]
    assert ears.opened == 2
    assert make(kept, lines, ears).hear(texts, progress.append) == heard
    assert ears.opened == 2


def test_a_text_sounds_the_same_whatever_was_said_before(tmp_path: Path) -> None:
    one, other = list[Line](), list[Line]()
    make(tmp_path / "a", one, Ears()).hear(["路灯坏了", "社保卡丢了"], lambda _: None)
    make(tmp_path / "b", other, Ears()).hear(["社保卡丢了", "路灯坏了"], lambda _: None)
    assert one == other[::-1]
    assert all(-30 <= line.level <= -10 and line.seed is not None for line in one)
