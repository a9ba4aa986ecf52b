"""The same words, surely recognised or in doubt: acted on, confirmed, or asked for again."""

from functools import cache

import pytest

from tests.calls.kit import ROOT, Scene, calling, until
from tests.virtual_time import on_virtual_time
from voicebot.adapters.files.content import read_texts
from voicebot.bootstrap.brain import BrainMaker, user_shelf
from voicebot.calls.brain import Brain
from voicebot.core.ids import ArticleId
from voicebot.core.utterance import Utterance

SURE, FAIR, FAINT, LOST = 0.9, 0.5, 0.42, 0.35
"""Confidences of a recogniser."""
QUESTION = "社保卡丢了怎么补办"
MATTER = "云湖区南塘路二十二号门口的路灯昨天晚上坏了没人修"
PERSON = "转人工"


@cache
def city() -> Brain:
    return BrainMaker(shelf=user_shelf()).from_texts(read_texts(ROOT))


async def says(scene: Scene, text: str, confidence: float) -> str:
    """What the caller hears of it."""
    before = len(scene.said)
    scene.starts_saying(Utterance(text, confidence, engine="fake"))
    await until(lambda: len(scene.said) > before)
    await until(lambda: scene.line.states[-1] in ("listening", "waiting"))
    return "".join(scene.said[before:])


@on_virtual_time
async def test_a_question_in_doubt_is_confirmed_before_it_is_answered() -> None:
    card = city().knowledge.articles[ArticleId("KB001")]
    async with calling(known=city()) as scene:
        await scene.until_we_listen()
        heard = await says(scene, QUESTION, FAINT)
        assert card.answer not in heard
        assert card.title in heard
        assert heard.endswith("？")
        assert card.answer in await says(scene, "对", SURE)


@on_virtual_time
async def test_a_question_that_was_well_heard_is_answered() -> None:
    card = city().knowledge.articles[ArticleId("KB001")]
    async with calling(known=city()) as scene:
        await scene.until_we_listen()
        assert card.answer in await says(scene, QUESTION, SURE)


@on_virtual_time
async def test_a_place_in_doubt_is_asked_for_once_more_then_read_back() -> None:
    async with calling(known=city()) as scene:
        await scene.until_we_listen()
        assert "什么地方" in await says(scene, MATTER, FAIR)
        assert "地点没听清" in await says(scene, "南塘路二十二号", FAIR)
        heard = await says(scene, "南塘路二十二号", FAIR)  # what is said twice is kept
        assert "南塘路二十二号" in heard
        assert "对吗" in heard


@on_virtual_time
async def test_a_matter_that_was_well_heard_is_read_back_at_once() -> None:
    async with calling(known=city()) as scene:
        await scene.until_we_listen()
        heard = await says(scene, MATTER, SURE)
        assert "什么地方" not in heard
        assert "南塘路二十二号" in heard
        assert "对吗" in heard


@pytest.mark.parametrize("text", [QUESTION, MATTER, PERSON])
@on_virtual_time
async def test_words_that_were_not_made_out_are_asked_for_again(text: str) -> None:
    async with calling(known=city()) as scene:
        await scene.until_we_listen()
        heard = await says(scene, text, LOST)
        assert "没听" in heard
    turn = next(turn for turn in scene.kept.turns if turn.said)
    assert (turn.action, turn.confidence) == ("repair", LOST)


@on_virtual_time
async def test_a_person_is_called_for_who_was_well_heard() -> None:
    async with calling(known=city()) as scene:
        await scene.until_we_listen()
        assert "没听" not in await says(scene, PERSON, SURE)


@on_virtual_time
async def test_typed_words_are_never_in_doubt() -> None:
    async with calling(known=city()) as scene:
        await scene.until_we_listen()
        before = len(scene.said)
        scene.line.types(MATTER)
        await until(lambda: len(scene.said) > before)
        assert "对吗" in "".join(scene.said[before:])


@on_virtual_time
async def test_a_clear_cry_for_help_is_heard_whatever_the_line() -> None:
    for confidence in (SURE, LOST):
        async with calling(known=city()) as scene:
            await scene.until_we_listen()
            assert "119" in await says(scene, "我家厨房着火了快来人啊", confidence)


@on_virtual_time
async def test_a_time_in_doubt_is_kept_and_the_matter_read_back() -> None:
    async with calling(known=city()) as scene:
        await scene.until_we_listen()
        await says(scene, "路灯坏了没人修", SURE)
        await says(scene, "南塘路二十二号", SURE)
        heard = await says(scene, "昨天晚上", FAIR)
        assert "没听清" not in heard
        assert "昨天晚上" in heard
