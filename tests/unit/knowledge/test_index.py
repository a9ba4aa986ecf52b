"""The index counts what a plain loop counts."""

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.knowledge.grams import CODE, count, grams_of
from voicebot.knowledge.index import K1, B, build_channel

SIZES = (1.5, 1.0, 0.3)
UNITS = st.lists(st.tuples(st.integers(1, 0xFFFF) | st.integers(1, 4), st.integers(0, 1)), max_size=8)
TEXTS = st.lists(UNITS, min_size=1, max_size=6)

Text = list[tuple[int, int]]


def slow(text: Text) -> dict[int, list[float]]:
    """n-gram → share of light units of each of its places."""
    found: dict[int, list[float]] = {}
    for size in (1, 2, 3):
        for start in range(len(text) - size + 1):
            piece = text[start : start + size]
            key = 0
            for code, _ in piece:
                key = key << CODE | code
            found.setdefault(key, []).append(sum(light for _, light in piece) / size)
    return found


def arrays(texts: list[Text]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    flat = np.array([unit for text in texts for unit in text], dtype=np.int64).reshape(-1, 2)
    return flat[:, 0].copy(), flat[:, 1].copy(), np.array([len(text) for text in texts], dtype=np.int64)


@given(TEXTS)
def test_counting_is_what_a_loop_counts(texts: list[Text]) -> None:
    counted = count(*arrays(texts))
    shares: dict[int, list[float]] = {}
    postings = []
    for row, text in enumerate(texts):
        for key, lights in slow(text).items():
            shares.setdefault(key, []).extend(lights)
            postings.append((key, row))
    assert counted.keys.tolist() == sorted(shares)
    found = zip(counted.keys[counted.gram].tolist(), counted.row.tolist(), strict=True)
    assert list(found) == sorted(postings)
    for key, light in zip(counted.keys.tolist(), counted.light.tolist(), strict=True):
        assert min(shares[key]) - 1e-9 <= light <= max(shares[key]) + 1e-9


@given(UNITS)
def test_a_question_has_each_gram_once(text: Text) -> None:
    codes, light, _ = arrays([text])
    grams = grams_of(codes, light)
    wanted = slow(text)
    assert grams.keys.tolist() == sorted(wanted)
    for key, share in zip(grams.keys.tolist(), grams.light.tolist(), strict=True):
        assert share == pytest.approx(wanted[key][0])


@given(TEXTS, UNITS)
def test_scores_are_cosine_and_bm25(texts: list[Text], question: Text) -> None:
    article = np.arange(len(texts)) // 2
    channel = build_channel(*arrays(texts), article, SIZES)
    codes, light, _ = arrays([question])
    match = channel.match(codes, light)
    values = dict(zip(channel.keys.tolist(), channel.values.tolist(), strict=True))
    grams = grams_of(codes, light)
    unknown = channel.weights.of(grams.keys, grams.light, channel.weights.rarest)
    asked = {
        key: values.get(key, other) for key, other in zip(grams.keys.tolist(), unknown.tolist(), strict=True)
    }
    for row, text in enumerate(texts):
        held = slow(text)
        dot = sum(asked[key] * values[key] for key in asked if key in held)
        norms = math.sqrt(sum(v * v for v in asked.values()) * sum(values[key] ** 2 for key in held))
        assert match.variants[row] == pytest.approx(dot / norms if norms else 0.0, abs=1e-5)
    counts = [Counter[int]() for _ in range(int(article[-1]) + 1)]
    for row, text in enumerate(texts):
        counts[article[row]].update(slow(text).keys())
    mean = sum(c.total() for c in counts) / len(counts)
    for number, c in enumerate(counts):
        damping = K1 * (1 - B + B * c.total() / max(mean, 1e-9))
        got = sum(asked[key] * c[key] * (K1 + 1) / (c[key] + damping) for key in asked if c[key])
        most = sum(asked.values()) * (K1 + 1)
        assert match.coverage[number] == pytest.approx(got / most if most else 0.0, abs=1e-5)


@given(TEXTS, UNITS)
def test_what_an_article_has_of_a_question(texts: list[Text], question: Text) -> None:
    channel = build_channel(*arrays(texts), np.arange(len(texts)), SIZES)
    codes, light, _ = arrays([question])
    shared = channel.match(codes, light).shared(np.arange(len(texts)))
    assert shared.shape == (len(texts), len(question))
    for row, text in enumerate(texts):
        held = slow(text)
        for at in range(len(question)):
            pairs = [question[max(at - 1, 0) : at + 1], question[at : at + 2]]
            joined = [a[0] << CODE | b[0] for pair in pairs if len(pair) == 2 for a, b in (pair,)]
            wanted = 1.0 if any(key in held for key in joined) else 0.4 * (question[at][0] in held)
            assert shared[row, at] == wanted
