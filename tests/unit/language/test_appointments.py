"""When people want to be called again."""

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.language.appointments import FARTHEST, coming

NOW = datetime(2026, 11, 24, 10, 20, tzinfo=timezone(timedelta(hours=8)))
"""A Tuesday."""


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("下午三点吧", "11-24 15:00"),
        ("下午", "11-24 12:00"),
        ("三点以后", "11-24 15:00"),
        ("十一点", "11-24 11:00"),
        ("九点", "11-24 21:00"),
        ("早上九点", "11-25 09:00"),
        ("半小时后再打", "11-24 10:50"),
        ("一个半小时以后", "11-24 11:50"),
        ("过二十分钟", "11-24 10:40"),
        ("两个小时之后打过来", "11-24 12:20"),
        ("明天上午十点", "11-25 10:00"),
        ("明天上午", "11-25 08:00"),
        ("明天吧", "11-25 09:00"),
        ("后天下午四点半", "11-26 16:30"),
        ("今天晚上七点", "11-24 19:00"),
        ("晚上吧", "11-24 18:00"),
        ("周五下午两点", "11-27 14:00"),
        ("周一上午九点", "11-30 09:00"),
        ("下周三", "12-02 09:00"),
        ("三天后", "11-27 10:20"),
        ("下班以后", "11-24 18:30"),
        ("等会儿再打", "11-24 10:50"),
        ("晚点打给我", "11-24 12:20"),
    ],
)
def test_moments(text: str, wanted: str) -> None:
    assert coming(text, NOW) == datetime.fromisoformat(f"2026-{wanted}").replace(tzinfo=NOW.tzinfo)


@pytest.mark.parametrize("text", ["", "随便", "别打了", "我在开会", "明年再说"])
def test_no_moment(text: str) -> None:
    assert coming(text, NOW) is None


@given(
    st.text(alphabet="今明后天上下午晚一二两三四五六七八九十点半个小时分钟周后以再打0123456789", max_size=12)
)
def test_never_in_the_past_nor_far_away(text: str) -> None:
    moment = coming(text, NOW)
    assert moment is None or NOW < moment <= NOW + FARTHEST or moment == NOW
