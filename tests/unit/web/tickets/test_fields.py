"""Every action that a rule knows can be filled in and carried out from what its dialog asks."""

from datetime import timedelta
from typing import Any

import pytest

from tests.fakes.clocks import MORNING
from tests.fakes.directories import shipped
from tests.fakes.lives import PARENT, ready_for
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import DepartmentName
from voicebot.core.meaning import AppealType
from voicebot.operations.ticket_work import ELSEWHERE
from voicebot.tickets.deadlines import Deadlines
from voicebot.tickets.dispatch import Suggestion
from voicebot.tickets.lifecycle import transition
from voicebot.tickets.roles import ROLES
from voicebot.tickets.rules import RULES
from voicebot.tickets.terms import with_terms
from voicebot.tickets.ticket import Ticket
from voicebot.tickets.ticket import TicketAction as A
from voicebot.web.tickets.actions import AT_ONCE, ORDER
from voicebot.web.tickets.fields import Around, Field, begun, fields
from voicebot.web.tickets.reading import given_of, number_of, part_of, reason_of

AT = MORNING + timedelta(hours=1)


def around(ticket: Ticket, *suggestions: Suggestion) -> Around:
    return Around(ticket, shipped(), Deadlines(), AT, suggestions)


def typed(field: Field) -> Any:
    """Something that fits a field."""
    match field["kind"]:
        case "select":
            return field["options"][0][0]
        case "units":
            return []
        case "moment":
            return f"{AT + timedelta(days=9):%Y-%m-%dT%H:%M}"
        case _:
            return PARENT if field.get("hint") == "14位工单号" else "写下的内容"


def test_every_action_that_people_may_take_has_a_button() -> None:
    people = frozenset().union(*ROLES.values())
    assert set(ORDER) == people - {A.DRAFT}
    assert len(ORDER) == len(set(ORDER))


@pytest.mark.parametrize("action", [a for a in ORDER if a not in ELSEWHERE])
def test_what_a_dialog_asks_is_what_the_action_needs(action: A) -> None:
    ticket = ready_for(action)
    asked = fields(action, around(ticket))
    values = {field["name"]: typed(field) for field in asked}
    if action is A.CALLED_BACK:
        values["reached"] = "yes"
    given = given_of(action, values, ticket, AT.tzinfo)
    after, event = transition(
        ticket, action, "admin:x", AT, reason_of(values), with_terms(Deadlines(), ticket, action, given, AT)
    )
    assert after.version == ticket.version + 1
    assert bool(event.reason) == RULES[action].reason


@pytest.mark.parametrize("action", [a for a in ORDER if a not in ELSEWHERE])
def test_what_is_required_is_marked_so(action: A) -> None:
    ticket = ready_for(action)
    required = {field["name"] for field in fields(action, around(ticket)) if field.get("required")}
    assert ("reason" in required) == RULES[action].reason
    if action in AT_ONCE:
        assert not required


def test_dispatch_begins_with_the_best_suggestion() -> None:
    best = Suggestion(DepartmentName("市城市管理局"), (DepartmentName("市公安局"),), 0.8, ("路灯",))
    ticket = ready_for(A.DISPATCH)
    assert begun(A.DISPATCH, around(ticket, best)) == {
        "department": "市城市管理局",
        "co_departments": ["市公安局"],
    }
    (department, *_) = fields(A.DISPATCH, around(ticket, best))
    (offer,) = department["offers"]
    assert (offer["value"], offer["words"], offer["why"]) == ("市城市管理局", "市城市管理局 80%", "路灯")


def test_a_correction_holds_only_what_is_another_now() -> None:
    ticket = ready_for(A.CORRECT)
    values = begun(A.CORRECT, around(ticket)) | {"appeal_type": "投诉", "confidential": "yes"}
    given = given_of(A.CORRECT, values, ticket, None)
    assert given.correction is not None
    assert given.correction.values() == {"appeal_type": AppealType.COMPLAINT, "confidential": True}


@pytest.mark.parametrize(
    ("action", "values"),
    [
        (A.REJECT, {"reject_code": "没有这种"}),
        (A.RATE, {"rating": "很多"}),
        (A.ASK_EXTENSION, {"until": "明天"}),
        (A.ASSIGN, {"co_departments": "市公安局"}),
        (A.CALLED_BACK, {"reached": "也许"}),
    ],
)
def test_what_is_no_choice_is_refused(action: A, values: dict[str, Any]) -> None:
    with pytest.raises(VoicebotError, match="不对") as error:
        given_of(action, values, ready_for(action), None)
    assert error.value.code == "ticket.incomplete"


def test_numbers_of_other_tickets_and_parts() -> None:
    assert number_of({"group": " 2026 1124 009999 "}, "group") == PARENT
    with pytest.raises(VoicebotError, match="14位"):
        number_of({"group": "123"}, "group")
    ticket = ready_for(A.SPLIT)
    with pytest.raises(VoicebotError, match="都要写"):
        part_of({"part_title": "只有事项"}, ticket)
    part = part_of({"part_title": "井盖" * 30, "part_content": "井盖坏了", "part_appeal": "投诉"}, ticket)
    assert (len(part.title), part.appeal_type, part.phone) == (30, AppealType.COMPLAINT, "")
