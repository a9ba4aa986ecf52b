"""Completes what a person gives with a move: times that nobody wrote down come from the city's profile."""

from dataclasses import replace
from datetime import datetime

from voicebot.tickets.deadlines import Deadlines
from voicebot.tickets.given import Given
from voicebot.tickets.ticket import Ticket, TicketAction


def with_terms(
    deadlines: Deadlines, ticket: Ticket, action: TicketAction, given: Given, at: datetime
) -> Given:
    """`given` with every time that the profile knows for this move; what was given stays.

    `Given.latest` is always the profile's: nobody chooses how far an extension may go.

    Raises:
        VoicebotError: ``deadline.…`` when `at` is no moment that times are counted from.
    """
    match action:
        case TicketAction.DISPATCH:
            return _sent(deadlines, ticket, given, at, returning=True)
        case TicketAction.DESIGNATE | TicketAction.UPHOLD:
            return _sent(deadlines, ticket, given, at, returning=False)
        case TicketAction.REDO:
            due = given.due_at or deadlines.of_ticket(ticket, at).answer
            return replace(given, due_at=due)
        case TicketAction.REPLY:
            return replace(given, close_due=given.close_due or deadlines.closing(at))
        case TicketAction.ASK_EXTENSION:
            return replace(given, latest=deadlines.longest_extension(ticket))
        case TicketAction.SUPERVISE if given.level is not None and given.due is None:
            return replace(given, due=deadlines.feedback(ticket, given.level, at))
        case _:
            return given


def _sent(deadlines: Deadlines, ticket: Ticket, given: Given, at: datetime, *, returning: bool) -> Given:
    sign = given.sign_due or deadlines.of_ticket(ticket, at).sign
    until = given.return_due or deadlines.returning(ticket, at) if returning else None
    return replace(given, sign_due=sign, return_due=until)
