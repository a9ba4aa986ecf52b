"""Labelled questions, a noiser and the figures that `fit_ranking` and `test_quality` share.

`paraphrases` (two of each article), `negatives` and `resembling` (complaints that an article is about)
were written before articles, synonyms and weights existed; the first paraphrase of each article and
every other negative are the *dev* half, the rest the *held* half. Only dev may be tuned on. Two negatives
that an article turned out to answer were moved to `resembling` and replaced. `fresh_negatives` were
written after the rival topics of synonyms.yaml. One author wrote articles and sets: outsiders' words
will do worse than these figures.
"""

import random
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from voicebot.core.problem import ContentError
from voicebot.core.shelf import NoShelf
from voicebot.knowledge import Knowledge, load_knowledge
from voicebot.knowledge.sayings import sayings
from voicebot.knowledge.text import near
from voicebot.language.pinyin import syllables

ROOT = Path(__file__).parents[3]
SETS = Path(__file__).parent / "sets"
TODAY = date(2026, 11, 24)


@cache
def shipped_texts() -> dict[str, str]:
    """The files of this repository's knowledge base."""
    folder = ROOT / "knowledge_base"
    files = [*sorted((folder / "articles").glob("*.yaml")), folder / "synonyms.yaml"]
    return {path.relative_to(ROOT).as_posix(): path.read_text("utf-8") for path in files}


@cache
def examples() -> dict[str, str]:
    """The files of what callers say."""
    files = sorted((ROOT / "knowledge_base" / "examples").glob("*.yaml"))
    return {path.relative_to(ROOT).as_posix(): path.read_text("utf-8") for path in files}


@cache
def unanswered() -> tuple[str, ...]:
    """Examples of questions that no article answers."""
    return sayings(examples(), NoShelf()).unanswered


@cache
def shipped() -> Knowledge:
    """The knowledge base of this repository."""
    try:
        return load_knowledge(shipped_texts(), examples=examples())
    except ContentError as error:
        raise AssertionError(str(error)) from error


def rows(name: str) -> list[tuple[str, str]]:
    """(label, text) of each line of a set."""
    lines = (SETS / f"{name}.tsv").read_text("utf-8").splitlines()
    return [(label, text) for label, text in (line.split("\t") for line in lines)]


def half(name: str, held: bool) -> list[tuple[str, str]]:
    return rows(name)[1 if held else 0 :: 2]


@cache
def _homophones() -> dict[str, list[str]]:
    """Near-sound class → the common characters (GB 2312 level 1) that are read so."""
    common = [
        bytes((high, low)).decode("gb2312", "ignore")
        for high in range(0xB0, 0xD8)
        for low in range(0xA1, 0xFF)
    ]
    table: dict[str, list[str]] = defaultdict(list)
    for character in filter(None, common):
        table[near(syllables(character)[0])].append(character)
    return table


def spoil(text: str, rate: float, chance: random.Random) -> str:
    """Replaces each character with probability `rate` by another one that sounds (nearly) the same."""
    spoiled = []
    for character in text:
        alike = [other for sound in syllables(character) for other in _homophones().get(near(sound), [])]
        others = [other for other in alike if other != character]
        spoiled.append(chance.choice(others) if others and chance.random() < rate else character)
    return "".join(spoiled)


@dataclass(frozen=True)
class Figures:
    """Shares, 0-1, over `n` questions.

    Args:
        hit1: the right article is first.
        hit3: it is among the first three.
        answered: the first article reaches the answer threshold and is right.
        wrong: it reaches the threshold and is another one.
    """

    n: int
    hit1: float
    hit3: float
    answered: float
    wrong: float


def measure(knowledge: Knowledge, questions: list[tuple[str, str]], threshold: float) -> Figures:
    hit1 = hit3 = answered = wrong = 0
    for label, text in questions:
        hits = knowledge.rank(text, TODAY)
        first = hits[0].article if hits else ""
        sure = bool(hits) and hits[0].score >= threshold
        hit1 += first == label
        hit3 += label in [hit.article for hit in hits[:3]]
        answered += sure and first == label
        wrong += sure and first != label
    n = len(questions)
    return Figures(n, hit1 / n, hit3 / n, answered / n, wrong / n)


def spoiled(questions: list[tuple[str, str]], rate: float) -> list[tuple[str, str]]:
    chance = random.Random(12345)
    return [(label, spoil(text, rate, chance)) for label, text in questions]


def told(questions: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Each question with a story before and after it, as callers who are not used to telephones tell."""
    before = (
        "是这样的啊我是城东这边的居民我前两天去你们窗口排队人家说不清楚",
        "喂你好我打了好几次都没打通今天总算接了我就想弄明白一个事",
        "我跟你讲我今年五十多岁了也不太会用手机孩子又不在身边",
        "那个不好意思打扰一下我朋友让我打这个电话问问看",
        "我昨天刚从外地回来听邻居说起这个事情也不知道真的假的",
    )
    after = ("麻烦你跟我说清楚一点谢谢", "我现在特别着急等着用", "别让我跑好几趟了")
    return [
        (label, before[i % len(before)] + text + after[i % len(after)])
        for i, (label, text) in enumerate(questions)
    ]
