"""After an answer: follow-ups, two close articles, shorter, life events, text messages, what stayed open."""

from dataclasses import replace

import pytest

from tests.flows.caller import (
    AT,
    FAQ,
    NO,
    SOCIAL_CARD,
    TICKET,
    UNCLEAR,
    YES,
    Caller,
    catalogue,
    meaning,
    shipped_texts,
)
from voicebot.core.answer import Answer, ArticleHit, Gap, NoAnswer
from voicebot.core.ids import ArticleId
from voicebot.core.utterance import Utterance
from voicebot.dialogue import Flows, load_flows
from voicebot.dialogue.effects import Action, NoteUnanswered, Notify
from voicebot.dialogue.events import Heard, Notified, StepFailed

STEPS = "第一步，网上申请。第二步，到窗口领卡。"
CARD = replace(SOCIAL_CARD, aspects=(*SOCIAL_CARD.aspects, ("time", "一般当场能拿。"), ("steps", STEPS)))
OTHER = Answer(
    ArticleId("KB046"), "临时身份证多久能拿", "三天内发。", aspects=(("time", "三天。"),), score=0.9
)
FUND = Answer(ArticleId("KB040"), "买房提取公积金", "带合同去提取。", score=0.8)
LEAVING = Answer(ArticleId("KB043"), "离职提取公积金", "账户封存后提取。", score=0.75)
EITHER = replace(FUND, rival=LEAVING)
PARTS = tuple(Answer(ArticleId(f"KB10{n}"), f"事情{n}", f"这样办{n}。") for n in range(3))
BIRTH = Answer(ArticleId("KB175"), "出生一件事", "一次办齐。", more="填一次就行。", parts=PARTS)


def answered(flows: Flows, answer: Answer = CARD, caller: str = "13800000000") -> Caller:
    return Caller(flows, caller=caller).says("社保卡丢了怎么补办", meaning(FAQ), answer)


def notes(call: Caller) -> list[NoteUnanswered]:
    return [effect for _, effects in call.log for effect in effects if isinstance(effect, NoteUnanswered)]


@pytest.mark.parametrize(
    ("words", "heard"),
    [
        ("那要带什么材料", "带本人身份证"),
        ("多久能办好", "当场能拿"),
        ("办这个一般需要多长时间才能办下来呢", "当场能拿"),
        ("要钱吗", "工本费"),
        ("具体怎么弄", "第一步"),
        ("那我该怎么办呢", "第一步"),
        ("补办社保卡要多久", "当场能拿"),
    ],
)
@pytest.mark.parametrize("found", [None, OTHER])
def test_follow_ups_are_about_the_article_in_focus(
    flows: Flows, words: str, heard: str, found: Answer | None
) -> None:
    """Also where the words alone would find another article, or nothing."""
    call = answered(flows).says(words, meaning(FAQ), found)
    assert heard in call.said
    assert call.action is Action.ANSWER
    assert call.state.article == CARD.article


def test_a_short_question_with_its_own_matter_is_new(flows: Flows) -> None:
    call = answered(flows).says("临时身份证几天", meaning(FAQ), OTHER)
    assert OTHER.text in call.said
    call = answered(flows).says("路灯坏了几天没修", meaning(TICKET))
    assert call.state.flow == "ticket"


def test_a_follow_up_without_an_answer_is_noted(flows: Flows) -> None:
    bare = replace(SOCIAL_CARD, more="", aspects=())
    call = answered(flows, bare).says("要钱吗", UNCLEAR)
    assert "我知道的就是这些" in call.said
    assert notes(call) == [NoteUnanswered("社保卡挂失补办：要钱吗", Gap.NO_ANSWER, bare.article, 1.0)]


# ── two close articles ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("words", "what", "heard"),
    [
        ("第一个", meaning(choice=0), FUND),
        ("第二个", meaning(choice=1), LEAVING),
        ("离职的", UNCLEAR, LEAVING),
        ("我是买房子", UNCLEAR, FUND),
    ],
)
def test_one_question_decides_between_two(flows: Flows, words: str, what: object, heard: Answer) -> None:
    call = answered(flows, EITHER)
    assert FUND.title in call.said
    assert LEAVING.title in call.said
    call.says(words, what)  # type: ignore[arg-type]
    assert call.said.startswith(heard.text)
    assert call.state.article == heard.article
    assert "帮到您了吗" in call.said
    assert call.state.slot("question") == "社保卡丢了怎么补办"
    assert notes(call) == []


def test_neither_of_two(flows: Flows) -> None:
    call = answered(flows, EITHER).presses("3")
    assert "您请说" in call.said
    assert notes(call) == [NoteUnanswered("社保卡丢了怎么补办", Gap.DENIED, FUND.article, FUND.score)]


def test_another_question_instead_of_a_choice(flows: Flows) -> None:
    call = answered(flows, EITHER).says("临时身份证多久能拿", meaning(FAQ), OTHER)
    assert OTHER.text in call.said
    assert [note.gap for note in notes(call)] == [Gap.DENIED]
    assert call.state.slot("question") == "临时身份证多久能拿"


# ── did that help? ──────────────────────────────────────────────────────────────────────────────


def test_only_doubtful_answers_are_asked_about(flows: Flows) -> None:
    assert "帮到您" not in answered(flows).said
    doubtful = answered(flows, replace(CARD, score=0.4)).says("对", YES)
    assert "帮到您了吗" in doubtful.said
    assert "帮到您" not in doubtful.says("有用", YES).said


def test_no_help_leads_to_a_ticket_and_is_noted(flows: Flows) -> None:
    call = answered(flows, replace(CARD, score=0.4)).says("对", YES).says("没有", NO)
    assert "登记" in call.said
    assert [note.gap for note in notes(call)] == [Gap.UNHELPFUL]
    call.presses("1")
    assert call.state.slot("what") == "社保卡丢了怎么补办"


@pytest.mark.parametrize("words", ["没听懂", "不是这个", "没用"])
def test_a_dissatisfied_caller_is_offered_a_way_out(flows: Flows, words: str) -> None:
    call = answered(flows).says(words, UNCLEAR)
    assert "登记" in call.said
    assert "人工" in call.said
    assert notes(call) == [NoteUnanswered("社保卡丢了怎么补办", Gap.UNHELPFUL, CARD.article, 1.0)]
    call.says(words, UNCLEAR)
    assert len(notes(call)) == 1


def test_no_answer_is_noted_with_what_came_nearest_and_nothing_personal(flows: Flows) -> None:
    call = Caller(flows)
    near = NoAnswer(ArticleHit(ArticleId("KB009"), "养犬", None, 0.12))
    said = meaning(FAQ, slots={"name": "王小明", "address": "幸福路3号", "phone": "13911112222"})
    text = "我是王小明，住幸福路3号，电话13911112222，养蜜蜂要办证吗"
    call.give(Heard(Utterance(text), said, near, AT))
    (note,) = notes(call)
    assert note.question == "我是〔姓名〕，住〔地址〕，电话〔电话〕，养蜜蜂要办证吗"
    assert (note.gap, note.article, note.score) == (Gap.NO_ANSWER, "KB009", 0.12)


# ── shorter ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("words", ["短一点", "说重点", "太长了，简单说", "长话短说"])
def test_shorter(flows: Flows, words: str) -> None:
    call = answered(flows).says("更多", meaning(command=None), CARD).says(words, UNCLEAR)
    assert call.said.startswith(CARD.text)
    assert CARD.more not in call.said
    long = replace(
        OTHER, text="先到窗口申请，带户口簿和照片。然后等三天。最后凭回执去领，也可以邮寄到家里来。"
    )
    call.says("临时身份证怎么办", meaning(FAQ), long)
    assert long.text not in call.said
    assert call.said.startswith("先到窗口申请")
    assert "更多" not in call.said
    call.says("更多", meaning(command=None), long)


def test_shorter_in_the_middle_of_a_matter_keeps_the_question(flows: Flows) -> None:
    call = Caller(flows).says("路灯坏了", meaning(TICKET)).says("短一点", UNCLEAR)
    assert call.state.flow == "ticket"


# ── life events ─────────────────────────────────────────────────────────────────────────────────


def test_through_a_life_event(flows: Flows) -> None:
    call = answered(flows, BIRTH)
    assert "这里面有三件事" in call.said
    for n, words in enumerate(("好的", "下一件", "接着说")):
        call.says(words, YES if n == 0 else UNCLEAR)
        assert f"第{'一二三'[n]}件，事情{n}。这样办{n}。" in call.said
    assert "下一件" not in call.said
    assert "都说完了" in call.says("还有呢", UNCLEAR).said


def test_what_is_asked_in_between_goes_on_from_there(flows: Flows) -> None:
    call = answered(flows, BIRTH).says("事情1怎么办", meaning(FAQ), PARTS[1])
    assert PARTS[1].text in call.said
    assert "第三件" in call.says("下一件", UNCLEAR).said
    call = answered(flows, BIRTH).says("临时身份证多久能拿", meaning(FAQ), OTHER)
    assert call.state.parts_left == ()


# ── text messages ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("words", ["发我短信", "能不能发到我手机上", "短信发给我吧", "给我发个短信"])
def test_the_answer_as_a_text_message(flows: Flows, words: str) -> None:
    call = answered(flows).says(words, UNCLEAR)
    sent = call.only(Notify)
    assert (sent.target, sent.phone, sent.waits) == ("短信", "13800000000", True)
    for part in (CARD.title, CARD.text, "材料：带本人身份证", "步骤：第一步"):
        assert part in sent.text
    call.give(Notified(AT))
    assert "已经发到" in call.said


def test_what_cannot_be_sent_is_said_and_read_again(flows: Flows) -> None:
    call = answered(flows).says("发我短信", UNCLEAR).give(StepFailed("notify.unknown_target", AT))
    assert "没办法给您发短信" in call.said
    assert CARD.text in call.said


@pytest.mark.parametrize("caller", ["", "05718888666"])
def test_no_message_where_none_arrives(flows: Flows, caller: str) -> None:
    call = answered(flows, caller=caller).says("那要带什么材料", UNCLEAR)
    assert "发短信" not in call.said
    call.says("发我短信", UNCLEAR)
    assert "没办法给您发短信" in call.said
    assert not [effect for effect in call.effects if isinstance(effect, Notify)]


@pytest.mark.parametrize(("targets", "sent"), [((), False), (("值班平台",), False), (("短信",), True)])
def test_without_a_gateway_it_is_neither_offered_nor_promised(targets: tuple[str, ...], sent: bool) -> None:
    flows = load_flows(shipped_texts(), replace(catalogue(), notify_targets=targets))
    assert [p for p in flows.warnings if "notify" in p.code] == []
    call = answered(flows).says("那要带什么材料", UNCLEAR)
    assert ("发短信" in call.said) == sent
    call.says("发我短信", UNCLEAR)
    assert any(isinstance(effect, Notify) for effect in call.effects) == sent
    assert ("没办法给您发短信" in call.said) != sent


@pytest.mark.parametrize("words", ["我收到诈骗短信了", "他给我发骚扰短信怎么投诉", "不用发短信"])
def test_talk_about_messages_is_no_wish(flows: Flows, words: str) -> None:
    call = answered(flows).says(words, meaning(TICKET))
    assert not [effect for effect in call.effects if isinstance(effect, Notify)]
