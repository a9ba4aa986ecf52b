"""The first words of a talk: the caller hears who is there, the seat in one sentence why they call."""

from typing import Final

from voicebot.calls.talk import TalkLeg, TalkRoom
from voicebot.core.ids import MANDARIN, LanguageTag
from voicebot.language.numbers import spelled
from voicebot.seats.contact import Contact

MOST: Final = 120
"""Characters of a summary that are spoken; it is on the seat's page in full."""


def welcome(room: TalkRoom, leg: TalkLeg, contact: Contact, language: LanguageTag) -> None:
    """Both at once and beside the talk: who begins to speak is not talked over for long."""
    caller, member = room.caller, leg.member
    assert member is not None

    async def introduced() -> None:
        await room.parts.announcer.say(
            room.talk, _who(leg.name, language), lambda each: each is caller, language=language
        )

    async def briefed() -> None:
        told, _ = room.room.told()
        summary = (told or contact.summary)[:MOST]
        if summary:
            await room.parts.announcer.say(
                room.talk, summary, lambda each: each is member, until=lambda: member.speaks
            )

    room.talk.spawn(introduced())
    room.talk.spawn(briefed())


def _who(seat: str, language: LanguageTag) -> str:
    """Seats with a number say it; a name of an account is nobody's business."""
    if language != MANDARIN:
        return "You are connected to an operator now."
    number = f"{spelled(seat)}号" if seat.isascii() and seat.isdigit() else ""
    return f"您好，{number}话务员为您服务。"
