"""Who may do what."""

from voicebot.operations.ports import Role
from voicebot.tickets.roles import MACHINES, ROLES, may
from voicebot.tickets.ticket import TicketAction as A


def test_every_role_has_its_row() -> None:
    assert set(ROLES) == {role.value for role in Role} - set(MACHINES)  # another system's token is one
    assert not set(ROLES) & set(MACHINES)


def test_every_action_is_somebody_s_and_the_retired_one_nobody_s() -> None:
    everybody = frozenset[A]().union(*ROLES.values(), *MACHINES.values())
    assert everybody == frozenset(A) - {A.EXTEND}


def test_who_works_on_a_ticket_does_not_judge_it() -> None:
    judging = {A.UPHOLD, A.DESIGNATE, A.APPROVE_EXTENSION, A.REFUSE_EXTENSION, A.KEEP, A.RELEASE, A.REDO}
    assert not any(may("handler", action) for action in judging)
    assert may("handler", A.RETURN)
    assert not may("seat", A.DISPATCH)


def test_a_role_by_its_enum_and_nobody() -> None:
    assert may(Role.DISPATCHER, A.DISPATCH)
    assert not may(Role.EDITOR, A.LINK)
    assert not may("", A.URGE)
    assert not may("nobody", A.URGE)
