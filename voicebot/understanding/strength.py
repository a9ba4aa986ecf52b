"""How much a phrase is worth of which some characters, or only the sounds, agree with what was recognised."""


def alike(length: int, differing: int, same_sound: bool, trust: float) -> float:
    """Strength, 0-1, of a phrase whose sounds agree.

    Args:
        length, differing: characters of the phrase, and how many of them were recognised as others.
        same_sound: the very syllables, not only near ones.
        trust: the less it is, the nearer is the result to what the phrase is worth by its sound.
    """
    characters = _by_characters(length, differing, same_sound)
    return characters + (1 - trust) * (_by_sound(length, same_sound) - characters)


def spelt(same_sound: bool) -> float:
    """The same of a phrase that was typed as pinyin."""
    return 0.9 if same_sound else 0.7


def _by_characters(length: int, differing: int, same_sound: bool) -> float:
    if not differing:
        return 1.0
    if differing < length:
        return _by_sound(length, same_sound)
    if length == 2:
        return 0.35 if same_sound else 0.0
    if length == 3:
        return 0.6 if same_sound else 0.4
    return 0.7 if same_sound else 0.5


def _by_sound(length: int, same_sound: bool) -> float:
    """The longer, the fewer other phrases sound like it."""
    if length <= 2:
        return 0.75 if same_sound else 0.55
    if length == 3:
        return 0.85 if same_sound else 0.75
    return 0.92 if same_sound else 0.85
