"""What a model sent back, as far as it holds. Everything else is dropped; nothing here ever fails."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from voicebot.core.ids import ArticleId
from voicebot.core.meaning import Intent
from voicebot.language.characters import is_hanzi
from voicebot.understanding.assist.doubt import Doubt
from voicebot.understanding.assist.masks import Masked
from voicebot.understanding.assist.prompts import LABELS

LONGEST_REPLY: Final = 8000
SPAN: Final = (2, 40)
QUESTION: Final = (6, 45)
SUMMARY: Final = (6, 160)
"""Least and most characters."""
MOSTLY: Final = 0.6
"""Share of hanzi in Chinese text, punctuation and figures beside."""

_FIGURE: Final = re.compile(r"[0-9零〇一二两三四五六七八九十百千万亿幺]+")
_DIGITS: Final = str.maketrans(
    "０１２３４５６７８９零〇一二两三四五六七八九幺", "0123456789001223456789" + "1"
)
_STOCK: Final = re.compile(
    "您好|请问|您|是不是|是|想问的|想问|想要|想|要|问的|问|咨询|了解|知道|关于|指的|指|说的|说|还是|或者|或|和|"
    "哪一个|哪一件|哪一项|哪个|哪件|的事情|的事|事情|方面|这件|这个|具体|对吗|对不对|吗|呢|的|一下|，|、|。|？|“|”|「|」|《|》"
)
"""Words of which a question back is made, beside the titles; they state nothing."""
_MARKUP: Final = re.compile(r"https?:|www\.|[<>{}\[\]\\`*#]")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What holds of a reply.

    Args:
        intent, article: chosen among the candidates; None: nothing, or none of them.
        slots: name → words of the caller.
        question: asks which candidate is meant; "" for none.
        usable: it was the JSON object that was asked for, whatever it says.
    """

    intent: Intent | None = None
    article: ArticleId | None = None
    slots: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    question: str = ""
    usable: bool = True


UNUSABLE: Final = Suggestion(usable=False)


def read_suggestion(reply: str, doubt: Doubt, said: Masked) -> Suggestion:
    """Args: said: the caller's words as they went out."""
    found = _json(reply)
    if found is None:
        return UNUSABLE
    return Suggestion(
        _intent(found.get("intent"), doubt),
        _article(found.get("article"), doubt),
        MappingProxyType(dict(_slots(found.get("slots"), doubt, said))),
        _question(found.get("ask"), doubt),
    )


def _json(reply: str) -> dict[str, Any] | None:
    """The object in a reply: some models think aloud before it or fence it."""
    if len(reply) > LONGEST_REPLY:
        return None
    body = reply.rpartition("</think>")[2]
    start, end = body.find("{"), body.rfind("}")
    try:
        found = json.loads(body[start : end + 1]) if 0 <= start < end else None
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _intent(value: object, doubt: Doubt) -> Intent | None:
    labels = dict(zip(LABELS, doubt.intents, strict=False))
    return labels.get(value.strip()) if isinstance(value, str) else None


def _article(value: object, doubt: Doubt) -> ArticleId | None:
    labels = {str(n): hit.article for n, hit in enumerate(doubt.articles, 1)}
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    return labels.get(value.strip() if isinstance(value, str) else f"{value:d}")


def _slots(value: object, doubt: Doubt, said: Masked) -> Iterable[tuple[str, str]]:
    if not isinstance(value, Mapping):
        return
    for name in doubt.slots:
        words = value.get(name)
        if not isinstance(words, str):
            continue
        span = said.restored(words).strip()
        if SPAN[0] <= len(span) <= SPAN[1] and span in doubt.text and any(map(is_hanzi, span)):
            yield name, span


def _question(value: object, doubt: Doubt) -> str:
    titles = [hit.title for hit in doubt.articles]
    text = value.strip().replace("?", "？") if isinstance(value, str) else ""
    if not QUESTION[0] <= len(text) <= QUESTION[1] or not text.endswith("？") or text.count("？") > 1:
        return ""
    return text if not _STOCK.sub("", _without_titles(text, titles)) else ""


def _without_titles(text: str, titles: Sequence[str]) -> str:
    """`text` without any two characters or more in a row that stand so in a title."""
    left, position = [], 0
    while position < len(text):
        size = 0
        while position + size < len(text) and any(text[position : position + size + 1] in t for t in titles):
            size += 1
        if size < 2:
            left.append(text[position])
        elif left[-1:] != ["\x00"]:
            left.append("\x00")
        position += size if size >= 2 else 1
    return "".join(left).replace("\x00", "")


def agrees(question: str, asked: str, titles: Sequence[str]) -> bool:
    """Whether `question` may stand for our sentence `asked`: it asks back about the same candidates, in
    the same order, so that an answer to the one answers the other.

    Args:
        titles: of all candidates.
    """
    own = sorted((asked.find(title), title) for title in titles if title in asked)
    if not own or not asked.endswith("？") or ("还是" in question) is not (len(own) > 1):
        return False
    parts = question.split("还是")
    if len(parts) != len(own):
        return False
    return all(
        max(titles, key=lambda t: _shared(part, t)) == title and _shared(part, title) >= 0.5
        for part, (_, title) in zip(parts, own, strict=True)
    )


def _shared(text: str, title: str) -> float:
    """Share of the title's characters that the text has."""
    own = set(filter(is_hanzi, title))
    return len(own & set(text)) / len(own) if own else 0.0


def read_summary(reply: str, transcript: str, said: Masked) -> str:
    """The seat's summary; "" when it does not hold: too long, not Chinese, a figure that nobody said.

    Args:
        transcript: all that was said, by both.
        said: the same as it went out.
    """
    found = _json(reply)
    value = found.get("summary") if found else None
    text = said.restored(" ".join(value.split())) if isinstance(value, str) else ""
    chinese = sum(map(is_hanzi, text)) + sum(char.isdigit() for char in text)
    if not SUMMARY[0] <= len(text) <= SUMMARY[1] or chinese < MOSTLY * len(text) or _MARKUP.search(text):
        return ""
    return text if figures(text) <= figures(transcript) else ""


def figures(text: str) -> frozenset[str]:
    """Numbers of a text, spoken digits as digits; a lone 一 is an article, no number.

    >>> sorted(figures("第十五栋一个房间，电话一三八"))
    ['138', '十5']
    """
    runs = (
        match[0]
        for match in _FIGURE.finditer(text.translate(str.maketrans("０１２３４５６７８９", "0123456789")))
    )
    return frozenset(run.translate(_DIGITS) for run in runs if run != "一")
