"""The 派单目录 that is published now, for processes that load no other content."""

from collections.abc import Mapping

from voicebot.operations.content import ContentStore
from voicebot.operations.content_kinds import DEPARTMENTS, Kind, kind_of
from voicebot.operations.live_part import LivePart
from voicebot.tickets.directory import Directory
from voicebot.tickets.directory_loading import load_directory
from voicebot.understanding import load_departments
from voicebot.understanding.gazetteer import streets


class LiveDirectory(LivePart[Directory]):
    """The directory; while nothing is published an empty one, which forbids nothing."""

    def __init__(self, store: ContentStore) -> None:
        super().__init__(store, "directory", directory_in)


def directory_in(texts: Mapping[str, str]) -> Directory:
    """Of content that is given as path → text.

    Raises:
        ContentError: every mistake with its line.
    """
    if DEPARTMENTS not in texts:
        return Directory()
    departments = load_departments(DEPARTMENTS, texts[DEPARTMENTS])
    dispatch = {path: text for path, text in texts.items() if kind_of(path) is Kind.DISPATCH}
    lexicons = {path: text for path, text in texts.items() if kind_of(path) is Kind.LEXICON}
    return load_directory(dispatch, departments, streets(lexicons))
