"""What a demand is about: 路灯不亮 and 晚上漆黑一片 are one topic, told in different words."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from voicebot.language.characters import plain
from voicebot.language.pinyin import folded, syllables
from voicebot.tickets.topic_words import TOPIC_WORDS

_NEAR: Final = 3
"""Syllables from which near sounds (z/zh, n/l …) count. Of shorter words too many sound nearly the same
(没法, 美发), so one character must be right."""
_GAP: Final = ".{0,6}?"
_SENTENCE_END: Final = re.compile("[。！？；\n.!?;]")
_PLAIN: Final = re.compile(r"[\u4e00-\u9fff]{2,}")

Sounds = tuple[str, ...]


def topics(text: str) -> frozenset[str]:
    """Topics that the text speaks of; empty when none is known.

    >>> sorted(topics("钟楼北街的路登坏了，垃圾也没人收"))
    ['垃圾', '路灯']
    """
    characters = plain(text)
    found = {topic for topic, words in _PATTERNS.items() if words.search(characters)}
    for sentence in _SENTENCE_END.split(characters):
        found |= _heard("".join(re.findall(r"\w", sentence)))
    return frozenset(found)


def _heard(said: str) -> set[str]:
    """Topics of a sentence by sound; over its end no word is heard (尽快维修。路灯 speaks of no 修路)."""
    sounds = syllables(said)
    if len(sounds) != len(said):
        return set()
    found: set[str] = set()
    near = tuple(map(folded, sounds))
    for length in _LENGTHS:
        row = sounds if length < _NEAR else near
        for at in range(len(row) - length + 1):
            for word, topic in _BY_SOUND.get(row[at : at + length], ()):
                if length >= _NEAR or any(map(str.__eq__, word, said[at : at + length])):
                    found.add(topic)
    return found


def without_topics(text: str) -> str:
    """What is left of a name when all words of topics are taken out (优学托管 → 优学)."""
    for words in _PATTERNS.values():
        text = words.sub(" ", text)
    return text


def _pattern(words: str) -> re.Pattern[str]:
    return re.compile("|".join(word.replace("~", _GAP) for word in words.split()))


def _by_sound() -> Mapping[Sounds, Sequence[tuple[str, str]]]:
    """Sounds of the plain words → the words and their topics."""
    table: dict[Sounds, list[tuple[str, str]]] = {}
    for topic, words in TOPIC_WORDS.items():
        for word in filter(_PLAIN.fullmatch, words.split()):
            sound = syllables(word)
            key = tuple(map(folded, sound)) if len(sound) >= _NEAR else sound
            table.setdefault(key, []).append((word, topic))
    return table


_PATTERNS: Final = {topic: _pattern(words) for topic, words in TOPIC_WORDS.items()}
_BY_SOUND: Final = _by_sound()
_LENGTHS: Final = tuple(sorted({len(sound) for sound in _BY_SOUND}))
