"""Random lives of a ticket with time running, forwards and sometimes back: what holds at every moment."""

from datetime import timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tests.examples import examples
from tests.fakes.clocks import MORNING
from tests.fakes.lives import born, details, fitting
from voicebot.core.errors import VoicebotError
from voicebot.tickets.codec import decode, encode
from voicebot.tickets.given import Given
from voicebot.tickets.lifecycle import possible, rebuild, transition
from voicebot.tickets.rules import RULES
from voicebot.tickets.state import FINAL, State
from voicebot.tickets.ticket import Ticket, TicketAction

A = TicketAction
AFTER_THE_END = {A.ARCHIVE, A.UNMERGE, A.RELEASE, A.LINK}


class LifeOfATicket(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.ticket, event = born()
        self.before: Ticket | None = None
        self.events = [event]
        self.at = MORNING
        self.first_due = self.ticket.due_at

    def _do(self, action: TicketAction, given: Given) -> None:
        after, event = transition(self.ticket, action, "handler:li", self.at, "理由", given)
        self.before, self.ticket = self.ticket, after
        self.events.append(event)

    @rule(hours=st.integers(-48, 200))
    def time_passes(self, hours: int) -> None:
        self.at += timedelta(hours=hours)

    @rule(data=st.data())
    def something_legal_happens(self, data: st.DataObject) -> None:
        legal = sorted(possible(self.ticket, self.at))
        action = data.draw(st.sampled_from(legal))
        known = details(self.ticket, self.at)
        wanted = [*RULES[action].takes]
        if RULES[action].may:
            wanted += data.draw(st.lists(st.sampled_from(RULES[action].may), unique=True))
        given = Given(**{name: known[name] for name in wanted})
        if "rating" in wanted or "solved" in wanted:
            stars, solved = data.draw(st.integers(1, 5)), data.draw(st.booleans())
            given = Given(
                **{name: known[name] for name in wanted}
                | ({"rating": stars} if "rating" in wanted else {})
                | ({"solved": solved} if "solved" in wanted else {})
            )
        self._do(action, given)

    @rule(data=st.data())
    def something_illegal_is_tried(self, data: st.DataObject) -> None:
        illegal = sorted(set(A) - possible(self.ticket, self.at))
        action = data.draw(st.sampled_from(illegal))
        before = self.ticket
        with pytest.raises(VoicebotError) as refused:
            self._do(action, fitting(action, self.ticket, self.at))
        assert refused.value.code == "ticket.illegal_move"
        assert self.ticket is before

    @invariant()
    def the_history_tells_the_row(self) -> None:
        assert rebuild(self.events) == self.ticket
        assert decode(encode(self.ticket)) == self.ticket
        assert self.ticket.version == len(self.events)

    @invariant()
    def deadlines_move_back_by_no_event_but_redo(self) -> None:
        if self.ticket.round == 1:
            assert self.ticket.due_at >= self.first_due

    @invariant()
    def never_two_open_extensions(self) -> None:
        turns = [c for event in self.events for c in event.changes if c.field == "extension"]
        assert all((change.before is None) != (change.after is None) for change in turns)
        if self.ticket.extension is not None:
            waiting = {State.SIGNED, State.IN_PROGRESS}
            assert (self.ticket.merged_from or self.ticket.state) in waiting
        extended = [e for e in self.events if e.action is A.APPROVE_EXTENSION]
        assert len(extended) <= self.ticket.round

    @invariant()
    def a_designated_ticket_is_never_returned(self) -> None:
        if self.events[-1].action is A.RETURN:
            assert self.before is not None
            assert not self.before.designated
            assert self.ticket.disputed

    @invariant()
    def what_is_over_is_over(self) -> None:
        if self.before is not None and self.before.state in FINAL:
            assert self.events[-1].action in AFTER_THE_END

    @invariant()
    def archived_is_the_end(self) -> None:
        if self.ticket.state is State.ARCHIVED:
            movable = [a for a in A if self.ticket.state in RULES[a].sources and RULES[a].target]
            assert movable == []

    @invariant()
    def flags_stand_only_where_they_belong(self) -> None:
        ticket = self.ticket
        if ticket.disputed:
            assert State.RETURNED in (ticket.state, ticket.merged_from)
        assert ticket.department not in ticket.co_departments
        assert [past.number for past in ticket.rounds] == list(range(1, ticket.round))
        assert (ticket.reject_code is not None) == any(e.action is A.REJECT for e in self.events)


TestLifeOfATicket = LifeOfATicket.TestCase
TestLifeOfATicket.settings = settings(max_examples=examples(50, 100), stateful_step_count=40, deadline=None)
