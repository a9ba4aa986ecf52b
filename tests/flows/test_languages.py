"""Other languages: heard in words or by key, answered in English where we can, given to who speaks it."""

from itertools import pairwise

import pytest

from tests.flows.caller import FAQ, NO, SOCIAL_CARD, TICKET, UNCLEAR, YES, Caller, meaning, shipped_texts
from voicebot.core.handover import HandoverOutcome
from voicebot.core.ids import MANDARIN, FlowName, LanguageTag
from voicebot.core.meaning import Command, Intent, Meaning
from voicebot.core.utterance import ExpectKind
from voicebot.dialogue import Flows, Label
from voicebot.dialogue.effects import Action, FileTicket, Listen, Say

EN, CANTONESE = LanguageTag("en"), LanguageTag("yue")
FOREIGN = FlowName("foreign")


def wants(language: str, intent: Intent = Intent.UNCLEAR, **more: object) -> Meaning:
    return meaning(intent, language=LanguageTag(language), **more)  # type: ignore[arg-type]


def languages(call: Caller) -> set[str]:
    return {e.language for e in call.effects if isinstance(e, Say)}


def asked(flows: Flows) -> Caller:
    return Caller(flows).says("do you speak English", wants("en"))


def test_english_in_words(flows: Flows) -> None:
    call = asked(flows)
    assert languages(call) == {"en"}
    assert "speaks English" in call.said
    assert call.handover.queue == "外语"
    assert call.handover.language == EN
    assert "英语" in call.handover.summary
    assert call.action is Action.TRANSFER_HUMAN
    assert call.stands(Label.WAITING)
    assert call.state.queue == "外语"


def test_english_by_key(flows: Flows) -> None:
    for call in (Caller(flows), Caller(flows).is_silent(1).is_silent(2).is_silent(3)):
        assert call.presses("9").handover.language == EN
        assert languages(call) == {"en"}


def test_the_key_menu_says_so_in_english(flows: Flows) -> None:
    call = Caller(flows).is_silent(1).is_silent(2).is_silent(3)
    (line,) = [e for e in call.effects if isinstance(e, Say) and e.language == "en"]
    assert "press 9" in line.text


@pytest.mark.parametrize(
    ("language", "name"), [("yue", "粤语"), ("zh-x-local", "方言"), ("bo", "藏语"), ("ja", "日语")]
)
def test_dialects_and_others_are_told_in_mandarin(flows: Flows, language: str, name: str) -> None:
    call = Caller(flows).says("…", wants(language))
    assert languages(call) == {"zh"}
    assert name in call.said
    assert (call.handover.queue, call.handover.language) == ("外语", language)
    assert name in call.handover.summary


def test_a_person_who_speaks_it_is_one_wish(flows: Flows) -> None:
    assert Caller(flows).says("转英语人工", wants("en", Intent.HUMAN)).handover.queue == "外语"


def test_nobody_free_offers_a_call_back_in_english(flows: Flows) -> None:
    call = asked(flows).person(HandoverOutcome.NO_ANSWER)
    assert languages(call) == {"en"}
    assert call.expect.language == EN
    assert call.waits_for(ExpectKind.YES_NO)
    call.says("yes please", YES)
    demand = call.only(FileTicket).demand
    assert demand.callback_only
    assert "英语" in demand.content
    call.stored()
    assert languages(call) == {"en"}
    assert "1 3 8 0 0" in call.said  # digit by digit
    assert call.over


def test_a_call_back_may_be_declined_or_taken_for_granted(flows: Flows) -> None:
    declined = asked(flows).person(HandoverOutcome.NO_ANSWER).says("no", NO)
    assert declined.over
    assert "Goodbye" in declined.said
    silent = asked(flows).person(HandoverOutcome.NO_ANSWER).is_silent(1).is_silent(2)
    assert silent.only(FileTicket)
    keyed = asked(flows).person(HandoverOutcome.NO_ANSWER).presses("1")
    assert keyed.only(FileTicket)


def test_a_withheld_number_is_asked_for_in_english(flows: Flows) -> None:
    call = Caller(flows, caller="").says("English", wants("en")).person(HandoverOutcome.BUSY).presses("1")
    assert call.waits_for(ExpectKind.PHONE)
    assert languages(call) == {"en"}
    assert call.presses("13912345678").only(FileTicket).demand.phone == "13912345678"


def test_a_person_at_any_moment_speaks_the_language(flows: Flows) -> None:
    call = asked(flows).person(HandoverOutcome.BUSY)
    assert call.presses("0").handover.language == EN
    call.person(HandoverOutcome.BUSY).says("operator", meaning(Intent.HUMAN))
    assert call.handover.queue == "外语"


def test_what_is_not_understood_is_never_taken_for_a_matter(flows: Flows) -> None:
    call = asked(flows).person(HandoverOutcome.BUSY)
    said = call.said
    call.says("too bad card lost", meaning(FAQ), SOCIAL_CARD)
    assert languages(call) == {"en"}
    assert call.action is Action.REPAIR
    assert call.said != said


def test_back_to_mandarin(flows: Flows) -> None:
    call = asked(flows).person(HandoverOutcome.BUSY).says("说中文", wants("zh"))
    assert languages(call) == {"zh"}
    assert call.said.startswith("好的，我们说普通话。")
    assert "办什么事" in call.said
    assert call.expect.language == MANDARIN
    assert call.state.wanted == MANDARIN
    assert call.presses("0").handover.queue == "综合"


def test_back_to_the_ticket_that_was_left(flows: Flows) -> None:
    call = Caller(flows).says("路灯坏了", meaning(TICKET)).says("粤语", wants("yue"))
    call.person(HandoverOutcome.BUSY).says("普通话吧", wants("zh"))
    assert call.waits_for(ExpectKind.ADDRESS)


def test_mandarin_asked_for_in_mandarin_is_nothing_new(flows: Flows) -> None:
    assert Caller(flows).says("普通话", wants("zh")).action is Action.REPAIR


def test_an_emergency_is_spoken_in_the_language(flows: Flows) -> None:
    call = asked(flows).person(HandoverOutcome.BUSY)
    call.says("fire", meaning(Intent.EMERGENCY_119, certain=True))
    assert languages(call) == {"en"}
    assert "1 1 9" in call.said
    assert (call.handover.emergency, call.handover.language) == ("119", EN)


def test_a_language_asked_for_in_an_emergency_changes_only_the_words(flows: Flows) -> None:
    call = Caller(flows).says("煤气味", meaning(Intent.EMERGENCY_119))
    call.says("english", wants("en"))
    assert languages(call) == {"en"}
    assert call.waits_for(ExpectKind.YES_NO)
    assert call.expect.language == EN
    assert call.presses("1").handover.emergency == "119"


def test_asking_twice_while_it_rings_changes_nothing(flows: Flows) -> None:
    call = asked(flows).says("English please", wants("en"))
    assert call.handover.language == EN
    assert not [e for e in call.effects if isinstance(e, Say)]


def test_failures_and_silence_are_told_in_english(flows: Flows) -> None:
    call = asked(flows).person(HandoverOutcome.BUSY).fails("stt.lost")
    assert languages(call) == {"en"}
    call = Caller(flows, caller="").says("English", wants("en")).person(HandoverOutcome.BUSY).presses("1")
    for count in range(1, 5):
        call.is_silent(count)
        assert languages(call) == {"en"}
    assert call.over


def test_slower_and_again_in_english(flows: Flows) -> None:
    call = asked(flows).person(HandoverOutcome.BUSY)
    said = call.said
    assert call.says("sorry", meaning(Intent.CHITCHAT, command=Command.REPEAT)).said == said
    assert call.says("slower", meaning(Intent.CHITCHAT, command=Command.SLOWER)).said.endswith(said)
    assert languages(call) == {"en"}


def test_english_has_words_for_everything_it_may_need(flows: Flows) -> None:
    for flow in flows.flows.values():
        assert EN in flow.languages or not any(i.emergency_number for i in flow.intents)
    sentences = flows.sentences(EN)
    assert len(sentences) > 60
    assert not [s for s in sentences if any("\u4e00" <= c <= "\u9fff" for c in s)]
    assert not set(sentences) & set(flows.sentences())


def test_every_language_that_is_understood_is_served(flows: Flows) -> None:
    from tests.unit.understanding.conftest import lexicon_texts
    from voicebot.core.marked_yaml import read_yaml

    texts = {path: text for path, text in lexicon_texts().items() if path.endswith("languages.yaml")}
    ((path, text),) = texts.items()
    known = read_yaml(path, text).value
    assert isinstance(known, dict)
    assert set(known["languages"]) == {"zh", *flows.flows[FOREIGN].serves}
    assert "ivr_flows/foreign.yaml" in shipped_texts()


def test_the_call_ends_when_the_person_gives_the_caller_back(flows: Flows) -> None:
    call = asked(flows).person(HandoverOutcome.RETURNED)
    assert call.over
    assert languages(call) == {"en"}
    assert not [e for e in call.effects if isinstance(e, Listen)]


def test_unclear_words_at_the_call_back_question_lead_to_keys_not_in_circles(flows: Flows) -> None:
    call = asked(flows).person(HandoverOutcome.BUSY)
    heard = []
    for _ in range(4):
        heard.append(call.says("blah", UNCLEAR).said)
    assert any("press 1" in text for text in heard)
    assert all(a != b for a, b in pairwise(heard))
