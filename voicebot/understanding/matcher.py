"""Finds the words of all lexicons in an utterance, by characters and by sound, in one pass.

Phone recognition gets one character of ten or five wrong, mostly as a homophone. A phrase is
therefore also found when its near-sound classes agree; the fewer of its characters agree, the
weaker the hit. A sound-alike is dropped where the differing character belongs to a word that was
heard exactly: then it is that word, not an error.

The less a recognition is trusted, the less agreeing characters say beyond agreeing sounds: all strengths
come closer to what the phrase is worth by its sound alone.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from voicebot.language.patterns import GAP, Pattern
from voicebot.language.pinyin import distance, folded, syllables
from voicebot.understanding.reading import TYPED, Reading
from voicebot.understanding.strength import alike, spelt

SHORTEST_WITH_A_WRONG_SOUND: Final = 4
"""A phrase of at least so many units may have one syllable that sounds different."""

FARTHEST_SOUND: Final = 0.75
LONG_PHRASE: Final = 6
"""A long phrase is found even when its odd syllable sounds like nothing near."""

GAP_MARK: Final = "…"
"""Joins the stretches of a word with gaps in `Hit.phrase`."""

POLYPHONES: Final = frozenset("着长重落露都调行省乐觉便角还得厦吓扒削曝传弹校参降盛曾")
"""Characters whose toneless sound depends on the word, among those that lexicons use."""

WORD_GROUPS: Final = ("common", "place/", "thing/")
"""Groups whose words are whole words: a single character inside one means nothing by itself."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A word of a lexicon found in an utterance; units `start` up to `end`.

    Args:
        group: the lexicon group that the word belongs to.
        word: the word as the lexicon writes it.
        phrase: the variant that was found (stretches joined).
        strength: 1.0 for the very characters of a trusted text, less for sound-alikes and in doubt.
        exact: the very characters.
    """

    group: str
    word: str
    phrase: str
    start: int
    end: int
    strength: float
    exact: bool

    def overlaps(self, other: "Hit") -> bool:
        return self.start < other.end and other.start < self.end


Hits = Mapping[str, Sequence[Hit]]
"""Group → its hits, in order of place."""


@dataclass(frozen=True, slots=True)
class _Found:
    phrase: int
    start: int
    end: int
    strength: float
    exact: bool = False


class Matcher:
    """Immutable once built; `find` is a pure function of the reading."""

    def __init__(self, groups: Mapping[str, Iterable[Pattern]]) -> None:
        self._patterns: list[tuple[str, Pattern]] = [(g, p) for g, ps in groups.items() for p in ps]
        self._owners: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for number, (_, pattern) in enumerate(self._patterns):
            for stretch, variants in enumerate(pattern.pieces):
                for phrase in variants:
                    self._owners[phrase].append((number, stretch))
        self._phrases = list(self._owners)
        self._words = frozenset(
            phrase
            for phrase, owners in self._owners.items()
            if any(self._patterns[number][0].startswith(WORD_GROUPS) for number, _ in owners)
        )
        self._sounds = _sounds(self._phrases)
        self._build()

    def _build(self) -> None:
        self._by_chars = {phrase: i for i, phrase in enumerate(self._phrases)}
        self._by_sound: dict[tuple[str, ...], list[int]] = defaultdict(list)
        self._by_most: dict[tuple[str, ...], list[int]] = defaultdict(list)
        char_lengths: dict[str, set[int]] = defaultdict(set)
        sound_lengths: dict[str, set[int]] = defaultdict(set)
        self._most_lengths: set[int] = set()
        for i, (phrase, sounds) in enumerate(zip(self._phrases, self._sounds, strict=True)):
            char_lengths[phrase[0]].add(len(phrase))
            if len(phrase) < 2 or len(sounds) != len(phrase):
                continue
            classes = tuple(map(folded, sounds))
            self._by_sound[classes].append(i)
            sound_lengths[classes[0]].add(len(classes))
            if len(classes) >= SHORTEST_WITH_A_WRONG_SOUND:
                self._most_lengths.add(len(classes))
                for gap in range(len(classes)):
                    self._by_most[(*classes[:gap], "*", *classes[gap + 1 :])].append(i)
        self._char_lengths = {char: sorted(lengths) for char, lengths in char_lengths.items()}
        self._sound_lengths = {sound: sorted(lengths) for sound, lengths in sound_lengths.items()}

    def find(self, reading: Reading) -> Hits:
        """All hits of all groups."""
        exact = self._without_fragments(self._exact(reading), len(reading))
        best: dict[tuple[int, int, int], _Found] = {(f.phrase, f.start, f.end): f for f in exact}
        heard = _covered(exact, len(reading))
        for found in self._alike(reading, heard):
            key = (found.phrase, found.start, found.end)
            if key not in best or best[key].strength < found.strength:
                best[key] = found
        return self._assemble(best.values())

    def _exact(self, reading: Reading) -> list[_Found]:
        chars, found = reading.chars, []
        for start, char in enumerate(chars):
            for length in self._char_lengths.get(char, ()):
                if start + length > len(chars):
                    break
                phrase = self._by_chars.get(chars[start : start + length])
                if phrase is not None and not _cuts_a_number(chars, start, start + length):
                    strength = alike(length, 0, True, reading.trust)
                    found.append(_Found(phrase, start, start + length, strength, True))
        return found

    def _without_fragments(self, exact: Sequence[_Found], size: int) -> list[_Found]:
        """Drops single characters inside a known word (湖 of 翠湖路) but not its last (树 of 大树)."""
        inside = [False] * size
        for found in exact:
            if found.end - found.start > 1 and self._phrases[found.phrase] in self._words:
                inside[found.start : found.end - 1] = [True] * (found.end - found.start - 1)
        return [f for f in exact if f.end - f.start > 1 or not inside[f.start]]

    def _alike(self, reading: Reading, heard: Sequence[int]) -> Iterable[_Found]:
        classes, size = reading.folded, len(reading)
        for start in range(size):
            for length in self._sound_lengths.get(classes[start], ()):
                window = classes[start : start + length]
                for phrase in self._by_sound.get(window, ()):
                    yield from self._judged(reading, heard, phrase, start, wrong=False)
            for length in self._most_lengths:
                if start + length > size:
                    continue
                window = classes[start : start + length]
                for gap in range(length):
                    for phrase in self._by_most.get((*window[:gap], "*", *window[gap + 1 :]), ()):
                        yield from self._judged(reading, heard, phrase, start, wrong=True)

    def _judged(
        self, reading: Reading, heard: Sequence[int], phrase: int, start: int, *, wrong: bool
    ) -> Iterable[_Found]:
        text = self._phrases[phrase]
        end = start + len(text)
        window = reading.chars[start:end]
        differing = [start + i for i, (a, b) in enumerate(zip(text, window, strict=True)) if a != b]
        if not differing or any(heard[i] > 1 for i in differing):
            return
        if wrong:
            strength = self._nearly(phrase, text, differing, start, reading)
        else:
            same_sound = self._sounds[phrase] == reading.sounds[start:end]
            if TYPED in window:
                strength = spelt(same_sound)
            else:
                strength = alike(len(text), len(differing), same_sound, reading.trust)
        if strength:
            yield _Found(phrase, start, end, strength)

    def _nearly(
        self, phrase: int, text: str, differing: Sequence[int], start: int, reading: Reading
    ) -> float:
        """A phrase with one syllable out of its class: how much it is worth."""
        if len(differing) > max(1, len(text) // 3):
            return 0.0
        sounds = self._sounds[phrase]
        far = max(distance(sounds[i - start], reading.sounds[i]) for i in differing)
        return 0.65 if far <= FARTHEST_SOUND or len(text) >= LONG_PHRASE else 0.0

    def _assemble(self, found: Iterable[_Found]) -> Hits:
        hits: dict[str, list[Hit]] = defaultdict(list)
        stretches: dict[int, dict[int, list[_Found]]] = defaultdict(lambda: defaultdict(list))
        for item in found:
            for number, stretch in self._owners[self._phrases[item.phrase]]:
                group, pattern = self._patterns[number]
                if len(pattern.pieces) == 1:
                    phrase = self._phrases[item.phrase]
                    hits[group].append(
                        Hit(group, pattern.source, phrase, item.start, item.end, item.strength, item.exact)
                    )
                else:
                    stretches[number][stretch].append(item)
        for number, parts in stretches.items():
            group, pattern = self._patterns[number]
            if len(parts) == len(pattern.pieces):
                hits[group].extend(self._joined(group, pattern, parts))
        return {group: sorted(items, key=lambda h: (h.start, -h.end)) for group, items in hits.items()}

    def _joined(self, group: str, pattern: Pattern, parts: Mapping[int, Sequence[_Found]]) -> Iterable[Hit]:
        for first in parts[0]:
            chain, last = [first], first
            for stretch in range(1, len(pattern.pieces)):
                follows = [f for f in parts[stretch] if last.end <= f.start <= last.end + GAP]
                if not follows:
                    break
                last = min(follows, key=lambda f: (f.start, -f.strength, -f.end))
                chain.append(last)
            else:
                phrase = GAP_MARK.join(self._phrases[f.phrase] for f in chain)
                strength, exact = min(f.strength for f in chain), all(f.exact for f in chain)
                yield Hit(group, pattern.source, phrase, first.start, last.end, strength, exact)


def _cuts_a_number(chars: str, start: int, end: int) -> bool:
    """120 inside a ticket number is no ambulance."""
    digits = "0123456789"
    before, after = chars[start - 1 : start], chars[end : end + 1]
    return (chars[start] in digits and before != "" and before in digits) or (
        chars[end - 1] in digits and after != "" and after in digits
    )


def _covered(exact: Iterable[_Found], size: int) -> Sequence[int]:
    """For each unit the length of the longest word heard exactly over it (0 where none)."""
    lengths = [0] * size
    for found in exact:
        for unit in range(found.start, found.end):
            lengths[unit] = max(lengths[unit], found.end - found.start)
    return lengths


def _sounds(phrases: Sequence[str]) -> list[tuple[str, ...]]:
    """Syllables of all phrases. Reading in context costs most of a start, so it is kept for the
    phrases that hold a character whose sound really depends on it (0.03 s instead of 0.3 s)."""
    alone = {char: (syllables(char) or (char,))[0] for char in sorted(set("".join(phrases)))}
    return [
        syllables(phrase)
        if len(phrase) > 1 and not POLYPHONES.isdisjoint(phrase)
        else tuple(map(alone.__getitem__, phrase))
        for phrase in phrases
    ]
