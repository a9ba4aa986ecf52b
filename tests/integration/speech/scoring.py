"""How far a recognised text is from what was said."""

import re

from pypinyin import lazy_pinyin


def syllables(text: str) -> list[str]:
    """Toneless pinyin of the hanzi."""
    return lazy_pinyin(re.sub(r"[^\u4e00-\u9fff]", "", text))


def distance(said: list[str], heard: list[str]) -> int:
    """Levenshtein distance."""
    row = list(range(len(heard) + 1))
    for i, a in enumerate(said, 1):
        corner, row[0] = row[0], i
        for j, b in enumerate(heard, 1):
            corner, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, corner + (a != b))
    return row[-1]


def syllable_error(said: str, heard: str) -> float:
    """Share of syllables that differ, tones aside."""
    wanted = syllables(said)
    return distance(wanted, syllables(heard)) / max(1, len(wanted))
