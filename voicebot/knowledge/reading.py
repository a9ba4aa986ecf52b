"""Texts as arrays of units: what the index counts, and what is worth keeping between builds.

A unit is one character of a normal text: its written code, its spoken code (a class of sounds) and
whether it belongs to a frame. Reading is the slow part of a build (pinyin); counting is quick.
"""

import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from voicebot.core.shelf import Shelf
from voicebot.knowledge.text import Vocabulary, near, sounds
from voicebot.language.pinyin import KNOWN_SYLLABLES

VERSION: Final = "knowledge-readings-1"
"""Changes whenever the same text is read differently by this code."""
UNIT: Final = np.dtype([("written", "<u2"), ("spoken", "<u2"), ("light", "u1")])
"""Codes are 1-65535; light is 0 or 1."""
BEYOND: Final = 0xFFFF
"""The written code of characters outside the basic plane."""

Units = NDArray[np.void]

_FIRST_CLASS: Final = 0x100
_CLASSES: Final = {
    name: _FIRST_CLASS + number for number, name in enumerate(sorted({near(s) for s in KNOWN_SYLLABLES}))
}


@lru_cache(maxsize=8192)
def sound_code(sound: str) -> int:
    """The code of a class of sounds: Latin characters as they are, syllables by their place in the list
    of all, what is left by a hash."""
    if len(sound) == 1 and "\0" < sound < "\x80":
        return ord(sound)
    return _CLASSES.get(sound) or 0x1000 + zlib.crc32(sound.encode("utf-8", "replace")) % 0xE000


def read(vocabulary: Vocabulary, text: str) -> Units:
    """(characters of the normal text,) of `UNIT`."""
    normal = vocabulary.normal(text)
    units = np.zeros(len(normal), dtype=UNIT)
    codes = np.frombuffer(normal.encode("utf-32-le", "replace"), dtype="<u4")
    units["written"] = np.minimum(codes, BEYOND)
    units["spoken"] = [sound_code(sound) for sound in sounds(normal)]
    units["light"] = vocabulary.light(normal)
    return units


class Readings:
    """Texts read with one vocabulary; what is on the shelf is not read again.

    Immutable from outside: the same texts always give the same units.
    """

    def __init__(self, vocabulary: Vocabulary, shelf: Shelf) -> None:
        self.vocabulary: Final = vocabulary
        self._shelf = shelf
        self._key = f"{VERSION} {_digest(vocabulary)}"
        self._read: dict[str, bytes] | None = None

    def under(self, vocabulary: Vocabulary) -> "Readings":
        """For that vocabulary; what was read stays when it reads the same."""
        other = Readings(vocabulary, self._shelf)
        if other._key == self._key:
            other._read = self._read
        return other

    def of(self, texts: Sequence[str]) -> tuple[Units, NDArray[np.int64]]:
        """All texts one after another, and how many units each of them has.

        Only these texts are remembered, in memory and on the shelf.
        """
        if self._read is None:
            self._read = _unpacked(self._key, self._shelf.get(self._key))
        known = self._read
        wanted = {text: known.get(text) for text in texts}
        missing = [text for text, units in wanted.items() if units is None]
        found = {text: units for text, units in wanted.items() if units is not None}
        found |= {text: read(self.vocabulary, text).tobytes() for text in missing}
        self._read = found
        if missing:
            self._shelf.put(self._key, _packed(self._key, found))
        parts = [found[text] for text in texts]
        lengths = np.fromiter(map(len, parts), dtype=np.int64, count=len(parts)) // UNIT.itemsize
        return np.frombuffer(b"".join(parts), dtype=UNIT), lengths


def _digest(vocabulary: Vocabulary) -> str:
    data = [
        sorted(vocabulary.fillers),
        sorted(vocabulary.synonyms.items()),
        sorted(vocabulary.frames),
    ]
    return hashlib.sha256(json.dumps(data).encode()).hexdigest()


def _packed(key: str, found: dict[str, bytes]) -> bytes:
    """An npz: the key, so that nothing else is taken for it; the texts joined by NUL; their units joined;
    the lengths of these."""
    kept = {text: units for text, units in found.items() if "\0" not in text}
    file = io.BytesIO()
    np.savez(
        file,
        key=_bytes(key.encode()),
        texts=_bytes("\0".join(kept).encode("utf-8", "surrogatepass")),
        units=_bytes(b"".join(kept.values())),
        lengths=np.array([len(units) for units in kept.values()], dtype=np.int64),
    )
    return file.getvalue()


def _bytes(content: bytes) -> NDArray[np.uint8]:
    return np.frombuffer(content, dtype=np.uint8)


def _unpacked(key: str, value: bytes | None) -> dict[str, bytes]:
    """What `_packed` packed under that key; nothing when it is not that."""
    if value is None:
        return {}
    try:
        with np.load(io.BytesIO(value), allow_pickle=False) as file:
            if file["key"].tobytes() != key.encode():
                return {}
            texts = file["texts"].tobytes().decode("utf-8", "surrogatepass").split("\0")
            units, lengths = file["units"].tobytes(), file["lengths"]
    except (ValueError, KeyError, OSError, EOFError, zlib.error, zipfile.BadZipFile):
        return {}
    return dict(_cut(texts, units, lengths))


def _cut(texts: list[str], units: bytes, lengths: NDArray[np.int64]) -> Iterable[tuple[str, bytes]]:
    whole = lengths.ndim == 1 and len(lengths) == len(texts) and lengths.dtype == np.int64
    if not whole or (lengths < 0).any() or (lengths % UNIT.itemsize).any() or lengths.sum() != len(units):
        return ()
    ends = np.cumsum(lengths).tolist()
    starts = [0, *ends[:-1]]
    return zip(texts, (units[a:b] for a, b in zip(starts, ends, strict=True)), strict=True)
