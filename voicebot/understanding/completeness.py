"""Is the caller done? What the words so far say about it, for the end of turn."""

from collections.abc import Sequence
from typing import Final

from rapidfuzz import fuzz

from voicebot.core.utterance import Expect, ExpectKind, TextVerdict
from voicebot.language.numbers import digit_runs
from voicebot.language.pinyin import syllables
from voicebot.understanding.matcher import Hit, Hits
from voicebot.understanding.reading import Reading

BROKEN_OFF: Final = 0.15
HALF_A_NUMBER: Final = 0.1
WHOLE: Final = 0.95
ANSWER: Final = 0.6
"""It may be all that was asked for: a place, a time, a name."""
TOLD: Final = 0.5
"""Something is told, or the words mean nothing yet: more may come."""
TOPIC: Final = 0.3
"""A topic is named and nothing asked yet: half of the callers who pause do it here."""
ECHO_FROM: Final = 5
"""Shorter texts say nothing about echo: 好的 is in many of our sentences."""

CLOSED: Final = (ExpectKind.YES_NO, ExpectKind.CHOICE, ExpectKind.SCORE)
MUTTERED: Final = 3
"""Syllables of an 嗯嗯 that was heard as something else …"""
MUTTER: Final = 0.5
"""… and how surely it was one."""
PHONE_DIGITS: Final = 11
TICKET_DIGITS: Final = 14
PLACE_ENDS: Final = ("路", "街", "号", "小区", "区", "镇", "村", "栋", "单元", "楼")


def judge(
    reading: Reading, hits: Hits, expect: Expect, saying: str, *, meant: bool, topic: bool, told: bool
) -> TextVerdict:
    """Completeness, kind and echo likeness of a text, final or partial.

    Args:
        saying: what we are saying right now; empty when silent.
        meant: the text already says something that we can act on.
        topic: it names what a question will be about, without asking.
        told: it tells of a matter, without asking or ordering.
    """
    kind = _kind(reading, expect)
    whole = _completeness(reading, hits, expect, kind, meant=meant, topic=topic, told=told)
    return TextVerdict(
        whole,
        kind,
        _echo(reading, saying),
        _backchannel(reading, hits, expect, saying, meant=meant or topic),
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
    reading: Reading,
    hits: Hits,
    expect: Expect,
    kind: ExpectKind,
    *,
    meant: bool,
    topic: bool,
    told: bool,
) -> float:
    size = len(reading)
    if size == 0:
        return 0.0
    if kind in (ExpectKind.PHONE, ExpectKind.DIGITS):
        return _dictated(reading, expect, kind)
    if expect.kind in CLOSED and size <= 4:
        return 0.9
    trailing = [h for h in hits.get("reply/trailing", ()) if h.end == size and h.exact]
    if trailing and not (meant and size > 4 and all(h.end - h.start == 1 for h in trailing)):
        return BROKEN_OFF
    if kind is ExpectKind.ADDRESS:
        return ANSWER
    if reading.plain.rstrip("?？。，, ").endswith(("吗", "呢", "谢谢", "再见")):
        return WHOLE
    if expect.kind is not ExpectKind.OPEN:
        return WHOLE if meant else ANSWER
    if _covered(hits.get("command/greeting", ()), size):
        return BROKEN_OFF
    if topic:
        return TOPIC
    return WHOLE if meant and not told else TOLD


def _dictated(reading: Reading, expect: Expect, kind: ExpectKind) -> float:
    """How much of a number is there; whole at its known length."""
    digits = max((run.digits for run in digit_runs(reading.plain)), key=len, default="")
    wanted = PHONE_DIGITS if kind is ExpectKind.PHONE or digits.startswith("1") else TICKET_DIGITS
    if expect.digits:
        wanted = min(wanted, expect.digits)
    if not digits:
        return ANSWER
    if len(digits) >= wanted or (
        len(digits) in (7, 8) and kind is ExpectKind.PHONE and digits[0] not in "01"
    ):
        return WHOLE
    return HALF_A_NUMBER


def _backchannel(reading: Reading, hits: Hits, expect: Expect, saying: str, *, meant: bool) -> float:
    """Words of assent, or too few to mean anything, said while we speak and do not ask for a yes."""
    if not saying or expect.kind in CLOSED:
        return 0.0
    if _covered(hits.get("reply/backchannel", ()), len(reading)):
        return 1.0
    return MUTTER if len(reading) <= MUTTERED and not meant else 0.0


def _covered(hits: Sequence[Hit], size: int) -> bool:
    """The hits leave no unit of the text out."""
    at = 0
    while at < size:
        ends = [hit.end for hit in hits if hit.start <= at < hit.end]
        if not ends:
            return False
        at = max(ends)
    return size > 0


def _echo(reading: Reading, saying: str) -> float:
    """0-1: how much the text sounds like a stretch of what we are saying."""
    if len(reading) < ECHO_FROM or not saying:
        return 0.0
    ours = " ".join(syllables(saying)[:400])
    heard = " ".join(reading.sounds[:60])
    return round(fuzz.partial_ratio(heard, ours, score_cutoff=50) / 100, 3)
