"""A stored call as people read it."""

from dataclasses import replace
from datetime import timedelta

from tests.virtual_time import SHANGHAI_MORNING
from voicebot.calls.records import CallView, TurnRecord
from voicebot.cli.transcript import transcript
from voicebot.core.ids import CallId

TURN = TurnRecord(
    index=1,
    said="社保卡丢了怎么补办",
    confidence=0.87,
    engine="whisper-base",
    keys="",
    meaning="faq",
    action="answer",
    article="KB001",
    ticket_no=None,
    reply="带身份证到任一社保网点补办。",
    heard="带身份证",
    started=64.2,
    ended=65.9,
    replied=66.8,
    interrupted=True,
    stages=(("recognise", 412.4), ("understand", 5.0)),
)
CALL = CallView(
    call_id=CallId("20261124-093000-7f3a"),
    caller="138****8000",
    dialled="12345",
    channel="phone",
    flow="main",
    started=SHANGHAI_MORNING,
    ended=SHANGHAI_MORNING + timedelta(seconds=71),
    reason="caller",
    state="answered",
    score=5,
    recording=None,
    turns=(TURN,),
)


def test_a_whole_call() -> None:
    assert transcript(CALL).splitlines() == [
        "通话 20261124-093000-7f3a  2026-11-24 09:30:00  138****8000 → 12345  phone  流程 main",
        "",
        "01:04.2   市民：社保卡丢了怎么补办    〔whisper-base 87% · faq〕",
        "01:06.8   热线：带身份证到任一社保网点补办。    〔answer · KB001〕",
        "          被打断，市民听到：带身份证",
        "          用时：recognise 412 ms · understand 5 ms",
        "",
        "结束：caller  状态 answered  时长 71 秒  评分 5",
    ]


def test_the_content_it_was_served_with() -> None:
    assert (
        transcript(replace(CALL, content="r12+trial")).splitlines()[0].endswith("流程 main  内容 r12+trial")
    )


def test_keys_and_a_call_that_still_runs() -> None:
    turn = replace(TURN, said="", keys="0", interrupted=False, stages=(), article=None, reply="")
    text = transcript(replace(CALL, caller="", ended=None, turns=(turn,)))
    assert text.splitlines()[0].endswith("未知号码 → 12345  phone  流程 main")
    assert text.splitlines()[2:] == ["01:04.2   市民按键：0", "", "通话进行中"]
