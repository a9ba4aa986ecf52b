"""Questions without an answer: the work list of those who own the knowledge.

Each is kept once, however often and in however many words it was asked: what sounds the same without
courtesy and filler words is one question.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol

from voicebot.core.answer import Gap
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import ArticleId
from voicebot.language.characters import is_word, plain
from voicebot.language.pinyin import folded, syllables

WORDINGS: Final = 8
"""Distinct wordings kept of a question; they become the variants of its article."""
LONGEST: Final = 300
"""Characters kept of one wording."""
FORM: Final = 200

_COURTESY: Final = re.compile(
    "您好|你好|喂|请问|麻烦|劳驾|谢谢|我想(?:要)?(?:问|咨询|了解)?(?:一下|下|一哈)?|想问(?:一下|下)?|问(?:一下|下|个)"
    "|咨询(?:一下|下)?|一下|那个|这个|就是说?|是不是|[啊呀呢吗嘛吧哦哎诶嗯呃额了的]"
)
_DIGITS: Final = re.compile("[0-9]+")


class Standing(StrEnum):
    """What the owner has made of a question."""

    NEW = "new"
    MADE = "made"
    """There is an article now; asked in vain once more, it is new again."""
    IGNORED = "ignored"


@dataclass(frozen=True, slots=True)
class Asked:
    """One time that a question stayed open.

    Args:
        article: the nearest article, or the one that did not help; `score`: its probability.
    """

    question: str
    gap: Gap
    article: ArticleId | None
    score: float
    call_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Unanswered:
    """One question of the list.

    Args:
        question: as it was asked last; `wordings`: distinct ones, the newest last.
        times: how often it was asked; `call_id`: the last call.
    """

    id: int
    question: str
    wordings: tuple[str, ...]
    times: int
    gap: Gap
    article: ArticleId | None
    score: float
    call_id: str
    first: datetime
    last: datetime
    standing: Standing
    changed_by: str = ""


class UnansweredBook(Protocol):
    """The list. What is added has been masked by the store: no telephone or identity numbers."""

    async def list(
        self, standing: Standing | None, limit: int, after: tuple[int, int] | None = None
    ) -> Sequence[Unanswered]:
        """Asked most often first.

        Args:
            standing: None for all.
            after: (times, id) of the last one of the page before.
        """
        ...

    async def mark(self, number: int, standing: Standing, by: str) -> Unanswered:
        """Raises VoicebotError ``unanswered.unknown``."""
        ...


def unknown(number: int) -> VoicebotError:
    return VoicebotError("unanswered.unknown", f"没有编号为 {number} 的未答问题")


def normal_form(text: str) -> str:
    """What questions have in common that are the same: sounds, without courtesy and fillers.

    At most 255 characters; longer ones end in a digest.

    >>> normal_form("请问，养蜜蜂要办证吗？") == normal_form("养蜜蜂要办证")
    True
    >>> normal_form("射保卡怎么补") == normal_form("社保卡怎么补啊")
    True
    """
    words = "".join(char for char in plain(text) if is_word(char))
    words = _DIGITS.sub("#", _COURTESY.sub("", words) or words)
    form = " ".join(folded(syllable) for syllable in syllables(words))
    if len(form) <= FORM:
        return form
    return f"{form[:FORM]} {hashlib.sha256(form.encode()).hexdigest()[:32]}"
