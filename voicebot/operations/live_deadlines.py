"""The deadlines that are published now, for processes that load no other content."""

from collections.abc import Mapping

from voicebot.operations.content import ContentStore
from voicebot.operations.content_kinds import CITY, DEADLINES
from voicebot.operations.live_part import LivePart
from voicebot.tickets.deadline_file import load_deadlines
from voicebot.tickets.deadlines import DEFAULT, Deadlines, of_city
from voicebot.understanding.city import load_city


class LiveDeadlines(LivePart[Deadlines]):
    """The deadlines; while nothing is published, the product's own."""

    def __init__(self, store: ContentStore) -> None:
        super().__init__(store, "deadlines", deadlines_in)


def deadlines_in(texts: Mapping[str, str]) -> Deadlines:
    """Of a city whose content is given as path → text.

    Raises:
        ContentError: every mistake with its line.
    """
    if CITY not in texts:
        return Deadlines()
    profile = load_deadlines(DEADLINES, texts[DEADLINES]) if DEADLINES in texts else DEFAULT
    return of_city(profile, load_city(CITY, texts[CITY]))
