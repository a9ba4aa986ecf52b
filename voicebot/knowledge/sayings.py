"""What callers say, from ``knowledge_base/examples``: more ways to ask for an article, and rival topics
that no article answers and that take part in the ranking, so that their like do not fall to the nearest
article. Mistakes in these files are told by understanding, which learns from all of them; here they are
only passed over.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from voicebot.core.ids import ArticleId
from voicebot.core.marked_yaml import read_yaml
from voicebot.core.problem import ContentError
from voicebot.core.shelf import Shelf

VERSION: Final = "knowledge-sayings-1"
"""Changes when other sentences are taken."""
NOBODYS: Final = ("out_of_scope", "chitchat")
"""Intents that no article answers."""


@dataclass(frozen=True, slots=True)
class Sayings:
    """Sentences of all files, each once.

    Args:
        answered: article → what callers asked that it answers.
        unanswered: what no article answers.
    """

    answered: Mapping[ArticleId, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    unanswered: tuple[str, ...] = ()


def sayings(files: Mapping[str, str], shelf: Shelf) -> Sayings:
    """Reads the examples.

    Args:
        files: path → YAML text, groups with ``intent``, ``article`` or ``unanswered``, and ``says``.
        shelf: where they are kept between starts.
    """
    digest = hashlib.sha256(repr(sorted(files.items())).encode("utf-8", "replace")).hexdigest()
    key = f"{VERSION} {digest}"
    known = _unpacked(key, shelf.get(key))
    if known is None:
        known = _read(files)
        shelf.put(key, json.dumps([key, dict(known.answered), known.unanswered]).encode())
    return known


def _unpacked(key: str, value: bytes | None) -> Sayings | None:
    try:
        kept, answered, unanswered = json.loads(value or b"")
        texts = [*unanswered, *(text for texts in answered.values() for text in texts)]
        if kept != key or not all(isinstance(text, str) for text in texts):
            return None
        of_articles = {ArticleId(article): tuple(texts) for article, texts in answered.items()}
        return Sayings(MappingProxyType(of_articles), tuple(unanswered))
    except (ValueError, TypeError, AttributeError):
        return None


def _read(files: Mapping[str, str]) -> Sayings:
    answered: dict[ArticleId, dict[str, None]] = defaultdict(dict)
    unanswered: dict[str, None] = {}
    for path in sorted(files):
        for group in _groups(path, files[path]):
            says = group.get("says")
            texts = [said for said in says if isinstance(said, str)] if isinstance(says, list) else []
            article = group.get("article")
            if group.get("unanswered") == "true" or group.get("intent") in NOBODYS:
                unanswered |= dict.fromkeys(texts)
            elif isinstance(article, str) and "second" not in group:  # what else was said would mislead
                answered[ArticleId(article)] |= dict.fromkeys(texts)
    return Sayings(
        MappingProxyType({article: tuple(texts) for article, texts in answered.items()}), tuple(unanswered)
    )


def _groups(path: str, text: str) -> Iterator[dict[str, Any]]:
    try:
        data = read_yaml(path, text).value
    except ContentError:
        return
    groups = data.get("examples") if isinstance(data, dict) else None
    yield from (group for group in groups if isinstance(group, dict)) if isinstance(groups, list) else ()
