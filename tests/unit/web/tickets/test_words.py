"""Lines of the list, times in words, values and changes, the call with its evidence, news."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.fakes.clocks import MORNING
from tests.fakes.lives import born, standing_in, walk
from tests.unit.web.fakes import call_view, turn
from voicebot.core.meaning import Urgency
from voicebot.tickets.codec import difference
from voicebot.tickets.parts import Extension, Supervision, SupervisionLevel
from voicebot.tickets.state import State
from voicebot.tickets.ticket import Change
from voicebot.tickets.ticket import TicketAction as A
from voicebot.web.tickets.news import TicketNews
from voicebot.web.tickets.rows import row
from voicebot.web.tickets.talk import lines, parts, turn_of
from voicebot.web.tickets.values import changes
from voicebot.web.tickets.words import FIELDS, actor, left, moment


@pytest.mark.parametrize(
    ("time", "words"),
    [
        (timedelta(minutes=3, seconds=59), "还剩3分钟"),
        (timedelta(hours=3), "还剩3小时"),
        (timedelta(hours=47, minutes=59), "还剩47小时"),
        (timedelta(days=2), "还剩2天"),
        (timedelta(0), "超期0分钟"),
        (-timedelta(hours=5, minutes=1), "超期5小时"),
        (-timedelta(days=2, hours=3), "超期2天"),
    ],
)
def test_a_deadline_in_words(time: timedelta, words: str) -> None:
    assert left(MORNING + time, MORNING) == words


def test_moments_leave_out_what_is_plain() -> None:
    assert moment(MORNING, MORNING) == "今天 09:30"
    assert moment(MORNING - timedelta(days=1), MORNING) == "11-23 09:30"
    assert moment(MORNING.replace(year=2025), MORNING) == "2025-11-24 09:30"
    assert (actor("handler:li"), actor("bot"), actor("x:y")) == ("承办 li", "语音助手", "x y")


def test_a_line_says_light_and_marks_in_words() -> None:
    watch = Supervision(SupervisionLevel.KEY, "抓紧", MORNING + timedelta(days=9), "supervisor:he", MORNING)
    ticket = replace(born()[0], urgency=Urgency.CRITICAL, supervision=watch, urged=2, round=2)
    shown = row(ticket, MORNING + timedelta(days=60))
    assert (shown["light"], shown["lightWord"]) == ("red", "超期")
    assert [mark["word"] for mark in shown["marks"]] == ["特急", "督办", "第2轮", "催2"]
    assert shown["due"].startswith("答复超期5") or shown["due"].startswith("督办反馈超期5")
    closed = row(standing_in(State.CLOSED, closed_at=MORNING), MORNING)
    assert (closed["light"], closed["lightWord"], closed["due"]) == ("none", "—", "今天 09:30 办结")


def test_changes_are_told_in_words_and_bookkeeping_is_not() -> None:
    before = born()[0]
    after = replace(
        before,
        state=State.DISPATCHED,
        department_score=0.3,
        designated=True,
        extension=Extension(MORNING, "等零件", "handler:li", MORNING),
    )
    told = {field: (old, new) for field, old, new in changes(difference(before, after), MORNING)}
    assert told["状态"] == ("已受理", "已派单")
    assert told["指定办理"] == ("否", "是")
    assert told["延期申请"] == ("无", "今天 09:30，等零件")
    assert "派单把握" not in told
    (long,) = changes([Change("content", "", "长" * 100)], MORNING)
    assert long[2] == "长" * 60 + "…"


def test_every_change_of_a_life_can_be_told() -> None:
    _, events = walk(A.DISPATCH, A.SIGN, A.START, A.ASK_EXTENSION, A.APPROVE_EXTENSION, A.SUPERVISE, A.REPLY)
    for event in events:
        for field, old, new in changes(event.changes, MORNING):
            assert field in FIELDS.values()
            assert "{" not in old + new


def test_evidence_stands_in_what_was_said() -> None:
    said = parts("云江路12号门口的路灯", [("object", "路灯"), ("address", "云江路12号"), ("x", "没说过")])
    assert [(p["text"], p["mark"]) for p in said] == [
        ("云江路12号", "地点"),
        ("门口的", ""),
        ("路灯", "对象"),
    ]
    overlapping = parts("云江路12号", [("district", "云江"), ("address", "云江路12号")])
    assert [p["mark"] for p in overlapping] == ["地点"]


def test_the_call_masks_numbers_and_finds_the_turn() -> None:
    view = call_view(1, turn(1, "我电话13800008000", "记下了"), turn(2, "云江路12号", "好的"))
    shown = lines(view, [("address", "云江路12号")])
    assert "13800008000" not in str(shown)
    assert [line["who"] for line in shown] == ["caller", "bot", "caller", "bot"]
    assert (turn_of(shown, "云江路12号"), turn_of(shown, "没说过")) == (2, None)


def test_news_reach_who_listens_until_they_do_not() -> None:
    news, heard = TicketNews(), list[str]()
    end = news.listen(heard.append)
    news.tell("1")
    end()
    end()
    news.tell("2")
    assert heard == ["1"]
