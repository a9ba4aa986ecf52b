"""Short answers to what we asked: yes and no, choices, commands, mood."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from voicebot.core.meaning import Command, Mood
from voicebot.core.utterance import Expect, ExpectKind
from voicebot.language.numbers import to_int
from voicebot.language.pinyin import distance, syllables
from voicebot.understanding.matcher import Hit, Hits
from voicebot.understanding.reading import Reading

COVERED: Final = 0.75
"""Share of the sounding words that a command must fill, so that a mention is no command."""

SOUNDS_LIKE: Final = 0.3
"""Largest mean distance a syllable between a label and what was said."""

KEYS: Final = "一二三四五六七八九"

_BY_KEY: Final = re.compile(
    r"(?:我|就|那|要|请|选择|选|按一?下?|摁|数字|第)*([0-9零〇一二两三四五六七八九十幺]+)(?:号键|键|号|个|项|条|那个|吧|的|呢)*"
)
"""A choice by its key or number: 按一, 选2, 第三项, 一号键."""

_WHAT: Final = re.compile(r"[啊哈嗯诶呃唉喂]+[？?]")
"""Asked back with a mere sound; the question mark tells it from a backchannel."""


@dataclass(frozen=True, slots=True)
class Reply:
    yes: bool | None
    choice: int | None
    command: Command | None
    mood: Mood


def read_reply(reading: Reading, hits: Hits, expect: Expect) -> Reply:
    """What the utterance answers, whatever else it says."""
    return Reply(
        _yes(reading, hits, expect), _choice(reading, hits, expect), _command(reading, hits), _mood(hits)
    )


def content(reading: Reading, hits: Hits) -> int:
    """Units that are no fillers."""
    return len(reading) - len(_units(hits.get("reply/fillers", ())))


def _units(hits: Sequence[Hit]) -> set[int]:
    return {unit for hit in hits for unit in range(hit.start, hit.end)}


def _yes(reading: Reading, hits: Hits, expect: Expect) -> bool | None:
    """True or False where the utterance agrees or refuses; asked for or said by itself.

    When a yes-or-no question is open the first clear word decides (不是，应该是…); else only an
    utterance that says nothing more counts.
    """
    despite = [h for h in hits.get("reply/yes_despite_no", ()) if h.exact]
    yes = [h for h in hits.get("reply/yes", ()) if h.strength >= 0.75]
    no = [
        h
        for h in hits.get("reply/no", ())
        if h.strength >= 0.75 and not any(d.start <= h.start and h.end <= d.end for d in despite)
    ]
    fillers = _units(hits.get("reply/fillers", ()))
    clear = [h for h in yes if not set(range(h.start, h.end)) <= fillers]
    yes = clear if clear or no else yes  # 嗯 is a yes only when it is all there is
    said = _units(yes) | _units(no) | _units(despite) | fillers
    rest = len(reading) - len(said)
    if not yes and not no and not despite:
        return None
    asked = expect.kind in (ExpectKind.YES_NO, ExpectKind.CHOICE)
    if rest > (len(reading) if asked and expect.kind is ExpectKind.YES_NO else 0.25 * len(reading)):
        return None
    first = min((h.start for h in (*no, *yes, *despite)), default=0)
    leading_fillers = sum(1 for unit in range(first) if unit in fillers)
    if asked and first - leading_fillers > 2:
        return None
    first_no = min((h.start for h in no), default=len(reading) + 1)
    first_yes = min((h.start for h in (*yes, *despite)), default=len(reading) + 1)
    if first_no == first_yes:  # 不是 begins with 不, 要不 with 要: the longer word decides
        longest_no = max(h.end for h in no if h.start == first_no)
        longest_yes = max(h.end for h in (*yes, *despite) if h.start == first_yes)
        return longest_yes > longest_no
    return first_yes < first_no


def _choice(reading: Reading, hits: Hits, expect: Expect) -> int | None:
    """Index of the label that was said, by words, by sound, by ordinal or by key."""
    count = len(expect.choices)
    if not count:
        return None
    for hit in hits.get("reply/ordinals", ()):
        index = KEYS.find(hit.phrase[1])
        if index < count and hit.strength >= 0.75:
            return index
    spoken = [_likeness(reading, label) for label in expect.choices]
    best = max(spoken)
    if best > 0 and spoken.count(best) == 1:
        return spoken.index(best)
    fillers = _units(hits.get("reply/fillers", ()))
    left = "".join(char for unit, char in enumerate(reading.chars) if unit not in fillers)
    said = _BY_KEY.fullmatch(left)
    number = to_int(said[1].replace("幺", "一")) if said else None
    return number - 1 if number is not None and 1 <= number <= count else None


def _likeness(reading: Reading, label: str) -> float:
    """How clearly `label` (or, for a long one, most of it) was said, 0 when not."""
    if label in reading.plain:
        return 2.0 + len(label) / 100
    sounds = syllables(label)
    best = 0.0
    for size in range(len(sounds), max(1, (2 * len(sounds) + 2) // 3) - 1, -1):
        if size < 2:
            break
        for begin in range(len(sounds) - size + 1):
            part = sounds[begin : begin + size]
            for start in range(len(reading) - size + 1):
                window = reading.sounds[start : start + size]
                far = sum(distance(a, b) for a, b in zip(part, window, strict=True)) / size
                if far <= SOUNDS_LIKE:
                    best = max(best, (1 - far) * size / len(sounds))
        if best:
            break
    return best


def _command(reading: Reading, hits: Hits) -> Command | None:
    """The command that the utterance is (not merely mentions)."""
    if _WHAT.fullmatch(reading.plain.strip()):
        return Command.REPEAT
    fillers = _units(hits.get("reply/fillers", ()))
    best: tuple[float, Command] | None = None
    for command in Command:
        found = [h for h in hits.get(f"command/{command}", ()) if h.strength >= 0.6]
        units = _units(found)
        if not units:
            continue
        said = len(units | {u for u in fillers if u not in units})
        share = said / len(reading)
        longest = max(h.end - h.start for h in found)
        if share >= COVERED and (best is None or (share, longest) > (best[0], 0)):
            best = (share + longest / 100, command)
    return best[1] if best else None


def _mood(hits: Hits) -> Mood:
    if any(h.strength >= 0.85 for h in hits.get("mood/angry", ())):
        return Mood.ANGRY
    if any(h.strength >= 0.85 for h in hits.get("mood/distressed", ())):
        return Mood.DISTRESSED
    return Mood.CALM
