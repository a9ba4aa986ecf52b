"""Which language a caller asks for, or plainly speaks."""

import re
from typing import Final

from voicebot.core.ids import MANDARIN, LanguageTag
from voicebot.language.characters import is_hanzi
from voicebot.understanding.lexicon import Lexicon
from voicebot.understanding.matcher import Hit, Hits
from voicebot.understanding.reading import Reading

SURE: Final = 0.75
"""Least strength of a name, so that 因为 is no 英文."""

COVERED: Final = 0.8
"""Share of the utterance that must be about the language; 英语四级怎么报名 is no wish for English."""

ENGLISH: Final = LanguageTag("en")
WORDS: Final = 2
"""Different English words that show an English speaker; one alone is often a borrowed word."""

_WORD: Final = re.compile(r"[a-z]+(?:'[a-z]+)?")
_REFUSED: Final = frozenset({"no", "not", "don't", "dont", "can't", "cannot"})


def language_asked(lexicon: Lexicon, reading: Reading, hits: Hits) -> LanguageTag | None:
    """The language of a request (粤语, 有会说英语的人吗, do you speak English), None when it is none."""
    return _english(lexicon, reading) or _named(lexicon, reading, hits)


def _named(lexicon: Lexicon, reading: Reading, hits: Hits) -> LanguageTag | None:
    names = [
        (hit, LanguageTag(tag))
        for tag in lexicon.languages.languages
        for hit in hits.get(f"language/{tag}", ())
        if hit.strength >= SURE
    ]
    if not names:
        return None
    around = [h for g in ("language/carriers", "reply/fillers") for h in hits.get(g, ()) if h.exact]
    covered = _units([hit for hit, _ in names]) | _units(around)
    if len(covered) < COVERED * len(reading):
        return None
    return max(names, key=lambda found: (found[0].end - found[0].start, found[0].start))[1]


def _units(hits: list[Hit]) -> set[int]:
    return {unit for hit in hits for unit in range(hit.start, hit.end)}


def _english(lexicon: Lexicon, reading: Reading) -> LanguageTag | None:
    words = _WORD.findall(reading.plain)
    if 2 * sum(map(is_hanzi, reading.plain)) > sum(map(len, words)):
        return None
    known, courtesies = lexicon.languages.english.split(), lexicon.languages.courtesies.split()
    if ("chinese" in words or "mandarin" in words) and not _REFUSED.intersection(words):
        return MANDARIN
    told = {word for word in words if word in known} - set(courtesies)
    most = sum(word in known or word in courtesies for word in words) * 2 >= len(words)
    return ENGLISH if "english" in words or (len(told) >= WORDS and most) else None
