"""Times as callers say them."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.language.dates import find_times

NOW = datetime(2026, 11, 24, 10, 0)  # a Tuesday


@pytest.mark.parametrize(
    ("text", "span", "value"),
    [
        ("今天停水了", "今天", "2026-11-24"),
        ("昨天晚上就这样", "昨天晚上", "2026-11-23T18:00/2026-11-24T00:00"),
        ("上周三报的", "上周三", "2026-11-18"),
        ("我前天下午三点打过", "前天下午三点", "2026-11-22T15:00"),
        ("十一月二十号的事", "十一月二十号", "2026-11-20"),
        ("12月3号", "12月3号", "2025-12-03"),
        ("三天前报的", "三天前", "2026-11-21"),
        ("路灯坏了三天了", "三天", "2026-11-21/2026-11-24T10:00"),
        ("昨晚十一点半到凌晨两点", "昨晚十一点半到凌晨两点", "2026-11-23T23:30/2026-11-24T02:00"),
        ("每天晚上十点还在施工", "每天晚上十点", "每天晚上十点"),
        ("10月3号上午9:30", "10月3号上午9:30", "2026-10-03T09:30"),
        ("两个小时前", "两个小时前", "2026-11-24T08:00"),
        ("早上七点到晚上十点", "早上七点到晚上十点", "2026-11-24T07:00/2026-11-24T22:00"),
        ("上个月交的钱", "上个月", "2026-10-01/2026-10-31"),
        ("昨晚两点有人砸门", "昨晚两点", "2026-11-24T02:00"),
        ("二零二五年三月五日", "二零二五年三月五日", "2025-03-05"),
        ("最近老是停电", "最近", "2026-10-25/2026-11-24"),
    ],
)
def test_times(text: str, span: str, value: str) -> None:
    found = find_times(text, NOW)
    assert (found[0].span, found[0].value) == (span, value)
    assert text[found[0].start : found[0].end] == span


@pytest.mark.parametrize(
    "text",
    [
        "3号楼二单元",
        "十二号线",
        "一点都不好",
        "三十二号",
        "13月40日",
        "人民路128号",
        "解放路28号",
        "幸福街一百二十八号",
        "",
    ],
)
def test_what_is_no_time(text: str) -> None:
    assert find_times(text, NOW) == ()


def test_without_a_clock_the_words_stay() -> None:
    assert find_times("昨天")[0].value == "昨天"


@given(st.text(alphabet="0123456789一二三十百年月日号天点半刻分上下午周个前去今昨晚从到:的了", max_size=40))
def test_reading_is_total_and_verbatim(text: str) -> None:
    for found in find_times(text, NOW):
        assert text[found.start : found.end] == found.span
        assert found.value
