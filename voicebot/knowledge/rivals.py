"""Rival topics: example sentences of callers that no article answers, from ``knowledge_base/examples``.

They take part in the ranking, so that their like do not fall to the nearest article. Mistakes in these
files are told by understanding, which learns from all of them; here they are only passed over.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Final

from voicebot.core.marked_yaml import read_yaml
from voicebot.core.problem import ContentError
from voicebot.core.shelf import Shelf

VERSION: Final = "knowledge-rivals-1"
"""Changes when other sentences are taken."""
NOBODYS: Final = ("out_of_scope", "chitchat")
"""Intents that no article answers."""


def rivals(files: Mapping[str, str], shelf: Shelf) -> tuple[str, ...]:
    """Sentences of all files, each once.

    Args:
        files: path → YAML text, groups with ``intent``, ``unanswered`` and ``says``.
        shelf: where they are kept between starts.
    """
    digest = hashlib.sha256(repr(sorted(files.items())).encode("utf-8", "replace")).hexdigest()
    key = f"{VERSION} {digest}"
    known = _unpacked(key, shelf.get(key))
    if known is None:
        known = tuple(dict.fromkeys(text for path in sorted(files) for text in _read(path, files[path])))
        shelf.put(key, json.dumps([key, known]).encode())
    return known


def _unpacked(key: str, value: bytes | None) -> tuple[str, ...] | None:
    try:
        kept, texts = json.loads(value or b"")
        whole = kept == key and all(isinstance(text, str) for text in texts)
        return tuple(texts) if whole else None
    except (ValueError, TypeError):
        return None


def _read(path: str, text: str) -> Iterator[str]:
    try:
        data = read_yaml(path, text).value
    except ContentError:
        return
    groups = data.get("examples") if isinstance(data, dict) else None
    for group in groups if isinstance(groups, list) else ():
        if isinstance(group, dict) and (group.get("unanswered") == "true" or group.get("intent") in NOBODYS):
            says = group.get("says")
            yield from (said for said in says if isinstance(said, str)) if isinstance(says, list) else ()
