"""N-grams of one to three units as numbers: three codes of 16 bits, the first unit highest.

Leading zeros tell the size, so numbers sort by size first and single units are found at the front.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]

CODE: Final = 16
"""Bits of a unit."""
MOST_BITS: Final = 63


@dataclass(frozen=True)
class Grams:
    """Distinct n-grams of one text.

    Args:
        keys: (grams,) ascending.
        light: (grams,) share of the units that is light, 0-1.
    """

    keys: Longs
    light: Doubles


def grams_of(codes: Longs, light: Longs) -> Grams:
    """The n-grams of a text of so many units."""
    keys, shares = [codes], [light.astype(np.float64)]
    if len(codes) > 1:
        pairs = codes[:-1] << CODE | codes[1:]
        keys.append(pairs)
        shares.append((light[:-1] + light[1:]) / 2)
    if len(codes) > 2:
        keys.append(pairs[:-1] << CODE | codes[2:])
        shares.append((light[:-2] + light[1:-1] + light[2:]) / 3)
    distinct, first = np.unique(np.concatenate(keys), return_index=True)
    return Grams(distinct, np.concatenate(shares)[first])


def units_of(keys: Longs) -> tuple[Longs, Longs]:
    """(3, grams) codes of the units, 0 where there is none; (grams,) how many there are."""
    mask = (1 << CODE) - 1
    units = np.stack([keys >> 2 * CODE, keys >> CODE & mask, keys & mask])
    return units, np.count_nonzero(units, axis=0)


@dataclass(frozen=True)
class Counted:
    """The n-grams of many texts.

    Args:
        keys: (grams,) distinct, ascending.
        light: (grams,) mean share of light units where it stands.
        gram, row: (postings,) which text holds which n-gram, by n-gram and then by row.
    """

    keys: Longs
    light: Doubles
    gram: Ints
    row: Ints


def count(codes: Longs, light: Longs, lengths: Longs) -> Counted:
    """Counts the n-grams of texts that stand one after another in `codes`.

    One sort of packed numbers (n-gram, row, lightness) does all the work.
    """
    used = np.bincount(codes, minlength=1) > 0
    table = np.flatnonzero(used)
    dense: Longs = np.cumsum(used, dtype=np.int64)[codes]
    bits, row_bits = len(table).bit_length(), len(lengths).bit_length()
    if 3 * bits + row_bits + 2 > MOST_BITS:
        raise OverflowError("too many texts for one index")
    row = np.repeat(np.arange(len(lengths), dtype=np.int64), lengths)
    pair = dense[:-1] << bits | dense[1:]
    two = row[:-1] == row[1:]
    three = row[:-2] == row[2:]
    packed = np.concatenate(
        [
            _pack(dense, row, light, row_bits),
            _pack(pair, row[:-1], light[:-1] + light[1:], row_bits)[two],
            _pack(pair[:-1] << bits | dense[2:], row[:-2], light[:-2] + light[1:-1] + light[2:], row_bits)[
                three
            ],
        ]
    )
    packed.sort()
    lightness = packed & 3
    packed >>= 2
    new = _changes(packed)
    packed, lightness = packed[new], lightness[new]
    keys = packed >> row_bits
    first = _changes(keys)
    gram = (np.cumsum(first) - 1).astype(np.int32)
    distinct = _widened(keys[first], bits, table)
    _, sizes = units_of(distinct)
    times = np.bincount(gram, minlength=len(distinct))
    share = np.bincount(gram, lightness, len(distinct)) / np.maximum(times * sizes, 1)
    return Counted(distinct, share, gram, (packed & (1 << row_bits) - 1).astype(np.int32))


def _pack(keys: Longs, rows: Longs, light: Longs, row_bits: int) -> Longs:
    return (keys << row_bits | rows) << 2 | light


def _changes(values: Longs) -> NDArray[np.bool_]:
    """Where a sorted array has a value for the first time."""
    new = np.ones(len(values), dtype=np.bool_)
    np.not_equal(values[1:], values[:-1], out=new[1:])
    return new


def _widened(keys: Longs, bits: int, table: Longs) -> Longs:
    """Keys of places in `table` (from 1) as keys of codes; the order stays."""
    codes = np.concatenate([[0], table])
    mask = (1 << bits) - 1
    wide: Longs = codes[keys >> 2 * bits] << 2 * CODE | codes[keys >> bits & mask] << CODE
    wide |= codes[keys & mask]
    return wide
