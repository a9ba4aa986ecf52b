"""When a model is asked, and what its choice may change."""

import json
from dataclasses import replace

import pytest

from voicebot.core.answer import ArticleHit
from voicebot.core.ids import ArticleId, LanguageTag
from voicebot.core.meaning import AppealType, Command, Intent, Meaning, Mood, Slot
from voicebot.core.utterance import Expect, ExpectKind
from voicebot.understanding.assist import Doubt, Suggestion, apply, choice_prompt, find_doubt

OPEN = Expect()


def hit(number: int, score: float) -> ArticleHit:
    return ArticleHit(ArticleId(f"KB{number:03}"), f"题目{number}", None, score)


CLEAR_FAQ = Meaning(Intent.FAQ, 0.95, article=ArticleId("KB001"))
UNSURE = Meaning(Intent.FAQ, 0.5, secondary_intent=Intent.TICKET, article=ArticleId("KB001"))
TEXT = "我家楼下那个路灯坏了想问问归哪里管"


def test_what_is_clear_is_never_asked() -> None:
    assert find_doubt(TEXT, CLEAR_FAQ, [hit(1, 0.9), hit(2, 0.05)], OPEN) is None
    assert find_doubt(TEXT, Meaning(Intent.TICKET, 0.9), [], OPEN) is None
    assert find_doubt(TEXT, Meaning(Intent.FAQ, 0.9), [hit(1, 0.1)], OPEN) is None, "nothing is known"
    assert find_doubt(TEXT, Meaning(Intent.UNCLEAR, 0.9), [], OPEN) is None, "nothing to choose from"


@pytest.mark.parametrize(
    "meaning",
    [
        Meaning(Intent.EMERGENCY_119, 0.4),
        replace(UNSURE, secondary_intent=Intent.EMERGENCY_110),
        replace(UNSURE, command=Command.WAIT),
        replace(UNSURE, yes=False),
        replace(UNSURE, choice=1),
        replace(UNSURE, mood=Mood.ANGRY),
        replace(UNSURE, language=LanguageTag("en")),
        Meaning(Intent.HUMAN, 0.4),
    ],
)
def test_danger_orders_and_answers_do_not_wait(meaning: Meaning) -> None:
    assert find_doubt(TEXT, meaning, [hit(1, 0.5)], OPEN) is None


@pytest.mark.parametrize(
    "kind", sorted(set(ExpectKind) - {ExpectKind.OPEN, ExpectKind.ADDRESS, ExpectKind.TIME})
)
def test_closed_questions_are_not_asked_about(kind: ExpectKind) -> None:
    assert find_doubt(TEXT, UNSURE, [hit(1, 0.5)], Expect(kind)) is None


def test_a_doubtful_purpose_has_candidates_with_evidence() -> None:
    doubt = find_doubt(TEXT, UNSURE, [hit(1, 0.6)], OPEN)
    assert doubt is not None
    assert doubt.intents == (Intent.FAQ, Intent.TICKET)
    assert doubt.slots == ("address", "time", "object")
    unclear = find_doubt(TEXT, Meaning(Intent.UNCLEAR, 0.9), [hit(1, 0.5)], OPEN)
    assert unclear is not None
    assert unclear.intents == (Intent.UNCLEAR, Intent.FAQ)


def test_close_articles_are_chosen_among() -> None:
    doubt = find_doubt(TEXT, CLEAR_FAQ, [hit(1, 0.5), hit(2, 0.4), hit(3, 0.1)], OPEN)
    assert doubt is not None
    assert [h.article for h in doubt.articles] == ["KB001", "KB002"]
    assert not doubt.intents
    assert not doubt.slots


def test_an_expected_detail_that_was_not_found() -> None:
    place = Expect(ExpectKind.ADDRESS)
    assert find_doubt(TEXT, Meaning(Intent.UNCLEAR, 0.5), [], place) == Doubt(TEXT, slots=("address",))
    known = Meaning(Intent.TICKET, 0.5, slots={"address": Slot("楼下", "楼下")})
    assert find_doubt(TEXT, known, [], place) is None
    assert find_doubt(TEXT, CLEAR_FAQ, [hit(1, 0.9)], place) is None, "a new matter"


@pytest.mark.parametrize("text", ["", "社保", "好" * 301])
def test_too_short_or_too_long(text: str) -> None:
    assert find_doubt(text, UNSURE, [hit(1, 0.5)], OPEN) is None


def test_what_a_choice_changes() -> None:
    doubt = Doubt(TEXT, (Intent.FAQ, Intent.TICKET), (), ("address",))
    after = apply(UNSURE, doubt, Suggestion(Intent.TICKET, slots={"address": "我家楼下"}))
    assert (after.intent, after.secondary_intent) == (Intent.TICKET, Intent.FAQ)
    assert after.confidence == 0.6
    assert after.slots["address"] == Slot("我家楼下", "我家楼下", 0, 0.5)
    told = apply(Meaning(Intent.UNCLEAR, 0.9), doubt, Suggestion(Intent.FAQ, ArticleId("KB002")))
    assert (told.appeal_type, told.article, told.secondary_intent) == (AppealType.CONSULT, "KB002", None)


def test_nothing_said_changes_nothing() -> None:
    assert apply(UNSURE, Doubt(TEXT), Suggestion()) == UNSURE


def test_a_slot_that_was_found_stays() -> None:
    known = replace(UNSURE, slots={"address": Slot("楼下", "楼下", 2)})
    after = apply(known, Doubt(TEXT, slots=("address",)), Suggestion(slots={"address": "我家"}))
    assert after.slots["address"].span == "楼下"


def test_candidates_are_the_likeliest_purposes() -> None:
    ranked = (
        (Intent.FAQ, 0.45),
        (Intent.TICKET_STATUS, 0.3),
        (Intent.HUMAN, 0.16),
        (Intent.OUT_OF_SCOPE, 0.05),
    )
    doubt = find_doubt(TEXT, Meaning(Intent.FAQ, 0.45, ranked=ranked), [], OPEN)
    assert doubt is not None
    assert (doubt.intents, doubt.likely) == ((Intent.FAQ, Intent.TICKET_STATUS), (0.45, 0.3))
    given = json.loads(choice_prompt(doubt, TEXT).user)
    assert given["likely"] == {"A": 0.45, "B": 0.3}
    spoken_for = find_doubt(
        TEXT, Meaning(Intent.FAQ, 0.45, secondary_intent=Intent.TICKET, ranked=ranked), [], OPEN
    )
    assert spoken_for is not None
    assert spoken_for.intents == (Intent.FAQ, Intent.TICKET_STATUS, Intent.TICKET)


def test_the_purpose_that_was_chosen_leads() -> None:
    before = replace(UNSURE, ranked=((Intent.FAQ, 0.5), (Intent.TICKET, 0.4), (Intent.CHITCHAT, 0.1)))
    after = apply(before, Doubt(TEXT, (Intent.FAQ, Intent.TICKET)), Suggestion(Intent.TICKET))
    assert after.ranked == ((Intent.TICKET, 0.6), (Intent.FAQ, 0.333), (Intent.CHITCHAT, 0.067))
    assert after.ranked[0] == (after.intent, after.confidence)
