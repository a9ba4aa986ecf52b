"""What the examples taught: the purpose, the department and the kind of appeal of a sentence, by its n-grams.

Words of the lexicons say what an administrator thought of; the examples say what callers say. Both are
weighed together where a decision is taken (`intents`, `danger`, `routing`).
"""

import hashlib
import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from voicebot.core.catalogue import Department
from voicebot.core.demand import TicketRequest
from voicebot.core.ids import DepartmentName
from voicebot.core.meaning import AppealType, Intent
from voicebot.core.shelf import Shelf
from voicebot.understanding.examples import Example, load_examples
from voicebot.understanding.learning import Floats, Rows, learn, scaled, softmax
from voicebot.understanding.reading import Reading, read

CHARACTERS: Final = (1, 2, 3)
SOUNDS: Final = (2, 3)
"""Lengths of the n-grams; single near sounds are too few to mean anything."""
LEAST: Final = 2
"""An n-gram of one sentence only says nothing about others."""
FORMAT: Final = "learned-b1.0"
"""Part of the key of what is kept: to be changed with anything that changes the result."""

EDGES: Final = ("^", "$")

PURPOSE: Final = "purpose"
DEPARTMENT: Final = "department"
APPEAL: Final = "appeal"
REQUEST: Final = "request"
HEADS: Final = (PURPOSE, DEPARTMENT, APPEAL, REQUEST)


@dataclass(frozen=True)
class Head:
    """One thing that is told of a sentence.

    Args:
        labels: what it may be.
        weights: (n-grams, labels).
    """

    labels: tuple[str, ...]
    weights: Floats


class Learned:
    """Immutable; the probabilities of what a reading means."""

    def __init__(self, grams: Sequence[str], worth: Floats, heads: Mapping[str, Head]) -> None:
        """
        Args:
            grams: all n-grams that are known.
            worth: (n-grams,) what each counts: the rarer, the more.
        """
        self._grams = tuple(grams)
        self._numbers = {gram: number for number, gram in enumerate(grams)}
        self._worth = worth
        self._heads = heads

    def of(self, reading: Reading) -> "Judged":
        numbers = self._numbers
        found = np.array([numbers[g] for g in set(grams(reading)) if g in numbers], np.int32)
        found.sort()
        return Judged(self._heads, found, scaled(self._worth[found]))

    def to_bytes(self) -> bytes:
        """For a `Shelf`; `from_bytes` gives the same again."""
        arrays: dict[str, NDArray[np.generic]] = {
            "grams": _text("\n".join(self._grams)),
            "worth": self._worth,
        }
        for name, head in self._heads.items():
            arrays[f"{name} labels"] = _text("\n".join(head.labels))
            arrays[f"{name} weights"] = head.weights
        buffer = io.BytesIO()
        np.savez(buffer, allow_pickle=False, **arrays)
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, value: bytes) -> "Learned":
        with np.load(io.BytesIO(value), allow_pickle=False) as arrays:
            heads = {
                name: Head(tuple(_lines(arrays[f"{name} labels"])), arrays[f"{name} weights"])
                for name in HEADS
            }
            return cls(_lines(arrays["grams"]), arrays["worth"], heads)


@dataclass(frozen=True)
class Judged:
    """One reading under all heads."""

    _heads: Mapping[str, Head]
    _grams: NDArray[np.int32]
    _values: Floats

    def purposes(self) -> Mapping[Intent, float]:
        """Intent → probability; they add up to 1. Empty, like the others, when nothing was learnt of
        any part of the sentence."""
        return {Intent(name): p for name, p in self._probabilities(PURPOSE)}

    def departments(self) -> Mapping[DepartmentName, float]:
        return {DepartmentName(name): p for name, p in self._probabilities(DEPARTMENT)}

    def appeals(self) -> Mapping[AppealType, float]:
        return {AppealType(name): p for name, p in self._probabilities(APPEAL)}

    def requests(self) -> Mapping[TicketRequest, float]:
        """What is asked of an existing ticket, if the sentence is about one."""
        return {TicketRequest(name): p for name, p in self._probabilities(REQUEST)}

    def _probabilities(self, name: str) -> list[tuple[str, float]]:
        head = self._heads[name]
        if not head.labels or not len(self._grams):
            return []
        scores = self._values @ head.weights[self._grams]
        return list(zip(head.labels, softmax(scores).tolist(), strict=True))


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


def learned_of(
    texts: Mapping[str, str], questions: Sequence[Example], departments: Sequence[Department], shelf: Shelf
) -> Learned:
    """What the example files and the questions of articles teach; from `shelf` when it was learnt before.

    Args:
        texts: path → text of the example files.

    Raises:
        ContentError: every mistake in the examples, with file:line.
    """
    key = _key(texts, questions, departments)
    if kept := shelf.get(key):
        with suppress(ValueError, KeyError, OSError):  # of another version of numpy, or not ours
            return Learned.from_bytes(kept)
    learned = learn_from((*load_examples(texts, departments), *questions))
    shelf.put(key, learned.to_bytes())
    return learned


def _key(texts: Mapping[str, str], questions: Sequence[Example], departments: Sequence[Department]) -> str:
    """Names the result by all that it is made of."""
    digest = hashlib.sha256()
    for path, text in sorted(texts.items()):
        digest.update(f"{path}\0{text}\0".encode())
    for each in questions:
        digest.update(f"{each.text}\0{each.department}\n".encode())
    digest.update("\n".join(department.name for department in departments).encode())
    return f"{FORMAT} {digest.hexdigest()}"


def learn_from(examples: Sequence[Example]) -> Learned:
    """Seconds of CPU for ten thousand examples; the same examples give the same result."""
    sentences = [sorted(set(grams(read(example.text)))) for example in examples]
    often = Counter(gram for sentence in sentences for gram in sentence)
    known = sorted(gram for gram, count in often.items() if count >= LEAST)
    numbers = {gram: number for number, gram in enumerate(known)}
    counts = np.array([often[gram] for gram in known], np.float32)
    worth = (np.log(max(len(examples), 1) / np.maximum(counts, 1)) + 1).astype(np.float32)
    rows = Rows.of(
        [np.array([numbers[g] for g in sentence if g in numbers], np.int32) for sentence in sentences], worth
    )
    return Learned(
        known,
        worth,
        {
            PURPOSE: _head(rows, [example.intent.value for example in examples]),
            DEPARTMENT: _head(rows, [example.department for example in examples]),
            APPEAL: _head(rows, [_appeal(example) for example in examples]),
            REQUEST: _head(rows, [_request(example) for example in examples]),
        },
    )


def _appeal(example: Example) -> str | None:
    return example.appeal.value if example.intent is Intent.TICKET and example.appeal else None


def _request(example: Example) -> str | None:
    if example.intent is not Intent.TICKET_STATUS:
        return None
    return (example.request or TicketRequest.STATUS).value


def _head(rows: Rows, labels: Sequence[str | None]) -> Head:
    names = tuple(sorted({label for label in labels if label}))
    number = {name: index for index, name in enumerate(names)}
    wanted = np.array([number[label] if label else -1 for label in labels], np.int64)
    return Head(names, learn(rows, wanted, len(names)))


def _text(text: str) -> NDArray[np.generic]:
    return np.frombuffer(text.encode(), np.uint8)


def _lines(array: NDArray[np.uint8]) -> list[str]:
    text = array.tobytes().decode()
    return text.split("\n") if text else []
