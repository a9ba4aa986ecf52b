"""A sentence as the short pieces it is made of, written and spoken: what is learnt of."""

from collections.abc import Iterator
from typing import Final

from voicebot.understanding.reading import Reading

CHARACTERS: Final = (1, 2, 3)
SOUNDS: Final = (2, 3)
"""Lengths of the n-grams; single near sounds are too few to mean anything."""
EDGES: Final = ("^", "$")


def grams(reading: Reading) -> Iterator[str]:
    """N-grams of characters and of near sounds, the edges of the sentence included."""
    if not len(reading):
        return
    chars = f"^{reading.chars}$"
    for size in CHARACTERS:
        for start in range(len(chars) - size + 1):
            if (gram := chars[start : start + size]) not in EDGES:
                yield gram
    sounds = ("^", *reading.folded, "$")
    for size in SOUNDS:
        for start in range(len(sounds) - size + 1):
            yield " ".join(sounds[start : start + size])
