"""Which files are content, told by their path relative to the content root."""

import re
from enum import StrEnum
from typing import Final

from voicebot.core.errors import VoicebotError

FLOWS: Final = "ivr_flows"
KNOWLEDGE: Final = "knowledge_base"
CITY: Final = f"{KNOWLEDGE}/city.yaml"
DEPARTMENTS: Final = f"{KNOWLEDGE}/departments.tsv"
DEADLINES: Final = f"{KNOWLEDGE}/deadlines.yaml"
SEATS: Final = f"{KNOWLEDGE}/seats.yaml"
TESTS_SUFFIX: Final = ".test.yaml"
LONGEST_PATH: Final = 200
_FORBIDDEN: Final = re.compile(r"[\x00-\x1f\x7f\\\ud800-\udfff]|(?:^|/)\.|//")
"""Hidden files are what editors leave behind; ``..`` leads out of the folder."""


class Kind(StrEnum):
    """What a file holds."""

    FLOW = "flow"
    TESTS = "tests"
    """Test calls of the flow beside them; no call is touched by them."""
    ARTICLES = "articles"
    LEXICON = "lexicon"
    EXAMPLES = "examples"
    """Sentences of callers that understanding learns from."""
    CITY = "city"
    DEPARTMENTS = "departments"
    DEADLINES = "deadlines"
    """How long tickets may take; may be missing."""
    SEATS = "seats"
    """How calls queue and seats work; may be missing."""
    DISPATCH = "dispatch"
    """Who gets which ticket: routes and the tree of categories."""


_PLACES: Final = (
    (Kind.TESTS, re.compile(rf"{FLOWS}/[^/]+\.test\.yaml")),
    (Kind.FLOW, re.compile(rf"{FLOWS}/[^/]+\.yaml")),
    (Kind.ARTICLES, re.compile(rf"{KNOWLEDGE}/(?:articles/.+\.yaml|synonyms\.yaml)")),
    (Kind.LEXICON, re.compile(rf"{KNOWLEDGE}/(?:lexicons/[^/]+\.yaml|gazetteer\.yaml)")),
    (Kind.EXAMPLES, re.compile(rf"{KNOWLEDGE}/examples/[^/]+\.yaml")),
    (Kind.CITY, re.compile(re.escape(CITY))),
    (Kind.DEADLINES, re.compile(re.escape(DEADLINES))),
    (Kind.SEATS, re.compile(re.escape(SEATS))),
    (Kind.DEPARTMENTS, re.compile(re.escape(DEPARTMENTS))),
    (Kind.DISPATCH, re.compile(rf"{KNOWLEDGE}/(?:dispatch|categories)\.yaml")),
)


def kind_of(path: str) -> Kind | None:
    """None when no content may stand there."""
    if len(path) > LONGEST_PATH or _FORBIDDEN.search(path):
        return None
    return next((kind for kind, place in _PLACES if place.fullmatch(path)), None)


def checked_kind(path: str) -> Kind:
    """Raises VoicebotError ``content.path``."""
    kind = kind_of(path)
    if kind is None:
        where = f"流程放在 {FLOWS}/名称.yaml，知识放在 {KNOWLEDGE}/articles/名称.yaml"
        raise VoicebotError("content.path", f"「{path}」不是内容文件的位置：{where}")
    return kind


def flow_path(name: str) -> str:
    """Where flow `name` stands by default."""
    return f"{FLOWS}/{name}.yaml"
