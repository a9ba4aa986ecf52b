"""Times that nobody wrote down come from the profile; those that somebody wrote stay."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.fakes.clocks import MORNING
from tests.fakes.lives import LATER, fitting, ready_for
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import DepartmentName
from voicebot.core.meaning import Urgency
from voicebot.tickets.deadlines import Deadlines
from voicebot.tickets.given import NOTHING, Given
from voicebot.tickets.lifecycle import transition
from voicebot.tickets.parts import SupervisionLevel
from voicebot.tickets.rules import RULES
from voicebot.tickets.terms import with_terms
from voicebot.tickets.ticket import TicketAction

DEADLINES = Deadlines()
UNIT = DepartmentName("市水务局")
OWN = {
    TicketAction.DISPATCH: Given(department=UNIT, sign_due=LATER, return_due=LATER),
    TicketAction.DESIGNATE: Given(department=UNIT, sign_due=LATER),
    TicketAction.UPHOLD: Given(sign_due=LATER),
    TicketAction.REDO: Given(due_at=LATER),
    TicketAction.REPLY: Given(reply="修好了", close_due=LATER),
    TicketAction.SUPERVISE: Given(level=SupervisionLevel.KEY, note="抓紧", due=LATER),
}


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=MORNING.tzinfo)


@pytest.mark.parametrize(
    ("action", "given", "expected"),
    [
        (TicketAction.DISPATCH, Given(department=UNIT), {"sign_due": "2026-11-25T17:30"}),
        (TicketAction.DISPATCH, Given(department=UNIT), {"return_due": "2026-11-25T17:30"}),
        (TicketAction.DESIGNATE, Given(department=UNIT), {"sign_due": "2026-11-25T17:30", "return_due": ""}),
        (TicketAction.UPHOLD, NOTHING, {"sign_due": "2026-11-25T17:30", "return_due": ""}),
        (TicketAction.REDO, NOTHING, {"due_at": "2026-12-01T17:30"}),
        (TicketAction.REPLY, Given(reply="修好了"), {"close_due": "2026-11-26T17:30"}),
        (
            TicketAction.SUPERVISE,
            Given(level=SupervisionLevel.KEY, note="抓紧"),
            {"due": "2026-11-26T17:30"},
        ),
    ],
)
def test_times_of_the_profile(action: TicketAction, given: Given, expected: dict[str, str]) -> None:
    ticket = ready_for(action)
    full = with_terms(DEADLINES, ticket, action, given, MORNING)
    for name, value in expected.items():
        assert getattr(full, name) == (moment(value) if value else None)
    transition(ticket, action, "supervisor:he", MORNING, "理由", full)


@pytest.mark.parametrize("action", OWN)
def test_what_somebody_wrote_stays(action: TicketAction) -> None:
    assert with_terms(DEADLINES, ready_for(action), action, OWN[action], MORNING) == OWN[action]


def test_the_longest_extension_is_never_chosen_by_who_asks() -> None:
    ticket = ready_for(TicketAction.ASK_EXTENSION)
    asked = Given(until=LATER, latest=LATER + timedelta(days=400))
    full = with_terms(DEADLINES, ticket, TicketAction.ASK_EXTENSION, asked, MORNING)
    assert full.latest == moment("2026-12-15T17:30")  # ten workdays after 1 December
    with pytest.raises(VoicebotError, match="超过规定的最长时限"):
        transition(ticket, TicketAction.ASK_EXTENSION, "handler:li", MORNING, "等零件", full)


def test_an_urgent_ticket_that_is_sent_on_has_minutes_again() -> None:
    ticket = replace(ready_for(TicketAction.DISPATCH), urgency=Urgency.CRITICAL)
    full = with_terms(DEADLINES, ticket, TicketAction.DISPATCH, Given(department=UNIT), MORNING)
    assert full.sign_due == MORNING + timedelta(minutes=15)


def test_other_moves_stay_as_they_are() -> None:
    for action in RULES.keys() - OWN.keys() - {TicketAction.ASK_EXTENSION}:
        given = fitting(action)
        assert with_terms(DEADLINES, ready_for(TicketAction.URGE), action, given, MORNING) == given
