"""A record against other flows, other understanding, other ends."""

from collections.abc import Callable
from datetime import datetime

import pytest

from tests.flows.caller import (
    AT,
    FAQ,
    NO,
    SOCIAL_CARD,
    TICKET,
    YES,
    catalogue,
    meaning,
    shipped_flows,
    shipped_texts,
)
from voicebot.core.answer import Answer, NoAnswer
from voicebot.core.handover import HandoverOutcome
from voicebot.core.ids import FlowName
from voicebot.core.meaning import Intent, Meaning
from voicebot.core.utterance import Expect, Utterance
from voicebot.dialogue import Flows, load_flows, start, step
from voicebot.dialogue.events import HandoverEnded, Keyed, TicketFiled
from voicebot.dialogue.told import After, Cut, Told, decode, encode
from voicebot.dialogue.trying.rehearsal import Hangup, Input, Keys, Rehearsal, Say, Silence
from voicebot.dialogue.trying.replay import Difference, Replay, Stop, What, replay_told
from voicebot.dialogue.trying.world import Outcomes, UsualWorld

MAIN = FlowName("main")
MEANINGS = {
    "对": YES,
    "没有了": NO,
    "幸福小区路灯昨天坏了": meaning(TICKET, slots={"address": "幸福小区", "time": "昨天"}),
    "社保卡丢了": meaning(FAQ),
    "转人工": meaning(Intent.HUMAN),
}


def comprehend(said: Utterance, expect: Expect, at: datetime) -> tuple[Meaning, Answer | NoAnswer]:
    known = MEANINGS.get(said.text, meaning(confidence=0.2))
    return known, SOCIAL_CARD if known.intent is FAQ else NoAnswer()


def record(*inputs: Input, person: HandoverOutcome = HandoverOutcome.COMPLETED) -> tuple[Told, ...]:
    """As a call with the shipped flows would keep it."""
    flows = shipped_flows()
    call = Rehearsal(flows, comprehend, at=AT, world=UsualWorld(Outcomes(person=(person,))))
    for given in inputs:
        call.put(given)
    state, told = start(flows, MAIN), []
    for event in (event for turn in call.turns for event in turn.events):
        after = step(flows, state, event)
        state = after.state
        told.append(Told.of(event, state, after.effects))
    return decode(encode(told))


def edited(flow: str, old: str, new: str) -> Flows:
    texts = shipped_texts()
    path = f"ivr_flows/{flow}.yaml"
    assert texts[path].count(old) >= 1
    return load_flows({**texts, path: texts[path].replace(old, new, 1)}, catalogue())


def replay(
    told: tuple[Told, ...], flows: Flows | None = None, understand: Callable[..., object] = comprehend
) -> Replay:
    return replay_told(told, flows or shipped_flows(), understand, MAIN)  # type: ignore[arg-type]


TICKET_CALL = (Say("幸福小区路灯昨天坏了"), Say("对"), Say("没有了"), Keys("5"))


@pytest.mark.parametrize(
    "inputs",
    [
        TICKET_CALL,
        (Say("社保卡丢了"), Say("没有了"), Silence(60)),
        (Silence(30),),
        (Say("转人工"),),
        (Say("阿巴"), Say("阿巴"), Say("阿巴"), Hangup()),
        (Keys("3"), Keys("0")),
    ],
)
@pytest.mark.parametrize("person", [HandoverOutcome.COMPLETED, HandoverOutcome.NO_ANSWER])
def test_the_same_flows_make_no_difference(inputs: tuple[Input, ...], person: HandoverOutcome) -> None:
    done = replay(record(*inputs, person=person))
    assert [turn for turn in done.turns if turn.differences or turn.assumed or turn.unused] == []
    assert (done.differs, done.stopped, done.left) == (False, Stop.NOT, 0)


def test_what_is_said_is_understood_anew() -> None:
    def other(said: Utterance, expect: Expect, at: datetime) -> tuple[Meaning, Answer | NoAnswer]:
        return comprehend(Utterance("转人工") if said.text == "社保卡丢了" else said, expect, at)

    done = replay(record(Say("社保卡丢了"), Say("没有了")), understand=other)
    turn = done.turns[1]
    assert turn.meaning == ("faq KB001", "human")
    assert [type(errand).__name__ for errand in turn.assumed] == ["HandOver"]
    assert {d.what for d in turn.differences} == {What.SAID, What.STEP, What.EFFECT}
    assert (done.stopped, done.left) == (Stop.ENDED, 1)


def test_a_result_nobody_asks_for_any_more() -> None:
    told = record(Say("转人工"))
    extra = (*told, Told(HandoverEnded(HandoverOutcome.COMPLETED, AT), told[-1].after))
    done = replay(extra)
    assert [type(event) for event in done.turns[-1].unused] == [HandoverEnded]


def test_answers_to_other_questions_are_marked_and_end_the_replay() -> None:
    text = shipped_texts()["ivr_flows/main.yaml"]
    asked = text[text.index("  anything_else:\n") : text.index("  go_ahead:\n")].rstrip()
    number = """  anything_else:
    kind: ask
    slot: what
    expect: phone
    prompt: 请说您的电话号码。
    on_no_match: go_ahead
    next: go_ahead"""
    flows = edited("main", asked, number)
    done = replay(record(*[Say("社保卡丢了")] * 6), flows)
    assert [turn.astray for turn in done.turns[:5]] == ["", "", *["main.anything_else"] * 3]
    assert (done.stopped, done.left, len(done.turns)) == (Stop.ASTRAY, 2, 5)
    assert done.differs


def test_where_the_record_was_cut_the_replay_stops() -> None:
    told = (
        *record(Say("社保卡丢了")),
        Told(Cut(AT), After("main.reply")),
        Told(Keyed("1", AT), After("x.y")),
    )
    done = replay(told)
    assert (done.stopped, done.left, len(done.turns), done.differs) == (Stop.CUT, 2, 2, False)


def test_a_field_of_an_effect() -> None:
    flows = edited("human", "queue: 综合", "queue: 长者")
    found = [d for turn in replay(record(Say("转人工")), flows).turns for d in turn.differences]
    assert found == [Difference(What.EFFECT, "综合", "长者", "HandOver.queue")]


def test_a_record_without_a_beginning() -> None:
    told = record(*TICKET_CALL)
    assert any(isinstance(one.event, TicketFiled) for one in told)
    for broken in ((), told[1:]):
        with pytest.raises(ValueError, match="beginning"):
            replay(broken)
