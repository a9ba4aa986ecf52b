"""The open question: answers, follow-ups, small talk, what is not ours, silence."""

from dataclasses import replace

import pytest

from tests.flows.caller import (
    FAQ,
    NO,
    SOCIAL_CARD,
    TICKET,
    UNCLEAR,
    YES,
    Caller,
    meaning,
)
from voicebot.core.answer import Answer
from voicebot.core.handover import HandoverReason
from voicebot.core.ids import ArticleId, FlowName
from voicebot.core.meaning import Command, Intent, Meaning
from voicebot.core.utterance import ExpectKind
from voicebot.dialogue import Flows, Label
from voicebot.dialogue.effects import Action, EndCall, Listen, Say, SetPace
from voicebot.language.pinyin import syllables


def command(which: Command) -> Meaning:
    return meaning(Intent.CHITCHAT, command=which)


def test_the_greeting(flows: Flows) -> None:
    call = Caller(flows)
    assert call.said == flows.greeting == "您好，云江12345智能助手，本次通话录音，请问您要办什么事？"
    assert call.action is Action.GREET
    assert call.stands(Label.GREETING)
    assert call.waits_for(ExpectKind.OPEN)
    spoken = flows.greeting.replace("12345", "幺二三四五")
    assert len([s for s in syllables(spoken) if s.isalpha() and s.isascii()]) <= 32


def test_the_dialled_number_chooses_the_flow(flows: Flows) -> None:
    assert flows.for_number("12345") == flows.for_number("99999") == FlowName("main")


def test_every_fixed_sentence_can_be_rendered_ahead(flows: Flows) -> None:
    sentences = flows.sentences()
    assert flows.greeting in sentences
    assert "正在为您转接人工，请稍候。" in sentences
    assert not [s for s in sentences if "{" in s]
    assert len(set(sentences)) == len(sentences)


def test_first_sentences_are_short(flows: Flows) -> None:
    assert not [s for s in flows.sentences() if max(map(len, s.replace("？", "。").split("。"))) > 40]


def test_a_question_is_answered_with_its_source(flows: Flows) -> None:
    call = Caller(flows).says("社保卡丢了怎么补办", meaning(FAQ), SOCIAL_CARD)
    first = call.effects[0]
    assert isinstance(first, Say)
    assert (first.text, first.article) == (SOCIAL_CARD.text, "KB001")
    assert call.action is Action.ANSWER
    assert "还有其他问题吗" in call.said
    assert call.stands(Label.LISTENING)
    assert call.state.article == "KB001"


def test_more_about_it(flows: Flows) -> None:
    call = Caller(flows).says("社保卡丢了怎么补办", meaning(FAQ), SOCIAL_CARD)
    call.says("说详细一点", UNCLEAR)
    assert call.said.startswith(SOCIAL_CARD.more)
    assert call.action is Action.ANSWER
    call.says("更多", meaning(Intent.CHITCHAT, command=Command.MORE))
    assert "以经办机构答复为准" in call.said


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("要带什么材料", "带本人身份证"),
        ("那要多少钱呢", "有的地方收工本费"),
        ("多久能办好", "也可以在电子社保卡里申请"),
    ],
)
def test_follow_ups_stay_with_the_article(flows: Flows, text: str, words: str) -> None:
    other = Answer(ArticleId("KB009"), "别的", "不相干的回答。")
    call = Caller(flows).says("社保卡丢了怎么补办", meaning(FAQ), SOCIAL_CARD)
    call.says(text, meaning(FAQ), other)
    assert call.said.startswith(words)
    assert call.action is Action.ANSWER
    assert call.state.article == "KB001"


def test_unsolved_offers_ticket_or_person(flows: Flows) -> None:
    call = Caller(flows).says("社保卡丢了怎么补办", meaning(FAQ), SOCIAL_CARD).says("没解决", UNCLEAR)
    assert call.waits_for(ExpectKind.CHOICE)
    assert call.expect.choices == ("登记", "人工")
    assert call.says("人工吧", meaning(choice=1)).handover.summary.startswith(
        "来电人咨询：社保卡丢了怎么补办"
    )


def test_no_answer_known(flows: Flows) -> None:
    call = Caller(flows).says("宠物殡葬怎么办理", meaning(FAQ))
    assert call.expect.choices == ("登记", "人工")
    assert call.action is Action.ASK
    call.presses("1")
    assert call.state.slot("what") == "宠物殡葬怎么办理"
    assert call.stands(Label.CONFIRMING)
    assert Caller(flows).says("宠物殡葬怎么办理", meaning(FAQ)).presses("2").handover.queue == "综合"


def test_a_ticket_about_the_question_just_answered(flows: Flows) -> None:
    call = Caller(flows).says("社保卡丢了怎么补办", meaning(FAQ), SOCIAL_CARD).says("那帮我登记吧", UNCLEAR)
    assert call.stands(Label.CONFIRMING)
    assert "社保卡丢了怎么补办" in call.said
    assert "什么事" in Caller(flows).says("登记", UNCLEAR).said


def test_a_second_question_follows_the_first(flows: Flows) -> None:
    call = Caller(flows).says("一", meaning(FAQ), SOCIAL_CARD).says("二", meaning(FAQ), SOCIAL_CARD)
    assert call.action is Action.ANSWER
    assert "更多" not in call.said  # told once


def test_nothing_else_leads_to_the_rating_and_the_end(flows: Flows) -> None:
    call = Caller(flows).says("社保卡丢了怎么补办", meaning(FAQ), SOCIAL_CARD).says("没有了", NO)
    assert call.action is Action.RATE
    assert call.waits_for(ExpectKind.SCORE)
    call.says("五分", meaning(Intent.RATING, slots={"score": "5"}))
    assert call.over
    assert "再见" in call.said


def test_something_else(flows: Flows) -> None:
    call = Caller(flows).says("社保卡丢了怎么补办", meaning(FAQ), SOCIAL_CARD).says("有", YES)
    assert call.said == "好的，您请说。"
    assert call.says("没了", NO).action is Action.RATE


def test_goodbye_at_any_time(flows: Flows) -> None:
    call = Caller(flows).says("再见", command(Command.GOODBYE))
    assert call.action is Action.RATE
    assert call.is_silent().over


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("法院判决不公我要上诉", "12368"),
        ("我要举报局长贪污", "12388"),
        ("火车票怎么退", "12306"),
        ("明天天气怎么样", "12121"),
        ("我要申请行政复议", "12348"),
        ("一个没人管的事", "主管单位"),
    ],
)
def test_what_is_not_ours_names_the_channel(flows: Flows, text: str, number: str) -> None:
    call = Caller(flows).says(text, meaning(Intent.OUT_OF_SCOPE))
    assert number in call.said
    assert call.action is Action.DECLINE
    assert call.waits_for(ExpectKind.OPEN)


def test_small_talk_and_murmurs(flows: Flows) -> None:
    call = Caller(flows)
    assert "智能助手" in call.says("你是机器人吗", meaning(Intent.CHITCHAT)).said
    assert call.says("嗯", YES).said == "您请说。"
    assert call.says("喂", command(Command.GREETING)).said == "您好，请说。"
    assert call.says("谢谢", command(Command.THANKS)).said == "不客气。"
    assert call.state.misses == 0


def test_repeat_gives_the_same_words(flows: Flows) -> None:
    call = Caller(flows).says("社保卡丢了怎么补办", meaning(FAQ), SOCIAL_CARD)
    said = call.said
    repeat = command(Command.REPEAT)
    assert call.says("再说一遍", repeat).said == said
    assert call.action is Action.ANSWER
    assert call.presses("*").said == said


def test_slower_and_louder(flows: Flows) -> None:
    call = Caller(flows).says("社保卡丢了怎么补办", meaning(FAQ), SOCIAL_CARD)
    said = call.said
    call.says("说慢一点", command(Command.SLOWER))
    assert call.only(SetPace).rate < 1
    assert call.said == "好的，我说慢一点。" + said
    assert said in call.says("大声点", command(Command.LOUDER)).said


def test_wait_gives_time(flows: Flows) -> None:
    call = Caller(flows).says("等一下", command(Command.WAIT))
    assert call.action is Action.WAIT
    assert call.expect.no_input >= 30
    assert call.waits_for(ExpectKind.OPEN)


def test_help_says_what_is_possible(flows: Flows) -> None:
    assert "转人工" in Caller(flows).says("怎么用", command(Command.HELP)).said


def test_repairs_change_their_words_then_a_person(flows: Flows) -> None:
    call = Caller(flows).says("嘎嘎", UNCLEAR)
    first = call.said
    assert call.action is Action.REPAIR
    call.says("社保卡丢了怎么补办", meaning(FAQ), SOCIAL_CARD).says("嘎嘎", UNCLEAR)
    assert call.action is Action.REPAIR
    assert call.said != first
    call.says("嘎嘎", UNCLEAR)
    assert call.handover.reason is HandoverReason.NOT_UNDERSTOOD


def test_nothing_recognised_is_a_misunderstanding(flows: Flows) -> None:
    assert Caller(flows).says("", meaning(FAQ)).action is Action.REPAIR


def test_unclear_words_with_a_very_good_answer_are_answered(flows: Flows) -> None:
    assert Caller(flows).says("社保卡补办", UNCLEAR, SOCIAL_CARD).action is Action.ANSWER


def test_silence_prompts_twice_offers_keys_then_closes(flows: Flows) -> None:
    call = Caller(flows)
    first, second = call.is_silent(1).said, call.is_silent(2).said
    assert first != second
    call.is_silent(3)
    assert "按1" in call.said
    assert call.expect.digits == 1
    call.is_silent(4)
    assert call.over
    assert "再见" in call.said


@pytest.mark.parametrize(("key", "words"), [("1", "想问的问题"), ("2", "什么事"), ("3", "查一下")])
def test_the_keys(flows: Flows, key: str, words: str) -> None:
    call = Caller(flows).is_silent(1).is_silent(2).is_silent(3).presses(key)
    assert words in call.said
    assert Caller(flows).presses(key).said == call.said  # the same without waiting for the offer


def test_a_wrong_key(flows: Flows) -> None:
    assert Caller(flows).presses("7").action is Action.REPAIR


def test_after_the_goodbye_one_more_question_is_heard(flows: Flows) -> None:
    call = Caller(flows).is_silent(4)
    assert call.over
    call.says("等等，社保卡丢了怎么补办", meaning(FAQ), SOCIAL_CARD)
    assert call.action is Action.ANSWER
    assert isinstance(call.effects[-1], Listen)


def test_after_the_goodbye_a_goodbye_is_the_end(flows: Flows) -> None:
    call = Caller(flows).is_silent(4)
    assert call.says("再见", command(Command.GOODBYE)).effects == (EndCall("done"),)


def test_a_failed_recognition_is_told_then_a_person(flows: Flows) -> None:
    call = Caller(flows).fails("stt.lost")
    assert "没有听到" in call.said
    assert isinstance(call.effects[-1], Listen)
    call.fails("stt.lost")
    assert call.handover.reason is HandoverReason.FAILURE


def test_failures_apart_do_not_add_up(flows: Flows) -> None:
    call = Caller(flows).fails("stt.lost").says("社保卡", meaning(FAQ), SOCIAL_CARD).fails("stt.busy")
    assert call.action is Action.REPAIR
    assert "来电较多" in call.said


def test_an_unknown_failure_has_a_sentence_too(flows: Flows) -> None:
    assert "系统出了点问题" in Caller(flows).fails("x.y").said


def test_a_new_matter_instead_of_a_score(flows: Flows) -> None:
    call = Caller(flows).says("一", meaning(FAQ), SOCIAL_CARD).says("没有了", NO)
    call.says("还想问社保卡", meaning(FAQ), SOCIAL_CARD)
    assert call.action is Action.ANSWER
    assert call.waits_for(ExpectKind.OPEN)
    call.says("路灯坏了", meaning(TICKET))
    assert call.waits_for(ExpectKind.ADDRESS)


MAYBE = replace(SOCIAL_CARD, score=0.4)


def test_a_doubtful_answer_is_asked_back_first(flows: Flows) -> None:
    call = Caller(flows).says("射什么卡的", meaning(FAQ), MAYBE)
    assert MAYBE.title in call.said
    assert call.action is not Action.ANSWER
    call.says("对", YES)
    assert (call.action, SOCIAL_CARD.text in call.said) == (Action.ANSWER, True)


def test_a_doubt_denied_is_asked_anew(flows: Flows) -> None:
    call = Caller(flows).says("射什么卡的", meaning(FAQ), MAYBE).says("不是", NO)
    assert SOCIAL_CARD.text not in call.said
    call.says("社保卡丢了", meaning(FAQ), SOCIAL_CARD)
    assert SOCIAL_CARD.text in call.said


def test_a_doubtful_question_asked_twice_is_meant(flows: Flows) -> None:
    call = Caller(flows).says("射什么卡的", meaning(FAQ), MAYBE).says("射保什么卡", meaning(FAQ), MAYBE)
    assert SOCIAL_CARD.text in call.said


def test_a_poor_match_is_no_answer(flows: Flows) -> None:
    call = Caller(flows).says("量子", meaning(FAQ), replace(SOCIAL_CARD, score=0.1))
    assert SOCIAL_CARD.title not in call.said
    assert "人工" in call.said
