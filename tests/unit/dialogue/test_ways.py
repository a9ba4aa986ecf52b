"""The ways of a flow, and those a call takes."""

from tests.flows.caller import AT, RECEIPT, catalogue, meaning, shipped_flows, shipped_texts
from voicebot.core.answer import NoAnswer
from voicebot.core.ids import CallId, FlowName
from voicebot.core.meaning import Intent
from voicebot.core.utterance import Utterance
from voicebot.dialogue import load_flows, start, step
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


OWN = """\
flow: x
title: 试验
start: where
slots: {address: 地点, note: 备注}
defaults:
  no_input: [请说话。, 请您说话。]
  no_match: [没听清。, 请再说一遍。]
steps:
  where: {kind: ask, slot: address, expect: address, prompt: 在什么地方？, again: true, next: thanks}
  thanks: {kind: say, prompt: 好的。, next: once_more}
  once_more: {kind: ask, slot: address, expect: address, prompt: 还是那里？, next: note}
  note: {kind: ask, slot: note, prompt: 还有什么要说的？, next: told}
  told: {kind: say, prompt: "{address}，{note}。", next: bye}
  bye: {kind: end, then: hang_up, prompt: 再见。}
"""


def test_a_step_tells_the_ways_it_took_and_what_it_passed_by() -> None:
    flows = load_flows({**shipped_texts(), "ivr_flows/x.yaml": OWN}, catalogue())
    state = start(flows, FlowName("x"))
    begun = step(flows, state, CallStarted(CallId("c"), "13800000000", "12345", "phone", AT))
    assert begun.trail == ()
    place = meaning(Intent.TICKET, slots={"address": "人民路"})
    told = step(flows, begun.state, Heard(Utterance("人民路"), place, NoAnswer(), AT))
    assert [str(way) for way in told.trail] == ["where.next", "thanks.next", "once_more.filled"]
    assert told.trail[-1] == Way(FlowName("x"), "once_more", KNOWN)
    assert step(flows, told.state, NoInput(1, AT)).trail == ()


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
