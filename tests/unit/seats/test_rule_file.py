"""The file of rules that an administrator edits."""

from pathlib import Path

import pytest

from voicebot.core.ids import QueueName
from voicebot.core.problem import ContentError
from voicebot.seats.rule_file import DEFAULT, load_all, load_seats
from voicebot.seats.rules import Break, Choice, HeadStart, Otherwise, Step, WrapUp

PATH = "knowledge_base/seats.yaml"
SHIPPED = Path(__file__).parents[3] / PATH
GENERAL, URGENT = QueueName("综合"), QueueName("紧急")
QUEUES = (GENERAL, URGENT)
SHIPPED_QUEUES = tuple(QueueName(name) for name in ("综合", "企业", "外语", "长者", "紧急"))


def test_what_the_file_leaves_out_is_as_the_product_has_it() -> None:
    assert load_all({}) == load_seats(PATH, "") == load_seats(PATH, "misses: 3") == DEFAULT


def test_the_shipped_file_fits_the_queues_there_are() -> None:
    rules = load_seats(PATH, SHIPPED.read_text(encoding="utf-8"), SHIPPED_QUEUES)
    assert rules.of(URGENT).overflow == GENERAL
    assert rules.of(URGENT).information == ()
    assert rules.of(GENERAL).information != ()
    assert rules.phrases["安抚"]
    assert rules.breaks == DEFAULT.breaks


def test_a_queue_inherits_what_it_does_not_say() -> None:
    text = """
usual: {ring: 20秒, wrap_up: {mode: 不限时}, choice: 接听最少, nobody: 等待}
queues:
  紧急:
    ring: 8秒
    wrap_up: {mode: 定时, time: 1分钟}
    overflow: {to: 综合, after: 0}
    relax: [{after: 0, level: 4}, {after: 1分钟, level: 0}]
    released: 是
    information: {every: 20秒, say: [请稍候。]}
head_start: {elder: 2分钟, repeats: 1}
breaks: {喝水: 5分钟}
phrases: {开头: [您好]}
"""
    rules = load_seats(PATH, text, QUEUES)
    usual, urgent = rules.of(GENERAL), rules.of(URGENT)
    assert (usual.offer_s, usual.wrap_up, usual.unmanned) == (20, WrapUp.DISCRETIONARY, Otherwise.WAIT)
    assert (urgent.offer_s, urgent.wrap_up, urgent.wrap_up_s) == (8, WrapUp.FIXED, 60)
    assert (urgent.choice, urgent.overflow, urgent.overflow_after_s) == (Choice.LEAST_USED, GENERAL, 0)
    assert urgent.relax == (Step(0, 4), Step(60, 0))
    assert (urgent.released, urgent.information, urgent.information_every_s) == (True, ("请稍候。",), 20)
    assert rules.head_start == HeadStart(elder=120, repeats=1)
    assert rules.breaks == (Break("喝水", 5),)
    assert rules.phrases == {"开头": ("您好",)}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("usual:\n  ring: 15\n", "2 schema.value_error 字段 usual.ring：「15」不是时长"),
        ("usual: {ring: 0}", "1 schema.value_error 字段 usual.ring：时长应大于零"),
        ("usual: {ring: 100小时}", "1 schema.value_error 字段 usual.ring：「100小时」太长"),
        ("usual: {choice: 随便}", "1 schema.value_error 字段 usual.choice：没有「随便」"),
        ("usual: {wrap_up: {mode: 限时, time: 2小时, longest: 1小时}}", "1 seats.wrap_up "),
        ("usual: {too_long: 等待}", "1 seats.too_long "),
        ("usual: {released: 也许}", "1 schema.value_error 字段 usual.released：应为"),
        ("usual:\n  relax:\n    - {after: 5秒, level: 3}\n", "2 seats.relax 第一步应从 0 开始"),
        ("usual: {relax: []}", "1 seats.relax 第一步应从 0 开始"),
        (
            "usual:\n  relax:\n    - {after: 0, level: 3}\n    - {after: 9秒, level: 3}\n",
            "4 seats.relax 每一步应比前一步晚，等级更低",
        ),
        ("usual: {relax: [{after: 0, level: 9}]}", "1 schema.less_than_equal "),
        ("queues:\n  夜间: {ring: 9秒}\n", "2 seats.queue 没有队列「夜间」"),
        ("queues:\n  紧急:\n    overflow: {to: 夜间}\n", "3 seats.queue 没有队列「夜间」"),
        ("queues:\n  紧急:\n    overflow: {to: 紧急}\n", "3 seats.overflow 溢出到自己的队列"),
        ("queues: {紧急: {overflow: {to: 综合, after: 1小时}}}", "1 seats.overflow 溢出的时间不早于"),
        ("misses: 0", "1 schema.greater_than_equal 字段 misses：不能小于 1"),
        ("phrases: {开头: ['']}", "1 schema."),
        ("breaks: {休息: 0}", "1 schema.value_error 字段 breaks.休息：时长应大于零"),
        ("gone: 1", "1 schema.unknown_key 字段 gone：未知的键"),
        ("- 1", "1 schema.type "),
    ],
)
def test_a_mistake_is_told_with_its_line(text: str, found: str) -> None:
    with pytest.raises(ContentError) as refused:
        load_seats(PATH, text, QUEUES)
    (problem,) = refused.value.problems
    assert f"{problem.line} {problem.code} {problem.message}".startswith(found)
