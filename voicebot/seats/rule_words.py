"""How `seats.yaml` writes times and choices."""

import re
from collections.abc import Callable, Mapping
from typing import Annotated, Final

from pydantic import BeforeValidator, Field, StringConstraints

from voicebot.seats.rules import Choice, Otherwise, WrapUp

_SPAN: Final = re.compile(r"(\d{1,4}(?:\.\d)?)\s*(秒|分钟|小时)", re.ASCII)
_UNITS: Final = {"秒": 1.0, "分钟": 60.0, "小时": 3600.0}
_LONGEST_S: Final = 24 * 3600.0
_WRAP_UPS: Final = {
    "可选": WrapUp.OPTIONAL,
    "不限时": WrapUp.DISCRETIONARY,
    "限时": WrapUp.TIMED,
    "定时": WrapUp.FIXED,
}
_CHOICES: Final = {"空闲最久": Choice.LONGEST_IDLE, "接听最少": Choice.LEAST_USED}
_OTHERWISE: Final = {"等待": Otherwise.WAIT, "回拨": Otherwise.CALL_BACK, "转其他线路": Otherwise.ELSEWHERE}
_TRUE: Final = ("true", "yes", "是")
_FALSE: Final = ("false", "no", "否")


def _seconds(value: object) -> object:
    """``30秒``, ``2分钟``, ``1小时``; ``0`` is none."""
    if not isinstance(value, str):
        return value
    if value.strip() == "0":
        return 0.0
    found = _SPAN.fullmatch(value.strip())
    if found is None:
        raise ValueError(f"「{value[:40]}」不是时长，应写成 30秒、2分钟或者 1小时")
    seconds = float(found[1]) * _UNITS[found[2]]
    if seconds > _LONGEST_S:
        raise ValueError(f"「{value}」太长，最多一天")
    return seconds


def _some_seconds(value: object) -> object:
    seconds = _seconds(value)
    if seconds == 0:
        raise ValueError("时长应大于零")
    return seconds


def _one_of(words: Mapping[str, object]) -> Callable[[object], object]:
    def read(value: object) -> object:
        if not isinstance(value, str) or value not in words:
            raise ValueError(f"没有「{str(value)[:40]}」这个取值，可用：{'、'.join(words)}")
        return words[value]

    return read


def _flag(value: object) -> object:
    if not isinstance(value, str) or value not in (*_TRUE, *_FALSE):
        raise ValueError("应为 true 或 false")
    return value in _TRUE


Wait = Annotated[float, BeforeValidator(_seconds)]
Time = Annotated[float, BeforeValidator(_some_seconds)]
Mode = Annotated[WrapUp, BeforeValidator(_one_of(_WRAP_UPS))]
Chosen = Annotated[Choice, BeforeValidator(_one_of(_CHOICES))]
Then = Annotated[Otherwise, BeforeValidator(_one_of(_OTHERWISE))]
Flag = Annotated[bool, BeforeValidator(_flag)]
Level = Annotated[int, Field(ge=0, le=5)]
Sentence = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Heading = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20)]
