"""A closed question hands its choices on, so that recognition can be constrained; all forms answer it."""

import pytest

from tests.flows.caller import AT, FAQ, NO, SOCIAL_CARD, TICKET, UNCLEAR, Caller, meaning
from voicebot.core.meaning import Intent
from voicebot.core.utterance import ExpectKind
from voicebot.dialogue import Flows, State
from voicebot.dialogue.effects import Rate
from voicebot.dialogue.open_question import expect_of
from voicebot.dialogue.run import Run
from voicebot.dialogue.schema import AskStep, MenuStep, RateStep

CLOSED = (ExpectKind.YES_NO, ExpectKind.CHOICE, ExpectKind.SCORE)


def test_every_closed_question_hands_its_choices_on(flows: Flows) -> None:
    asked = 0
    for flow in flows.flows.values():
        for name, step in flow.nodes.items():
            if not isinstance(step, AskStep | MenuStep | RateStep):
                continue
            state = State(base=flow.name, flow=flow.name, node=name)
            expect = expect_of(Run(flows, state, AT))
            written = () if isinstance(step, RateStep) else step.choices
            if expect.kind in CLOSED or written:
                asked += 1
                assert len(expect.choices) == (len(written) or {ExpectKind.SCORE: 5}.get(expect.kind, 2))
                assert expect.digits >= 1
    assert asked >= 12


def ticket(flows: Flows) -> Caller:
    told = {"address": "幸福路", "time": "昨天"}
    return Caller(flows).says("路灯坏了", meaning(TICKET, slots=told))


@pytest.mark.parametrize(
    ("text", "choice", "files"), [("按一", 0, True), ("二", 1, False), ("第二个", 1, False)]
)
def test_yes_or_no_by_number(flows: Flows, text: str, choice: int, files: bool) -> None:
    call = ticket(flows)
    assert call.expect.choices == ("是的", "不是")
    call.says(text, meaning(Intent.UNCLEAR, choice=choice))
    assert ("正在登记" in call.said) is files
    assert files or "哪里不对" in call.said


def test_a_long_sentence_that_sounds_like_a_label_is_no_answer(flows: Flows) -> None:
    call = ticket(flows).says("我想说的其实是隔壁那条路", meaning(Intent.UNCLEAR, choice=0))
    assert "正在登记" not in call.said


@pytest.mark.parametrize(("text", "choice", "score"), [("按三", 2, 3), ("第五个", 4, 5), ("一", 0, 1)])
def test_a_score_by_number(flows: Flows, text: str, choice: int, score: int) -> None:
    call = Caller(flows).says("社保卡丢了怎么补办", meaning(FAQ), SOCIAL_CARD).says("没有了", NO)
    assert call.expect.choices == ("一分", "两分", "三分", "四分", "五分")
    call.says(text, meaning(Intent.UNCLEAR, choice=choice))
    assert call.only(Rate).score == score


def test_a_choice_by_number_word_or_key(flows: Flows) -> None:
    for answer in (meaning(choice=1), UNCLEAR):
        call = Caller(flows).says("宠物殡葬怎么办理", meaning(FAQ)).says("转给人工", answer)
        assert call.handover.queue == "综合"
