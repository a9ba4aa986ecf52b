"""Around an answer, in whole calls with the real understanding; what may not be spoken never is."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import cache
from typing import Final

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.calls.kit import ROOT, Scene, calling, until
from tests.examples import examples
from tests.virtual_time import SHANGHAI_MORNING, on_virtual_time
from voicebot.adapters.files.content import read_texts
from voicebot.bootstrap.brain import BrainMaker, user_shelf
from voicebot.calls.brain import Brain
from voicebot.core.answer import Gap
from voicebot.core.ids import ArticleId
from voicebot.dialogue.effects import Notify
from voicebot.dialogue.trying.rehearsal import Rehearsal, Say
from voicebot.knowledge import Article, Aspect, Audience, Knowledge, Status
from voicebot.operations.notices import Notice

TODAY = SHANGHAI_MORNING.date()
DAY = timedelta(days=1)


@cache
def city() -> Brain:
    return BrainMaker(shelf=user_shelf()).from_texts(read_texts(ROOT))


CARD: Final = city().knowledge.articles[ArticleId("KB001")]


class Gateway:
    """Takes every message, or refuses it."""

    def __init__(self, code: str = "") -> None:
        self.given: list[Notice] = []
        self._code = code

    def give(self, notice: Notice) -> "asyncio.Future[str]":
        self.given.append(notice)
        outcome: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        outcome.set_result(self._code)
        return outcome


async def ask(scene: Scene, words: str, *heard: str) -> None:
    """The caller says something, and hears all of these."""
    before = len(scene.said)
    await scene.says(words)
    await until(lambda: all(part in "".join(scene.said[before:]) for part in heard))
    await scene.until_we_listen()


@on_virtual_time
async def test_an_answer_goes_to_the_phone() -> None:
    gateway = Gateway()
    async with calling(known=city(), notifier=gateway) as scene:
        await scene.until_we_listen()
        await ask(scene, "社保卡丢了怎么补办", CARD.answer)
        await ask(scene, "能不能发我短信", "已经发到")
        (notice,) = gateway.given
        assert (notice.target, notice.phone, notice.step) == ("短信", "13800138000", "main.texting")
        assert CARD.answer in notice.text
        assert "材料" in notice.text


@on_virtual_time
async def test_without_a_gateway_the_caller_hears_so_and_the_answer_again() -> None:
    async with calling(known=city(), notifier=Gateway("notify.unknown_target")) as scene:
        await scene.until_we_listen()
        await ask(scene, "社保卡丢了怎么补办", CARD.answer)
        await ask(scene, "发我短信", "没办法给您发短信", CARD.answer)


@on_virtual_time
async def test_a_question_without_an_answer_is_kept_for_the_owner_even_when_the_store_is_busy() -> None:
    async with calling(known=city(), failing_journal=2) as scene:
        await scene.until_we_listen()
        await ask(scene, "养蜜蜂要办证吗", "没有准确的答案")
    (noted,) = scene.kept.unanswered
    assert (noted.question, noted.gap) == ("养蜜蜂要办证吗", Gap.NO_ANSWER)


@on_virtual_time
async def test_follow_ups_and_an_answer_that_does_not_help() -> None:
    async with calling(known=city()) as scene:
        await scene.until_we_listen()
        await ask(scene, "社保卡丢了怎么补办", CARD.answer)
        await ask(scene, "那要带什么材料", CARD.aspects[Aspect.MATERIALS])
        await ask(scene, "要钱吗", CARD.aspects[Aspect.COST])
        await ask(scene, "在哪儿办呢", CARD.aspects[Aspect.WHERE])
        await ask(scene, "没用", "抱歉没帮到您")
    assert [noted.gap for noted in scene.kept.unanswered] == [Gap.UNHELPFUL]


# ── what may not be spoken ──────────────────────────────────────────────────────────────────────

SOME = ("KB175", "KB047", "KB034", "KB104", "KB045", "KB046", "KB001")
"""A life event with its parts, and two articles that come close."""
WORDS = (
    *("新生儿出生一件事怎么办", "好的", "下一件", "更多", "身份证", "第二个"),
    *("要带什么材料", "社保卡丢了怎么补办", "发我短信"),
)
CHANGES: Final[dict[str, dict[str, object]]] = {
    "as it is": {},
    "a draft": {"status": Status.DRAFT},
    "expired yesterday": {"valid_to": TODAY - DAY},
    "not yet valid": {"valid_from": TODAY + DAY},
    "for seats": {"audience": Audience.SEAT},
    "last day": {"valid_to": TODAY},
}


def marked(article: Article, **changes: object) -> Article:
    """With its id in every text that may be spoken, so that each can be told from the others'."""
    said = {aspect: f"{text}{article.id}" for aspect, text in article.aspects.items()}
    texts = {
        "answer": f"{article.answer}{article.id}",
        "more": f"{article.more}{article.id}",
        "aspects": said,
    }
    return replace(article, **{**texts, **changes})  # type: ignore[arg-type]


def talk(brain: Brain, words: Sequence[str]) -> tuple[str, str]:
    """All that we say to a caller, and write."""
    call = Rehearsal(brain.flows, brain.comprehend, at=SHANGHAI_MORNING)
    turns = [call.last, *(call.put(Say(said)) for said in words if not call.ended)]
    effects = [effect for turn in turns for effect in turn.effects]
    written = "".join(effect.text for effect in effects if isinstance(effect, Notify))
    return "".join(turn.said for turn in turns), written


@settings(max_examples=examples(25, 80), deadline=None)
@given(
    st.fixed_dictionaries({name: st.sampled_from(sorted(CHANGES)) for name in SOME}), st.permutations(WORDS)
)
def test_drafts_and_expired_articles_are_never_spoken(changes: dict[str, str], words: list[str]) -> None:
    known = city().knowledge.articles
    some = [marked(known[ArticleId(name)], **CHANGES[changes[name]]) for name in SOME]
    brain = replace(city(), knowledge=Knowledge(some, city().knowledge.vocabulary))
    told = "".join(talk(brain, words))
    for article in some:
        if not article.speakable(TODAY):
            assert article.id not in told


def test_the_same_callers_are_answered_where_they_may_be() -> None:
    """Else the property above would hold for silence."""
    told, written = talk(city(), WORDS)
    for name in ("KB175", "KB047", "KB034", "KB001"):
        assert city().knowledge.articles[ArticleId(name)].answer in told
    assert CARD.answer in written
