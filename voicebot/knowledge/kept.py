"""Checked articles as JSON for the shelf: YAML and its checks are most of a start's time."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any, Final

from voicebot.core.ids import ArticleId, DepartmentName
from voicebot.knowledge.article import Article, Aspect, Audience, Origin, Scope, Status

VERSION: Final = "knowledge-articles-1"
"""Changes with `Article` and with what the checks of loading.py let pass."""


def key_of(path: str, text: str) -> str:
    """Under which the articles of a file are kept."""
    return f"{VERSION} {path} {hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()}"


def packed(key: str, articles: Iterable[Article]) -> bytes:
    """The articles with the key they are kept under, so that nothing else is taken for them."""
    content = {"key": key, "articles": [_plain(article) for article in articles]}
    return json.dumps(content, ensure_ascii=False).encode("utf-8", "surrogatepass")


def unpacked(key: str, value: bytes | None) -> tuple[Article, ...] | None:
    """What `packed` packed under that key; None when it is not that."""
    if value is None:
        return None
    try:
        content = json.loads(value.decode("utf-8", "surrogatepass"))
        return tuple(map(_article, content["articles"])) if content["key"] == key else None
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _plain(article: Article) -> dict[str, object]:
    return {
        "id": article.id,
        "category": article.category,
        "title": article.title,
        "department": article.department,
        "answer": article.answer,
        "questions": article.questions,
        "valid_from": article.valid_from.isoformat(),
        "reviewed": article.reviewed.isoformat(),
        "more": article.more,
        "owner": article.owner,
        "scope": article.scope.value,
        "audience": article.audience.value,
        "status": article.status.value,
        "valid_to": article.valid_to and article.valid_to.isoformat(),
        "aspects": {aspect.value: text for aspect, text in article.aspects.items()},
        "basis": article.basis,
        "related": article.related,
        "life_event": article.life_event,
        "path": article.origin.path,
        "line": article.origin.line,
        "fields": dict(article.origin.fields),
        "lines": article.origin.questions,
    }


def _article(data: Mapping[str, Any]) -> Article:
    return Article(
        id=ArticleId(data["id"]),
        category=data["category"],
        title=data["title"],
        department=DepartmentName(data["department"]),
        answer=data["answer"],
        questions=tuple(data["questions"]),
        valid_from=date.fromisoformat(data["valid_from"]),
        reviewed=date.fromisoformat(data["reviewed"]),
        more=data["more"],
        owner=data["owner"],
        scope=Scope(data["scope"]),
        audience=Audience(data["audience"]),
        status=Status(data["status"]),
        valid_to=date.fromisoformat(data["valid_to"]) if data["valid_to"] else None,
        aspects=MappingProxyType({Aspect(name): text for name, text in data["aspects"].items()}),
        basis=data["basis"],
        related=tuple(map(ArticleId, data["related"])),
        life_event=data["life_event"],
        origin=Origin(data["path"], data["line"], MappingProxyType(data["fields"]), tuple(data["lines"])),
    )
