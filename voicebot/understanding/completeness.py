"""Is the caller done? What the words so far say about it, for the end of turn."""

from typing import Final

from rapidfuzz import fuzz

from voicebot.core.utterance import Expect, ExpectKind, TextVerdict
from voicebot.language.numbers import digit_runs
from voicebot.language.pinyin import syllables
from voicebot.understanding.matcher import Hits
from voicebot.understanding.reading import Reading

BROKEN_OFF: Final = 0.15
HALF_A_NUMBER: Final = 0.1
WHOLE: Final = 0.95
SHORT: Final = 0.55
TOPIC: Final = 0.3
"""A topic is named and nothing asked yet: half of the callers who pause do it here."""
ECHO_FROM: Final = 3
"""Shorter texts say nothing about echo: 好的 is in many of our sentences."""

PHONE_DIGITS: Final = 11
TICKET_DIGITS: Final = 14
PLACE_ENDS: Final = ("路", "街", "号", "小区", "区", "镇", "村", "栋", "单元", "楼")


def judge(
    reading: Reading, hits: Hits, expect: Expect, saying: str, *, meant: bool, topic: bool
) -> TextVerdict:
    """Completeness, kind and echo likeness of a text, final or partial.

    Args:
        saying: what we are saying right now; empty when silent.
        meant: the text already says something that we can act on.
        topic: it names what a question will be about, without asking.
    """
    kind = _kind(reading, expect)
    return TextVerdict(
        _completeness(reading, hits, expect, kind, meant=meant, topic=topic), kind, _echo(reading, saying)
    )


def _kind(reading: Reading, expect: Expect) -> ExpectKind:
    runs = digit_runs(reading.plain[-60:])
    at_end = runs and runs[-1].end >= len(reading.plain[-60:].rstrip(" ，,。"))
    if at_end and len(runs[-1].digits) >= 3:
        return expect.kind if expect.kind in (ExpectKind.PHONE, ExpectKind.DIGITS) else ExpectKind.DIGITS
    if expect.kind is not ExpectKind.OPEN:
        return expect.kind
    return ExpectKind.ADDRESS if reading.plain.rstrip(" ，,").endswith(PLACE_ENDS) else ExpectKind.OPEN


def _completeness(
    reading: Reading, hits: Hits, expect: Expect, kind: ExpectKind, *, meant: bool, topic: bool
) -> float:
    size = len(reading)
    if size == 0:
        return 0.0
    if kind in (ExpectKind.PHONE, ExpectKind.DIGITS):
        return _dictated(reading, expect, kind)
    if expect.kind in (ExpectKind.YES_NO, ExpectKind.CHOICE, ExpectKind.SCORE) and size <= 4:
        return 0.9
    trailing = [h for h in hits.get("reply/trailing", ()) if h.end == size and h.strength == 1.0]
    if trailing and not (meant and size > 4 and all(h.end - h.start == 1 for h in trailing)):
        return BROKEN_OFF
    if kind is ExpectKind.ADDRESS:
        return 0.6
    if reading.plain.rstrip().endswith(("?", "？", "吗", "呢", "谢谢", "再见")):
        return WHOLE
    if topic and expect.kind is ExpectKind.OPEN:
        return TOPIC
    return WHOLE if meant else SHORT


def _dictated(reading: Reading, expect: Expect, kind: ExpectKind) -> float:
    """How much of a number is there; whole at its known length."""
    digits = max((run.digits for run in digit_runs(reading.plain)), key=len, default="")
    wanted = PHONE_DIGITS if kind is ExpectKind.PHONE or digits.startswith("1") else TICKET_DIGITS
    if expect.digits:
        wanted = min(wanted, expect.digits)
    if not digits:
        return SHORT
    if len(digits) >= wanted or (
        len(digits) in (7, 8) and kind is ExpectKind.PHONE and digits[0] not in "01"
    ):
        return WHOLE
    return HALF_A_NUMBER


def _echo(reading: Reading, saying: str) -> float:
    """0-1: how much the text sounds like a stretch of what we are saying."""
    if len(reading) < ECHO_FROM or not saying:
        return 0.0
    ours = " ".join(syllables(saying)[:400])
    heard = " ".join(reading.sounds[:60])
    return round(fuzz.partial_ratio(heard, ours, score_cutoff=50) / 100, 3)
