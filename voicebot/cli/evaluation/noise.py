"""Spoils texts as recognition does: characters that sound the same, or nearly, in place of others."""

import random
from collections import defaultdict
from functools import cache
from typing import Final

from voicebot.language.characters import is_hanzi
from voicebot.language.pinyin import folded, syllables

LEVEL_1: Final = range(0xB0, 0xD8)
"""First bytes of the 3,755 common characters of GB 2312, in which no rare one hides."""
NEAR: Final = 0.3
"""Share of errors that only nearly sound the same (z/zh, n/l, in/ing …); the others do."""


@cache
def _common() -> tuple[dict[str, str], dict[str, str]]:
    """Syllable → the common characters read so; class of near sounds → the same."""
    same: dict[str, str] = defaultdict(str)
    near: dict[str, str] = defaultdict(str)
    for first in LEVEL_1:
        for second in range(0xA1, 0xFF):
            character = bytes((first, second)).decode("gb2312", "ignore")
            if character:
                (syllable,) = syllables(character)
                same[syllable] += character
                near[folded(syllable)] += character
    return dict(same), dict(near)


def spoiled(text: str, rate: float, seed: str) -> str:
    """`text` with that share of its hanzi replaced, as long as each has a common one that sounds like it.

    The same text, rate and seed always give the same result. The number of errors is `rate` times the
    number of hanzi, rounded up or down at random, so that it is right on average of short texts too.
    """
    chance = random.Random(f"{seed}\0{rate}\0{text}")
    places = [i for i, character in enumerate(text) if is_hanzi(character)]
    wanted = int(rate * len(places) + chance.random())
    result = list(text)
    heard = {i: _reading(text, i) for i in places}
    chance.shuffle(places)
    for place in places:
        if wanted == 0:
            break
        if others := _alike(text[place], heard[place], chance):
            result[place] = chance.choice(others)
            wanted -= 1
    return "".join(result)


def _reading(text: str, place: int) -> str:
    """The syllable in its word (重 of 重复), or by itself where lengths do not fit."""
    whole = syllables(text)
    return whole[place] if len(whole) == len(text) else syllables(text[place])[0]


def _alike(character: str, syllable: str, chance: random.Random) -> str:
    """Characters that may be written for this one; empty when it has a sound of its own."""
    same, near = _common()
    alike = same.get(syllable, "").replace(character, "")
    other = "".join(c for c in near.get(folded(syllable), "") if c != character and c not in alike)
    if not alike or (other and chance.random() < NEAR):
        return other or alike
    return alike
