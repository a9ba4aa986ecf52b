"""A call without a line: time, keys, silence, and a world whose answers are chosen."""

from datetime import timedelta

from tests.flows.caller import AT, FAQ, NO, RECEIPT, SOCIAL_CARD, TICKET, YES, meaning, shipped_flows
from voicebot.core.answer import Answer, NoAnswer
from voicebot.core.handover import HandoverOutcome
from voicebot.core.ids import FlowName
from voicebot.core.meaning import Intent, Meaning
from voicebot.core.utterance import Utterance
from voicebot.dialogue.effects import Action, FileTicket, HandOver
from voicebot.dialogue.events import Heard, NoInput, TicketFiled
from voicebot.dialogue.trying.rehearsal import Hangup, Keys, Rehearsal, Say, Silence
from voicebot.dialogue.trying.world import (
    Changing,
    Filing,
    Known,
    OpenWorld,
    Outcomes,
    Search,
    UsualWorld,
    World,
)

FLOWS = shipped_flows()
MEANINGS = {
    "对": YES,
    "没有了": NO,
    "幸福小区路灯昨天坏了": meaning(TICKET, slots={"address": "幸福小区", "time": "昨天"}),
    "社保卡丢了": meaning(FAQ),
    "转人工": meaning(Intent.HUMAN),
    "查工单": meaning(Intent.TICKET_STATUS),
    "催一下": meaning(Intent.TICKET_STATUS, slots={"request": "urge"}),
}


def comprehend(said: Utterance, expect: object, at: object) -> tuple[Meaning, Answer | NoAnswer]:
    known = MEANINGS.get(said.text, meaning(confidence=0.2))
    return known, SOCIAL_CARD if known.intent is FAQ else NoAnswer()


def call(world: World | None = None, flow: str = "main", caller: str = "13800000000") -> Rehearsal:
    return Rehearsal(FLOWS, comprehend, at=AT, flow=FlowName(flow), caller=caller, world=world)


def usual(**outcomes: object) -> UsualWorld:
    return UsualWorld(Outcomes(**outcomes))  # type: ignore[arg-type]


def test_a_ticket_from_the_greeting_to_the_goodbye() -> None:
    talk = call()
    assert talk.last.action is Action.GREET
    assert talk.put(Say("幸福小区路灯昨天坏了")).action is Action.CONFIRM
    filed = talk.put(Say("对"))
    assert filed.ticket_no == "20261124000001"
    assert "20261124000001" in filed.said
    assert "还有其他问题吗" in filed.said
    assert [type(event) for event in filed.events] == [Heard, TicketFiled]
    assert ("ticket", "file", ("done",)) in filed.trail
    talk.put(Say("没有了"))
    assert talk.put(Keys("5")).ended == "done"
    over = talk.put(Say("社保卡丢了"))
    assert (over.events, over.ended) == ((), "done")


def test_the_same_inputs_give_the_same_turns() -> None:
    inputs = (Say("幸福小区路灯昨天坏了"), Say("对"), Say("转人工"))
    first, again = call(), call()
    for given in inputs:
        assert first.put(given) == again.put(given)


def test_only_silence_moves_the_clock_and_each_wait_reminds_once() -> None:
    talk = call()
    talk.put(Say("社保卡丢了"))
    assert talk.at == AT
    assert talk.put(Silence(3)).events == ()
    reminded = talk.put(Silence(3))
    assert [e.count for e in reminded.events if isinstance(e, NoInput)] == [1]
    assert talk.at == AT + timedelta(seconds=6)
    talk.put(Say("社保卡丢了"))
    counts = [e.count for e in talk.put(Silence(60)).events if isinstance(e, NoInput)]
    assert counts == [1, 2, 3, 4]
    assert talk.ended == "no_input"


def test_keys_are_collected_as_far_as_the_question_wants_them() -> None:
    talk = call(caller="", flow="callback")
    assert talk.put(Keys("13912345678#")).state.slot("phone") == "13912345678"
    talk = call(caller="", flow="callback")
    assert talk.put(Keys("13912345678")).state.slot("phone") == "13912345678"
    assert call().put(Keys("1")).state.node == "ask_question"


def test_failures_and_retries_of_the_ticket_desk() -> None:
    talk = call(usual(ticket=(Filing.FAILED, Filing.APPENDED)))
    talk.put(Say("幸福小区路灯昨天坏了"))
    turn = talk.put(Say("对"))
    assert sum(isinstance(effect, FileTicket) for effect in turn.effects) == 2
    assert "并入工单" in turn.said


def test_people_answer_as_chosen() -> None:
    outcomes = (HandoverOutcome.NO_ANSWER, HandoverOutcome.RETURNED, HandoverOutcome.COMPLETED)
    talk = call(usual(person=outcomes))
    assert talk.put(Say("转人工")).action is Action.CALLBACK
    assert talk.put(Say("转人工")).ended == ""
    assert talk.put(Say("转人工")).ended == "handed_over"


def test_tickets_from_before_and_of_this_call() -> None:
    lamp = Known(title="路灯", number="20261101000001")
    talk = call(usual(tickets=(lamp,)))
    assert "路灯" in talk.put(Say("查工单")).said
    talk = call(usual(find=(Search.MANY,), tickets=(lamp,)))
    assert "2件工单" in talk.put(Say("查工单")).said
    talk = call(usual(change=(Changing.REFUSED,), refusal="刚催过"))
    assert "刚催过" in talk.put(Say("催一下")).said
    talk = call()
    talk.put(Say("幸福小区路灯昨天坏了"))
    talk.put(Say("对"))
    assert talk.put(Say("查工单")).state.slot("ticket_no") == "20261124000001"


def test_an_open_world_waits_for_the_result_to_be_given() -> None:
    talk = call(OpenWorld())
    talk.put(Say("幸福小区路灯昨天坏了"))
    talk.put(Say("对"))
    assert [type(errand) for errand in talk.pending] == [FileTicket]
    assert RECEIPT.ticket_no in talk.put(TicketFiled(RECEIPT, AT)).said
    assert talk.pending == []
    talk.put(Say("转人工"))
    assert [type(errand) for errand in talk.pending] == [HandOver]
    talk.world = UsualWorld()
    assert talk.put(Silence(1)).ended == ""
    assert talk.put(Say("对")).ended == "handed_over"


def test_the_caller_hangs_up() -> None:
    assert call().put(Hangup()).ended == "caller"
