"""Recorded calls replayed: unchanged content gives no difference, an edited one exactly the expected."""

import asyncio
import json
import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner

from tests.integration.ops.test_rehearsal_is_the_call import CALLS, words
from voicebot.adapters.db.calls import SqlCalls
from voicebot.adapters.db.database import FILE_NAME, Database
from voicebot.adapters.db.keeping import purge
from voicebot.adapters.files.content import read_content
from voicebot.adapters.virtual_time import run_virtual
from voicebot.adapters.wall_clock import WallClock
from voicebot.bootstrap.brain import BrainMaker, user_shelf
from voicebot.bootstrap.chat import ChatOptions, open_chat
from voicebot.calls.brain import Brain
from voicebot.calls.replaying import Replayed, replay_call, replay_last
from voicebot.cli.flow import command
from voicebot.core.errors import VoicebotError
from voicebot.core.handover import HandoverOutcome
from voicebot.core.ids import CallId
from voicebot.dialogue.trying.replay import Difference, Stop, What

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[3]
NOW = datetime(2026, 11, 24, 9, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
MORE = [
    "转人工 没有了",
    "幸福小区路灯坏了 昨天 社保卡丢了怎么补办 对 催一下我刚才的工单 没有了 /5",
    "我的电话是13912345678 幸福小区路灯昨天坏了 对 好 没有了",
]
FAQ, TICKET, SILENT, FIRE = 0, 1, 3, 9


class Kept:
    """Calls made once for all tests of this file."""

    def __init__(
        self, data: Path, ids: list[CallId], brain: Brain, maker: BrainMaker, texts: dict[str, str]
    ) -> None:
        self.data, self.ids, self.brain, self.maker, self.texts = data, ids, brain, maker, texts

    def replay(self, number: int, brain: Brain | None = None) -> Replayed:
        async def run() -> Replayed:
            database = await Database.open(self.data / FILE_NAME)
            try:
                return await replay_call(
                    SqlCalls(database, WallClock()), self.ids[number], brain or self.brain
                )
            finally:
                await database.close()

        return asyncio.run(run())

    def last(self, limit: int, brain: Brain) -> list[Replayed]:
        async def run() -> list[Replayed]:
            database = await Database.open(self.data / FILE_NAME)
            try:
                calls = SqlCalls(database, WallClock())
                return [one async for one in replay_last(calls, limit, brain)]
            finally:
                await database.close()

        return asyncio.run(run())

    def edited(self, path: str, old: str, new: str) -> Brain:
        assert self.texts[path].count(old) >= 1, (path, old)
        return self.maker.from_texts({**self.texts, path: self.texts[path].replace(old, new, 1)})


def make(brain: Brain, data: Path, text: str, number: int) -> None:
    """One call; every other one reaches nobody."""
    seat = HandoverOutcome.NO_ANSWER if number % 2 else HandoverOutcome.COMPLETED

    async def talk() -> None:
        now = NOW + timedelta(minutes=number)
        async with open_chat(ChatOptions(ROOT, data, now=now, seat=seat)) as chat:
            reply = await chat.greeting()
            for one in words(text):
                if reply.ended:
                    break
                reply = await chat.put(one)

    run_virtual(talk())


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    data = tmp_path_factory.mktemp("calls")
    maker, texts = BrainMaker(shelf=user_shelf()), dict(read_content(ROOT).texts)
    brain = maker.from_texts(texts, "r12")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("voicebot.bootstrap.chat.load_brain", lambda root: brain)
        for number, text in enumerate([*CALLS, *MORE]):
            make(brain, data, text, number)
    with closing(sqlite3.connect(data / FILE_NAME)) as connection:
        ids = [CallId(row[0]) for row in connection.execute("SELECT id FROM call ORDER BY started_at")]
    return Kept(data, ids, brain, maker, texts)


def test_unchanged_content_makes_no_difference(kept: Kept) -> None:
    for number, text in enumerate([*CALLS, *MORE]):
        done = kept.replay(number)
        assert done.replay is not None
        assert [turn for turn in done.replay.turns if turn.differences] == [], text
        assert (done.replay.stopped, done.replay.differs) == (Stop.NOT, False), text
        assert not any(turn.assumed or turn.unused or turn.meaning for turn in done.replay.turns), text
        assert done.view.content == "r12"


def test_what_was_told_is_sealed_and_goes_with_the_call(kept: Kept, tmp_path: Path) -> None:
    copy = tmp_path / FILE_NAME
    for name in (FILE_NAME, "hotline.key"):
        (tmp_path / name).write_bytes((kept.data / name).read_bytes())
    with closing(sqlite3.connect(copy)) as connection:
        assert "13912345678" not in "\n".join(connection.iterdump())

    async def run() -> tuple[CallId, ...]:
        database = await Database.open(copy)
        try:
            calls = SqlCalls(database, WallClock())
            assert len(await calls.replayable(100)) == len(kept.ids)
            await purge(database, NOW + timedelta(days=1), NOW + timedelta(days=1))
            assert await calls.told(kept.ids[0]) == ()
            return tuple(await calls.replayable(100))
        finally:
            await database.close()

    assert asyncio.run(run()) == ()
    with pytest.raises(VoicebotError, match="没有编号"):
        Kept(tmp_path, kept.ids, kept.brain, kept.maker, kept.texts).replay(0)


def differences(done: Replayed) -> dict[int, tuple[Difference, ...]]:
    """Turn → what differs in it."""
    assert done.replay is not None
    return {i: turn.differences for i, turn in enumerate(done.replay.turns) if turn.differences}


def test_another_prompt_differs_where_it_is_spoken_only(kept: Kept) -> None:
    words = "您要补办的事，还有其他问题吗？"
    brain = kept.edited("ivr_flows/main.yaml", "- 还有其他问题吗？", f"- {words}")
    found = differences(kept.replay(TICKET, brain))
    assert [(d.what, words in d.now) for each in found.values() for d in each] == [(What.SAID, True)]
    assert differences(kept.replay(FIRE, brain)) == {}


def test_another_step_ends_the_call_before_the_caller_has_done(kept: Kept) -> None:
    brain = kept.edited(
        "ivr_flows/main.yaml", "    yes: go_ahead\n    no: rating", "    yes: go_ahead\n    no: goodbye"
    )
    done = kept.replay(TICKET, brain)
    assert done.replay is not None
    (last,) = differences(done).values()
    assert {(d.what, d.name) for d in last} == {(What.SAID, ""), (What.STEP, ""), (What.EFFECT, "EndCall")}
    assert (done.replay.stopped, done.replay.left) == (Stop.ENDED, 1)


def test_another_effect(kept: Kept) -> None:
    brain = kept.edited("ivr_flows/human.yaml", "queue: 综合", "queue: 长者")
    found = differences(kept.replay(len(CALLS), brain))
    effects = [d for each in found.values() for d in each if d.what is What.EFFECT]
    assert effects == [Difference(What.EFFECT, "综合", "长者", "HandOver.queue")]


def test_an_effect_the_record_has_no_result_of_is_assumed_to_go_well(kept: Kept) -> None:
    old = "    otherwise: what\n\n  complaint:"
    told = "  told: {kind: notify, to: 短信, text: 有新的诉求。, prompt: 请稍等。, next: what, failed: what}"
    brain = kept.edited("ivr_flows/ticket.yaml", old, f"    otherwise: told\n\n{told}\n\n  complaint:")
    done = kept.replay(TICKET, brain)
    assert done.replay is not None
    assert [type(errand).__name__ for turn in done.replay.turns for errand in turn.assumed] == ["Notify"]


def test_another_answer_of_the_knowledge_base(kept: Kept) -> None:
    path, words = "knowledge_base/articles/社保.yaml", "拿身份证去网点补卡就行。"
    brain = kept.edited(path, "先打12333或到发卡银行挂失，再带身份证到网点补卡。", words)
    found = differences(kept.replay(FAQ, brain))
    assert [(i, d.what, words in d.now) for i, each in found.items() for d in each] == [(1, What.SAID, True)]


def test_the_last_calls_at_once(kept: Kept) -> None:
    brain = kept.edited("ivr_flows/main.yaml", "本次通话录音，请问您要办什么事？", "通话会录音，请问什么事？")
    several = kept.last(5, brain)
    assert [done.view.call_id for done in several] == kept.ids[::-1][:5]
    assert all(done.replay is not None and done.replay.differs for done in several)


def run(kept: Kept, *args: str) -> tuple[int, str]:
    done = CliRunner().invoke(command, ["replay", "--data", str(kept.data), *args])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.output
    return done.exit_code, done.output


def test_the_command(kept: Kept, tmp_path: Path) -> None:
    for path, text in kept.texts.items():
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    folder = ("--content", str(tmp_path))
    main = tmp_path / "ivr_flows/main.yaml"
    main.write_text(
        kept.texts["ivr_flows/main.yaml"].replace("- 还有其他问题吗？", "- 还要办别的吗？"), encoding="utf-8"
    )
    code, said = run(kept, kept.ids[TICKET], *folder)
    assert (code, "今" in said, "还要办别的吗？" in said, "有 1 轮不一样" in said) == (1, True, True, True)
    code, said = run(kept, "--last", "50", "--json", *folder)
    told = json.loads(said)
    assert (code, told["calls"], told["failed"]) == (1, len(kept.ids), 0)
    assert 0 < told["differ"] < told["calls"]
    assert {d["what"] for item in told["items"] for t in item["changed"] for d in t["differences"]} == {
        "said"
    }
    code, said = run(kept, "no-such-call", *folder)
    assert (code, "没有编号" in said) == (1, True)
    assert run(kept, kept.ids[0], "--flow", "main@7")[0] == 1
