"""What the examples taught: the purpose, the department and the kind of appeal of a sentence, by its n-grams.

Words of the lexicons say what an administrator thought of; the examples say what callers say. Both are
weighed together where a decision is taken (`intents`, `danger`, `routing`).
"""

import hashlib
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from voicebot.core.catalogue import Department
from voicebot.core.demand import TicketRequest
from voicebot.core.ids import DepartmentName
from voicebot.core.meaning import AppealType, Intent
from voicebot.core.shelf import Shelf
from voicebot.understanding.examples import Example, load_examples
from voicebot.understanding.grams import grams
from voicebot.understanding.learning import Floats, Rows, learn, scaled, softmax
from voicebot.understanding.reading import Reading, read

LEAST: Final = 2
"""An n-gram of one sentence only says nothing about others."""
FORMAT: Final = "learned-b2.0"
"""Part of the key of what is kept: to be changed with anything that changes the result."""

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

    def among(self, departments: Sequence[Department]) -> "Learned":
        """The same for a directory that lacks some of the departments learnt of."""
        names = {str(department.name) for department in departments}
        head = self._heads[DEPARTMENT]
        left = [number for number, name in enumerate(head.labels) if name in names]
        if len(left) == len(head.labels):
            return self
        lesser = Head(tuple(head.labels[number] for number in left), head.weights[:, left])
        return Learned(self._grams, self._worth, {**self._heads, DEPARTMENT: lesser})

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


@dataclass(frozen=True)
class Lesson:
    """All that is learnt from, unread.

    Args:
        files: path → text of the example files.
        questions: what articles answer.
    """

    files: Mapping[str, str]
    questions: tuple[Example, ...]
    departments: tuple[Department, ...]

    @cached_property
    def key(self) -> str:
        """Names the result by all that it is made of."""
        digest = hashlib.sha256()
        for path, text in sorted(self.files.items()):
            digest.update(f"{path}\0{text}\0".encode())
        for each in self.questions:
            digest.update(f"{each.text}\0{each.department}\n".encode())
        digest.update("\n".join(department.name for department in self.departments).encode())
        return f"{FORMAT} {digest.hexdigest()}"

    def examples(self, shelf: Shelf) -> tuple[Example, ...]:
        """All sentences.

        Raises:
            ContentError: every mistake in the files, with its line.
        """
        return (*load_examples(self.files, self.departments, shelf), *self.questions)


def recall(key: str, shelf: Shelf) -> Learned | None:
    """What was learnt before from the lesson with that key; None when it is not on the shelf."""
    if kept := shelf.get(key):
        with suppress(ValueError, KeyError, OSError):  # of another version of numpy, or not ours
            return Learned.from_bytes(kept)
    return None


def learn_anew(lesson: Lesson, shelf: Shelf) -> Learned:
    """Seconds of CPU; the result is left on the shelf.

    Raises:
        ContentError: every mistake in the examples, with file:line.
    """
    learned = learn_from(lesson.examples(shelf))
    shelf.put(lesson.key, learned.to_bytes())
    return learned


def learned_of(
    texts: Mapping[str, str], questions: Sequence[Example], departments: Sequence[Department], shelf: Shelf
) -> Learned:
    """What the example files and the questions of articles teach; from `shelf` when it was learnt before.

    Args:
        texts: path → text of the example files.

    Raises:
        ContentError: every mistake in the examples, with file:line.
    """
    lesson = Lesson(texts, tuple(questions), tuple(departments))
    return recall(lesson.key, shelf) or learn_anew(lesson, shelf)


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
