"""The ways of a flow, and those a call takes."""

from tests.flows.caller import AT, RECEIPT, UNCLEAR, meaning, shipped_flows
from voicebot.core.answer import NoAnswer
from voicebot.core.ids import CallId, FlowName
from voicebot.core.meaning import Intent
from voicebot.core.utterance import Utterance
from voicebot.dialogue import start, step
from voicebot.dialogue.events import CallStarted, Heard, Keyed, NoInput, TicketFiled
from voicebot.dialogue.schema import CallStep, target, targets
from voicebot.dialogue.ways import ENTER, GIVEN_UP, KNOWN, SILENT, Way, returns, ways

FLOWS = shipped_flows()


def fields(name: str, node: str) -> set[tuple[str | int, ...]]:
    return {way.field for way in ways(FLOWS, FlowName(name)) if way.node == node}


def test_every_written_target_is_a_way_and_leads_where_it_says() -> None:
    for name, flow in FLOWS.flows.items():
        there = set(ways(FLOWS, name))
        for node, one in flow.nodes.items():
            for field, following in targets(one):
                assert target(one, field) == following
                never_back = isinstance(one, CallStep) and not returns(FLOWS, one.flow)
                assert (Way(name, node, field) in there) is not never_back


def test_ways_that_are_not_written() -> None:
    assert fields("rating", "rate") == {("next",), ("low",), SILENT, GIVEN_UP}
    assert GIVEN_UP in fields("ticket", "when")
    assert GIVEN_UP not in fields("ticket", "where")  # on_no_match is written there
    assert fields("main", "register") == {ENTER}  # the ticket flow goes home by itself
    assert fields("human", "callback") == {ENTER, ("next",)}
    assert target(FLOWS.flows[FlowName("main")].nodes["greet"], ("yes",)) is None


def test_a_step_tells_the_ways_it_took() -> None:
    state = start(FLOWS, FlowName("ticket"))
    begun = step(FLOWS, state, CallStarted(CallId("c"), "13800000000", "12345", "phone", AT))
    assert begun.trail == ()
    told = step(FLOWS, begun.state, Heard(Utterance("路灯坏了"), UNCLEAR, NoAnswer(), AT))
    assert [str(way) for way in told.trail] == [
        "what.next",
        "kind_matters.otherwise",
        "place_matters.otherwise",
    ]
    assert step(FLOWS, told.state, NoInput(1, AT)).trail == ()


def test_a_question_that_is_answered_already_is_passed_by() -> None:
    state = start(FLOWS, FlowName("ticket"))
    begun = step(FLOWS, state, CallStarted(CallId("c"), "13800000000", "12345", "phone", AT))
    place = meaning(Intent.TICKET, slots={"address": "人民路"})
    told = step(FLOWS, begun.state, Heard(Utterance("人民路路灯坏了"), place, NoAnswer(), AT))
    assert Way(FlowName("ticket"), "where", KNOWN) in told.trail


def test_a_called_flow_tells_when_it_returns() -> None:
    state = start(FLOWS, FlowName("overload"))
    begun = step(FLOWS, state, CallStarted(CallId("c"), "13800000000", "12345", "phone", AT))
    entered = step(FLOWS, begun.state, Keyed("1", AT))
    assert entered.trail[:2] == (
        Way(FlowName("overload"), "busy", ("choices", 0, "next")),
        Way(FlowName("overload"), "call_back", ENTER),
    )
    returned = step(FLOWS, entered.state, TicketFiled(RECEIPT, AT))
    assert returned.trail[-1] == Way(FlowName("overload"), "call_back", ("next",))
