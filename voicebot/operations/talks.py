"""What a person may do with a talk that runs in a line process, asked from a page."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

from voicebot.core.ids import CallId, SeatId


class TalkAction(StrEnum):
    HOLD = "hold"
    RESUME = "resume"
    MUTE = "mute"
    UNMUTE = "unmute"
    TRANSFER = "transfer"
    """To `to`: ``seat:<id>``, ``queue:<name>[/<skill>]`` or ``number:<digits or name in the settings>``."""
    CONFERENCE = "conference"
    """Rings `to` beside the talk; it joins when it answers."""
    DROP = "drop"
    """Ends the leg `to` (its id)."""
    KEYS = "keys"
    """Sends the keys `to`."""
    SAY = "say"
    """The bot's voice says the text `to` to everybody, e.g. an article's answer."""
    BACK = "back"
    """Gives the caller back to the bot, in flow `to` (``rating``, ``ticket`` …); the seat is free."""
    HANG_UP = "hang_up"
    """Ends the seat's part; the caller goes on with the rating."""
    MONITOR = "monitor"
    """`by` listens in; also WHISPER (heard by the seat alone) and BARGE (heard by all)."""
    WHISPER = "whisper"
    BARGE = "barge"
    LEAVE = "leave"
    """`by` stops listening in."""
    RECORD = "record"
    PAUSE_RECORDING = "pause_recording"
    """While sensitive data is said."""


@dataclass(frozen=True, slots=True)
class TalkOrder:
    """Args: by: who asks; a seat of the talk, or a supervisor."""

    call_id: CallId
    by: SeatId
    action: TalkAction
    to: str = ""


class Talks(Protocol):
    """The talks of all line processes."""

    async def order(self, order: TalkOrder) -> None:
        """Returns when it was done, or begun where that takes longer (TRANSFER, CONFERENCE: the legs of
        `Contact.talk` tell how it goes on).

        Raises:
            VoicebotError: ``talk.unknown``, ``talk.not_yours``, ``talk.unknown_target``, ``talk.busy`` …
                with a Chinese sentence; ``bus.timeout`` when the line does not answer.
        """
        ...


TICKET_HEADER: Final = "X-Voicebot-Ticket"
"""With which the web process comes to a line process for a seat's sound."""


@dataclass(frozen=True, slots=True)
class Door:
    """Where the sound of one seat for one call is to be had.

    Args:
        url: of the line process, ``ws://…``. ticket: lets one connection in, once, for a few seconds.
    """

    url: str
    ticket: str


class TalkDoors(Protocol):
    """The ways into the talks of all line processes."""

    async def door(self, call_id: CallId, seat: SeatId, tab: str = "") -> Door:
        """A way in for a seat that has accepted the call, or for who may listen in.

        Args:
            tab: of the page that asks; "" is not checked.

        Raises:
            VoicebotError: ``talk.unknown``, ``talk.not_yours``, ``talk.other_tab`` with a Chinese sentence;
                ``bus.timeout`` when the line does not answer.
        """
        ...
