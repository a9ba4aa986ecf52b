"""Recognised words count as far as they are to be believed; typed ones wholly."""

from collections.abc import Sequence
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voicebot.core.answer import ArticleHit
from voicebot.core.ids import ArticleId
from voicebot.core.meaning import Intent, Meaning
from voicebot.core.utterance import Expect, Utterance
from voicebot.language.patterns import Pattern
from voicebot.understanding import Understander, doubted_hits, trust_of
from voicebot.understanding.matcher import Hit, Matcher
from voicebot.understanding.purpose import led_by
from voicebot.understanding.reading import part, read
from voicebot.understanding.strength import alike

NOW = datetime(2026, 11, 24, 10, 0)
UNRATED = 0.8
"""What recognisers give that do not rate their words (adapters/stt)."""
LIGHT = "云湖区南塘路二十二号的路灯昨天晚上坏了没人修"
MATCHER = Matcher({"cue/light": [Pattern("路灯", (("路灯",),))]})


def light(text: str, trust: float) -> float:
    """How strongly 路灯 is found."""
    found: Sequence[Hit] = MATCHER.find(read(text, trust)).get("cue/light", ())
    return max((hit.strength for hit in found), default=0.0)


def test_the_trust_in_typed_words_and_in_unrated_recognitions_is_whole() -> None:
    assert trust_of(Utterance("路灯").confidence) == trust_of(UNRATED) == 1.0


@given(st.floats(0, 1), st.floats(0, 1))
def test_trust_grows_with_confidence(one: float, other: float) -> None:
    least, most = sorted((one, other))
    assert 0.0 <= trust_of(least) <= trust_of(most) <= 1.0


def test_characters_count_less_and_sounds_more_in_doubt() -> None:
    for less, more in ((0.0, 0.3), (0.3, 0.7), (0.7, 1.0)):
        assert light("路灯", less) < light("路灯", more), "the very characters"
        assert light("露蹬", less) > light("露蹬", more), "others that sound so"
    assert light("路灯", 1.0) == 1.0
    assert light("路灯", 0.0) == light("露蹬", 0.0), "nothing but the sound is left"


@given(st.integers(1, 8), st.integers(0, 8), st.booleans(), st.floats(0, 1))
def test_strengths_are_shares(length: int, differing: int, same: bool, trust: float) -> None:
    strength = alike(length, min(differing, length), same, trust)
    assert 0.0 <= strength <= 1.0
    assert alike(length, 0, True, trust) >= strength, "the very characters are never worth less"


def test_what_is_heard_in_doubt_is_still_the_very_word() -> None:
    found = MATCHER.find(read("路灯", 0.2))["cue/light"]
    assert [hit.exact for hit in found] == [True]
    assert [hit.exact for hit in MATCHER.find(read("露蹬", 0.2))["cue/light"]] == [False]


def test_a_part_is_trusted_as_the_whole() -> None:
    assert part(read("路灯坏了", 0.4), 0, 2).trust == 0.4


def test_a_doubtful_article_is_less_probable() -> None:
    hits = (ArticleHit(ArticleId("KB001"), "社保卡", None, 0.9),)
    scores = [doubted_hits(hits, trust)[0].score for trust in (0.0, 0.2, 0.5, 1.0)]
    assert scores == sorted(scores)
    assert doubted_hits(hits, 1.0) is hits


def test_doubt_lowers_all_that_was_understood(understander: Understander) -> None:
    sure, doubtful = (understander.understand(LIGHT, now=NOW, trust=t) for t in (1.0, 0.3))
    assert doubtful.intent is sure.intent is Intent.TICKET
    assert doubtful.confidence < sure.confidence
    assert set(doubtful.slots) == set(sure.slots) >= {"address", "object", "time"}
    for name, slot in doubtful.slots.items():
        assert slot.confidence < sure.slots[name].confidence
        assert (slot.value, slot.span, slot.start) == (
            sure.slots[name].value,
            sure.slots[name].span,
            sure.slots[name].start,
        )
    assert doubtful.departments[0].score < sure.departments[0].score


def test_what_was_typed_is_not_touched(understander: Understander) -> None:
    assert understander.understand(LIGHT, now=NOW, trust=1.0) == understander.understand(LIGHT, now=NOW)


@pytest.mark.parametrize("text", ["我家厨房着火了快来人", "有人晕倒了没有呼吸", "我不想活了我要跳下去"])
def test_doubt_never_loses_a_clear_emergency(understander: Understander, text: str) -> None:
    for trust in (0.0, 0.3, 0.6):
        meaning = understander.understand(text, trust=trust)
        assert meaning.intent.emergency_number


def consistent(meaning: Meaning) -> bool:
    intents = [intent for intent, _ in meaning.ranked]
    rest = [p for _, p in meaning.ranked[1:]]
    return (
        meaning.ranked[0] == (meaning.intent, meaning.confidence)
        and len(set(intents)) == len(intents)
        and rest == sorted(rest, reverse=True)
        and sum(p for _, p in meaning.ranked) <= 1.01
    )


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from(["路灯", "坏了", "怎么", "社保卡", "着火", "转人工", "大点声", "顺便", "吗", "，"])
    ),
    st.floats(0, 1),
)
def test_the_purposes_are_ranked(understander: Understander, words: list[str], trust: float) -> None:
    assert consistent(understander.understand("".join(words), trust=trust))


@pytest.mark.parametrize(
    "text", [LIGHT, "大点声", "我家着火了", "", "投诉公交司机不停车，顺便问下公交卡怎么办"]
)
def test_the_first_purpose_is_the_intent(understander: Understander, text: str) -> None:
    assert consistent(understander.understand(text, expect=Expect(), now=NOW))


def test_the_others_share_what_is_left() -> None:
    ranked = ((Intent.FAQ, 0.6), (Intent.TICKET, 0.3), (Intent.CHITCHAT, 0.09), (Intent.RATING, 0.01))
    assert led_by(Intent.FAQ, 0.6, ranked) == ranked[:3]
    assert led_by(Intent.TICKET, 0.3, ranked)[:2] == ((Intent.TICKET, 0.3), (Intent.FAQ, 0.6))
    assert led_by(Intent.EMERGENCY_119, 0.8, ranked) == (
        (Intent.EMERGENCY_119, 0.8),
        (Intent.FAQ, 0.12),
        (Intent.TICKET, 0.06),
    )
    assert led_by(Intent.HUMAN, 0.6, ()) == ((Intent.HUMAN, 0.6),)
