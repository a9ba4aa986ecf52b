"""The file of deadlines that an administrator edits."""

from datetime import time, timedelta
from pathlib import Path

import pytest

from voicebot.core.meaning import AppealType, Urgency
from voicebot.core.problem import ContentError
from voicebot.tickets.clocks import ClockKind
from voicebot.tickets.deadline_file import load_deadlines
from voicebot.tickets.parts import SupervisionLevel
from voicebot.tickets.profile import DEFAULT, Role, Span, Step, Terms, Turn

PATH = "knowledge_base/deadlines.yaml"
SHIPPED = Path(__file__).parents[3] / PATH


def problems(text: str) -> list[str]:
    with pytest.raises(ContentError) as refused:
        load_deadlines(PATH, text)
    return [f"{p.line} {p.code} {p.message}" for p in refused.value.problems]


def test_what_the_file_leaves_out_is_the_products_profile() -> None:
    assert load_deadlines(PATH, "") == DEFAULT
    assert load_deadlines(PATH, "extension: 10个工作日") == DEFAULT


def test_the_shipped_file_says_what_the_product_does_without_it() -> None:
    assert load_deadlines(PATH, SHIPPED.read_text(encoding="utf-8")) == DEFAULT


def test_a_city_writes_its_own() -> None:
    text = """
workday_ends: "18:00"
callback: 1小时
urgency:
  特急: {sign: 5分钟, answer: 90分钟}
appeal:
  咨询: {sign: 1工作日, answer: 2 个工作日, hard: 15天}
category:
  公用事业/供水: {sign: 30分钟, answer: 24小时}
returning: {usual: 2个工作日, hard: 3个工作日}
extension: 5个工作日
closing: 不限
supervising: {重点督办: 4小时}
escalation:
  签收:
    - {at: 退单期满, sign: true}
    - {at: 红灯, after: 2小时, supervise: 重点督办, tell: 督办员}
archiving: {reached: 15天, unreached: 60天}
"""
    profile = load_deadlines(PATH, text)
    assert (profile.closes, profile.callback) == (time(18, 0), timedelta(hours=1))
    assert profile.urgent[Urgency.CRITICAL] == Terms(Span(timedelta(minutes=5)), Span(timedelta(minutes=90)))
    assert profile.urgent[Urgency.URGENT] == DEFAULT.urgent[Urgency.URGENT]
    assert profile.normal[AppealType.CONSULT] == Terms(
        Span(workdays=1), Span(workdays=2), Span(timedelta(days=15))
    )
    assert profile.matters == {"公用事业/供水": Terms(Span(timedelta(minutes=30)), Span(timedelta(hours=24)))}
    assert (profile.returning, profile.returning_hard) == (Span(workdays=2), Span(workdays=3))
    assert (profile.extension, profile.closing) == (Span(workdays=5), Span())
    assert profile.supervising[SupervisionLevel.KEY] == Span(timedelta(hours=4))
    two_hours = Span(timedelta(hours=2))
    assert profile.escalation[ClockKind.SIGN] == (
        Step(Turn.UNRETURNED, sign=True),
        Step(Turn.RED, two_hours, two_hours, (Role.SUPERVISOR,), supervise=SupervisionLevel.KEY),
    )
    assert profile.escalation[ClockKind.ANSWER] == DEFAULT.escalation[ClockKind.ANSWER]
    assert profile.archiving.reached == timedelta(days=15)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "appeal:\n  咨询: {sign: 1, answer: 3年}",
            "2 schema.value_error 字段 appeal.咨询.sign：「1」不是时长",
        ),
        ("extension: 0个工作日", "1 schema.value_error 字段 extension：时长应大于零"),
        ("extension: 9999个工作日", "1 schema.value_error 字段 extension：「9999个工作日」太长，最多一年"),
        ("extension: -3天", "1 schema.value_error 字段 extension：「-3天」不是时长"),
        ("callback: 1个工作日", "1 schema.value_error 字段 callback：这里按小时或者天计"),
        ("workday_ends: 25:00", "1 schema.value_error 字段 workday_ends：「25:00」不是时刻"),
        ("urgency:\n  特特: {sign: 1分钟, answer: 1小时}", "2 schema.enum 字段 urgency.特特：没有「特特」"),
        ("urgency:\n  一般: {sign: 1分钟, answer: 1小时}", "2 deadlines.normal 一般件按诉求类型定时限"),
        ("appeal:\n  咨询: {sign: 3天, answer: 1天}", "2 deadlines.order 签收时限长于答复时限"),
        ("appeal:\n  咨询: {sign: 1天, answer: 3天, hard: 2天}", "2 deadlines.order 疑难件的答复时限"),
        ("appeal:\n  咨询: {sign: 1天}", "2 schema.missing 字段 appeal.咨询.answer：缺少必填项"),
        ("category: {公用//水: {sign: 1天, answer: 1天}}", "1 schema.value_error 字段 category.公用//水"),
        ("extenion: 3天", "1 schema.unknown_key"),
        ("escalation:\n  答复:\n    - {at: 黄灯}", "3 deadlines.empty_step 这一步什么也没有做"),
        ("escalation:\n  答复:\n    - {at: 红灯, sign: true}", "3 deadlines.not_here 「sign」"),
        ("escalation:\n  答复:\n    - {at: 紫灯, tell: 派单员}", "3 schema.enum"),
        ("escalation:\n  答复:\n    - {at: 红灯, tell: 市长}", "3 schema.enum"),
        ("escalation:\n  答复:\n    - {at: 红灯, urge: 也许}", "3 schema.value_error"),
        ("- 1天", "1 schema.type"),
        ("a: b: c", "1 yaml.syntax"),
    ],
)
def test_mistakes_are_told_with_their_line(text: str, found: str) -> None:
    assert any(one.startswith(found) for one in problems(text)), problems(text)


def test_all_mistakes_are_told_at_once() -> None:
    assert len(problems("extension: x\nclosing: y\nappeal:\n  咨询: {sign: z, answer: 1天}")) == 3
