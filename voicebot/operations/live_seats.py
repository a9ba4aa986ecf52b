"""The rules of queues and seats that are published now, for processes that load no other content."""

from collections.abc import Mapping

from voicebot.operations.content import ContentStore
from voicebot.operations.content_kinds import SEATS
from voicebot.operations.live_part import LivePart
from voicebot.seats.rule_file import load_seats
from voicebot.seats.rules import SeatRules


class LiveSeats(LivePart[SeatRules]):
    """The rules; while nothing is published, the product's own."""

    def __init__(self, store: ContentStore) -> None:
        super().__init__(store, "seats", rules_in)


def rules_in(texts: Mapping[str, str]) -> SeatRules:
    """Of a city whose content is given as path → text.

    Raises:
        ContentError: every mistake with its line.
    """
    return load_seats(SEATS, texts[SEATS]) if SEATS in texts else SeatRules()
