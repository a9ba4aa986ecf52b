"""A call with a language model: it is asked in doubt only, and nobody waits for a slow one."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import cast

import pytest

from tests.calls.kit import Scene, brain, calling, until
from tests.fakes.model import FakeModel
from tests.fakes.understanding import FakeUnderstander
from tests.virtual_time import SHANGHAI_MORNING, VirtualClock, on_virtual_time
from voicebot.calls.brain import Brain
from voicebot.calls.helper import BUSY, RESTING, Helper
from voicebot.calls.ports import AudioIn, Line, WaitingRoom
from voicebot.core.answer import ArticleHit
from voicebot.core.errors import VoicebotError
from voicebot.core.handover import Handover, HandoverEnd, HandoverOutcome
from voicebot.core.ids import ArticleId
from voicebot.core.meaning import Intent, Meaning, Slot
from voicebot.core.utterance import Expect, TextVerdict
from voicebot.knowledge import Knowledge
from voicebot.understanding import Understander
from voicebot.understanding.assist import Prompt

DOUBTFUL = "孩子户口那个事我想问一下"
"""Of which knowledge (as these tests have it) finds two articles close to each other."""
CLOSE = (("KB047", 0.62), ("KB048", 0.55))
COMPLAINT = "幸福路3号的路灯也不知道归谁"


class Doubting(FakeUnderstander):
    """Knows besides what leaves a doubt."""

    def understand(
        self,
        text: str,
        *,
        hits: Sequence[ArticleHit] = (),
        expect: Expect | None = None,
        now: datetime | None = None,
        trust: float = 1.0,
    ) -> Meaning:
        if text == DOUBTFUL:
            return Meaning(Intent.FAQ, 0.9, article=ArticleId(CLOSE[0][0]))
        if text == COMPLAINT:
            slots = {"object": Slot("路灯", "路灯", 6)}
            return Meaning(Intent.FAQ, 0.5, secondary_intent=Intent.TICKET, slots=slots)
        return super().understand(text, hits=hits, expect=expect, now=now, trust=trust)

    def verdict(self, text: str, expect: Expect, saying: str = "") -> TextVerdict:
        whole = text in (DOUBTFUL, COMPLAINT)
        return TextVerdict(1.0) if whole else super().verdict(text, expect, saying)


class Close:
    """Knowledge of which one question finds two articles."""

    def __init__(self, known: Knowledge) -> None:
        self._known = known

    def rank(self, text: str, on: object, k: int = 5) -> tuple[ArticleHit, ...]:
        if text != DOUBTFUL:
            return ()
        titles = self._known.articles
        return tuple(ArticleHit(ArticleId(i), titles[ArticleId(i)].title, None, s) for i, s in CLOSE)

    def __getattr__(self, name: str) -> object:
        return getattr(self._known, name)


def doubting() -> Brain:
    known = brain()
    knowledge = cast(Knowledge, Close(known.knowledge))
    return replace(known, understander=cast(Understander, Doubting()), knowledge=knowledge)


def stages(scene: Scene, said: str) -> dict[str, float]:
    scene_turns = [turn for turn in scene.kept.turns if turn.said == said]
    assert scene_turns, [turn.said for turn in scene.kept.turns]
    return dict(scene_turns[-1].stages)


SECOND = json.dumps({"article": 2})


@on_virtual_time
async def test_the_article_that_the_model_chose_is_answered_with() -> None:
    model = FakeModel(SECOND, 0.1)
    async with calling(known=doubting(), model=model) as scene:
        await scene.until_we_listen()
        await scene.says(DOUBTFUL)
        answer = brain().knowledge.articles[ArticleId("KB048")].answer
        assert any(answer in text for text in scene.said)
        await scene.says("没有了")
    assert len(model.asked) == 1, "once, though drafted and ended"
    found = stages(scene, DOUBTFUL)
    assert found["model:article:KB048"] == 0.0
    assert found["model"] == pytest.approx(100)


@on_virtual_time
async def test_what_is_clear_is_not_asked() -> None:
    model = FakeModel(SECOND)
    async with calling(known=doubting(), model=model) as scene:
        await scene.until_we_listen()
        await scene.says("幸福路3号路灯坏了昨天晚上开始不亮")
        await scene.says("对")
        await scene.says("再见")
    assert not model.asked
    assert not any(name.startswith("model") for turn in scene.kept.turns for name, _ in turn.stages)


@on_virtual_time
async def test_a_late_reply_is_dropped_and_the_call_goes_on_as_without() -> None:
    replied = {}
    for delay in (None, 30.0):
        model = FakeModel(SECOND, delay) if delay else None
        async with calling(known=doubting(), model=model) as scene:
            await scene.until_we_listen()
            scene.starts_saying(DOUBTFUL)
            await asyncio.sleep(5)
            await scene.until_we_listen()
            said = list(scene.said)
            await scene.says("没有了")
        turn = next(turn for turn in scene.kept.turns if turn.said == DOUBTFUL)
        replied[delay] = (turn.replied, turn.article, turn.action, said)
        if model:
            assert model.cancelled == 1
            assert dict(turn.stages)["model:llm.timeout"] == 0.0
    without, late = replied[None], replied[30.0]
    assert without[1:] == late[1:]
    assert 0 < late[0] - without[0] <= 0.8


@on_virtual_time
async def test_who_goes_on_speaking_waits_for_no_model() -> None:
    """The words before count as they were understood without it."""
    model = FakeModel(SECOND, 30.0)
    async with calling(known=doubting(), model=model) as scene:
        await scene.until_we_listen()
        scene.starts_saying(DOUBTFUL)
        await until(lambda: scene.line.states[-1:] == ["thinking"])
        assert len(model.asked) == 1
        await scene.says("社保卡丢了怎么补办")
    first, second = (turn for turn in scene.kept.turns if turn.said)
    assert (first.said, second.said) == (DOUBTFUL, "社保卡丢了怎么补办")
    assert first.interrupted
    assert second.article == "KB001"
    assert "补卡" in second.heard
    assert model.cancelled == 1


@on_virtual_time
async def test_typed_words_wait_at_most_as_long() -> None:
    model = FakeModel(SECOND, 30.0)
    async with calling(known=doubting(), model=model) as scene:
        await scene.until_we_listen()
        before = scene.clock.monotonic()
        count = len(scene.said)
        scene.line.types(DOUBTFUL)
        await until(lambda: len(scene.said) > count)
        assert 0.7 < scene.clock.monotonic() - before < 1.0
        scene.line.types(DOUBTFUL)
        scene.line.types("转人工")
        await asyncio.sleep(0.1)
        said = [text for who, text, _ in scene.line.captions if who == "caller"]
        assert said[-1] == "转人工"


@on_virtual_time
async def test_hanging_up_meanwhile_keeps_the_words() -> None:
    async with calling(known=doubting(), model=FakeModel(SECOND, 30.0)) as scene:
        await scene.until_we_listen()
        scene.line.types(DOUBTFUL)
        await asyncio.sleep(0.2)
        scene.line.hangs_up()
        await scene.ends()
    assert scene.kept.turns[-1].said == DOUBTFUL
    assert scene.kept.reason == "caller"


@pytest.mark.parametrize("reply", ["", "x" * 1_000_000, '{"article": 9, "intent": "emergency_110"}'])
def test_a_reply_that_does_not_hold_changes_nothing(reply: str) -> None:
    @on_virtual_time
    async def run() -> None:
        async with calling(known=doubting(), model=FakeModel(reply)) as scene:
            await scene.until_we_listen()
            await scene.says(DOUBTFUL)
        turn = next(turn for turn in scene.kept.turns if turn.said == DOUBTFUL)
        assert {"model:unusable", "model:same"} & set(dict(turn.stages))
        assert turn.article != "KB048"

    run()


@on_virtual_time
async def test_a_purpose_in_doubt_is_chosen_and_words_of_the_caller_fill_slots() -> None:
    reply = json.dumps({"intent": "B", "slots": {"address": "幸福路3号", "time": "昨天"}})
    async with calling(known=doubting(), model=FakeModel(reply)) as scene:
        await scene.until_we_listen()
        await scene.says(COMPLAINT)
        await scene.says("再见")
    turn = next(turn for turn in scene.kept.turns if turn.said == COMPLAINT)
    assert turn.meaning == "ticket"
    found = dict(turn.stages)
    assert {"model:intent:ticket", "model:slot:address"} <= set(found)
    assert "model:slot:time" not in found, "nobody said so"


@on_virtual_time
async def test_the_question_back_may_be_the_models() -> None:
    titles = [brain().knowledge.articles[ArticleId(i)].title for i, _ in CLOSE]
    question = f"您想问的是{titles[0]}吗？"
    reply = json.dumps({"article": None, "ask": question}, ensure_ascii=False)
    async with calling(known=doubting(), model=FakeModel(reply)) as scene:
        await scene.until_we_listen()
        await scene.says(DOUBTFUL)
        asked = scene.said[-1]
        await scene.says("再见")
    if "还是" not in asked:  # a flow that asks which of the two keeps its own words
        assert asked == question
        assert "model:question" in stages(scene, DOUBTFUL)


class Desk:
    """A `Switchboard` that keeps what it was told."""

    def __init__(self) -> None:
        self.told: list[Handover] = []

    async def hand_over(
        self, handover: Handover, line: Line, audio: AsyncIterator[AudioIn], room: WaitingRoom
    ) -> HandoverEnd:
        self.told.append(handover)
        return HandoverEnd(HandoverOutcome.COMPLETED)


async def handed_over(model: FakeModel | None, said: str = "转人工") -> tuple[Scene, Handover]:
    desk = Desk()
    async with calling(model=model, switchboard=desk) as scene:
        await scene.until_we_listen()
        await scene.says("社保卡丢了怎么补办")
        await scene.says(said)
        await until(lambda: bool(desk.told) or scene.call.done())
    return scene, desk.told[0]


@on_virtual_time
async def test_the_seat_reads_the_models_summary() -> None:
    summary = "来电人问社保卡丢了怎么补办，现在要人工。"
    model = FakeModel(json.dumps({"summary": summary}, ensure_ascii=False), 0.3)
    scene, handover = await handed_over(model)
    assert handover.summary == summary
    assert any("model:summary" in dict(turn.stages) for turn in scene.kept.turns)


@on_virtual_time
async def test_a_summary_that_is_late_or_invents_is_not_used() -> None:
    _, plain = await handed_over(None)
    invented = json.dumps({"summary": "来电人要求赔偿5000元，情绪激动。"}, ensure_ascii=False)
    _, checked = await handed_over(FakeModel(invented))
    scene, late = await handed_over(FakeModel("{}", 30.0))
    assert plain.summary == checked.summary == late.summary
    notes = {name for turn in scene.kept.turns for name, _ in turn.stages if name.startswith("model:summary")}
    assert notes <= {"model:summary:late", "model:summary:llm.timeout"}
    assert notes


@on_virtual_time
async def test_an_emergency_waits_for_no_summary() -> None:
    model = FakeModel('{"summary":"着火了，要一一九。"}')
    await handed_over(model, "着火了救命")
    assert not model.asked


# ── the helper that all calls share ─────────────────────────────────────────────────────────

PROMPT = Prompt("s", "u")
DOWN = VoicebotError("llm.unreachable", "down", retryable=True)


async def code_of(helper: Helper) -> str:
    try:
        await helper.ask(PROMPT)
    except VoicebotError as error:
        return error.code
    return ""


@on_virtual_time
async def test_a_server_that_fails_is_left_alone_for_a_while() -> None:
    model = FakeModel(DOWN)
    helper = Helper(model, VirtualClock(SHANGHAI_MORNING), failures=3, rest=30.0)
    assert [await code_of(helper) for _ in range(4)] == ["llm.unreachable"] * 3 + [RESTING]
    assert len(model.asked) == 3
    await asyncio.sleep(30.1)
    assert helper.unwilling == ""
    assert await code_of(helper) == "llm.unreachable", "one request tries it"
    assert helper.unwilling == RESTING, "and one failure is enough to rest again"
    await asyncio.sleep(30.1)
    model.reply = "{}"
    assert await code_of(helper) == ""
    assert helper.unwilling == ""


@on_virtual_time
async def test_only_one_request_tries_a_server_that_failed() -> None:
    model = FakeModel("{}", 2.0)
    helper = Helper(model, VirtualClock(SHANGHAI_MORNING), failures=1, rest=5.0)
    assert await code_of(helper) == "llm.timeout"
    await asyncio.sleep(5.1)
    codes = await asyncio.gather(*(code_of(helper) for _ in range(10)))
    assert sorted(codes) == [RESTING] * 9 + ["llm.timeout"]


@on_virtual_time
async def test_few_requests_at_once_and_nobody_queues() -> None:
    model = FakeModel("{}", 0.5)
    helper = Helper(model, VirtualClock(SHANGHAI_MORNING), at_once=4)
    began = asyncio.get_running_loop().time()
    codes = await asyncio.gather(*(code_of(helper) for _ in range(50)))
    assert codes.count("") == 4
    assert codes.count(BUSY) == 46
    assert asyncio.get_running_loop().time() - began < 0.6


@on_virtual_time
async def test_a_call_finds_the_helper_resting_and_says_so_in_its_record() -> None:
    model = FakeModel(DOWN)
    async with calling(known=doubting(), model=model) as scene:
        await scene.until_we_listen()
        assert scene.helper
        for _ in range(3):
            await code_of(scene.helper)
        await scene.says(DOUBTFUL)
    assert len(model.asked) == 3
    assert f"model:{RESTING}" in stages(scene, DOUBTFUL)
